from __future__ import annotations

import json

import numpy as np
import points
import pytest

from wfs_proxy.faces.ogcapi.addresses import ApiAddresses
from wfs_proxy.faces.ogcapi.coordinate_systems import RD
from wfs_proxy.faces.ogcapi.items_request import read_items_request
from wfs_proxy.faces.ogcapi.writers import ItemsWriter
from wfs_proxy.serve import FeatureQuery, MarkedSnapshot, SelectedFeatures, Selection

ADDRESSES = ApiAddresses("https://proxy.example")


def selected(*runs: tuple[int, list[int]]) -> SelectedFeatures:
    parts = [MarkedSnapshot(points.snapshot(points.grid(3))), MarkedSnapshot(points.snapshot(points.grid(2)))]
    selection = Selection(runs=tuple((number, np.array(rows, dtype=np.uint32)) for number, rows in runs), matched=9)
    return SelectedFeatures(
        layer=points.layer(), parts=parts, selection=selection, query=FeatureQuery(), version="v", modified_at=0.0
    )


@pytest.mark.parametrize("query", ["", "crs=EPSG:28992"])
@pytest.mark.parametrize(
    "runs", [[], [(0, [])], [(0, [2, 0, 1])], [(0, [1]), (1, [0, 1])], [(0, [1]), (1, [])], [(0, []), (1, [1])]]
)
def test_all_runs_are_written_in_their_order(query, runs):
    found = selected(*runs)
    document = json.loads(ItemsWriter(ADDRESSES, "masten", read_items_request(query, points.layer())).write(found))

    lonlat = [found.parts[number].snapshot.lonlat[row].tolist() for number, rows in runs for row in rows]
    expected = lonlat if not query or not lonlat else RD.from_lonlat(np.array(lonlat)).tolist()
    assert [feature["geometry"]["coordinates"] for feature in document["features"]] == expected
    assert (document["numberMatched"], document["numberReturned"]) == (9, len(lonlat))


def test_the_key_names_all_that_changes_the_bytes():
    queries = ["", "limit=5", "crs=EPSG:28992", "bbox=4,52,5,53", "datetime=2026-01-01"]
    keys = {ItemsWriter(ADDRESSES, "masten", read_items_request(query, points.layer())).key for query in queries}

    assert len(keys) == len(queries)
    same = ("limit=5", "f=json&limit=5", "limit=5&lang=nl", "f=html&limit=5")
    assert len({ItemsWriter(ADDRESSES, "masten", read_items_request(query, points.layer())).key for query in same}) == 1
