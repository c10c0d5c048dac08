"""The constants of the evidence: each margin and limit is tested on both of its sides."""

from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.geo.crs.evidence import CrsCandidate, are_plausible, is_tolerable, usable_extent
from wfs_proxy.geo.crs.srs_name import AxisOrder
from wfs_proxy.geo.crs.transform import area_of_use, from_crs84


def candidate(crs: str, *positions: tuple[float, float]) -> CrsCandidate:
    return CrsCandidate(crs, AxisOrder.XY, np.array(positions))


@pytest.mark.parametrize(
    ("width", "height", "usable"),
    [
        (0.0, 0.0, True),
        (40.0, 40.0, True),
        (40.1, 1.0, False),
        (1.0, 40.1, False),
        (-0.1, 1.0, False),
        (1.0, -0.1, False),
    ],
)
def test_declared_extent_is_usable_up_to_forty_degrees(width, height, usable):
    extent = usable_extent(BBox(0.0, 0.0, width, height))

    assert (extent is not None) is usable


@pytest.mark.parametrize("away", [(-1, 0), (1, 0), (0, -1), (0, 1)], ids=["west", "east", "south", "north"])
def test_declared_extent_has_a_margin_of_a_hundredth_of_a_degree(away):
    extent = usable_extent(BBox(11.0, 48.0, 11.0, 48.0))
    at = np.array([11.0, 48.0]) + np.outer([0.0099, 0.0101], away)

    assert extent.contains(at).tolist() == [True, False]


@pytest.mark.parametrize("crs", ["EPSG:4258", "EPSG:2056"], ids=["geographic", "projected"])
@pytest.mark.parametrize("side", ["south", "north"])
def test_area_of_use_has_a_margin_of_one_degree(crs, side):
    area = area_of_use(crs)
    outward = -1 if side == "south" else 1
    places = np.array([[(area.west + area.east) / 2, getattr(area, side) + outward * by] for by in (0.99, 1.01)])

    found = candidate(crs, *from_crs84(places, crs).tolist())

    assert found.lonlat == pytest.approx(places, abs=1e-3)
    assert found.possible.tolist() == [True, False]


@pytest.mark.parametrize("side", ["west", "east"])
def test_area_of_use_of_a_projected_system_includes_neighbouring_zones(side):
    """15 degrees and the margin of one."""
    area = area_of_use("EPSG:25832")
    outward = -1 if side == "west" else 1
    places = np.array([[getattr(area, side) + outward * by, (area.south + area.north) / 2] for by in (15.99, 16.01)])

    found = candidate("EPSG:25832", *from_crs84(places, "EPSG:25832").tolist())

    assert found.lonlat == pytest.approx(places, abs=1e-3)
    assert found.possible.tolist() == [True, False]


def test_area_of_use_of_a_geographic_system_has_only_its_margin_to_the_east():
    area = area_of_use("EPSG:4258")
    found = candidate("EPSG:4258", *[(area.east + by, 52.0) for by in (0.99, 1.01)])

    assert found.possible.tolist() == [True, False]


@pytest.mark.parametrize(
    ("misfits", "total", "expected"),
    [
        (0, 1, True),
        (1, 1, False),
        (1, 2, True),
        (2, 2, False),
        (2, 39, False),
        (2, 40, True),
        (3, 40, False),
        (5, 100, True),
    ],
)
def test_one_object_or_a_twentieth_may_be_left_out(misfits, total, expected):
    assert is_tolerable(misfits, total) is expected


def test_plausible_places_are_rd_or_degrees_in_either_order():
    x = np.array([155000.0, 463000.0, 5.38, 52.1, 1.0, np.nan, -74.0])
    y = np.array([463000.0, 155000.0, 52.1, 5.38, 2.0, 463000.0, 40.7])

    assert are_plausible(x, y).tolist() == [True, True, True, True, False, False, False]


@pytest.mark.parametrize("total", range(20, 4001, 20))
def test_ninety_five_percent_is_exactly_a_twentieth_of_misfits(total):
    """No rounding of 0.95 in binary changes the limit."""
    inside = np.ones(total, dtype=bool)
    inside[: total // 20] = False
    group = candidate("EPSG:4326", *[(5.0, 52.0)] * total)

    assert group.fits(inside, lenient=False)
    inside[total // 20] = False
    assert not group.fits(inside, lenient=False)
