"""The short way for features that look like one before them.

A server writes all features of a type alike: the same elements in the same order, of which some may be left out. So a
feature that was read in full becomes a stencil: a regular expression of its markup, with gaps where its texts and ids
stand. A later feature is held under it in the form in which lxml serialises what was parsed; comments, CDATA, entities
and the spelling of tags are no matter any more then. What fits has the same elements, attributes and namespaces, so
each gap is the text of a known column. Whatever does not fit is read in full, and may be the next to learn from.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml import etree

from wfs_proxy.decode.gml.single_list import Chain, find_chain
from wfs_proxy.decode.safe_xml import name_of

__all__ = ["FeatureTemplate", "FeatureTemplates", "FilledTemplate"]

_MOST_TEMPLATES = 4
"""Of one feature type: one for each way of writing its geometry."""

_PATIENCE = 50
"""Features that may misfit before it counts whether more of them fit."""

_TOKEN = re.compile(r"<[^<>]*>|[^<>]+")
_EMPTY = re.compile(r"<([^\s<>/]+)([^<>]*)/>")
_ID = re.compile(r'\s(?!xmlns:)(?:[^\s<>="]+:)?f?id="([^"]*)"')
"""Attributes that differ from feature to feature: gml:id, fid and id."""

_GAP, _UNREAD_GAP = "([^<]*)", "[^<]*"
_ID_GAP, _UNREAD_ID_GAP = '([^"]*)', '[^"]*'


@dataclass(frozen=True, kw_only=True)
class _TemplatePart:
    """An element directly in a feature, as a pattern with at most one gap."""

    pattern: str
    column: str | None = None
    """An attribute, which other features may leave out; None for the rest."""

    geometry: bool = False


@dataclass(frozen=True, kw_only=True)
class _TemplateSource:
    """What a feature teaches: its markup as patterns, and the geometry it has in the gap of one of them."""

    type_name: str
    start: str
    named: bool
    """True: the first gap, in the start tag, is the id."""

    parts: tuple[_TemplatePart, ...]
    end: str
    chain: Chain

    def with_parts_of(self, newer: _TemplateSource) -> _TemplateSource | None:
        """One lesson out of two; None when they differ in more than in attributes that one of them leaves out."""
        merged = replace(self, parts=_woven(self.parts, newer.parts))
        fixed = _fixed(merged.parts)
        alike = replace(newer, parts=merged.parts) == merged
        alike = alike and fixed == _fixed(self.parts) and fixed == _fixed(newer.parts)
        return merged if alike and not _ambiguous(merged.parts) else None


class FeatureTemplate:
    """A lesson that can be held over the markup of other features."""

    def __init__(self, lesson: _TemplateSource) -> None:
        self.lesson = lesson
        self.type_name = lesson.type_name
        self.chain = lesson.chain
        gaps = [part for part in lesson.parts if part.geometry or part.column is not None]
        first = int(lesson.named)
        self.geometry = first + next(index for index, part in enumerate(gaps) if part.geometry)
        """Which of the texts is the geometry's."""
        self.columns = [(first + index, part.column) for index, part in enumerate(gaps) if part.column is not None]
        """Which of the texts are attributes, and the columns that they belong to."""
        # possessive: what may be left out is never tried twice
        parts = [f"(?:{part.pattern})?+" if part.column is not None else part.pattern for part in lesson.parts]
        self.fullmatch = re.compile(lesson.start + "".join(parts) + lesson.end).fullmatch


class FilledTemplate(NamedTuple):
    """A feature that fits."""

    stencil: FeatureTemplate
    texts: tuple[str | None, ...]
    """What stands in the gaps; None for attributes that are left out."""

    @property
    def identifier(self) -> str | None:
        """The feature's id; None when it has none."""
        return self.texts[0] if self.stencil.lesson.named else None

    @property
    def ordinates(self) -> str:
        """The numbers of its geometry."""
        return self.texts[self.stencil.geometry] or ""


class _Known:
    """What is known of one feature type."""

    def __init__(self) -> None:
        self.stencils: list[FeatureTemplate] = []
        self.fits = 0
        self.misfits = 0

    def hopeless(self) -> bool:
        return self.misfits > max(_PATIENCE, self.fits)

    def learn(self, lesson: _TemplateSource) -> None:
        for position, stencil in enumerate(self.stencils):
            merged = stencil.lesson.with_parts_of(lesson)
            if merged is not None:
                self.stencils[position] = FeatureTemplate(merged)
                return
        if len(self.stencils) < _MOST_TEMPLATES:
            self.stencils.append(FeatureTemplate(lesson))


class FeatureTemplates:
    """The stencils of one document."""

    def __init__(self) -> None:
        self._types: defaultdict[str, _Known] = defaultdict(_Known)

    def fill(self, feature: etree._Element) -> FilledTemplate | None:
        """Read a feature that fits a stencil; None for any other."""
        known = self._types[feature.tag]
        if not known.stencils or known.hopeless():
            return None
        markup = _markup(feature)
        for stencil in known.stencils:
            match = stencil.fullmatch(markup)
            if match is not None:
                known.fits += 1
                texts = match.groups()
                return FilledTemplate(stencil, tuple(map(_unescaped, texts)) if "&" in markup else texts)
        return None

    def learn(self, feature: etree._Element, geometry: etree._Element, identifier: str | None) -> None:
        """Learn from a feature that did not fit, its only geometry and its id."""
        known = self._types[feature.tag]
        if known.hopeless():
            return
        known.misfits += 1
        lesson = _lesson(feature, geometry, identifier)
        if lesson is not None:
            known.learn(lesson)


def _woven(known: tuple[_TemplatePart, ...], newer: tuple[_TemplatePart, ...]) -> tuple[_TemplatePart, ...]:
    """All parts of both, those that are new behind the ones that they follow."""
    woven = list(known)
    place = 0
    for part in newer:
        if part in woven:
            place = woven.index(part) + 1
        else:
            woven.insert(place, part)
            place += 1
    return tuple(woven)


def _fixed(parts: tuple[_TemplatePart, ...]) -> list[_TemplatePart]:
    return [part for part in parts if part.column is None]


def _ambiguous(parts: tuple[_TemplatePart, ...]) -> bool:
    """Two parts that belong in one column, such as attributes of one name in two namespaces."""
    columns = [part.column for part in parts if part.column is not None]
    return len(set(columns)) < len(columns)


def _unescaped(text: str | None) -> str | None:
    return html.unescape(text) if text else text


def _markup(feature: etree._Element) -> str:
    markup = etree.tostring(feature, encoding="unicode", with_tail=False)
    return _EMPTY.sub(r"<\1\2></\1>", markup) if "/>" in markup else markup


def _lesson(feature: etree._Element, geometry: etree._Element, identifier: str | None) -> _TemplateSource | None:
    """None for a feature that has more in it than one plain geometry and plain attributes."""
    found = find_chain(geometry)
    # an srsName that is not the geometry's own may be another one in the next feature
    if found is None or found[0].srs is None:
        return None
    tokens: list[str] = _TOKEN.findall(_markup(feature))
    start, named = _literal(tokens[0], _ID_GAP), _ID.findall(tokens[0])
    if [html.unescape(text) for text in named] != ([] if identifier is None else [identifier]):
        return None
    inner = list(_elements(tokens[1:-1]))
    if len(inner) != len(feature):
        return None
    parts = [_part(child, written, geometry) for child, written in zip(feature, inner, strict=True)]
    sound = tuple(part for part in parts if part is not None)
    if len(sound) < len(feature) or _ambiguous(sound) or not any(part.geometry for part in sound):
        return None
    return _TemplateSource(
        type_name=name_of(feature.tag),
        start=start,
        named=bool(named),
        parts=sound,
        end=re.escape(tokens[-1]),
        chain=found[0],
    )


def _elements(tokens: list[str]) -> Iterator[list[str]]:
    """The tokens of each element, or of a text between elements."""
    first = depth = 0
    for position, token in enumerate(tokens):
        if token.startswith("<"):
            depth += -1 if token.startswith("</") else 1
        if depth == 0:
            yield tokens[first : position + 1]
            first = position + 1


def _part(element: etree._Element, tokens: list[str], geometry: etree._Element) -> _TemplatePart | None:
    if len(element) == 0:
        column = name_of(element.tag)
        return None if element.keys() else _TemplatePart(pattern=_pattern(tokens, _GAP), column=column)
    if geometry.getparent() is element and len(element) == 1:
        return _TemplatePart(pattern=_pattern(tokens, _GAP), geometry=True)
    if name_of(element.tag) == "boundedBy":
        return _TemplatePart(pattern=_pattern(tokens, _UNREAD_GAP))
    return None


def _pattern(tokens: list[str], gap: str) -> str:
    """The markup as it is, with a gap in every element that has no elements in it."""
    pieces = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token.startswith("</") and not before.startswith("</"):
            pieces.append(gap)
        if token.startswith("<"):
            pieces.append(_literal(token, _UNREAD_ID_GAP))
    return "".join(pieces)


def _literal(tag: str, gap: str) -> str:
    """A pattern of a tag, with a gap for the value of an id."""
    pieces = []
    done = 0
    for match in _ID.finditer(tag):
        pieces += [re.escape(tag[done : match.start(1)]), gap]
        done = match.end(1)
    return "".join([*pieces, re.escape(tag[done:])])
