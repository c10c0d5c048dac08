"""Arithmetic on boxes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfs_proxy.sources.boxes import quarters, strips_around
from wfs_proxy.sources.native_box import NativeBox

COORDINATE = st.integers(-1_000, 1_000)
BOX = st.tuples(COORDINATE, COORDINATE, st.integers(1, 900), st.integers(1, 900)).map(
    lambda parts: NativeBox(parts[0], parts[1], parts[0] + parts[2], parts[1] + parts[3])
)


def area(box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


@given(BOX)
def test_quarters_cover_their_box(box):
    parts = quarters(box)

    assert sum(map(area, parts)) == pytest.approx(area(box))
    assert (min(each[0] for each in parts), max(each[3] for each in parts)) == (box[0], box[3])


@settings(max_examples=200)
@given(BOX, BOX, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_every_position_of_the_plane_is_in_the_inner_box_or_a_strip(inner, outer, place):
    x, y = (outer[i] + place[i] * (outer[i + 2] - outer[i]) for i in (0, 1))

    boxes = [inner, *strips_around(inner, outer)]

    assert any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in boxes)
