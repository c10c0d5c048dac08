"""Writes features as GML, by columns: each property of all features at once, and one join at the end.

Of a column with texts only the distinct ones are escaped. A document tree would take some twenty times as long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, repeat
from typing import NamedTuple

import numpy as np
import orjson

from wfs_proxy.faces.wfs.namespaces import GmlVersion
from wfs_proxy.faces.wfs.offered_types import OfferedType
from wfs_proxy.faces.wfs.output_crs import OutputCrs
from wfs_proxy.faces.wfs.xml_names import ncname, ncname_rest
from wfs_proxy.serve import MarkedSnapshot, SelectedFeatures
from wfs_proxy.snapshot import BooleanColumn, Column, NumberColumn, Rows, TextColumn

__all__ = ["GmlStyle", "feature_elements"]

_PLAIN_IDS = re.compile(rb"(?:(?!_x)[A-Za-z0-9_.\-\n])*")
"""Ids, one per line, that need no escaping as the rest of an NCName."""

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""What XML does not allow (production 2), in UTF-8."""

_SPECIAL = re.compile(rb"[&<>\r]|" + _CONTROLS.pattern)
"""What must not be in the content of an element as it is."""


class _GmlTexts(NamedTuple):
    """What is around the id and the coordinates of a feature; {n}: the type, {g}: the geometry, {s}: srsName."""

    texts: tuple[str, str, str, str, str]
    """Up to the id of the feature; from it to the id of its geometry, or to its coordinates if geometries have no ids;
    from the id of the geometry to its coordinates, "" if there is none; from there to the properties; the end."""

    separator: bytes
    """Between the two numbers of the coordinates."""


_GML_TEXTS: dict[GmlVersion, _GmlTexts] = {
    "1.0.0": _GmlTexts(
        (
            '<gml:featureMember><{n} fid="',
            '"><{g}><gml:Point srsName="{s}"><gml:coordinates>',
            "",
            "</gml:coordinates></gml:Point></{g}>",
            "</{n}></gml:featureMember>\n",
        ),
        separator=b",",
    ),
    "1.1.0": _GmlTexts(
        (
            '<gml:featureMember><{n} gml:id="',
            '"><{g}><gml:Point srsName="{s}"><gml:pos>',
            "",
            "</gml:pos></gml:Point></{g}>",
            "</{n}></gml:featureMember>\n",
        ),
        separator=b" ",
    ),
    "2.0.0": _GmlTexts(
        (
            '<wfs:member><{n} gml:id="',
            '"><{g}><gml:Point gml:id="',
            '.geometry" srsName="{s}"><gml:pos>',
            "</gml:pos></gml:Point></{g}>",
            "</{n}></wfs:member>\n",
        ),
        separator=b" ",
    ),
}


class GmlStyle(NamedTuple):
    """How features of one type are written."""

    offered: OfferedType
    crs: OutputCrs
    """Of the coordinates."""

    version: GmlVersion


def feature_elements(selected: SelectedFeatures, style: GmlStyle) -> list[bytes]:
    """Return pieces that, joined, are the members of a feature collection."""
    pieces: list[bytes] = []
    for number, rows in selected.selection.runs:
        pieces += _members(selected.parts[number], rows, selected.query.properties, style)
    return pieces


def _members(part: MarkedSnapshot, rows: Rows, wanted: Sequence[str] | None, style: GmlStyle) -> chain[bytes]:
    """Return the pieces of the rows (M,), in that order; `wanted` are the properties, None: all."""
    offered, crs, markup = style.offered, style.crs, _GML_TEXTS[style.version]
    named = {"n": offered.name, "g": f"{offered.prefix}:{offered.geometry}", "s": crs.srs_name}
    before, between, before_position, after, end = (text.format(**named).encode() for text in markup.texts)
    ids = _ids(part, rows, offered)
    positions = crs.coordinates(part.snapshot.lonlat[rows], markup.separator)
    known = set(part.column_names)
    values = [
        _elements(part.column(each.name, rows), f"{offered.prefix}:{each.xml_name}".encode())
        for each in offered.properties
        if each.name in known and (wanted is None or each.name in wanted)
    ]
    geometry = (ids, repeat(before_position)) if before_position else ()
    return chain.from_iterable(
        zip(repeat(before), ids, repeat(between), *geometry, positions, repeat(after), *values, repeat(end))
    )


def _ids(part: MarkedSnapshot, rows: Rows, offered: OfferedType) -> list[bytes]:
    """Return (M,) the ids of features as NCNames."""
    snapshot = part.snapshot
    prefix = f"{ncname(offered.layer.id)}.".encode()
    ids = snapshot.ids.take(snapshot.ranks[rows])
    if not _PLAIN_IDS.fullmatch(b"\n".join(ids)):
        ids = [ncname_rest(text.decode()).encode() for text in ids]
    return [prefix + text for text in ids]


def _elements(column: Column, name: bytes) -> list[bytes]:
    """Return (M,) the element of each row; empty where the value is null."""
    start, end = b"<%b>" % name, b"</%b>" % name
    match column:
        case TextColumn():
            return _text_elements(column, start, end)
        case NumberColumn():
            return _number_elements(column, start, end)
    return _boolean_elements(column, start, end)


def _text_elements(column: TextColumn, start: bytes, end: bytes) -> list[bytes]:
    codes, distinct = column.codes, len(column.texts)
    if distinct > len(codes):
        # fewer rows than texts: those of the rows only
        present = codes >= 0
        texts = _around(column.texts.take(codes[present].astype(np.uint32)), start, end)
        if len(texts) == len(codes):
            return texts
        written = iter(texts)
        return [next(written) if is_present else b"" for is_present in present.tolist()]
    # -1, the null, is the last one
    elements = [*_around(column.texts.take(np.arange(distinct, dtype=np.uint32)), start, end), b""]
    return [elements[code] for code in codes.tolist()]


def _around(texts: list[bytes], start: bytes, end: bytes) -> list[bytes]:
    """Return texts as elements."""
    if _SPECIAL.search(b"\n".join(texts)):
        texts = [_escaped(text) for text in texts]
    return [start + text + end for text in texts]


def _number_elements(column: NumberColumn, start: bytes, end: bytes) -> list[bytes]:
    texts = orjson.dumps(np.ascontiguousarray(column.values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    if not column.nulls.any():
        return [start + text + end for text in texts]
    return [b"" if null else start + text + end for text, null in zip(texts, column.nulls.tolist(), strict=True)]


def _boolean_elements(column: BooleanColumn, start: bytes, end: bytes) -> list[bytes]:
    # -1, the null, is the last one
    elements = (start + b"false" + end, start + b"true" + end, b"")
    return [elements[value] for value in column.values.tolist()]


def _escaped(text: bytes) -> bytes:
    """Return a text as the content of an element; spaces stand for characters that XML does not allow."""
    text = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")
    return _CONTROLS.sub(b" ", text)
