from __future__ import annotations

import json

import numpy as np
import points
import pytest

from wfs_proxy.faces.ogcapi.coordinate_systems import RD, SYSTEMS
from wfs_proxy.faces.ogcapi.reprojection import reprojected

AWKWARD = [
    '"geometry":{"type":"Point","coordinates":[1,2]}',
    "]]][[[",
    '\\"coordinates":[',
    "é漢\n",
    None,
    '"footprint":{"type":"Polygon","coordinates":[[[1,2]]]}',
]
AREA = {"type": "Polygon", "coordinates": [[[4.3, 52.0], [4.3001, 52.0], [4.3, 52.0001], [4.3, 52.0]]]}
SEVERAL = {"type": "MultiPolygon", "coordinates": [AREA["coordinates"], [[[-4.0, 5e-7], [4.0, 1.0], [3.0, 1.0]]]]}


def features_of(batch) -> tuple[bytes, np.ndarray]:
    snapshot = points.snapshot(batch)
    pieces = [snapshot.fragment(row) + b"}}" for row in range(len(snapshot))]
    return b",\n".join(pieces), snapshot.lonlat


def parsed(features: bytes) -> list[dict]:
    return json.loads(b"[" + features + b"]")


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_only_the_coordinates_change_whatever_the_texts_contain(system):
    named = {f"{number} {text}": (4.3 + number / 1000, 52.0) for number, text in enumerate(AWKWARD)}
    features, lonlat = features_of(points.batch(named, {"tekst": AWKWARD}))
    before, after = parsed(features), parsed(reprojected(features, lonlat, system))

    assert [feature["geometry"]["coordinates"] for feature in after] == system.from_lonlat(lonlat).tolist()
    assert [{**feature, "geometry": None} for feature in after] == [{**feature, "geometry": None} for feature in before]


def test_footprints_are_in_the_same_system():
    columns = {"footprint": [AREA, None, SEVERAL], "naam": ["a", "b", "c"]}
    places = {"1": (4.3, 52.0), "2": (4.31, 52.0), "3": (4.32, 52.0)}
    features, lonlat = features_of(points.batch(places, columns))
    found = {each["properties"]["naam"]: each["properties"] for each in parsed(reprojected(features, lonlat, RD))}

    assert found["b"]["footprint"] is None
    assert found["a"]["footprint"]["type"] == "Polygon"
    expected = RD.from_lonlat(np.array(AREA["coordinates"][0])).tolist()
    assert found["a"]["footprint"]["coordinates"] == [expected]
    assert found["c"]["footprint"]["coordinates"][0] == [expected]
    assert len(found["c"]["footprint"]["coordinates"][1][0]) == 3


def test_nothing_stays_nothing():
    assert reprojected(b"", np.empty((0, 2)), RD) == b""
