from __future__ import annotations

import runpy
from concurrent.futures import ThreadPoolExecutor

import needs
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrdnap import RDNAP2018v1

from wfs_proxy.geo.crs.rd_grid import etrs89_to_rd, rd_to_etrs89

OFFICIAL = RDNAP2018v1()
"""The certified implementation of RDNAPTRANS2018. (Its sibling v2 does not apply its grid backwards: 100 m off.)"""

METRES_A_DEGREE = 111_320.0


def official(xy: np.ndarray) -> np.ndarray:
    places = [OFFICIAL.reverse(x, y) for x, y in xy]
    return np.array([(place.lon, place.lat) for place in places])


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(M,) metres between two arrays of longitude, latitude."""
    east = (one[:, 0] - other[:, 0]) * np.cos(np.radians(other[:, 1]))
    return np.hypot(east, one[:, 1] - other[:, 1]) * METRES_A_DEGREE


def random_places(west: float, south: float, east: float, north: float, count: int) -> np.ndarray:
    return np.random.default_rng(28992).uniform((west, south), (east, north), (count, 2))


def test_rd_agrees_with_the_official_procedure():
    xy = random_places(0, 300_000, 300_000, 625_000, 3000)
    assert apart(rd_to_etrs89(xy), official(xy)).max() < 0.0002


def test_rd_agrees_on_the_north_sea_and_in_belgium():
    xy = random_places(-75_000, 240_000, 300_000, 850_000, 500)
    assert apart(rd_to_etrs89(xy), official(xy)).max() < 0.0002


def test_the_way_back_agrees_with_the_official_procedure():
    lonlat = random_places(2.5, 50.2, 7.8, 55.8, 3000)
    official_rd = np.array([(place.RDx, place.RDy) for place in (OFFICIAL.forward(lat, lon) for lon, lat in lonlat)])

    assert np.abs(etrs89_to_rd(lonlat) - official_rd).max() < 0.001


def test_there_and_back_is_the_same_place():
    xy = random_places(0, 300_000, 300_000, 625_000, 1000)
    assert np.abs(etrs89_to_rd(rd_to_etrs89(xy)) - xy).max() < 1e-6


def test_there_and_back_outside_the_grid_is_the_same_place():
    """The similarity transformation has heights, which are not kept: that costs a millimetre."""
    xy = random_places(-300_000, 100_000, 500_000, 950_000, 1000)
    assert np.abs(etrs89_to_rd(rd_to_etrs89(xy)) - xy).max() < 0.001


@pytest.mark.parametrize(
    "corner",
    [(-300_000, 100_000), (-200_000, 950_000), (500_000, 100_000), (500_000, 950_000), (0, 0)],
    ids=["southwest", "northwest", "southeast", "northeast", "placeholder"],
)
def test_rd_outside_the_grid_is_the_similarity_transformation(corner):
    xy = np.array([corner], dtype=float)
    assert apart(rd_to_etrs89(xy), official(xy)).max() < 0.001


def test_rd_is_continuous_over_the_edge_of_the_grid():
    xy = np.column_stack([np.full(400, 155_000.0), np.linspace(228_000, 224_000, 400)])
    steps = apart(rd_to_etrs89(xy)[1:], rd_to_etrs89(xy)[:-1])
    assert np.ptp(steps) < 0.01


def test_rd_without_the_grid_would_be_wrong_by_centimetres():
    """The grid is really used: PROJ's own result fails the test above."""
    xy = random_places(100_000, 400_000, 250_000, 600_000, 50)
    default = pyproj.Transformer.from_crs(28992, 4326, always_xy=True).transform(xy[:, 0], xy[:, 1])
    assert apart(np.column_stack(default), rd_to_etrs89(xy)).max() > 0.05


def test_rd_that_is_not_a_number_has_no_location():
    lonlat = rd_to_etrs89(np.array([[np.nan, 463_000.0], [155_000.0, np.inf], [155_000.0, 463_000.0]]))
    assert np.isfinite(lonlat).all(axis=1).tolist() == [False, False, True]


def test_rd_of_nothing_is_nothing():
    assert rd_to_etrs89(np.empty((0, 2))).shape == (0, 2)


def test_rd_in_threads_gives_the_same_digits():
    xy = random_places(0, 300_000, 300_000, 625_000, 1000)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(rd_to_etrs89, [xy] * 8))
    assert all(np.array_equal(answer, answers[0]) for answer in answers)


@given(st.lists(st.tuples(st.floats(0, 300_000), st.floats(300_000, 625_000)), min_size=1, max_size=5))
def test_rd_of_one_place_does_not_depend_on_its_neighbours(places):
    together = rd_to_etrs89(np.array(places))
    alone = np.vstack([rd_to_etrs89(np.array([place])) for place in places])
    assert np.array_equal(together, alone)


def test_grid_file_is_what_the_script_makes():
    script = runpy.run_path(str(needs.ROOT / "scripts" / "make_rd_grid.py"))
    assert script["ntv2"](script["corrections"](script["source_text"]())) == script["TARGET"].read_bytes()
