"""Repairing areas: which are examined, and that the result does not depend on how a ring was drawn."""

from __future__ import annotations

import geometry_zoo as zoo
import numpy as np
import pytest
import shapely
from arrays import column

from wfs_proxy.geo.points.areas import repaired
from wfs_proxy.geo.points.footprint import footprints

NEARLY_FLAT = [
    (-0.3798204400355535, 0.28155437288901314),
    (0.12525181683899198, -0.09284702197704496),
    (0.19458544687634555, -0.14424285186829208),
    (-0.20478408958475885, 0.15180293065662065),
]
"""Vertices on a line but for the last digit: rounding makes them seem to turn one way, and their edges cross."""


def test_area_whose_turns_are_within_rounding_errors_is_examined_and_repaired():
    flat = column([shapely.Polygon(NEARLY_FLAT)])
    assert not shapely.is_valid(flat[0])

    assert shapely.is_valid(repaired(flat)[0])


@pytest.mark.parametrize("name", ["bow-tie", "touching-itself", "hole-beyond-edge"])
def test_footprint_of_a_repaired_area_does_not_depend_on_where_its_ring_starts(name):
    geometry = zoo.AREAS[name]
    ring, holes = np.array(geometry.exterior.coords[:-1]), [hole.coords for hole in geometry.interiors]
    drawings = [
        shapely.Polygon(np.roll(ring, start, axis=0)[::way], holes) for start in range(len(ring)) for way in (1, -1)
    ]
    assert not geometry.is_valid

    drawn = footprints(column(drawings), lambda xy: xy, geographic=False)

    assert all(footprint == drawn[0] for footprint in drawn)


def test_invalid_area_of_very_many_vertices_is_not_repaired_and_affects_no_other():
    """GEOS would need minutes."""
    angles = np.linspace(0, 2 * np.pi, 200_001)
    crossing = shapely.Polygon(np.column_stack([np.sin(angles), np.sin(2 * angles)]))

    large, small = repaired(column([crossing, zoo.BOW_TIE]))

    assert large is None
    assert shapely.is_valid(small)
