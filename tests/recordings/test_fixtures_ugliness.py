"""The recordings have the irregularities of real data; without them, the pipeline would be untested."""

from __future__ import annotations

from functools import cache

import needs
import numpy as np
import pytest
import shapely

from fixtures import goldens
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Encoding, FeatureBatch, Payload, concatenate


@cache
def batch(layer: str) -> FeatureBatch:
    """Return all recorded objects of a layer, repeated as often as they were received."""
    return concatenate(
        [decode(Payload(body=body.read_bytes())) for body in goldens.answers(needs.ROOT / "fixtures" / layer)]
    )


def areas() -> np.ndarray:
    drains = batch("rioned-putten")
    return drains.geometry[drains.type_names == "beheer_put_vlak"]


@pytest.mark.parametrize(
    ("layer", "encoding", "srs_names"),
    [
        ("moon-lichtmasten", Encoding.GML2, ("EPSG:28992",)),
        ("techview-lichtmasten", Encoding.GML31, ("EPSG:4326",)),
        ("rioned-putten", Encoding.GML32, ("urn:ogc:def:crs:EPSG::28992",)),
        ("rioned-leidingen", Encoding.GEOJSON, ("urn:ogc:def:crs:EPSG::28992",)),
        ("luminizer-masten", Encoding.GEOJSON, ()),
    ],
)
def test_recordings_have_all_encodings(layer, encoding, srs_names):
    assert batch(layer).encoding is encoding
    assert batch(layer).srs_names == srs_names


@pytest.mark.parametrize("layer", ["techview-lichtmasten", "luminizer-masten"])
def test_recordings_have_objects_without_geometry(layer):
    assert sum(geometry is None for geometry in batch(layer).geometry) > 0


@pytest.mark.parametrize("layer", ["moon-lichtmasten", "rioned-putten"])
def test_recordings_have_placeholders_at_the_origin(layer):
    assert shapely.equals(batch(layer).geometry, shapely.Point(0, 0)).sum() > 1


def test_recorded_ids_are_uris_and_some_are_in_two_types():
    drains = batch("rioned-putten")
    uris_of = {
        name: set(drains.columns["uri"][drains.type_names == name]) for name in ("beheer_put", "beheer_put_vlak")
    }
    assert all(uri.startswith("http://data.gwsw.nl/") for uris in uris_of.values() for uri in uris)
    assert len(uris_of["beheer_put"] & uris_of["beheer_put_vlak"]) > 5


@pytest.mark.parametrize(
    ("layer", "attribute"),
    [
        ("moon-lichtmasten", "MASTNUMMER"),
        ("techview-lichtmasten", "objectnummer"),
        ("luminizer-masten", "MastNr"),
    ],
)
def test_recorded_numbers_have_leading_zeros(layer, attribute):
    values = batch(layer).columns[attribute]
    assert all(isinstance(value, str) for value in values)
    assert sum(value.startswith("0") for value in values) > 100


@pytest.mark.parametrize("layer", ["techview-lichtmasten", "luminizer-masten", "rioned-putten"])
def test_some_recorded_objects_are_coincident(layer):
    found = batch(layer)
    places = {}
    for key, geometry in zip(found.ids, found.geometry, strict=True):
        if geometry is not None:
            places.setdefault(geometry.wkb, set()).add(key)
    assert sum(len(keys) > 1 for keys in places.values()) > 5


def test_recorded_areas_have_outside_centroids_holes_parts_and_slivers():
    drawn = areas()
    assert (~shapely.contains(drawn, shapely.centroid(drawn))).sum() > 50
    assert (shapely.get_num_interior_rings(drawn) > 0).sum() > 20
    assert (shapely.get_num_geometries(drawn) > 1).sum() > 20
    assert shapely.is_empty(shapely.buffer(drawn, -0.1)).sum() > 20


def test_some_recorded_sewers_have_bends_or_parts():
    lines = batch("rioned-leidingen").geometry
    assert (shapely.get_num_geometries(lines) > 1).sum() > 20
    assert ((shapely.get_num_geometries(lines) == 1) & (shapely.get_num_coordinates(lines) > 2)).sum() > 20


@pytest.mark.parametrize(
    ("layer", "attribute"), [("techview-lichtmasten", "armatuur"), ("luminizer-masten", "MastMateri")]
)
def test_recorded_values_are_empty(layer, attribute):
    assert "" in set(batch(layer).columns[attribute])


def test_recorded_values_are_absent():
    assert None in set(batch("techview-lichtmasten").columns["armatuur"])
    assert set(batch("luminizer-masten").columns["MastRempla"]) == {None}


@pytest.mark.parametrize(
    ("layer", "attribute"),
    [("moon-lichtmasten", "STRAATNAAM"), ("techview-lichtmasten", "straat"), ("luminizer-masten", "Straat")],
)
def test_recorded_streets_have_accents(layer, attribute):
    assert any(not street.isascii() for street in batch(layer).columns[attribute])


def test_recorded_dates_of_luminizer_are_local_midnights_in_utc():
    assert {date[11:] for date in batch("luminizer-masten").columns["MastPlaats"]} == {"22:00:00Z", "23:00:00Z"}
