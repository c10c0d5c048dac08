"""Points in polygons, against shapely."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.expression import Area
from wfs_proxy.filters.point_in_area import EdgeComparisons, points_in_area

numbers = st.integers(0, 8).map(float)
vertices = st.tuples(numbers, numbers)
GRID = np.array([(x / 2, y / 2) for x in range(-2, 20) for y in range(-2, 20)])


def inside(points: np.ndarray, area: Area) -> np.ndarray:
    return points_in_area(points, area, EdgeComparisons())


def area_of(shape: shapely.Geometry) -> Area:
    polygons = shapely.get_parts(shape)
    rings = [(polygon.exterior, *polygon.interiors) for polygon in polygons]
    return Area(tuple(tuple(tuple(map(tuple, ring.coords)) for ring in each) for each in rings))


@given(st.lists(vertices, min_size=3, max_size=9))
def test_points_in_and_on_a_polygon(ring):
    polygon = shapely.Polygon(ring)
    if not polygon.is_valid:
        # its parts are valid, and have the same points inside where they do not overlap
        polygon = shapely.convex_hull(polygon)
    if polygon.geom_type != "Polygon":
        return

    assert (inside(GRID, area_of(polygon)) == shapely.intersects_xy(polygon, GRID)).all()


@given(st.lists(st.tuples(vertices, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4), vertices)
def test_points_in_areas_with_holes(rectangles, corner):
    shape = shapely.union_all([shapely.box(x, y, x + w, y + h) for (x, y), w, h in rectangles])
    x, y = corner
    shape = shape - shapely.box(x + 0.25, y + 0.25, x + 1.5, y + 1.75)

    assert (inside(GRID, area_of(shape)) == shapely.intersects_xy(shape, GRID)).all()


def test_random_points_in_a_star_with_many_vertices():
    random = np.random.default_rng(7)
    angles = np.linspace(0, 2 * np.pi, 3_000, endpoint=False)
    radii = random.uniform(0.3, 1, len(angles))
    ring = np.column_stack([4.3 + radii * np.cos(angles), 52 + radii * np.sin(angles)])
    star = shapely.Polygon(ring)
    points = random.uniform((3, 51), (5.5, 53), (20_000, 2)).round(7)

    assert (inside(points, area_of(star)) == shapely.intersects_xy(star, points)).all()


def test_polygons_that_overlap_are_joined():
    squares = Area(((((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)),),) * 2)

    assert inside(np.array([(2.0, 2.0), (4.0, 4.0), (5.0, 2.0)]), squares).tolist() == [True, True, False]


def test_no_points():
    square = Area(((((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)),),))

    assert inside(np.empty((0, 2)), square).tolist() == []
    assert inside(np.array([(9.0, 9.0)]), square).tolist() == [False]


def test_a_zigzag_over_very_many_points_is_refused_soon():
    zigzag = tuple((x / 1000, float(x % 2)) for x in range(5_000))
    ring = (*zigzag, (5.0, 2.0), (0.0, 2.0), zigzag[0])
    points = np.random.default_rng(1).uniform(0, 1, (100_000, 2))
    started = time.process_time()
    with pytest.raises(BadRequest, match="too many edges"):
        inside(points, Area(((ring,),)))

    assert time.process_time() - started < 2
