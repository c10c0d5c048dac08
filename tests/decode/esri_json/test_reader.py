"""Esri JSON in all forms in which ArcGIS servers and their imitations write it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import NotFeatures
from wfs_proxy.features import Claims, Encoding, FeatureBatch, Payload
from wfs_proxy.geo.crs.axis_order import decide_readings

RD = {"wkid": 28992, "latestWkid": 28992}


def feature(number: int = 1, geometry: object = None, **attributes: object) -> dict:
    geometry = {"x": 80_000.5, "y": 455_000.25} if geometry is None else geometry
    return {"attributes": {"OBJECTID": number, "SOORT": "mast", **attributes}, "geometry": geometry}


def feature_set(*features: object, **members: object) -> dict:
    head = {"objectIdFieldName": "OBJECTID", "geometryType": "esriGeometryPoint", "spatialReference": RD}
    return {**head, **members, "features": list(features)}


def read(document: object) -> FeatureBatch:
    return decode(Payload(body=document if isinstance(document, bytes) else json.dumps(document).encode()))


def labels(batch: FeatureBatch) -> list[str | None]:
    return [None if index < 0 else batch.srs_names[index] for index in batch.srs_index]


def test_feature_set_is_read():
    batch = read(feature_set(feature(1), feature(2, SOORT=None)))

    assert batch.encoding is Encoding.ESRI_JSON
    assert batch.ids.tolist() == ["1", "2"]
    assert batch.geometry.tolist() == [shapely.Point(80_000.5, 455_000.25)] * 2
    assert {name: values.tolist() for name, values in batch.columns.items()} == {
        "OBJECTID": [1, 2],
        "SOORT": ["mast", None],
    }
    assert labels(batch) == ["EPSG:28992"] * 2
    assert (batch.claims, batch.left_out, batch.skipped) == (Claims(), {}, {})


@pytest.mark.parametrize(
    "document",
    [
        [feature()],
        feature(),
        {"feature": feature()},
        {"features": [feature()]},
        {"features": [None, feature()]},
        {"features": [{"attributes": {"OBJECTID": 1}}]},
        {"features": [{"geometry": {"x": 1, "y": 2}}]},
    ],
    ids=["array", "one", "resource", "no members", "null first", "no geometry", "no attributes"],
)
def test_features_in_every_wrapping(document):
    batch = read(document)

    assert (len(batch), batch.encoding) == (1, Encoding.ESRI_JSON)


def test_empty_feature_set_is_esri_json():
    batch = read(feature_set())

    assert (len(batch), batch.encoding, batch.columns) == (0, Encoding.ESRI_JSON, {})


@pytest.mark.parametrize(
    "document", [{"objectIdFieldName": "OBJECTID", "objectIds": [1]}, {"count": 5}, {"layers": [], "fields": []}]
)
def test_other_answers_have_no_features(document):
    with pytest.raises(NotFeatures, match="JSON without features; its members are"):
        read(document)


def test_members_that_are_no_features_are_counted():
    batch = read(feature_set(feature(), None, 5, {"a": 1}))

    assert (len(batch), batch.left_out) == (1, {"not a feature": 3})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"objectIdFieldName": "OBJECTID"}, ["7"]),
        ({"objectIdFieldName": "objectid"}, ["7"]),
        ({"objectIdFieldName": "FID"}, [None]),
        ({"objectIdFieldName": None, "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}]}, ["7"]),
        ({"objectIdFieldName": "", "fields": [{"name": "SOORT", "type": "esriFieldTypeString"}]}, [None]),
        ({"objectIdFieldName": None, "fields": "none"}, [None]),
    ],
)
def test_id_is_the_object_id(members, expected):
    assert read(feature_set(feature(7), **members)).ids.tolist() == expected


def test_id_is_text_without_decimals_and_may_be_missing():
    batch = read(feature_set(feature(7.0), feature(None), feature("{A-1}")))

    assert batch.ids.tolist() == ["7", None, "{A-1}"]


def test_dates_are_text_where_the_answer_says_what_is_a_date():
    fields = [{"name": "GEPLAATST", "type": "esriFieldTypeDate"}, {"name": "AANTAL", "type": "esriFieldTypeInteger"}]
    milliseconds = 1_259_794_800_000

    described = read(feature_set(feature(GEPLAATST=milliseconds, AANTAL=milliseconds), fields=fields))
    bare = read(feature_set(feature(GEPLAATST=milliseconds)))

    assert described.columns["GEPLAATST"].tolist() == ["2009-12-02T23:00:00Z"]
    assert described.columns["AANTAL"].tolist() == [milliseconds]
    assert bare.columns["GEPLAATST"].tolist() == [milliseconds]


def test_reference_of_a_geometry_is_stronger_than_that_of_the_document():
    own = {"x": 4.3, "y": 52.1, "spatialReference": {"wkid": 4326}}

    batch = read(feature_set(feature(1), feature(2, own)))

    assert labels(batch) == ["EPSG:28992", "EPSG:4326"]


def test_without_reference_there_is_no_label():
    assert labels(read(feature_set(feature(), spatialReference=None))) == [None]


def test_x_is_first_whatever_the_label_promises():
    places = [feature(number, {"x": 34.0 + number / 100, "y": 36.0}) for number in range(3)]
    batch = read(feature_set(*places, spatialReference={"wkid": 4326}))

    (reading,) = decide_readings(batch).by_label.values()

    assert (reading.crs, reading.order.value) == ("EPSG:4326", "x,y")


def test_geometries_that_are_not_read_are_counted():
    curve = {"curvePaths": [[[0, 0], {"c": [[3, 3], [1, 4]]}]]}
    batch = read(feature_set(feature(1), feature(2, curve), feature(3, {"x": "NaN", "y": "NaN"}), feature(4, "punt")))

    assert batch.skipped == {"geometry with curves": 1, "unreadable geometry": 1}
    assert [each is None for each in batch.geometry] == [False, True, True, True]


def test_heights_and_measures_are_left_out():
    batch = read(feature_set(feature(1, {"x": 1, "y": 2, "z": 3, "m": 4}), hasZ=True, hasM=True))

    assert not shapely.has_z(batch.geometry).any()


@pytest.mark.parametrize(
    ("document", "exceeded"),
    [
        (feature_set(feature(), exceededTransferLimit=True), True),
        (feature_set(feature(), exceededTransferLimit=False), False),
        (feature_set(feature()), False),
        ({"type": "FeatureCollection", "exceededTransferLimit": True, "features": []}, True),
        ({"type": "FeatureCollection", "properties": {"exceededTransferLimit": True}, "features": []}, True),
        ({"type": "FeatureCollection", "properties": None, "features": []}, False),
    ],
    ids=["esri", "esri false", "esri silent", "GeoJSON", "GeoJSON of ArcGIS Online", "GeoJSON silent"],
)
def test_transfer_limit_is_a_claim(document, exceeded):
    assert read(document).claims.exceeded_limit is exceeded


def test_json_that_breaks_the_standard_is_read():
    batch = read(b'{"features": [{"attributes": {"A": NaN, "B": "\xe9\xe9n"}, "geometry": {"x": NaN, "y": 1}}]}')

    assert np.isnan(batch.columns["A"][0])
    assert (batch.geometry.tolist(), batch.skipped) == ([None], {})


def test_character_that_cannot_be_read_is_counted():
    batch = read(b'{"features": [{"attributes": {"A": "caf\xe9 caf\xc3\xa9"}, "geometry": null}]}')

    assert (batch.columns["A"].tolist(), batch.unreadable_texts) == (["caf\ufffd café"], 1)
