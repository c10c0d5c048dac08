import numpy as np
import pytest
import shapely
from pyproj import Geod

from wfs_proxy.geo.points.near import in_degrees, near_pairs

GEOD = Geod(ellps="GRS80")


@pytest.mark.parametrize("latitude", [-75.0, 0.0, 12.2, 50.7, 53.6, 80.0])
def test_pairs_are_those_of_an_independent_library(latitude):
    dice = np.random.default_rng(1)
    lonlat = np.array([4.3, latitude]) + dice.normal(scale=1e-4, size=(120, 2))
    far = np.array([[4.3, -latitude + 1.0]])
    lonlat = np.vstack([lonlat, far])

    pairs, metres = near_pairs(shapely.points(lonlat), 5.0)

    expected = {
        (one, other): GEOD.inv(*lonlat[one], *lonlat[other])[2]
        for other in range(len(lonlat))
        for one in range(other)
        if GEOD.inv(*lonlat[one], *lonlat[other])[2] <= 5.0
    }
    assert dict(zip(map(tuple, pairs.tolist()), metres.tolist(), strict=True)) == pytest.approx(expected, abs=1e-3)
    assert len(expected) > 5


def test_one_point_has_no_pair():
    pairs, metres = near_pairs(shapely.points([[4.3, 52.0]]), 5.0)
    assert (pairs.shape, metres.shape) == ((0, 2), (0,))


def test_the_distance_of_an_area_is_that_of_its_nearest_part():
    west, south = 4.3, 52.0
    east, north = GEOD.fwd(west, south, 90, 100)[0], GEOD.fwd(west, south, 0, 100)[1]
    inside = shapely.Point((west + east) / 2, (south + north) / 2)
    beside, farther = (shapely.Point(GEOD.fwd(east, south, 90, metres)[:2]) for metres in (4.99, 5.01))

    pairs, metres = near_pairs(np.array([shapely.box(west, south, east, north), inside, beside, farther]), 5.0)

    near = dict(zip(map(tuple, pairs.tolist()), metres.tolist(), strict=True))
    assert near == pytest.approx({(0, 1): 0.0, (0, 2): 4.99, (2, 3): 0.02}, abs=1e-3)


def test_a_geometry_that_has_no_place_in_part_is_its_point():
    def to_degrees(xy):
        return np.where(xy[:, :1] > 100, np.nan, xy / 10)

    line, area = shapely.LineString([(10, 520), (20, 530)]), shapely.LineString([(1, 520), (1000, 530)])
    found = in_degrees(np.array([line, area]), to_degrees, np.array([[0.0, 0.0], [4.3, 52.0]]))

    assert found.tolist() == [shapely.LineString([(1, 52), (2, 53)]), shapely.Point(4.3, 52.0)]
