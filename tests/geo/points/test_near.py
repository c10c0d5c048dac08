import numpy as np
import pytest
from pyproj import Geod

from wfs_proxy.geo.points.near import near_pairs

GEOD = Geod(ellps="GRS80")


@pytest.mark.parametrize("latitude", [-75.0, 0.0, 12.2, 50.7, 53.6, 80.0])
def test_pairs_are_those_of_an_independent_library(latitude):
    dice = np.random.default_rng(1)
    lonlat = np.array([4.3, latitude]) + dice.normal(scale=1e-4, size=(120, 2))
    far = np.array([[4.3, -latitude + 1.0]])
    lonlat = np.vstack([lonlat, far])

    pairs, metres = near_pairs(lonlat, 5.0)

    expected = {
        (one, other): GEOD.inv(*lonlat[one], *lonlat[other])[2]
        for other in range(len(lonlat))
        for one in range(other)
        if GEOD.inv(*lonlat[one], *lonlat[other])[2] <= 5.0
    }
    assert dict(zip(map(tuple, pairs.tolist()), metres.tolist(), strict=True)) == pytest.approx(expected, abs=1e-3)
    assert len(expected) > 5


def test_one_point_has_no_pair():
    pairs, metres = near_pairs(np.array([[4.3, 52.0]]), 5.0)
    assert (pairs.shape, metres.shape) == ((0, 2), (0,))
