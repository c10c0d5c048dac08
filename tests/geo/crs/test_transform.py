"""Transformations, compared with PROJ and with formulas."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj.aoi import AreaOfInterest
from pyproj.enums import PJType

from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo.crs.srs_name import CRS84, RD_NEW, AxisOrder, parse_srs_name
from wfs_proxy.geo.crs.transform import area_of_use, is_geographic, official_order, to_crs84

PROJECTED = sorted(pyproj.get_codes("EPSG", PJType.PROJECTED_CRS))
SAMPLE = PROJECTED[:: len(PROJECTED) // 15]
"""A few of the thousands of projected systems that PROJ knows; some of them take seconds."""


@pytest.mark.parametrize("code", SAMPLE)
def test_official_order_is_the_one_that_proj_transforms_in(code):
    crs = parse_srs_name(f"EPSG:{code}").crs
    west, south, east, north = area_of_use(crs)
    area = AreaOfInterest(west, south, east, north)
    middle = ((west + east) / 2, (south + north) / 2)
    by_authority = pyproj.Transformer.from_crs("OGC:CRS84", crs, area_of_interest=area).transform(*middle)
    x_first = pyproj.Transformer.from_crs("OGC:CRS84", crs, area_of_interest=area, always_xy=True).transform(*middle)
    expected = AxisOrder.XY if by_authority == x_first else AxisOrder.YX
    assert official_order(crs) is expected


@pytest.mark.parametrize("code", SAMPLE)
def test_every_system_of_proj_has_a_way_to_degrees(code):
    crs = parse_srs_name(f"urn:ogc:def:crs:EPSG::{code}").crs
    west, south, east, north = area_of_use(crs)
    place = np.array([[(west + east) / 2, (south + north) / 2]])
    forward = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(place[:, 0], place[:, 1])
    assert to_crs84(np.column_stack(forward), crs) == pytest.approx(place, abs=0.01)


@pytest.mark.parametrize(
    ("crs", "order", "degrees"),
    [
        ("EPSG:4326", AxisOrder.YX, True),
        ("EPSG:4258", AxisOrder.YX, True),
        (CRS84, AxisOrder.XY, True),
        (RD_NEW, AxisOrder.XY, False),
        ("EPSG:31370", AxisOrder.XY, False),
        ("EPSG:3035", AxisOrder.YX, False),
        ("EPSG:3031", AxisOrder.XY, False),
        ("EPSG:32661", AxisOrder.YX, False),
    ],
)
def test_axis_order_and_unit_of_known_systems(crs, order, degrees):
    assert (official_order(crs), is_geographic(crs)) == (order, degrees)


@pytest.mark.parametrize("crs", ["EPSG:4326", CRS84])
def test_degrees_are_left_as_they_are(crs):
    lonlat = np.array([[4.123456789012345, 52.987654321098765]])
    assert np.array_equal(to_crs84(lonlat, crs), lonlat)


@given(st.floats(-2e7, 2e7), st.floats(-2e7, 2e7))
def test_web_mercator_is_its_formula(x, y):
    """Pseudo-Mercator on the sphere of radius a (EPSG:1024), inverted."""
    radius = 6378137.0
    expected = np.degrees([x / radius, np.arctan(np.sinh(y / radius))])
    assert to_crs84(np.array([[x, y]]), "EPSG:3857")[0] == pytest.approx(expected, abs=1e-9)


def test_system_of_another_planet_is_refused():
    with pytest.raises(UnknownCrs, match="no transformation from IAU:49900"):
        to_crs84(np.array([[0.0, 0.0]]), parse_srs_name("IAU:49900").crs)


def test_transformations_in_threads_give_the_same_digits():
    xy = np.random.default_rng(1).uniform((400_000, 5_600_000), (700_000, 5_900_000), (500, 2))
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: to_crs84(xy, "EPSG:25831"), range(8)))
    assert all(np.array_equal(answer, answers[0]) for answer in answers)
