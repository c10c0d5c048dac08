"""Rows of expressions, against SQLite's three-valued logic and against shapely."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.evaluation import box_of, rows_matching, within
from wfs_proxy.filters.expression import (
    EVERYTHING,
    NOTHING,
    And,
    Area,
    Between,
    Comparison,
    HasId,
    In,
    Intersects,
    IsNull,
    Like,
    LikePattern,
    Not,
    Or,
    all_of,
    any_of,
)
from wfs_proxy.filters.point_in_area import EdgeComparisons
from wfs_proxy.snapshot import Column, Rows, column_of


@dataclass
class Objects:
    """A table of a few columns."""

    columns: dict[str, Column]
    lonlat: np.ndarray

    @classmethod
    def of(cls, lonlat=None, **columns: tuple[str, Sequence[Any]]) -> Objects:
        count = max((len(values) for _, values in columns.values()), default=0)
        built = {name: column_of(objects(values), kind) for name, (kind, values) in columns.items()}
        return cls(built, np.zeros((count, 2)) if lonlat is None else np.array(lonlat, dtype=float).reshape(-1, 2))

    def column(self, name: str, rows: Rows | None = None) -> Column:
        return self.columns[name] if rows is None else self.columns[name].take(rows)

    def rows_of_ids(self, ids: Sequence[str]) -> Rows:
        return np.array(sorted({int(name) for name in ids if int(name) < len(self.lonlat)}), dtype=np.uint32)


def objects(values: Sequence[Any]) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))


def matching(expression, table: Objects, rows: Sequence[int] | None = None) -> list[int]:
    candidates = np.arange(len(table.lonlat), dtype=np.uint32) if rows is None else np.array(rows, dtype=np.uint32)
    return rows_matching(expression, table, candidates, EdgeComparisons()).tolist()


# -- against SQL

TEXTS = [None, "", "a", "A", "ab", "aB", "b", "é", "É", "a%", "a_b", "\\", "ss", "it's", "😀"]
INTEGERS = [None, 0, 1, -1, 2, 2**53 - 1, -(2**53) + 1]
NUMBERS = [None, 0.0, 0.5, -0.5, 1.0, 1e300, 2.5]
BOOLEANS = [None, True, False]
KINDS = {"t": ("string", TEXTS), "i": ("integer", INTEGERS), "n": ("number", NUMBERS), "b": ("boolean", BOOLEANS)}
ROWS = 12

tables = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(values), min_size=ROWS, max_size=ROWS) for name, (_, values) in KINDS.items()}
)


def not_null(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([value for value in values if value is not None])


def conditions(name: str, values: Sequence[Any]) -> st.SearchStrategy[Any]:
    literals = not_null(values)
    if name == "i":
        literals = st.one_of(literals, st.sampled_from([0.5, -0.5, 1.5, 1e30, -1e30, 2.0, 2**70, -(2**70)]))
    if name == "n":
        literals = st.one_of(literals, st.sampled_from([0, 1, 2, 2**53]))
    if name == "t":
        literals = st.one_of(literals, st.sampled_from(["aa", "zz", "0", "ÿ"]))
    return st.one_of(
        st.builds(Comparison, st.just(name), st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), literals),
        st.builds(In, st.just(name), st.lists(literals, min_size=1, max_size=12).map(tuple)),
        st.builds(Between, st.just(name), literals, literals),
        st.builds(IsNull, st.just(name)),
    )


patterns = st.lists(st.sampled_from(["a", "b", "é", "A", "%", "_", "\\%", "\\_", "\\\\", "😀", "s"]), max_size=6)
leaves = st.one_of(
    *(conditions(name, values) for name, (_, values) in KINDS.items()),
    st.builds(Like, st.just("t"), patterns.map("".join).map(LikePattern.of)),
    st.builds(HasId, st.lists(st.integers(0, ROWS).map(str), max_size=3).map(tuple)),
    st.just(EVERYTHING),
    st.just(NOTHING),
)
expressions = st.recursive(
    leaves,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, max_size=4).map(lambda found: And(tuple(found))),
        st.lists(parts, max_size=4).map(lambda found: Or(tuple(found))),
    ),
    max_leaves=10,
)


def sql(expression, values: list[Any]) -> str:
    """Return a condition of SQL, and add its parameters to `values`."""

    def given(value: Any) -> str:
        # SQLite has 64 bits; a float has the same order
        values.append(float(value) if isinstance(value, int) and abs(value) >= 2**63 else value)
        return "?"

    match expression:
        case Comparison():
            condition = f"({expression.property} {expression.operator} {given(expression.value)})"
        case In():
            condition = f"({expression.property} IN ({', '.join(map(given, expression.values))}))"
        case Between():
            condition = f"({expression.property} BETWEEN {given(expression.lower)} AND {given(expression.upper)})"
        case Like():
            condition = f"({expression.property} LIKE {given(expression.pattern.text)} ESCAPE '\\')"
        case IsNull():
            condition = f"({expression.property} IS NULL)"
        case HasId():
            condition = f"(row IN ({', '.join(map(given, map(int, expression.ids)))}))"
        case Not():
            condition = f"(NOT {sql(expression.part, values)})"
        case And() | Or():
            word, nothing = (" AND ", "1") if isinstance(expression, And) else (" OR ", "0")
            condition = f"({word.join(sql(part, values) for part in expression.parts) or nothing})"
        case _:
            raise AssertionError(expression)
    return condition


def rows_of_sql(expression, columns: dict[str, list[Any]]) -> list[int]:
    with sqlite3.connect(":memory:") as database:
        database.execute("PRAGMA case_sensitive_like = ON")
        database.execute("CREATE TABLE o (row INTEGER, t TEXT, i INTEGER, n REAL, b INTEGER)")
        numbered = zip(range(ROWS), *(columns[name] for name in KINDS), strict=True)
        database.executemany("INSERT INTO o VALUES (?, ?, ?, ?, ?)", numbered)
        values: list[Any] = []
        condition = sql(expression, values)
        found = database.execute(f"SELECT row FROM o WHERE {condition} ORDER BY row", values).fetchall()
    database.close()
    return [row for (row,) in found]


@given(tables, expressions)
def test_rows_are_those_of_sql(columns, expression):
    table = Objects.of(**{name: (kind, columns[name]) for name, (kind, _) in KINDS.items()})
    expected = rows_of_sql(expression, columns)

    assert matching(expression, table) == expected
    some = [row for row in range(ROWS) if row % 3]
    assert matching(expression, table, some) == [row for row in expected if row % 3]


@given(tables, expressions)
def test_an_object_matches_an_expression_its_opposite_or_has_a_null(columns, expression):
    table = Objects.of(**{name: (kind, columns[name]) for name, (kind, _) in KINDS.items()})
    yes, no = matching(expression, table), matching(Not(expression), table)

    assert not set(yes) & set(no)
    filled = [row for row in range(ROWS) if all(columns[name][row] is not None for name in KINDS)]
    assert set(filled) <= set(yes) | set(no)
    assert matching(Not(Not(expression)), table) == yes


# -- what SQL does not have


FOLDED = Objects.of(t=("string", ["Klok", "KLOK", "kloK ", None, "straße", "STRASSE", "İ", "\u212aLOK"]))


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        (Comparison("t", "=", "klok", match_case=False), [0, 1, 7]),
        (Comparison("t", "<>", "klok", match_case=False), [2, 4, 5, 6]),
        (Comparison("t", "=", "Strasse", match_case=False), [4, 5]),
        (In("t", ("KLOK", "strasse"), match_case=False), [0, 1, 4, 5, 7]),
        (Not(In("t", ("KLOK", "strasse"), match_case=False)), [2, 6]),
        (Comparison("t", "<=", "KLOK", match_case=False), [0, 1, 6, 7]),
        (Comparison("t", ">", "KLOK", match_case=False), [2, 4, 5]),
        (Comparison("t", "=", "kl%", match_case=False), []),
        (Like("t", LikePattern("KL%"), match_case=False), [0, 1, 2, 7]),
        (Like("t", LikePattern("%SS%"), match_case=False), [4, 5]),
        (Not(Like("t", LikePattern("KL%"), match_case=False)), [4, 5, 6]),
        (Not(Comparison("t", "=", "klok", match_case=False)), [2, 4, 5, 6]),
    ],
)
def test_without_case(expression, rows):
    assert matching(expression, FOLDED) == rows


def test_a_lone_surrogate_in_a_literal_matches_nothing():
    table = Objects.of(t=("string", ["a", "?", None]))

    assert matching(Comparison("t", "=", "\ud800"), table) == []
    assert matching(Like("t", LikePattern("%\ud800%")), table) == []
    assert matching(Comparison("t", "<>", "\ud800", match_case=False), table) == [0, 1]


def test_a_table_without_objects():
    table = Objects.of(t=("string", []), i=("integer", []))

    for expression in (
        EVERYTHING,
        Comparison("t", "=", "a"),
        Like("t", LikePattern("%a%")),
        Intersects(BBox(4, 52, 5, 53)),
        Not(Comparison("i", "=", 1)),
        Comparison("t", "<", "a", match_case=False),
        HasId(("1",)),
    ):
        assert matching(expression, table) == []


def test_a_column_of_nulls():
    table = Objects.of(t=("string", [None, None]), i=("integer", [None, None]))

    assert matching(IsNull("t"), table) == [0, 1]
    assert matching(Not(IsNull("i")), table) == []
    assert matching(Comparison("t", "<>", "a"), table) == []
    assert matching(Not(Like("t", LikePattern("%"))), table) == []


def test_dates_compare_as_texts():
    table = Objects.of(d=("string", ["2023-12-31", "2024-01-01", None, "2024-05-01"]))

    assert matching(Comparison("d", ">=", "2024-01-01"), table) == [1, 3]
    assert matching(Between("d", "2023-01-01", "2024-01-01"), table) == [0, 1]


# -- places

PLACES = Objects.of([(4.3, 52.0), (4.4, 52.1), (4.35, 52.05), (5.0, 53.0)], t=("string", ["a", "b", "a", None]))
BOX = BBox(4.3, 52.0, 4.4, 52.1)
TRIANGLE = Area(((((4.2, 51.9), (4.45, 51.9), (4.2, 52.2), (4.2, 51.9)),),))


def test_a_box_contains_its_edges():
    assert matching(Intersects(BOX), PLACES) == [0, 1, 2]
    assert matching(Not(Intersects(BOX)), PLACES) == [3]
    assert matching(Intersects(BBox(4.35, 52.05, 4.35, 52.05)), PLACES) == [2]
    assert matching(And((Intersects(BOX), Comparison("t", "=", "a"))), PLACES) == [0, 2]


def test_an_area():
    assert matching(Intersects(TRIANGLE), PLACES) == [0]
    assert matching(Not(Intersects(TRIANGLE)), PLACES, [0, 1, 3]) == [1, 3]


def test_ids():
    assert matching(HasId(("2", "0", "2", "99")), PLACES) == [0, 2]
    assert matching(HasId(("2", "0")), PLACES, [1, 2, 3]) == [2]
    assert matching(Not(HasId(("2",))), PLACES) == [0, 1, 3]
    assert matching(HasId(()), PLACES) == []


NEAR, FAR, ACROSS = Intersects(BOX), Intersects(BBox(6, 52, 7, 53)), Intersects(BBox(4.35, 52, 6.5, 53))


@pytest.mark.parametrize(
    ("expression", "box"),
    [
        (NEAR, BOX),
        (Intersects(TRIANGLE), BBox(4.2, 51.9, 4.45, 52.2)),
        (And((NEAR, IsNull("t"))), BOX),
        (And((NEAR, ACROSS)), BBox(4.35, 52.0, 4.4, 52.1)),
        (Or((NEAR, FAR)), BBox(4.3, 52.0, 7, 53)),
        (Or((NEAR, IsNull("t"))), None),
        (And((Or((NEAR, IsNull("t"))), FAR)), FAR.area),
        (Not(NEAR), None),
        (IsNull("t"), None),
        (EVERYTHING, None),
    ],
)
def test_box_of(expression, box):
    assert box_of(expression) == box


boxes = st.tuples(st.floats(0, 10), st.floats(0, 10), st.floats(0, 5), st.floats(0, 5)).map(
    lambda numbers: Intersects(BBox(numbers[0], numbers[1], numbers[0] + numbers[2], numbers[1] + numbers[3]))
)


@given(
    st.lists(st.tuples(st.floats(0, 15), st.floats(0, 15)), min_size=1, max_size=20),
    st.recursive(boxes, lambda parts: st.one_of(
        parts.map(Not), st.lists(parts, min_size=1, max_size=3).map(all_of), st.lists(parts, max_size=3).map(any_of)
    ), max_leaves=6),
)  # fmt: skip
def test_everything_that_matches_is_in_the_box(points, expression):
    table = Objects.of(points)
    box = box_of(expression)

    assert all(box is None or box.contains(*table.lonlat[row]) for row in matching(expression, table))


# -- axis order


def test_an_area_is_swapped_if_it_meets_the_layer_only_then():
    lat_lon = Intersects(BBox(52.0, 4.3, 52.1, 4.4), swappable=True)
    extent = BBox(4.0, 51.0, 5.0, 53.0)

    assert within(lat_lon, extent) == (Intersects(BOX), True)
    assert within(replace(NEAR, swappable=True), extent) == (NEAR, False)
    assert within(Not(And((IsNull("t"), lat_lon))), extent) == (Not(And((IsNull("t"), NEAR))), True)


def test_an_area_is_not_swapped_without_a_reason():
    lat_lon = Intersects(BBox(52.0, 4.3, 52.1, 4.4))
    elsewhere = Intersects(BBox(6, 50, 6, 50), swappable=True)
    extent = BBox(4.0, 51.0, 5.0, 53.0)

    assert within(lat_lon, extent) == (lat_lon, False)
    assert within(replace(lat_lon, swappable=True), None) == (lat_lon, False)
    assert within(elsewhere, extent) == (Intersects(elsewhere.area), False)


def test_a_polygon_is_swapped_too():
    lat_lon = Area(tuple(tuple(tuple((y, x) for x, y in ring) for ring in rings) for rings in TRIANGLE.polygons))

    assert within(Intersects(lat_lon, swappable=True), BBox(4, 51, 5, 53)) == (Intersects(TRIANGLE), True)


@pytest.mark.parametrize("joined", [any_of, all_of])
def test_the_areas_of_a_filter_share_the_limit_of_comparisons(joined):
    """Three of these areas may be compared with so many points; ten take as long as one of ten times the size."""
    points = np.random.default_rng(1).uniform(0, 1, (10_000, 2))
    areas = []
    for number in range(10):
        teeth = tuple((x / 1000, float(x % 2)) for x in range(1_000))
        areas.append(Intersects(Area((((*teeth, (5.0, 2.0 + number), (0.0, 2.0 + number), teeth[0]),),))))

    assert matching(joined(areas[:2]), Objects({}, points))
    with pytest.raises(BadRequest, match="too many edges"):
        matching(joined(areas), Objects({}, points))
