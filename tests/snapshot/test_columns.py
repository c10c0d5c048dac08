from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import points
import pytest
from arrays import column
from columns_compared import assert_columns_are_the_properties, typed
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.snapshot.columns import BooleanColumn, Column, NumberColumn, TextColumn, column_of
from wfs_proxy.snapshot.snapshot import Snapshot

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
INTEGERS = st.integers(-(2**63) + 1, 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def of(kind: str, *values: object) -> Column:
    return column_of(column(values), kind)


def with_fields(**fields: Sequence[object]) -> Snapshot:
    """Return a snapshot whose rows are in another order than the values."""
    count = len(next(iter(fields.values())))
    return points.snapshot(points.batch({f"{i:02d}": (4 + i * 7 % 5 / 100, 52) for i in range(count)}, fields))


def test_a_text_is_a_code_and_codes_are_in_the_order_of_code_points():
    texts = of("string", "b", None, "ä", "Z", "b", "", "\U0001f600", "\uffff")
    assert isinstance(texts, TextColumn)
    assert texts.codes.dtype == np.int32
    assert [text.decode() for text in texts.texts.take(np.arange(6))] == ["", "Z", "b", "ä", "\uffff", "\U0001f600"]
    assert texts.codes.tolist() == [2, -1, 3, 1, 2, 0, 5, 4]
    assert texts.to_list() == ["b", None, "ä", "Z", "b", "", "\U0001f600", "\uffff"]


@pytest.mark.parametrize(
    ("kind", "values", "dtype", "null"),
    [
        ("integer", [3, None, -(2**53) + 1, 0], np.int64, [3, 0, -(2**53) + 1, 0]),
        ("number", [1.5, None, 3.0, -0.25], np.float64, [1.5, 0.0, 3.0, -0.25]),
    ],
)
def test_a_number_is_zero_where_it_is_null(kind, values, dtype, null):
    numbers = of(kind, *values)
    assert isinstance(numbers, NumberColumn)
    assert (numbers.kind, numbers.values.dtype, numbers.values.tolist()) == (kind, dtype, null)
    assert numbers.nulls.tolist() == [value is None for value in values]
    assert typed(numbers.to_list()) == typed(values)


def test_a_boolean_is_a_small_number():
    booleans = of("boolean", True, None, False)
    assert isinstance(booleans, BooleanColumn)
    assert (booleans.values.dtype, booleans.values.tolist()) == (np.int8, [1, -1, 0])
    assert typed(booleans.to_list()) == typed([True, None, False])


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean"])
@pytest.mark.parametrize("values", [(), (None,), (None, None, None)])
def test_a_column_without_values_has_the_kind_of_its_field(kind, values):
    empty = of(kind, *values)
    assert (empty.kind, len(empty), empty.to_list()) == (kind, len(values), list(values))


@given(
    values=st.one_of(
        st.tuples(st.just("string"), st.lists(st.none() | TEXTS)),
        st.tuples(st.just("integer"), st.lists(st.none() | INTEGERS)),
        st.tuples(st.just("number"), st.lists(st.none() | FLOATS)),
        st.tuples(st.just("boolean"), st.lists(st.none() | st.booleans())),
    ),
    chosen=st.lists(st.integers(0, 9)),
)
def test_values_of_a_kind_come_out_as_they_went_in(values, chosen):
    kind, listed = values
    made = of(kind, *listed)
    rows = [row for row in chosen if row < len(listed)]
    assert made.kind == kind
    assert typed(made.to_list()) == typed(listed)
    assert typed(made.take(np.array(rows, dtype=np.uint32)).to_list()) == typed([listed[row] for row in rows])


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("integer", [10**30, -(10**30), 5], [2**63 - 1, -(2**63) + 1, 5]),
        ("integer", ["12", "twaalf", 12.0, 1.5, True, [1]], [12, None, 12, None, 1, None]),
        ("number", [10**400, 1.5, 2], [1.7976931348623157e308, 1.5, 2.0]),
        ("number", [float("nan"), float("inf"), 1.5], [None, None, 1.5]),
        ("number", ["1,5", "veel", True, {}], [1.5, None, 1.0, None]),
        ("string", [5, 1.0, True, ["a", "b"], {"a": 1}, " x "], ["5", "1", "true", "a, b", '{"a":1}', " x "]),
        ("string", ["\ud800", "?", "a"], ["?", "?", "a"]),
        ("boolean", [1, "nee", 7, None], [True, False, None, None]),
    ],
)
def test_one_value_of_another_type_costs_neither_the_layer_nor_the_type_of_the_field(kind, values, expected):
    made = of(kind, *values)
    assert made.kind == kind
    assert typed(made.to_list()) == typed(expected)
    assert len(with_fields(veld=values)) == len(values)


def test_equal_texts_have_one_code_also_after_a_replacement():
    assert of("string", "\ud800", "?").codes.tolist() == [0, 0]


def test_columns_are_the_properties_of_the_features_row_by_row():
    snapshot = with_fields(
        nummer=["034575", None, "b", "a", "b", ""],
        jaar=[1998, 2003, None, 0, -5, 7],
        hoogte=[1.5, None, 3.0, 2.0, 0.1, -0.0],
        actief=[True, False, None, True, False, None],
    )
    assert list(snapshot.columns) == ["nummer", "jaar", "hoogte", "actief"]
    assert [each.kind for each in snapshot.columns.values()] == ["string", "integer", "number", "boolean"]
    assert_columns_are_the_properties(snapshot)


def test_columns_do_not_depend_on_the_order_of_the_batch():
    one = points.snapshot(points.batch({"a": (4, 52), "b": (5, 53)}, {"veld": ["x", "y"]}))
    other = points.snapshot(points.batch({"b": (5, 53), "a": (4, 52)}, {"veld": ["y", "x"]}))
    assert one.columns["veld"].codes.tolist() == other.columns["veld"].codes.tolist()
    assert one.columns["veld"].texts.data == other.columns["veld"].texts.data


def test_an_area_is_only_in_the_feature():
    area = {"type": "Polygon", "coordinates": []}
    assert list(with_fields(soort=["kolk", "put"], footprint=[None, area]).columns) == ["soort"]


def test_any_text_is_a_name():
    names = ["a/b", "..", "é\n", "", "manifest.json", "\U0001f600" * 200]
    snapshot = points.snapshot(points.batch({"a": (4, 52)}, {name: [name] for name in names}))
    assert {name: each.to_list() for name, each in snapshot.columns.items()} == {name: [name] for name in names}


def test_an_empty_layer_has_empty_columns():
    snapshot = points.snapshot(points.batch({}, {"nummer": []}))
    assert [each.to_list() for each in snapshot.columns.values()] == [[]]
