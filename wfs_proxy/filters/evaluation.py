"""The rows that match an expression, by a few operations on the columns of all candidate rows.

Null is as in SQL: a comparison with null is unknown, and so is its opposite, so neither selects the object. `Not` is
moved down to the conditions (De Morgan), where both "true" and "false" leave out the rows that are null.
"""

from __future__ import annotations

import bisect
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.filters.expression import (
    And,
    Area,
    Between,
    Comparison,
    Expression,
    HasId,
    In,
    Intersects,
    IsNull,
    Like,
    LikePattern,
    Not,
    Operator,
    Or,
    Scalar,
)
from wfs_proxy.filters.like import folded_texts, texts_like
from wfs_proxy.filters.point_in_area import EdgeComparisons, points_in_area
from wfs_proxy.snapshot import Column, Rows, TextColumn

__all__ = ["Table", "box_of", "rows_matching", "within"]

Mask = NDArray[np.bool_]

_OPERATORS: Mapping[Operator, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_NARROW = 4
"""If at most a fourth of the rows are left, only those are looked at."""


_FEW = 8
"""Numbers that are faster to compare one by one."""


class Table(Protocol):
    """What is filtered: a snapshot with its marks."""

    @property
    def lonlat(self) -> NDArray[np.float64]:
        """(N, 2) longitude, latitude in degrees."""

    def column(self, name: str, rows: Rows | None = None) -> Column:
        """Return the values of a property: of these rows (M,), or (N,) of all.

        Raises:
            KeyError: there is no such property.
        """

    def rows_of_ids(self, ids: Sequence[str]) -> Rows:
        """Return the rows of the objects with these ids, ascending; unknown ids have none."""


def rows_matching(expression: Expression, table: Table, rows: Rows, comparisons: EdgeComparisons) -> Rows:
    """Return those of the rows (ascending) that match, ascending.

    Args:
        expression: checked, so that its properties exist and its literals have their types.
        table: the objects.
        rows: (M,) the candidates: those in `box_of(expression)` are enough.
        comparisons: those that the filter may still make, for all tables together.

    Raises:
        BadRequest: the areas have too many edges for so many objects.
    """
    return rows[_mask(expression, table, rows, comparisons, negated=False)]


def box_of(expression: Expression) -> BBox | None:
    """Return a box that contains everything that can match; None where there is no bound."""
    match expression:
        case Intersects():
            return expression.box
        case And():
            boxes = [box for box in map(box_of, expression.parts) if box is not None]
            return _common(boxes)
        case Or():
            each = [box_of(part) for part in expression.parts]
            known = [box for box in each if box is not None]
            return BBox.union(known) if len(known) == len(each) else None
        case _:
            return None


def _common(boxes: Sequence[BBox]) -> BBox | None:
    found: BBox | None = None
    for box in boxes:
        # where two boxes share nothing, nothing matches, and either of them contains that
        found = box if found is None else found.intersection(box) or found
    return found


def within(expression: Expression, extent: BBox | None) -> tuple[Expression, bool]:
    """Decide the axis order of areas: one that misses the layer is swapped if it meets the layer then.

    Args:
        expression: what a client asks.
        extent: around all objects of the layer; None where it is not known, so that nothing is swapped.

    Returns:
        The expression without swappable areas, and whether one was swapped.
    """
    match expression:
        case And() | Or():
            decided = [within(part, extent) for part in expression.parts]
            parts = tuple(part for part, _ in decided)
            return replace(expression, parts=parts), any(swapped for _, swapped in decided)
        case Not():
            part, swapped = within(expression.part, extent)
            return Not(part), swapped
        case Intersects() if expression.swappable:
            as_written = Intersects(expression.area)
            if extent is None or as_written.box.meets(extent):
                return as_written, False
            other = Intersects(_swapped(expression.area))
            return (other, True) if other.box.meets(extent) else (as_written, False)
        case _:
            return expression, False


def _swapped(area: BBox | Area) -> BBox | Area:
    if isinstance(area, BBox):
        return BBox(area.south, area.west, area.north, area.east)
    return Area(tuple(tuple(tuple((y, x) for x, y in ring) for ring in rings) for rings in area.polygons))


def _mask(expression: Expression, table: Table, rows: Rows, comparisons: EdgeComparisons, *, negated: bool) -> Mask:
    """Return (M,) for which rows the expression, or its opposite, is true."""
    match expression:
        case Not():
            return _mask(expression.part, table, rows, comparisons, negated=not negated)
        case And() | Or():
            return _joined(expression, table, rows, comparisons, negated=negated)
        case HasId():
            return np.isin(rows, table.rows_of_ids(expression.ids)) ^ negated
        case Intersects():
            # rows are ascending and unique, so as many as there are objects are all of them
            lonlat = table.lonlat if len(rows) == len(table.lonlat) else table.lonlat[rows]
            return _in_area(expression.area, lonlat, comparisons) ^ negated
        case _:
            every = len(rows) == len(table.lonlat)
            truth = _truth(expression, table.column(expression.property, None if every else rows))
            return ~(truth.true | truth.unknown) if negated else truth.true


def _joined(expression: And | Or, table: Table, rows: Rows, comparisons: EdgeComparisons, *, negated: bool) -> Mask:
    """Join the parts. A row that is decided, false for "and" and true for "or", is not looked at again."""
    undecided_if = isinstance(expression, And) ^ negated
    mask = np.full(len(rows), undecided_if, dtype=np.bool_)
    for number, part in enumerate(expression.parts):
        left = np.count_nonzero(mask == undecided_if) if number else len(rows)
        if left * _NARROW > len(rows):
            found = _mask(part, table, rows, comparisons, negated=negated)
            mask = mask & found if undecided_if else mask | found
        elif left:
            places = np.flatnonzero(mask == undecided_if)
            mask[places] = _mask(part, table, rows[places], comparisons, negated=negated)
    return mask


def _in_area(area: BBox | Area, lonlat: NDArray[np.float64], comparisons: EdgeComparisons) -> Mask:
    return points_in_area(lonlat, area, comparisons) if isinstance(area, Area) else area.contains_points(lonlat)


class _Truth(NamedTuple):
    true: Mask
    unknown: Mask


def _truth(expression: Comparison | In | Between | Like | IsNull, column: Column) -> _Truth:
    nulls = column.nulls
    if isinstance(expression, IsNull):
        return _Truth(nulls, np.zeros(len(nulls), dtype=np.bool_))
    if isinstance(column, TextColumn):
        return _Truth(_of_text(expression, column), nulls)
    return _Truth(_of_number(expression, column.values) & ~nulls, nulls)


def _of_text(expression: Comparison | In | Between | Like, column: TextColumn) -> Mask:
    """Return (M,) where a condition is true; it is not where the text is null."""
    codes = column.codes
    match expression:
        case Between():
            return _with_codes(codes, _place(column, expression.lower)[0], _place(column, expression.upper)[1])
        case In() if not expression.match_case:
            wanted = {str(value).casefold() for value in expression.values}
            among = (text in wanted for text in folded_texts(column.texts))
            return _selected(codes, np.fromiter(among, dtype=np.bool_, count=len(column.texts)))
        case In():
            places = [_place(column, value) for value in expression.values]
            selected = np.zeros(len(column.texts), dtype=np.bool_)
            selected[[start for start, stop in places if stop > start]] = True
            return _selected(codes, selected)
        case Like():
            selected = texts_like(column.texts, expression.pattern, match_case=expression.match_case)
            return _selected(codes, selected)
        case _:
            return _compared_text(expression, column)


def _compared_text(expression: Comparison, column: TextColumn) -> Mask:
    codes = column.codes
    if not expression.match_case:
        return _selected(codes, _folded_comparison(expression, column))
    start, stop = _place(column, expression.value)
    match expression.operator:
        case "=":
            return _with_codes(codes, start, stop)
        case "<>":
            return (codes >= 0) & ~_with_codes(codes, start, stop)
        case "<" | "<=":
            return _with_codes(codes, 0, start if expression.operator == "<" else stop)
        case _:
            return codes >= (stop if expression.operator == ">" else start)


def _folded_comparison(expression: Comparison, column: TextColumn) -> Mask:
    """Return (D,) which of the distinct texts compare so after case folding."""
    text = str(expression.value)
    if expression.operator in {"=", "<>"}:
        equal = texts_like(column.texts, LikePattern.of(text, many="", one="", escape=""), match_case=False)
        return equal if expression.operator == "=" else ~equal
    compare, folded = _OPERATORS[expression.operator], text.casefold()
    compared = (compare(other, folded) for other in folded_texts(column.texts))
    return np.fromiter(compared, dtype=np.bool_, count=len(column.texts))


def _place(column: TextColumn, value: Scalar) -> tuple[int, int]:
    """Return the code of a text and the next one; if no row has it, that of the first greater text twice."""
    key = str(value).encode("utf-8", "surrogatepass")
    numbers, text_of = range(len(column.texts)), column.texts.__getitem__
    start = bisect.bisect_left(numbers, key, key=text_of)
    return start, start + (start < len(numbers) and text_of(start) == key)


def _with_codes(codes: NDArray[np.int32], start: int, stop: int) -> Mask:
    """Return (M,) which codes are in a range; -1 is in none."""
    if stop - start == 1:
        equal: Mask = codes == start
        return equal
    found: Mask = (codes >= start) & (codes < stop)
    return found


def _selected(codes: NDArray[np.int32], selected: Mask) -> Mask:
    """Return (M,) which codes are selected (D,); -1, for null, is the last element, which is not."""
    with_null: Mask = np.append(selected, np.False_)
    mask: Mask = with_null[codes]
    return mask


def _of_number(expression: Comparison | In | Between | Like, values: NDArray[Any]) -> Mask:
    """Return (M,) where a condition is true, whether or not the number is null."""
    match expression:
        case Between():
            return _compared(values, ">=", expression.lower) & _compared(values, "<=", expression.upper)
        case In():
            return _one_of(values, expression.values)
        case Comparison():
            return _compared(values, expression.operator, expression.value)
        case _:
            raise ValueError(f"{expression} is not for numbers; it was not checked")


def _one_of(values: NDArray[Any], numbers: Sequence[Scalar]) -> Mask:
    if len(numbers) > _FEW:
        return np.isin(values, np.array(list(_representable(values.dtype, numbers)), dtype=values.dtype))
    mask = np.zeros(len(values), dtype=np.bool_)
    for number in numbers:
        mask |= _compared(values, "=", number)
    return mask


def _representable(dtype: np.dtype[Any], numbers: Sequence[Scalar]) -> Iterator[Scalar]:
    """Yield the numbers that a column can have. Numpy would compare integers with others as floats."""
    for number in map(_number, numbers):
        if dtype.kind != "i":
            yield number
        elif int(number) == number and np.iinfo(dtype).min <= number <= np.iinfo(dtype).max:
            yield int(number)


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, str) else value


def _compared(values: NDArray[Any], sign: Operator, value: Scalar) -> Mask:
    """Compare numbers, exactly also where numpy would compare integers as floats."""
    number = _number(value)
    if values.dtype.kind == "i" and isinstance(number, float):
        if not number.is_integer():
            # the opposite sides of the number: x < 1.5 is x <= 1, x > 1.5 is x >= 2
            if sign in {"=", "<>"}:
                return np.full(len(values), sign == "<>", dtype=np.bool_)
            number = math.floor(number) if sign in {"<", "<="} else math.ceil(number)
            sign = "<=" if sign in {"<", "<="} else ">="
        number = int(number)
    mask: Mask = _OPERATORS[sign](values, number)
    return mask
