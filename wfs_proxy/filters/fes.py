"""Reads filters in FES, the XML of WFS: filter 1.0 (OGC 02-059), 1.1 (OGC 04-095) and 2.0 (OGC 09-026r2).

All versions are read in the same way, because clients mix them. Only the local names of elements count: `<Filter>`
without a namespace and prefixes without a declaration are read as if they were right, PropertyName and ValueReference
mean the same, and a BBOX needs no property.

The XML parser is that for vendors' answers: no DTD, no entities, no network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from wfs_proxy.config import nearest
from wfs_proxy.decode import name_of, open_markup, parse_whole
from wfs_proxy.errors import BadRequest, MalformedDocument, UnsafeDocument
from wfs_proxy.features import Payload
from wfs_proxy.filters.expression import (
    EVERYTHING,
    MIRRORED,
    Between,
    Comparison,
    Expression,
    HasId,
    IsNull,
    Like,
    LikePattern,
    LocationName,
    Operator,
    UntypedLiteral,
    all_of,
    any_of,
    of_location,
    opposite_of,
)
from wfs_proxy.filters.gml_area import BOXES, GEOMETRIES, read_gml_area

__all__ = ["LONGEST_FES", "read_fes"]

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type

LONGEST_FES = 65_536
"""Bytes of a filter in UTF-8."""

_MOST_ELEMENTS = 5_000
_DEEPEST = 50
"""Levels of operators."""

_XML_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_ROOT_TAG = re.compile(r"""(?><!--.*?-->\s*)*+(<[^\s<>/!?"']+)((?:[^<>"']|"[^"]*"|'[^']*')*+)""", re.DOTALL)
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]", re.ASCII)
_DECLARATION = re.compile(r"\sxmlns:([\w.-]+)\s*=", re.ASCII)

_COMPARISONS: Mapping[str, Operator] = {
    "PropertyIsEqualTo": "=",
    "PropertyIsNotEqualTo": "<>",
    "PropertyIsLessThan": "<",
    "PropertyIsLessThanOrEqualTo": "<=",
    "PropertyIsGreaterThan": ">",
    "PropertyIsGreaterThanOrEqualTo": ">=",
}

_ID_ATTRIBUTES = {"FeatureId": "fid", "GmlObjectId": "id", "ResourceId": "rid"}
_PROPERTY = ("PropertyName", "ValueReference")


def read_fes(text: str) -> Expression:
    """Read a filter document.

    Args:
        text: the XML, with the percent-encoding of the URL removed.

    Raises:
        BadRequest: it is not a filter, too large, or uses an operator or function that is not supported.
    """
    if len(text.encode("utf-8", "replace")) > LONGEST_FES:
        raise BadRequest(f"The filter is longer than {LONGEST_FES} bytes. Make it shorter.")
    text = text.lstrip("\ufeff \t\r\n")
    declaration = _XML_DECLARATION.match(text)
    # the text is decoded already, so the encoding that it declares means nothing
    document = text[declaration.end() :] if declaration else text
    return _expression(_parsed(_with_declarations(document.strip())))


def _expression(root: Element) -> Expression:
    """Return what a Filter element says; or an operator, as users of OWSLib send."""
    if name_of(root.tag) != "Filter" and name_of(root.tag) not in _OPERATORS:
        raise BadRequest(f"The filter begins with <{name_of(root.tag)[:60]}>; it must begin with <Filter>.")
    if sum(1 for _ in zip(root.iter(), range(_MOST_ELEMENTS + 1), strict=False)) > _MOST_ELEMENTS:
        raise BadRequest(f"The filter has more than {_MOST_ELEMENTS} elements. Make it shorter.")
    if name_of(root.tag) != "Filter":
        return _operator(root, 1)
    if root.text and root.text.strip():
        raise BadRequest(f"The filter has the text {root.text.strip()[:60]!r} where an operator must be.")
    parts = [_operator(child, 1) for child in root.iterchildren("*")]
    if not parts:
        return EVERYTHING
    if all(isinstance(part, HasId) for part in parts):
        return any_of(parts)
    if len(parts) > 1:
        raise BadRequest("The filter has several conditions side by side; put them in <And> or <Or>.")
    return parts[0]


def _with_declarations(text: str) -> str:
    """Return the document with a declaration, of whatever namespace, of each prefix that the root does not declare."""
    root = _ROOT_TAG.match(text)
    if root is None:
        return text
    start, attributes = root.groups()
    undeclared = dict.fromkeys(_PREFIX.findall(text)).keys() - set(_DECLARATION.findall(attributes))
    declarations = "".join(
        f' xmlns:{prefix}="undeclared:{prefix}"'
        for prefix in sorted(undeclared)
        if not prefix.lower().startswith("xml")
    )
    return f"{text[: root.start(1)]}{start}{declarations}{text[root.end(1) :]}"


def _parsed(text: str) -> Element:
    try:
        return parse_whole(open_markup(Payload(body=text.encode("utf-8", "replace"))))
    except UnsafeDocument as error:
        raise BadRequest(
            "The filter has a DOCTYPE, or is nested too deep. Leave the DOCTYPE out, and make the filter simpler."
        ) from error
    except MalformedDocument as error:
        reason = error.__cause__.msg if isinstance(error.__cause__, etree.XMLSyntaxError) else "an unknown entity"
        raise BadRequest(
            f"The filter is not well-formed XML ({reason}). It must be a <Filter> element; write & as &amp; "
            "and < as &lt; in values, and encode the filter for the URL."
        ) from error


def _operator(element: Element, depth: int) -> Expression:
    if depth > _DEEPEST:
        raise BadRequest(f"The filter is nested deeper than {_DEEPEST} levels. Make it simpler.")
    name = name_of(element.tag)
    if name in _COMPARISONS:
        return _comparison(element, _COMPARISONS[name])
    if name in _LOGICAL:
        return _LOGICAL[name]([_operator(child, depth + 1) for child in element.iterchildren("*")], name)
    if name in _ID_ATTRIBUTES:
        return _id(element, _ID_ATTRIBUTES[name])
    if name in _OTHERS:
        return _OTHERS[name](element)
    raise _refusal(name, _OPERATORS)


def _and(parts: list[Expression], name: str) -> Expression:
    return all_of(_at_least_one(parts, name))


def _or(parts: list[Expression], name: str) -> Expression:
    return any_of(_at_least_one(parts, name))


def _not(parts: list[Expression], name: str) -> Expression:
    if len(parts) != 1:
        raise BadRequest(f"The filter's {name} has {len(parts)} conditions; it must have one.")
    return opposite_of(parts[0])


def _at_least_one(parts: list[Expression], name: str) -> list[Expression]:
    if not parts:
        raise BadRequest(f"The filter's {name} has no conditions; leave it out.")
    return parts


def _comparison(element: Element, operator: Operator) -> Expression:
    first, second = _operands(element, 2)
    match_case = _flag(element, "matchCase")
    if name_of(first.tag) == "Literal":
        return Comparison(_property(second), MIRRORED[operator], _literal(first), match_case)
    return Comparison(_property(first), operator, _literal(second), match_case)


def _between(element: Element) -> Expression:
    first, lower, upper = _operands(element, 3)
    if name_of(lower.tag) == "UpperBoundary":
        lower, upper = upper, lower
    return Between(_property(first), _literal(*_operands(lower, 1)), _literal(*_operands(upper, 1)))


def _like(element: Element) -> Expression:
    first, second = _operands(element, 2)
    if name_of(first.tag) == "Literal":
        first, second = second, first
    pattern = LikePattern.of(
        _literal(second),
        many=_attribute(element, "wildCard", "*"),
        one=_attribute(element, "singleChar", "?"),
        escape=_attribute(element, "escapeChar", _attribute(element, "escape", "\\")),
    )
    return Like(_property(first), pattern, _flag(element, "matchCase"))


def _is_null(element: Element) -> Expression:
    return IsNull(_property(*_operands(element, 1)))


def _in_area(element: Element, possible: tuple[str, ...] = GEOMETRIES) -> Expression:
    children = list(element.iterchildren("*"))
    geometries = [child for child in children if name_of(child.tag) not in _PROPERTY]
    if len(geometries) != 1:
        raise BadRequest(f"The filter's {name_of(element.tag)} has {len(geometries)} geometries; it must have one.")
    if name_of(geometries[0].tag) not in possible:
        raise _refusal(name_of(geometries[0].tag), possible)
    # questions have the vendor's name of the geometry, which a layer file need not say
    name = next((_text(child) for child in children if child not in geometries), "")
    area = read_gml_area(geometries[0])
    return of_location(area, LocationName(name, known=False)) if name else area


def _in_box(element: Element) -> Expression:
    return _in_area(element, BOXES)


def _outside_area(element: Element) -> Expression:
    return opposite_of(_in_area(element))


def _id(element: Element, attribute: str) -> Expression:
    given = _attribute(element, attribute, "").strip()
    if not given:
        raise BadRequest(f'The filter\'s {name_of(element.tag)} has no id; write it as {attribute}="...".')
    return HasId((given,))


_LOGICAL: Mapping[str, Callable[[list[Expression], str], Expression]] = {"And": _and, "Or": _or, "Not": _not}

_OTHERS: Mapping[str, Callable[[Element], Expression]] = {
    "PropertyIsLike": _like,
    "PropertyIsBetween": _between,
    "PropertyIsNull": _is_null,
    "PropertyIsNil": _is_null,
    "BBOX": _in_box,
    "Intersects": _in_area,
    "Within": _in_area,
    "Disjoint": _outside_area,
}

_OPERATORS = (*_LOGICAL, *_COMPARISONS, *_OTHERS, *_ID_ATTRIBUTES)


def _refusal(name: str, possible: tuple[str, ...]) -> BadRequest:
    meant = nearest(name, possible)
    hint = f" Did you mean {meant}?" if meant else ""
    return BadRequest(f"The filter has {name[:60]}, which is not supported.{hint} Possible: {', '.join(possible)}.")


def _operands(element: Element, count: int) -> tuple[Element, ...]:
    children = tuple(element.iterchildren("*"))
    if len(children) != count:
        raise BadRequest(f"The filter's {name_of(element.tag)} has {len(children)} operands; it must have {count}.")
    return children


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _property(element: Element) -> str:
    name = _text(element)
    if name_of(element.tag) not in _PROPERTY:
        raise _refusal(name_of(element.tag), ("ValueReference", "PropertyName", "Literal"))
    if not name:
        raise BadRequest("The filter has a property without a name.")
    return name


def _literal(element: Element) -> UntypedLiteral:
    """Return the text of a literal, trimmed as every served text is."""
    name = name_of(element.tag)
    if name in _PROPERTY:
        raise BadRequest(
            f"The filter compares two properties, which is not supported; compare {_property(element)!r} "
            "with a Literal."
        )
    if name != "Literal":
        raise _refusal(name, ("Literal",))
    if len(element):
        raise BadRequest(f"The filter's Literal contains <{name_of(element[0].tag)}>; it must contain text.")
    return UntypedLiteral((element.text or "").strip())


def _flag(element: Element, name: str) -> bool:
    return _attribute(element, name, "true").strip().lower() not in {"false", "0"}


def _attribute(element: Element, name: str, default: str) -> str:
    return next((str(value) for key, value in element.items() if name_of(key) == name), default)
