from __future__ import annotations

import numpy as np
import ogc_schemas
import points
import pytest
from lxml import etree

from wfs_proxy.faces.wfs.feature_schema import xml_schema
from wfs_proxy.faces.wfs.gml_features import GmlStyle, feature_elements
from wfs_proxy.faces.wfs.namespaces import VOCABULARIES
from wfs_proxy.faces.wfs.offered_types import OfferedType
from wfs_proxy.faces.wfs.output_crs import read_output_crs
from wfs_proxy.serve import FeatureQuery, MarkedSnapshot, SelectedFeatures, Selection

FIELDS = {
    "naam": "string",
    "jaar": "integer",
    "hoogte (m)": "number",
    "aan": "boolean",
    "dag": "date",
    "tijd": "datetime",
}
LAYER = points.layer(properties={"fields": FIELDS})
BATCH = points.batch(
    {"a": (4.3, 52.0), "b/é <&>": (4.4000001, 52.1), "c": (4.5, 52.2)},
    {
        "naam": ["a & b <c> \r\n\x01\uffff'\"", None, ""],
        "jaar": [2**53 - 1, -1, None],
        "hoogte (m)": [0.1, None, 1e-7],
        "aan": [True, False, None],
        "dag": ["2024-02-29", None, None],
        "tijd": ["2024-02-29T12:00:00+01:00", None, None],
    },
)


def selected(rows, properties=None):
    snapshot = points.snapshot(BATCH)
    return SelectedFeatures(
        layer=LAYER,
        parts=[MarkedSnapshot(snapshot)],
        selection=Selection(runs=((0, snapshot.by_rank[rows]),), matched=len(rows)),
        query=FeatureQuery(properties=properties),
        version="v",
        modified_at=0.0,
    )


def written(version, *, rows=(0, 1, 2), srs_name=None, properties=None, name="masten"):
    style = GmlStyle(OfferedType.of(LAYER).under(name), read_output_crs(srs_name, version), version)
    pieces = feature_elements(selected(np.array(rows, dtype=np.uint32), properties), style)
    vocabulary = VOCABULARIES[version]
    prefix = style.offered.prefix
    opening = f'<all xmlns:gml="{vocabulary.gml}" xmlns:wfs="{vocabulary.wfs}" xmlns:{prefix}="urn:x">'
    return [member[0] for member in etree.fromstring(opening.encode() + b"".join(pieces) + b"</all>")]


def values(feature):
    return {etree.QName(each).localname: each.text for each in feature[1:]}


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_every_value_is_written_and_nulls_are_left_out(version):
    first, second, third = written(version)

    assert values(first) == {
        "naam": "a & b <c> \r\n  '\"",
        "jaar": "9007199254740991",
        "hoogte_x0020__x0028_m_x0029_": "0.1",
        "aan": "true",
        "dag": "2024-02-29",
        "tijd": "2024-02-29T12:00:00+01:00",
    }
    assert values(second) == {"jaar": "-1", "aan": "false"}
    assert values(third) == {"naam": None, "hoogte_x0020__x0028_m_x0029_": "1e-7"}


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
@pytest.mark.parametrize("srs_name", [None, "EPSG:28992", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_features_are_valid(version, srs_name):
    schema = ogc_schemas.application_schema(xml_schema([OfferedType.of(LAYER)], version, "urn:x"), version)

    assert [ogc_schemas.problems(schema, feature) for feature in written(version, srs_name=srs_name)] == [[], [], []]


def test_ids_are_names_in_xml_and_no_two_are_equal():
    features = written("2.0.0")
    ids = [element.get("{http://www.opengis.net/gml/3.2}id") for feature in features for element in feature.iter()]
    ids = [each for each in ids if each]

    assert ids[:2] == ["masten.a", "masten.a.geometry"]
    assert ids[2] == "masten.b_x002F_é_x0020__x003C__x0026__x003E_"
    assert len(set(ids)) == len(ids) == 6


@pytest.mark.parametrize(
    ("version", "srs_name", "expected"),
    [
        ("1.0.0", None, "4.4000001,52.1"),
        ("1.1.0", None, "52.1 4.4000001"),
        ("2.0.0", None, "52.1 4.4000001"),
        ("2.0.0", "EPSG:4326", "4.4000001 52.1"),
        ("1.0.0", "urn:ogc:def:crs:EPSG::4326", "52.1,4.4000001"),
    ],
)
def test_coordinates_are_in_the_order_of_the_system(version, srs_name, expected):
    (feature,) = written(version, rows=(1,), srs_name=srs_name)
    point = feature[0][0]

    assert "".join(point.itertext()) == expected
    assert point.get("srsName") == read_output_crs(srs_name, version).srs_name


def test_features_are_in_the_order_of_the_selection():
    features = written("2.0.0", rows=(2, 0))

    assert [feature.get("{http://www.opengis.net/gml/3.2}id") for feature in features] == ["masten.c", "masten.a"]


def test_only_wanted_properties_are_written():
    features = written("2.0.0", properties=("jaar",))

    assert [list(values(feature)) for feature in features] == [["jaar"], ["jaar"], []]


def test_elements_have_the_name_that_was_asked_for():
    (feature,) = written("2.0.0", rows=(0,), name="luminizer_317:mast")

    assert feature.tag == "{urn:x}mast"
    assert {etree.QName(each).namespace for each in feature} == {"urn:x"}


def test_no_features_are_no_members():
    assert written("2.0.0", rows=()) == []
