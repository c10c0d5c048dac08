"""A fast reader for features that are written like an earlier one.

A server writes all features of a type in the same way: the same elements in the same order, of which some may be left
out. So a feature that was read in full becomes a template: a regular expression of its markup with gaps. A gap is a
group for text that differs from feature to feature: the value of an attribute, the numbers of the geometry, the value
of an id. A later feature fits if the regular expression matches its whole markup. The markup is what lxml writes for
the parsed element, so comments, CDATA sections, entities and the spelling of tags make no difference.

Invariant: the result equals that of reading the feature in full (`test_feature_among_others_is_read_as_if_alone`). A
gap matches no "<" and, in an attribute, no quote, so a feature that fits has the elements, XML attributes and
namespaces of the first one, and each gap is the text of an element whose column is known. Features for which that does
not suffice (repeated or nested attributes, XML attributes other than ids, a second geometry, an inherited srsName) do
not become templates.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml import etree

from wfs_proxy.decode.gml.single_list import SingleListGeometry, match_single_list
from wfs_proxy.decode.gml.surroundings import Surroundings
from wfs_proxy.decode.safe_xml import name_of

__all__ = ["FeatureTemplate", "FeatureTemplates", "TemplateMatch"]

_MOST_TEMPLATES = 4
"""Templates of one feature type: one for each way of writing its geometry."""

_MOST_PARTS = 200
"""Elements directly in a feature; a longer regular expression takes longer to make and to merge than it saves."""

_MISMATCHES_ALLOWED = 50
"""Features of a type that may fit no template before mismatches are weighed against matches."""

_TOKEN = re.compile(r"<[^<>]*>|[^<>]+")
_EMPTY = re.compile(r"<([^\s<>/]+)([^<>]*)/>")
_ID = re.compile(r'\s(?!xmlns:)(?:[^\s<>="]+:)?f?id="([^"]*)"')
"""XML attributes whose values differ from feature to feature: gml:id, fid and id."""

_GAP, _IGNORED_GAP = "([^<]*)", "[^<]*"
_ID_GAP, _IGNORED_ID_GAP = '([^"]*)', '[^"]*'


@dataclass(frozen=True, kw_only=True)
class _TemplatePart:
    """An element directly in a feature, as a pattern with at most one gap."""

    pattern: str
    column: str | None = None
    """The column of an attribute, which other features may leave out; None for other elements, which are required."""

    geometry: bool = False


@dataclass(frozen=True, kw_only=True)
class _TemplateSpec:
    """The markup of a feature as patterns, from which the regular expression is made."""

    type_name: str
    start: str
    has_id: bool
    """True: the first gap, in the start tag, is the id."""

    parts: tuple[_TemplatePart, ...]
    end: str
    geometry: SingleListGeometry
    """The geometry without its numbers, which are in the gap of one of the parts."""

    def merged_with(self, newer: _TemplateSpec) -> _TemplateSpec | None:
        """Return one template for both; None unless they differ only in attributes that one of them leaves out.

        Both have the same required parts in the same order, and no column twice. So the merged regular expression
        matches every feature that one of the two matches, with the same text for each column.
        """
        merged = replace(self, parts=_merge(self.parts, newer.parts))
        if len(merged.parts) > _MOST_PARTS:
            return None
        required = _required(merged.parts)
        alike = replace(newer, parts=merged.parts) == merged
        alike = alike and required == _required(self.parts) and required == _required(newer.parts)
        return merged if alike and not _has_column_twice(merged.parts) else None


class FeatureTemplate:
    """A regular expression of the markup of features, and what its gaps are."""

    def __init__(self, spec: _TemplateSpec) -> None:
        self.spec = spec
        self.type_name = spec.type_name
        self.geometry = spec.geometry
        gaps = [part for part in spec.parts if part.geometry or part.column is not None]
        first = int(spec.has_id)
        self.geometry_gap = first + next(index for index, part in enumerate(gaps) if part.geometry)
        """Index of the gap with the numbers of the geometry."""
        self.columns = [(first + index, part.column) for index, part in enumerate(gaps) if part.column is not None]
        """(index of a gap, the column of its text) for each attribute."""
        # possessive (?+): the parts have distinct start tags, so trying again without one that matched cannot help
        parts = [f"(?:{part.pattern})?+" if part.column is not None else part.pattern for part in spec.parts]
        self.fullmatch = re.compile(spec.start + "".join(parts) + spec.end).fullmatch


class TemplateMatch(NamedTuple):
    """A feature that fits a template."""

    template: FeatureTemplate
    texts: tuple[str | None, ...]
    """The text of each gap; None for an attribute that the feature leaves out."""

    @property
    def identifier(self) -> str | None:
        """The feature's id; None when it has none."""
        return self.texts[0] if self.template.spec.has_id else None

    @property
    def ordinates(self) -> str:
        """The numbers of its geometry."""
        return self.texts[self.template.geometry_gap] or ""


class _TypeTemplates:
    """The templates of one feature type, and how often they helped."""

    def __init__(self) -> None:
        self.templates: list[FeatureTemplate] = []
        self.matches = 0
        self.mismatches = 0

    def useless(self) -> bool:
        """Whether most features fit no template, so that trying costs more than it saves."""
        return self.mismatches > max(_MISMATCHES_ALLOWED, self.matches)

    def add(self, spec: _TemplateSpec) -> None:
        for position, template in enumerate(self.templates):
            merged = template.spec.merged_with(spec)
            if merged is not None:
                self.templates[position] = FeatureTemplate(merged)
                return
        if len(self.templates) < _MOST_TEMPLATES:
            self.templates.append(FeatureTemplate(spec))


class FeatureTemplates:
    """The templates of one document."""

    def __init__(self) -> None:
        self._types: defaultdict[str, _TypeTemplates] = defaultdict(_TypeTemplates)

    def match(self, feature: etree._Element) -> TemplateMatch | None:
        """Read a feature that fits a template; None for any other."""
        of_type = self._types[feature.tag]
        if not of_type.templates or of_type.useless():
            return None
        markup = _markup(feature)
        for template in of_type.templates:
            match = template.fullmatch(markup)
            if match is not None:
                of_type.matches += 1
                texts = match.groups()
                return TemplateMatch(template, tuple(map(_unescape, texts)) if "&" in markup else texts)
        return None

    def add(self, feature: etree._Element, geometry: etree._Element, identifier: str | None) -> None:
        """Make a template of a feature that fitted none, if possible.

        Args:
            feature: the element, which was read in full.
            geometry: its only geometry.
            identifier: its id.
        """
        of_type = self._types[feature.tag]
        if of_type.useless():
            return
        of_type.mismatches += 1
        spec = _template_spec(feature, geometry, identifier)
        if spec is not None:
            of_type.add(spec)


def _merge(known: tuple[_TemplatePart, ...], newer: tuple[_TemplatePart, ...]) -> tuple[_TemplatePart, ...]:
    """Return all parts of both; each new one directly after the part that it follows in its own feature."""
    merged = list(known)
    place = 0
    for part in newer:
        if part in merged:
            place = merged.index(part) + 1
        else:
            merged.insert(place, part)
            place += 1
    return tuple(merged)


def _required(parts: tuple[_TemplatePart, ...]) -> list[_TemplatePart]:
    return [part for part in parts if part.column is None]


def _has_column_twice(parts: tuple[_TemplatePart, ...]) -> bool:
    """Whether two parts are for one column: a repeated element, or two namespaces with one local name."""
    columns = [part.column for part in parts if part.column is not None]
    return len(set(columns)) < len(columns)


def _unescape(text: str | None) -> str | None:
    return html.unescape(text) if text else text


def _markup(feature: etree._Element) -> str:
    """Return the markup of a feature, with an end tag for each element: an empty one must match a gap too."""
    markup = etree.tostring(feature, encoding="unicode", with_tail=False)
    return _EMPTY.sub(r"<\1\2></\1>", markup) if "/>" in markup else markup


def _template_spec(feature: etree._Element, geometry: etree._Element, identifier: str | None) -> _TemplateSpec | None:
    """Return None for a feature with more than plain attributes and one geometry whose numbers are in one list."""
    found = match_single_list(geometry)
    if len(feature) > _MOST_PARTS:
        return None
    # an srsName that the geometry inherits may be another one in the next feature
    if found is None or found[0].srs is None:
        return None
    tokens: list[str] = _TOKEN.findall(_markup(feature))
    start, ids = _tag_pattern(tokens[0], _ID_GAP), _ID.findall(tokens[0])
    if [html.unescape(text) for text in ids] != ([] if identifier is None else [identifier]):
        return None
    inner = list(_elements(tokens[1:-1]))
    if len(inner) != len(feature):
        return None
    parts = [_part(child, written, geometry) for child, written in zip(feature, inner, strict=True)]
    usable = tuple(part for part in parts if part is not None)
    if len(usable) < len(feature) or _has_column_twice(usable) or not any(part.geometry for part in usable):
        return None
    return _TemplateSpec(
        type_name=name_of(feature.tag),
        start=start,
        has_id=bool(ids),
        parts=usable,
        end=re.escape(tokens[-1]),
        # all features that fit the template say the same about its dimension
        geometry=found[0].within(Surroundings(geometry, outermost=feature)),
    )


def _elements(tokens: list[str]) -> Iterator[list[str]]:
    """Yield the tokens of each element, or of a text between elements."""
    first = depth = 0
    for position, token in enumerate(tokens):
        if token.startswith("<"):
            depth += -1 if token.startswith("</") else 1
        if depth == 0:
            yield tokens[first : position + 1]
            first = position + 1


def _part(element: etree._Element, tokens: list[str], geometry: etree._Element) -> _TemplatePart | None:
    """Return an element directly in a feature as a part; None if a pattern with one gap does not suffice for it."""
    if len(element) == 0:
        column = name_of(element.tag)
        return None if element.keys() else _TemplatePart(pattern=_pattern(tokens, _GAP), column=column)
    if geometry.getparent() is element and len(element) == 1:
        return _TemplatePart(pattern=_pattern(tokens, _GAP), geometry=True)
    if name_of(element.tag) == "boundedBy":
        return _TemplatePart(pattern=_pattern(tokens, _IGNORED_GAP))
    return None


def _pattern(tokens: list[str], gap: str) -> str:
    """Return a pattern of the tokens, with a gap in every element that contains no elements."""
    pieces = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token.startswith("</") and not before.startswith("</"):
            pieces.append(gap)
        if token.startswith("<"):
            pieces.append(_tag_pattern(token, _IGNORED_ID_GAP))
    return "".join(pieces)


def _tag_pattern(tag: str, gap: str) -> str:
    """Return a pattern of a tag, with a gap for the value of an id."""
    pieces = []
    done = 0
    for match in _ID.finditer(tag):
        pieces += [re.escape(tag[done : match.start(1)]), gap]
        done = match.end(1)
    return "".join([*pieces, re.escape(tag[done:])])
