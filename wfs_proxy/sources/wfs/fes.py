"""The FES writer: a layer's `where`, and a box, as an OGC filter document.

OGC 02-059 (filter 1.0, for WFS 1.0.0), OGC 04-095 (1.1, for WFS 1.1.0), OGC 09-026r1 (2.0, for WFS 2.0.0). `where` is
checked again after decoding, so a filter may let too many objects through, but never too few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.kvp import Version, number

__all__ = ["BoxFilter", "filter_document"]


@dataclass(frozen=True, kw_only=True)
class BoxFilter:
    """The box of a request that has a filter."""

    geometry: str
    """The geometry property, which filters 1.0 and 1.1 must name; a nested one by its path "a|b"."""

    box: NativeBox
    crs: str | None


@dataclass(frozen=True, kw_only=True)
class _FilterSyntax:
    prefix: str
    namespace: str
    property: str
    gml: str
    envelope: bool


_SYNTAXES: dict[Version, _FilterSyntax] = {
    "1.0.0": _FilterSyntax(
        prefix="ogc",
        namespace="http://www.opengis.net/ogc",
        property="PropertyName",
        gml="http://www.opengis.net/gml",
        envelope=False,
    ),
    "1.1.0": _FilterSyntax(
        prefix="ogc",
        namespace="http://www.opengis.net/ogc",
        property="PropertyName",
        gml="http://www.opengis.net/gml",
        envelope=True,
    ),
    "2.0.0": _FilterSyntax(
        prefix="fes",
        namespace="http://www.opengis.net/fes/2.0",
        property="ValueReference",
        gml="http://www.opengis.net/gml/3.2",
        envelope=True,
    ),
}


def filter_document(where: Mapping[str, tuple[str, ...]], version: Version, box: BoxFilter | None = None) -> str | None:
    """Return a filter for objects that have one of the values in every attribute, and are in the box.

    Args:
        where: attribute -> values; a nested attribute is named by its path "a|b".
        version: of the WFS.
        box: None: anywhere.

    Returns:
        The document; None when there is nothing to filter.
    """
    syntax = _SYNTAXES[version]
    conditions = [_has_one_of(attribute, values, syntax) for attribute, values in where.items()]
    if box is not None:
        conditions.append(_in_box(box, syntax))
    if not conditions:
        return None
    return (
        f"<{syntax.prefix}:Filter xmlns:{syntax.prefix}={quoteattr(syntax.namespace)}"
        f" xmlns:gml={quoteattr(syntax.gml)}>{_joined('And', conditions, syntax)}</{syntax.prefix}:Filter>"
    )


def _has_one_of(attribute: str, values: tuple[str, ...], syntax: _FilterSyntax) -> str:
    name = _element(syntax.property, escape(attribute.replace("|", "/")), syntax)
    equal = [
        _element("PropertyIsEqualTo", name + _element("Literal", escape(value), syntax), syntax) for value in values
    ]
    return _joined("Or", equal, syntax)


def _in_box(box: BoxFilter, syntax: _FilterSyntax) -> str:
    name = _element(syntax.property, escape(box.geometry.replace("|", "/")), syntax)
    srs = f" srsName={quoteattr(box.crs)}" if box.crs else ""
    low_1, low_2, high_1, high_2 = map(number, box.box)
    if syntax.envelope:
        corners = (
            f"<gml:lowerCorner>{low_1} {low_2}</gml:lowerCorner><gml:upperCorner>{high_1} {high_2}</gml:upperCorner>"
        )
        shape = f"<gml:Envelope{srs}>{corners}</gml:Envelope>"
    else:
        shape = f"<gml:Box{srs}><gml:coordinates>{low_1},{low_2} {high_1},{high_2}</gml:coordinates></gml:Box>"
    return _element("BBOX", name + shape, syntax)


def _joined(operator: str, conditions: list[str], syntax: _FilterSyntax) -> str:
    return conditions[0] if len(conditions) == 1 else _element(operator, "".join(conditions), syntax)


def _element(name: str, content: str, syntax: _FilterSyntax) -> str:
    return f"<{syntax.prefix}:{name}>{content}</{syntax.prefix}:{name}>"
