from __future__ import annotations

import json

import numpy as np
import orjson
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.geojson.reader import read_geojson
from wfs_proxy.decode.lenient_json import parse_json
from wfs_proxy.errors import DecodeError, MalformedDocument, NotFeatures, UpstreamException
from wfs_proxy.features import Claims, Encoding, FeatureBatch, Payload

POINT = {"type": "Point", "coordinates": [4.3, 52.1]}
SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]


def feature(geometry=POINT, **members) -> dict:
    return {"type": "Feature", "geometry": geometry, "properties": {"nummer": "0012"}, **members}


def collection(*features, **members) -> dict:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def read(document, **options) -> FeatureBatch:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_geojson(parse_json(body, ""), Payload(body=body), **options)


def labels(batch: FeatureBatch) -> list[str | None]:
    return [None if index < 0 else batch.srs_names[index] for index in batch.srs_index]


@pytest.mark.parametrize(
    "document",
    [
        collection(feature()),
        feature(),
        [feature()],
        {"features": [feature()]},
        {"features": [{"geometry": POINT, "properties": {"nummer": "0012"}}]},
    ],
    ids=["collection", "one feature", "array", "no type", "no type at all"],
)
def test_features_in_every_wrapping(document):
    batch = read(document)
    assert (len(batch), batch.columns["nummer"].tolist(), batch.encoding) == (1, ["0012"], Encoding.GEOJSON)


def test_feature_of_nothing_but_its_type_is_one():
    assert (len(batch := read(collection({"type": "Feature"}))), batch.geometry.tolist()) == (1, [None])


def test_bare_geometry_is_one_feature():
    assert read(POINT).geometry.tolist() == [shapely.Point(4.3, 52.1)]


@pytest.mark.parametrize(
    "document", [collection(), {"type": "FeatureCollection", "features": None}, []], ids=["empty", "null", "array"]
)
def test_no_features_are_an_empty_batch(document):
    assert len(read(document)) == 0


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        ({"type": "Point", "coordinates": [1, 2, 3]}, "POINT (1 2)"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4, 5]]}, "MULTIPOINT ((1 2), (3 4))"),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, "LINESTRING (1 2, 3 4)"),
        ({"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}, "MULTILINESTRING ((1 2, 3 4))"),
        (
            {"type": "Polygon", "coordinates": [SQUARE, [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 0.5]]]},
            "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0), (0.5 0.5, 1 0.5, 1 1, 0.5 0.5))",
        ),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE]]}, "MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)))"),
        ({"type": "Polygon", "coordinates": [SQUARE[:-1]]}, "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"),
        (
            {
                "type": "GeometryCollection",
                "geometries": [POINT, {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}],
            },
            "GEOMETRYCOLLECTION (POINT (4.3 52.1), LINESTRING (1 2, 3 4))",
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_geometry_of_every_type(geometry, wkt):
    assert read(feature(geometry)).geometry[0] == shapely.from_wkt(wkt)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], []]},
        {"type": "LineString", "coordinates": [[1, 1]]},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": 5},
        {"type": "Point", "coordinates": [None, 2]},
        {"type": "Point", "coordinates": ["x", "y"]},
        {"type": "Point", "coordinates": [float("nan"), 52.1]},
        {"type": "Point", "coordinates": [float("inf"), 52.1]},
        {"type": "Polygon", "coordinates": SQUARE},
        {"type": "Point", "coordinates": [SQUARE]},
        {"type": "CurvePolygon", "coordinates": [SQUARE]},
        {"type": "GeometryCollection", "geometries": [POINT, {"type": "Point", "coordinates": [1]}]},
        {"type": ["Point"]},
        [4.3, 52.1],
        "POINT (4.3 52.1)",
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_unreadable_geometry_affects_no_other(geometry):
    batch = read(collection(feature(), feature(geometry), feature()))
    assert shapely.is_missing(batch.geometry).tolist() == [False, True, False]
    assert batch.skipped == {"unreadable geometry": 1}
    assert batch.columns["nummer"].tolist() == ["0012"] * 3


@pytest.mark.parametrize("geometry", [None, {"type": "Point", "coordinates": []}], ids=["null", "empty"])
def test_absent_geometry_is_not_counted_as_unreadable(geometry):
    batch = read(feature(geometry))
    assert (batch.geometry.tolist(), batch.skipped) == ([None], {})


@pytest.mark.parametrize(("levels", "skipped"), [(20, {}), (21, {"unreadable geometry": 1})])
def test_collections_nested_too_deeply_are_unreadable(levels, skipped):
    geometry = POINT
    for _ in range(levels):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    assert read(feature(geometry)).skipped == skipped


def test_one_bad_ring_among_thousands_is_found():
    good = {"type": "Polygon", "coordinates": [SQUARE]}
    features = [feature(good) for _ in range(3000)]
    features[1234] = feature({"type": "Polygon", "coordinates": [SQUARE[:2]]})
    assert np.flatnonzero(shapely.is_missing(read(collection(*features)).geometry)).tolist() == [1234]


def test_members_that_are_not_features_are_counted():
    batch = read(collection(feature(), None, 5, "x", []))
    assert (len(batch), batch.skipped) == (1, {"not a feature": 4})


@pytest.mark.parametrize(
    ("crs", "label"),
    [
        (None, None),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}, "urn:ogc:def:crs:EPSG::28992"),
        ({"type": "EPSG", "properties": {"code": 28992}}, "EPSG:28992"),
        ({"type": "EPSG", "properties": {"code": "28992"}}, "EPSG:28992"),
        (
            {"type": "link", "properties": {"href": "http://spatialreference.org/ref/epsg/28992/", "type": "proj4"}},
            "http://spatialreference.org/ref/epsg/28992/",
        ),
        ("EPSG:28992", "EPSG:28992"),
        ({"type": "name", "properties": None}, None),
    ],
    ids=["null", "name", "code", "code as text", "link", "bare", "broken"],
)
def test_crs_member_in_every_form(crs, label):
    assert labels(read(collection(feature(), crs=crs))) == [label]


def test_innermost_crs_member_wins():
    """PostGIS writes one into each geometry."""
    rd = {"type": "name", "properties": {"name": "EPSG:28992"}}
    batch = read(collection(feature({**POINT, "crs": rd}), feature(crs="EPSG:4258"), feature(), crs="EPSG:4326"))
    assert labels(batch) == ["EPSG:28992", "EPSG:4258", "EPSG:4326"]


@pytest.mark.parametrize(
    ("in_named", "in_feature", "in_own", "expected"),
    [
        ("EPSG:1", "EPSG:2", "EPSG:3", "EPSG:1"),
        (None, "EPSG:2", "EPSG:3", "EPSG:2"),
        (None, None, "EPSG:3", "EPSG:3"),
        (None, None, None, "EPSG:4"),
    ],
)
def test_geometry_among_the_properties_has_the_crs_of_the_features_own(in_named, in_feature, in_own, expected):
    named, own = {**POINT, "crs": in_named}, {**POINT, "crs": in_own}
    one = feature(own, properties={"ingang": named}, crs=in_feature)
    assert labels(read(collection(one, crs="EPSG:4"), geometry="ingang")) == [expected]


PLACE = {"type": "Point", "coordinates": [80283.6, 454603.1]}


@pytest.mark.parametrize(
    ("reference", "label"),
    [
        ("[EPSG:28992]", "[EPSG:28992]"),
        ("http://www.opengis.net/def/crs/EPSG/0/28992", "http://www.opengis.net/def/crs/EPSG/0/28992"),
        (
            {"type": "Reference", "href": "http://www.opengis.net/def/crs/EPSG/0/28992"},
            "http://www.opengis.net/def/crs/EPSG/0/28992",
        ),
        (["[EPSG:28992]", "[EPSG:5709]"], "[EPSG:28992]"),
    ],
    ids=["curie", "uri", "reference", "compound"],
)
def test_place_of_json_fg_is_used_without_a_geometry(reference, label):
    batch = read(collection(feature(None, place=PLACE), coordRefSys=reference))
    assert (batch.geometry[0], labels(batch)) == (shapely.Point(80283.6, 454603.1), [label])


def test_geometry_of_json_fg_is_preferred_to_its_place():
    batch = read(collection(feature(place=PLACE), coordRefSys="[EPSG:28992]", featureType="bak"))
    assert (batch.geometry[0], labels(batch), batch.type_names.tolist()) == (shapely.Point(4.3, 52.1), [None], ["bak"])


def test_geometry_property_can_be_named():
    second = {"type": "Point", "coordinates": [5.0, 53.0]}
    batch = read(feature(properties={"nummer": "1", "ingang": second}), geometry="ingang")
    assert (batch.geometry[0], list(batch.columns)) == (shapely.Point(5, 53), ["nummer"])


@pytest.mark.parametrize(
    ("properties", "columns"),
    [
        (None, {}),
        ([], {}),
        ({}, {}),
        ([{"name": "a", "value": 1}, {"name": "b", "value": None}], {"a": [1], "b": [None]}),
        ([{"key": "a", "value": 1}], {"a": [1]}),
        ([{"a": 1}, {"b": 2}], {"a": [1], "b": [2]}),
        ({"a": [1, 2], "b": {"c": 3}, "d": 1.0, "e": True}, {"a": [[1, 2]], "b": [{"c": 3}], "d": [1.0], "e": [True]}),
    ],
    ids=["null", "empty list", "empty", "names and values", "keys and values", "small maps", "nested"],
)
def test_properties_in_every_form(properties, columns):
    assert {name: values.tolist() for name, values in read(feature(properties=properties)).columns.items()} == columns


def test_property_that_a_feature_lacks_is_none():
    batch = read(collection(feature(properties={"a": 1}), feature(properties={"b": 2})))
    assert {name: values.tolist() for name, values in batch.columns.items()} == {"a": [1, None], "b": [None, 2]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("mast.12", "mast.12"), ("0012", "0012"), (12, "12"), (12.0, "12"), (12.5, "12.5"), (0, "0"), (None, None)],
)
def test_id_is_text_without_a_decimal_point(value, expected):
    assert read(feature(id=value)).ids.tolist() == [expected]


def test_id_that_is_text_is_also_an_attribute():
    assert read(feature(id="mast.12")).columns["id"].tolist() == ["mast.12"]
    assert read(feature(id="mast.12", properties={"id": 7})).columns["id"].tolist() == [7]


@pytest.mark.parametrize(
    ("members", "claims"),
    [
        ({"totalFeatures": 925, "numberMatched": 925, "numberReturned": 1}, Claims(matched=925, returned=1)),
        ({"totalFeatures": 47}, Claims(matched=47)),
        ({"totalFeatures": "unknown", "numberReturned": 3}, Claims(returned=3)),
        ({"numberMatched": "457"}, Claims(matched=457)),
        ({"numberMatched": True}, Claims()),
    ],
    ids=["GeoServer 2.0", "GeoServer 1.0", "unknown", "as text", "boolean"],
)
def test_claims_are_the_counts_in_the_document(members, claims):
    assert read(collection(feature(), **members)).claims == claims


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_text_in_every_encoding(encoding):
    body = json.dumps(feature(properties={"straat": "Caf\xe9straat"}), ensure_ascii=False).encode(encoding)
    assert decode(Payload(body=body)).columns["straat"].tolist() == ["Caf\xe9straat"]


TEXTS = ["Groène Straat", "Oranjesingel één", "5 €"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"Caf\xc3", "Caf\ufffd"),
        (b"Caf\xe9", "Caf\ufffd"),
        (b"Caf\xe9s", "Caf\ufffds"),
        (b"5 \xe2\x82", "5 \ufffd"),
        (b"\xf0\x9f\x92", "\ufffd"),
        (b"\x82\xac", "\ufffd\ufffd"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
        (b"\xed\xa0\xbd", "\ufffd"),
        (b"\xed\xa0\xbd\xed\xb2\xa1", "\U0001f4a1"),
        (rb"A\ud83d", "A\ufffd"),
        (rb"\ude00", "\ufffd"),
        (rb"A\uFFFD", "A\ufffd"),
        ("A\ufffd".encode(), "A\ufffd"),
    ],
    ids=lambda value: repr(value) if isinstance(value, bytes) else "",
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_invalid_character_of_a_utf_8_document_costs_no_other_text(written, meant, mark):
    features = [feature(properties={"naam": text}) for text in [*TEXTS, "HERE"]]
    body = json.dumps(collection(*features), ensure_ascii=False).encode().replace(b"HERE", written)

    batch = read(mark + body)

    assert batch.columns["naam"].tolist() == [*TEXTS, meant]
    assert batch.unreadable_texts == ("\ufffd" in meant)


@pytest.mark.parametrize("where", ["id", "value", "list", "map", "name in a map"])
def test_object_with_an_unreadable_character_is_counted_wherever_it_is(where):
    broken = "HERE" if where != "id" else "5"
    values = {"value": broken, "list": ["a", broken], "map": {"a": broken}, "name in a map": {broken: "a"}, "id": "5"}
    one = feature(properties={"naam": values[where], "straat": "één"}, id="HERE" if where == "id" else "1")
    body = json.dumps(collection(one, feature(properties={"naam": "Zuid", "straat": "één"})), ensure_ascii=False)

    assert read(body.encode().replace(b"HERE", b"Caf\xe9")).unreadable_texts == 1


@pytest.mark.parametrize("text", ["Caf\xe9straat", "Café", "Zeeëgelkade", "naïef", "10 €", "Müller"])
def test_document_in_windows_1252_that_does_not_say_so_is_read(text):
    body = json.dumps(feature(properties={"straat": text}), ensure_ascii=False).encode("cp1252")
    batch = read(body)
    assert (batch.columns["straat"].tolist(), batch.unreadable_texts) == ([text], 0)


def test_text_cut_in_the_middle_of_its_only_character_beyond_ascii_is_not_windows_1252():
    batch = read(b'{"type": "Feature", "geometry": null, "properties": {"naam": "Caf\xc3"}}')
    assert (batch.columns["naam"].tolist(), batch.unreadable_texts) == (["Caf\ufffd"], 1)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_number_that_json_does_not_have_is_no_unreadable_text(number):
    body = '{"type": "Feature", "geometry": null, "properties": {"naam": "één", "hoogte": HERE}}'.encode()
    batch = read(body.replace(b"HERE", number))
    assert (batch.columns["naam"].tolist(), batch.unreadable_texts) == (["één"], 0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (rb"A\ud83d", "A\ufffd"),
        (rb"\ude00B", "\ufffdB"),
        (rb"\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
        (b"Dorpsstraat\n\t1", "Dorpsstraat\n\t1"),
    ],
    ids=["first half", "second half", "first half after a pair", "unescaped line break"],
)
def test_invalid_text_in_json_affects_nothing_else(written, meant):
    """A column of fixed width may be cut inside a surrogate pair, and hand-made JSON does not escape line breaks."""
    value = read(b'{"type": "Feature", "geometry": null, "properties": {"naam": "%b"}}' % written).columns["naam"][0]
    assert value == meant


def test_nan_in_a_property_is_read():
    value = read(b'{"type": "Feature", "geometry": null, "properties": {"hoogte": NaN}}').columns["hoogte"][0]
    assert np.isnan(value)


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        (
            {
                "version": "1.1.0",
                "exceptions": [{"code": "InvalidParameterValue", "locator": "typeName", "text": "No such\n type"}],
            },
            "InvalidParameterValue",
            "No such type",
        ),
        ({"error": {"code": 400, "message": "Invalid URL", "details": []}}, "400", "Invalid URL"),
        (
            {"error": {"code": 400, "message": "Cannot perform query.", "details": ["'Outfields' is\n invalid", None]}},
            "400",
            "Cannot perform query; 'Outfields' is invalid$",
        ),
        (
            {"error": {"code": 400, "message": "", "details": "'where' is invalid"}},
            "400",
            "report: 'where' is invalid$",
        ),
        ({"error": {"code": 500, "message": "", "details": []}}, "500", "it gives no reason"),
        ({"status": "error", "messages": ["No machine is available"], "code": 500}, "500", "No machine is available"),
        ({"error": "no token", "code": 499}, "499", "no token"),
        ({"code": "NotFound", "description": "Collection not found"}, "NotFound", "Collection not found"),
        ({"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "No key"}, "403", "No key"),
    ],
    ids=[
        "GeoServer",
        "ArcGIS",
        "ArcGIS, details",
        "ArcGIS, only details",
        "ArcGIS, no words",
        "ArcGIS administration",
        "plain",
        "OGC API",
        "problem",
    ],
)
def test_exception_report_in_json_is_raised(document, code, message):
    with pytest.raises(UpstreamException, match=message) as caught:
        read(document)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"collections": [], "links": []}, "without features; its members are: collections, links"),
        ({}, "its members are: none"),
        ({"features": {"type": "Feature"}}, "has no GeoJSON features"),
        ([1, 2, 3], "has no GeoJSON features"),
        ("text", "but not features: 'text'"),
        (5, "but not features: 5"),
        (None, "but not features: None"),
    ],
    ids=["collections", "nothing", "features is a map", "numbers", "text", "number", "null"],
)
def test_json_without_features_is_refused(document, message):
    with pytest.raises(NotFeatures, match=message):
        read(document)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (b'{"features": [', MalformedDocument),
        (b"[" * 100_000, MalformedDocument),
        (b'\xff\xfe{\0"', MalformedDocument),
        (b"[1, 2]", NotFeatures),
        (b'{"collections": []}', NotFeatures),
        (b'{"code": "NotFound", "description": "Collection not found"}', UpstreamException),
    ],
)
def test_message_begins_with_the_name_of_the_document(document, error):
    with pytest.raises(error, match=r"^mast\.json\b"):
        decode(Payload(body=document, source="mast.json"))
    with pytest.raises(error, match=r"^the (answer|vendor) "):
        decode(Payload(body=document))


def test_message_of_a_truncated_document_has_the_position():
    body = json.dumps(collection(feature(), feature())).encode()
    with pytest.raises(MalformedDocument, match=r"truncated or not well-formed JSON: .*char"):
        read(body[:-20])


def test_document_that_is_nested_too_deeply_is_refused():
    with pytest.raises(MalformedDocument, match="nested too deeply"):
        read(b'{"a": NaN, "features": ' + b"[" * 100_000)


COLLECTION = json.dumps(collection(feature(id="a"), feature(id=2, crs="EPSG:28992"), crs="EPSG:4326")).encode()


@given(st.integers(0, len(COLLECTION) - 1))
def test_truncated_document_is_refused(length):
    with pytest.raises(MalformedDocument, match="truncated"):
        read(COLLECTION[:length])


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "coordinates", "geometries", "geometry", "properties", "crs", "name", "id", "features"]
            ),
            inner
            | st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "GeometryCollection", "Feature"]),
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(JSON_VALUES)
def test_any_json_is_read_or_refused(value):
    try:
        read(collection(value, feature()))
    except (DecodeError, UpstreamException):
        return


SHAPES = [
    "POINT (4.3 52.1)",
    "MULTIPOINT (1 2, 3 4)",
    "LINESTRING (0 0, 1 1, 2 0)",
    "MULTILINESTRING ((0 0, 1 1), (5 5, 6 6, 7 7))",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 9 5, 9 9, 5 5), (6 5.5, 7 5.5, 7 6, 6 5.5)))",
    "GEOMETRYCOLLECTION (POINT (1 2), POLYGON ((0 0, 1 0, 1 1, 0 0)))",
]


@given(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=20))
def test_geometries_of_all_types_together_are_those_that_geos_reads(shapes):
    objects = [orjson.loads(shapely.to_geojson(shapely.from_wkt(shape))) for shape in shapes]
    assert read(collection(*map(feature, objects))).geometry.tolist() == [shapely.from_wkt(shape) for shape in shapes]


def test_collection_is_what_gdal_reads(tmp_path):
    features = [
        feature(
            orjson.loads(shapely.to_geojson(shapely.from_wkt(shape))), properties={"nummer": f"{row:04}", "rij": row}
        )
        for row, shape in enumerate(SHAPES[:-1])
    ]
    path = tmp_path / "objects.geojson"
    path.write_text(json.dumps(collection(*features)))
    meta, _, geometry, fields = pyogrio.raw.read(path)
    batch = read(path.read_bytes())
    assert batch.geometry.tolist() == shapely.from_wkb(geometry).tolist()
    assert {name: values.tolist() for name, values in batch.columns.items()} == {
        str(name): values.tolist() for name, values in zip(meta["fields"], fields, strict=True)
    }
