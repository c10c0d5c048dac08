"""Pages in the order of properties, in one snapshot and over cells, against sorting the values themselves."""

from __future__ import annotations

import numpy as np
import points
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.ordering import in_order, in_order_of_parts, number_until
from wfs_proxy.serve.query import PlacedRow, SortKey

texts = st.sampled_from([None, "", "a", "B", "é", "zz", "\U0001f332"])
integers = st.sampled_from([None, 0, 1, -1, -(2**63), 2**63 - 1])
numbers = st.sampled_from([None, 0.0, 1.5, -1.5, 1e300])
booleans = st.sampled_from([None, True, False])
objects = st.lists(st.tuples(texts, integers, numbers, booleans), max_size=12)
NAMES = ("text", "integer", "number", "boolean")
keys = st.lists(
    st.builds(SortKey, st.sampled_from(NAMES), st.booleans()), max_size=3, unique_by=lambda key: key.property
)

LAST = "999"
"""The id of an object that is in every snapshot, so that each column has its type, and on no page."""


def snapshot_of(rows: list[tuple[object, ...]], first: int = 0) -> MarkedSnapshot:
    places = {f"{first + i:03d}": (4.3 + ((first + i) * 7 % 13) * 1e-3, 52.0) for i in range(len(rows))}
    columns = dict(zip(NAMES, map(list, zip(*rows, ("", 0, 0.5, True), strict=True)), strict=True))
    return MarkedSnapshot(snapshot=points.snapshot(points.batch({**places, LAST: (4.4, 52.0)}, columns)))


def id_of(part: MarkedSnapshot, row: int) -> str:
    return part.snapshot.ids[int(part.snapshot.ranks[row])].decode()


def candidates(part: MarkedSnapshot) -> np.ndarray:
    return np.array([row for row in range(len(part.snapshot)) if id_of(part, row) != LAST], dtype=np.uint32)


def expected(rows: list[tuple[object, ...]], sort: list[SortKey]) -> list[str]:
    """Return the ids, sorted by one key after the other."""
    named = [(f"{i:03d}", dict(zip(NAMES, row, strict=True))) for i, row in enumerate(rows)]
    for key in reversed(sort):
        filled = [each for each in named if each[1][key.property] is not None]
        nulls = [each for each in named if each[1][key.property] is None]
        named = [*sorted(filled, key=lambda each: each[1][key.property], reverse=key.descending), *nulls]
    return [name for name, _ in named]


@given(objects, keys, st.integers(0, 5), st.integers(0, 12))
def test_a_page_of_one_snapshot_is_in_order(rows, sort, start, size):
    part = snapshot_of(rows)

    page = in_order(part, candidates(part), sort, start, start + size)

    assert [id_of(part, row) for row in page.tolist()] == expected(rows, sort)[start : start + size]


@given(objects, keys, st.integers(0, 12), st.integers(0, 5), st.integers(0, 12))
def test_a_page_over_two_cells_is_in_order(rows, sort, cut, start, size):
    parts = [snapshot_of(rows[:cut]), snapshot_of(rows[cut:], first=len(rows[:cut]))]

    runs = in_order_of_parts(parts, [candidates(part) for part in parts], sort, start, start + size)

    page = [id_of(parts[number], row) for number, chosen in runs for row in chosen.tolist()]
    assert page == expected(rows, sort)[start : start + size]


@given(objects, keys, st.data())
def test_a_page_goes_on_behind_an_object_that_is_no_longer_found(rows, sort, data):
    cut = data.draw(st.sampled_from([0, len(rows) // 2]))
    parts = [snapshot_of(rows[:cut]), snapshot_of(rows[cut:], cut)] if cut else [snapshot_of(rows)]
    placed = {id_of(part, row): PlacedRow(i, row) for i, part in enumerate(parts) for row in candidates(part).tolist()}
    left = data.draw(st.sets(st.sampled_from(sorted(placed)))) if placed else set()
    found = [
        np.array([row for row in candidates(part).tolist() if id_of(part, row) in left], dtype=np.uint32)
        for part in parts
    ]
    order = expected(rows, sort)

    for position, name in enumerate(order):
        before = sum(each in left for each in order[: position + 1])
        assert number_until(parts, found, sort, placed[name]) == before
