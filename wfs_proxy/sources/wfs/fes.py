"""A layer's `where` as an OGC filter: equality with one of several values, all attributes at once, in a box or not.

OGC 02-059 (filter 1.0, for WFS 1.0.0), OGC 04-095 (1.1, for WFS 1.1.0), OGC 09-026r1 (2.0, for WFS 2.0.0). What a
filter lets through is checked again after decoding, so it may be too wide, never too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from wfs_proxy.sources.wfs.kvp import NativeBox, Version, number

__all__ = ["BoxFilter", "filter_document"]


@dataclass(frozen=True, kw_only=True)
class BoxFilter:
    """The box of a request whose place is taken by a filter."""

    geometry: str
    """The geometry property: 1.0 and 1.1 must name it."""

    box: NativeBox
    crs: str | None


@dataclass(frozen=True, kw_only=True)
class _Dialect:
    prefix: str
    namespace: str
    property: str
    gml: str
    envelope: bool


_DIALECTS: dict[Version, _Dialect] = {
    "1.0.0": _Dialect(
        prefix="ogc",
        namespace="http://www.opengis.net/ogc",
        property="PropertyName",
        gml="http://www.opengis.net/gml",
        envelope=False,
    ),
    "1.1.0": _Dialect(
        prefix="ogc",
        namespace="http://www.opengis.net/ogc",
        property="PropertyName",
        gml="http://www.opengis.net/gml",
        envelope=True,
    ),
    "2.0.0": _Dialect(
        prefix="fes",
        namespace="http://www.opengis.net/fes/2.0",
        property="ValueReference",
        gml="http://www.opengis.net/gml/3.2",
        envelope=True,
    ),
}


def filter_document(where: Mapping[str, tuple[str, ...]], version: Version, box: BoxFilter | None = None) -> str | None:
    """The filter, or None when there is nothing to filter.

    Args:
        where: attribute -> values; a nested attribute is named by its path "a|b".
        version: of the WFS.
        box: where, besides.
    """
    dialect = _DIALECTS[version]
    conditions = [_one_of(attribute, values, dialect) for attribute, values in where.items()]
    if box is not None:
        conditions.append(_within(box, dialect))
    if not conditions:
        return None
    return (
        f"<{dialect.prefix}:Filter xmlns:{dialect.prefix}={quoteattr(dialect.namespace)}"
        f" xmlns:gml={quoteattr(dialect.gml)}>{_joined('And', conditions, dialect)}</{dialect.prefix}:Filter>"
    )


def _one_of(attribute: str, values: tuple[str, ...], dialect: _Dialect) -> str:
    name = _element(dialect.property, escape(attribute.replace("|", "/")), dialect)
    equal = [
        _element("PropertyIsEqualTo", name + _element("Literal", escape(value), dialect), dialect) for value in values
    ]
    return _joined("Or", equal, dialect)


def _within(box: BoxFilter, dialect: _Dialect) -> str:
    name = _element(dialect.property, escape(box.geometry), dialect)
    srs = f" srsName={quoteattr(box.crs)}" if box.crs else ""
    low_1, low_2, high_1, high_2 = map(number, box.box)
    if dialect.envelope:
        corners = (
            f"<gml:lowerCorner>{low_1} {low_2}</gml:lowerCorner><gml:upperCorner>{high_1} {high_2}</gml:upperCorner>"
        )
        place = f"<gml:Envelope{srs}>{corners}</gml:Envelope>"
    else:
        place = f"<gml:Box{srs}><gml:coordinates>{low_1},{low_2} {high_1},{high_2}</gml:coordinates></gml:Box>"
    return _element("BBOX", name + place, dialect)


def _joined(operator: str, conditions: list[str], dialect: _Dialect) -> str:
    return conditions[0] if len(conditions) == 1 else _element(operator, "".join(conditions), dialect)


def _element(name: str, content: str, dialect: _Dialect) -> str:
    return f"<{dialect.prefix}:{name}>{content}</{dialect.prefix}:{name}>"
