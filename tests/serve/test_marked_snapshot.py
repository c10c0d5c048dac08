"""The columns of marks, against the bytes that are served with the same marks."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from columns_compared import assert_columns_are_the_properties
from hypothesis import given
from hypothesis import strategies as st
from marked_layers import HERE, asset, marked, north_of, reported, signal, target

from wfs_proxy.marks.layer_target import LayerTarget
from wfs_proxy.marks.marks import vendor_marks
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.snapshot.columns import BooleanColumn, NumberColumn, TextColumn

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MARKS = [
    {"property": "tekst", "reported": "1", "otherwise": "0"},
    {"property": "getal", "reported": 1, "otherwise": 0},
    {"property": "ja/nee", "reported": True, "otherwise": False},
]
VENDOR = {
    "field": "status",
    "states": [{"text": "kapot", "state": "m"}, {"text": "heel", "state": "o", "word": "klaar"}],
}


def rich_target(count: int, texts: list[str | None] | None = None) -> LayerTarget:
    """Objects with two fields and every kind of mark."""
    return target(
        {f"{i:02d}": north_of(HERE, 100 * i) for i in range(count)},
        columns={"nummer": [f"LM-{i}" for i in range(count)], "jaar": [None if i % 3 else i for i in range(count)]},
        texts=texts,
        mark=MARKS,
        word="status",
        age="sinds",
        vendor=VENDOR,
    )


@given(
    texts=st.lists(st.sampled_from([None, "kapot", "heel", "anders"]), max_size=12),
    signals=st.lists(st.tuples(st.integers(0, 11), st.sampled_from("mio"), st.booleans()), max_size=6),
)
def test_columns_are_the_served_properties_of_marked_and_unmarked_objects(texts, signals):
    one = rich_target(len(texts), texts)
    found = [
        signal(asset(f"{row:02d}"), state=state, **({"created_at": LONG_AGO} if old else {}))
        for row, state, old in signals
    ]
    marks = marked(one, reported(*found))
    for each in (marks.full, marks.vendor):
        assert_columns_are_the_properties(MarkedSnapshot(one.snapshot, each))


def test_the_marks_come_after_the_fields_each_with_its_kind():
    part = MarkedSnapshot(rich_target(2).snapshot, vendor_marks(rich_target(2)))
    assert {name: type(part.column(name)) for name in part.column_names} == {
        "nummer": TextColumn,
        "jaar": NumberColumn,
        "tekst": TextColumn,
        "getal": NumberColumn,
        "ja/nee": BooleanColumn,
        "status": TextColumn,
        "sinds": TextColumn,
    }
    assert part.column_names == ("nummer", "jaar", "tekst", "getal", "ja/nee", "status", "sinds")


def test_a_column_of_some_rows_is_in_their_order():
    one = rich_target(4)
    part = MarkedSnapshot(one.snapshot, marked(one, reported(signal(asset("02")))).full)
    rows = np.array([one.snapshot.find(text) for text in ("03", "02", "00")], dtype=np.uint32)
    assert part.column("nummer", rows).to_list() == ["LM-3", "LM-2", "LM-0"]
    assert part.column("getal", rows).to_list() == [0, 1, 0]
    assert part.column("getal").take(rows).to_list() == [0, 1, 0]


def test_a_mark_with_values_of_two_kinds_has_texts():
    mixed = [
        {"property": "a", "reported": "ja", "otherwise": 0},
        {"property": "b", "reported": 1, "otherwise": "0"},
        {"property": "c", "reported": True, "otherwise": "nee"},
        {"property": "d", "reported": 1, "otherwise": "niet"},
        {"property": "e", "reported": 10**30, "otherwise": 0},
    ]
    one = target({"a": HERE}, mark=mixed)
    part = MarkedSnapshot(one.snapshot, marked(one, reported()).full)
    columns = {name: part.column(name) for name in part.column_names}
    assert {name: (column.kind, column.to_list()) for name, column in columns.items()} == {
        "a": ("string", ["0"]),
        "b": ("string", ["0"]),
        "c": ("string", ["nee"]),
        "d": ("string", ["niet"]),
        "e": ("integer", [0]),
    }


def test_without_marks_there_are_the_fields_and_no_property_is_invented():
    part = MarkedSnapshot(rich_target(2).snapshot)
    assert part.column_names == ("nummer", "jaar")
    for each in (part, MarkedSnapshot(part.snapshot, vendor_marks(rich_target(2)))):
        with pytest.raises(KeyError, match="footprint"):
            each.column("footprint")
