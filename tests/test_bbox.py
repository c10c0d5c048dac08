"""Boxes of longitude and latitude, checked against points and against distances on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from wfs_proxy.bbox import BBox

WGS84 = Geod(ellps="WGS84")

numbers = st.integers(-5, 5).map(float)
points = st.tuples(numbers, numbers)


@st.composite
def boxes(draw) -> BBox:
    (west, east), (south, north) = (sorted([draw(numbers), draw(numbers)]) for _ in range(2))
    return BBox(west, south, east, north)


@given(boxes(), boxes(), points)
def test_intersection_has_the_points_of_both(one, other, point):
    shared = one.intersection(other)

    assert (shared is not None and shared.contains(*point)) == (one.contains(*point) and other.contains(*point))
    assert shared == other.intersection(one)
    assert one.meets(other) == other.meets(one) == (shared is not None)


def test_boxes_that_touch_share_an_edge_and_others_nothing():
    assert BBox(0, 0, 1, 1).intersection(BBox(1, 0.5, 2, 3)) == (1, 0.5, 1, 1)
    assert BBox(0, 0, 1, 1).intersection(BBox(1.1, 0, 2, 1)) is None
    assert BBox(0, 0, 1, 1).intersection(BBox(0, 1.1, 1, 2)) is None


@given(st.lists(boxes(), min_size=1, max_size=4))
def test_union_is_the_smallest_box_around_all_corners(several):
    corners = [corner for box in several for corner in [(box.west, box.south), (box.east, box.north)]]

    assert BBox.union(several) == BBox.of_points(np.array(corners))


@given(boxes(), st.lists(points, max_size=5))
def test_points_are_in_a_box_as_each_of_them_is(box, several):
    lonlat = np.array(several).reshape(-1, 2)

    assert box.contains_points(lonlat).tolist() == [box.contains(*point) for point in several]


@given(st.lists(points, min_size=1, max_size=5))
def test_box_of_points_has_a_point_on_each_edge(several):
    box = BBox.of_points(np.array(several))

    assert box is not None
    assert all(box.contains(*point) for point in several)
    longitudes, latitudes = map(set, zip(*several, strict=True))
    assert {box.west, box.east} <= longitudes
    assert {box.south, box.north} <= latitudes


def test_nothing_has_no_box():
    assert BBox.union([]) is None
    assert BBox.of_points(np.empty((0, 2))) is None


@given(st.floats(-88, 88), st.floats(0, 1), st.floats(0.1, 500_000), st.floats(0, 360))
def test_expanded_box_holds_every_point_within_the_distance(south, height, metres, azimuth):
    box = BBox(10.0, south, 11.0, min(south + height, 89.5))
    expanded = box.expanded(metres)

    for longitude in (box.west, box.east):
        for latitude in (box.south, box.north):
            assert expanded.contains(*WGS84.fwd(longitude, latitude, azimuth, metres)[:2])


@pytest.mark.parametrize("latitude", [-80.0, 80.0])
def test_expanded_box_is_as_wide_as_its_edge_nearest_the_pole_needs(latitude):
    """The place that is farthest east within a distance is nearer to the pole than the centre."""
    expanded = BBox(0.0, latitude, 0.0, latitude).expanded(400_000.0)
    farthest = max(WGS84.fwd(0.0, latitude, azimuth, 400_000.0)[0] for azimuth in range(180))

    assert farthest < expanded.east < 1.6 * farthest


def test_expanded_box_ends_where_the_world_does():
    assert BBox(-180, 89.5, 180, 90).expanded(1.0) == (-180, pytest.approx(89.5, abs=1e-4), 180, 90)
    assert BBox(179.9, -89.9, 180, -89.8).expanded(1e6)[:3] == (-180, -90, 180)
