"""The pipeline as a whole; each step has its own tests."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import shapely
from arrays import column
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import ImplausiblePlace
from wfs_proxy.features import MERGED, Encoding, FeatureBatch
from wfs_proxy.geo.crs.rd_grid import rd_to_etrs89
from wfs_proxy.geo.crs.srs_name import AxisOrder
from wfs_proxy.pipeline.transform import FOOTPRINT, points_from_features

DEN_HAAG = [4.18, 52.01, 4.42, 52.13]
PLACEHOLDER = shapely.Point(0, 0)


def batch(geometry, *, geometry_errors=None, left_out=None, srs_name="EPSG:28992", ids=None, **columns):
    return FeatureBatch(
        ids=column(ids or [f"put.{i}" for i in range(len(geometry))]),
        type_names=column(["put"] * len(geometry)),
        geometry=column(geometry),
        geometry_errors=column(geometry_errors or [None] * len(geometry)),
        srs_index=np.zeros(len(geometry), dtype=np.int32),
        srs_names=(srs_name,),
        columns={name: column(values) for name, values in columns.items()},
        encoding=Encoding.GML32,
        left_out=left_out or {},
    )


def layer(*, source=None, **blocks):
    source = {"type": "wfs", "url": "http://127.0.0.1/wfs", "type_names": ["put"], "extent": DEN_HAAG, **(source or {})}
    return Layer.model_validate({"id": "putten", "title": "Putten", "source": source, **blocks})


def square(x, y, size=2.0):
    return shapely.box(x, y, x + size, y + size)


def test_pipeline_puts_an_area_on_the_map():
    """An area in RD becomes a point that lies inside it, in degrees."""
    area = square(81000, 455000)

    points = points_from_features(batch([area]), layer())

    corners = rd_to_etrs89(shapely.get_coordinates(area))
    assert shapely.Polygon(corners).contains(shapely.Point(points.lonlat[0]))


def test_a_placeholder_is_distinguished_from_an_object():
    """RD 0,0 is not in The Hague: it is skipped and counted, independent of the other objects."""
    points = points_from_features(batch([*(shapely.Point(81000 + i, 455000) for i in range(30)), PLACEHOLDER]), layer())

    assert len(points) == 30
    assert points.report.skipped == {"placeholder coordinates": 1}


def test_pipeline_refuses_a_layer_that_is_elsewhere():
    with pytest.raises(ImplausiblePlace):
        points_from_features(batch([shapely.Point(233000 + i, 582000) for i in range(30)]), layer())


def test_objects_are_selected_before_their_place_is_determined():
    """Objects that `where` leaves out say nothing about where the others are."""
    geometry = [shapely.Point(81000, 455000), *[PLACEHOLDER] * 9]
    status = ["in gebruik", *["vervallen"] * 9]

    points = points_from_features(batch(geometry, status=status), layer(source={"where": {"status": ["in gebruik"]}}))

    assert len(points) == 1
    assert points.report.skipped == {"excluded by where": 9}


def test_an_absent_attribute_of_where_is_reported():
    """Selecting by a column that the vendor renamed leaves nothing, and the report says why."""
    points = points_from_features(
        batch([shapely.Point(81000, 455000)], state=["1"]), layer(source={"where": {"status": ["1"]}})
    )

    assert len(points) == 0
    assert points.report.absent_fields == ("status",)


def test_pipeline_names_objects_by_the_business_key():
    rows = batch([shapely.Point(81000, 455000)], ids=["fid-1a2b"], nummer=["034575"])

    points = points_from_features(rows, layer(properties={"id": "nummer", "fields": {"nummer": "string"}}))

    assert points.ids.tolist() == ["034575"]
    assert points.columns["nummer"].tolist() == ["034575"]


def test_pipeline_keeps_only_named_fields():
    rows = batch([shapely.Point(81000, 455000)], nummer=["1"], bewoner=["A. Buur"])

    points = points_from_features(rows, layer(properties={"fields": {"nummer": "string"}}))

    assert list(points.columns) == ["nummer"]


def test_pipeline_keeps_the_area_where_the_layer_asks_for_it():
    rows = batch([square(81000, 455000), shapely.Point(81010, 455000)])

    points = points_from_features(rows, layer(point={"footprint": True}))

    area, nothing = points.columns[FOOTPRINT]
    assert shapely.Polygon(area["coordinates"][0]).contains(shapely.Point(points.lonlat[0]))
    assert nothing is None


@pytest.mark.parametrize("order", AxisOrder, ids=lambda order: order.name)
def test_pipeline_gives_the_same_points_whatever_the_order(order):
    """Northing first or easting first: the same layer is on the same places to the last digit."""
    areas = [square(81000 + 10 * i, 455000 + 7 * i, 1 + i) for i in range(40)]
    written = [shapely.transform(area, lambda xy: xy[:, ::-1]) if order is AxisOrder.YX else area for area in areas]

    assert (
        points_from_features(batch(written), layer()).lonlat.tolist()
        == points_from_features(batch(areas), layer()).lonlat.tolist()
    )


def test_pipeline_agrees_between_rd_and_degrees():
    """The same points asked in RD and in degrees agree within 1 cm."""
    rd = np.array([[81000 + 13.7 * i, 455000 + 9.1 * i] for i in range(50)])
    degrees = rd_to_etrs89(rd)[:, ::-1]

    of_rd = points_from_features(batch([shapely.Point(*xy) for xy in rd]), layer())
    of_degrees = points_from_features(
        batch([shapely.Point(*xy) for xy in degrees], srs_name="urn:ogc:def:crs:EPSG::4326"), layer()
    )

    assert np.abs(of_rd.lonlat - of_degrees.lonlat).max() <= 1.5e-7


def test_pipeline_of_an_empty_layer_is_an_empty_batch():
    points = points_from_features(batch([]), layer(properties={"fields": {"nummer": "string"}}))

    assert len(points) == 0
    assert points.lonlat.shape == (0, 2)
    assert list(points.columns) == ["nummer"]


@pytest.mark.parametrize("order", [1, -1], ids=["marked first", "marked last"])
def test_pipeline_counts_a_mark_on_either_of_two_equal_objects(order):
    """A view that joins failures sends a lamp once with and once without one: it is one lamp, and it is reported."""
    storing = ["1", None][::order]
    reports = {"vendor": {"field": "storing", "values": [1]}}

    points = points_from_features(
        batch([shapely.Point(81000, 455000)] * 2, nummer=["7", "7"], storing=storing),
        layer(properties={"id": "nummer", "fields": {"nummer": "string"}}, reports=reports),
    )

    assert points.ids.tolist() == ["7"]
    assert points.vendor.tolist() == ["1"]
    assert points.report.duplicates == 1


GEOMETRY = st.sampled_from(
    [
        shapely.Point(81000, 455000),
        shapely.Point(81000, 455000.000001),
        square(81020, 455010),
        shapely.LineString([(81000, 455000), (81030, 455000)]),
        shapely.Polygon(),
        PLACEHOLDER,
        None,
    ]
)


def test_pipeline_counts_an_unreadable_geometry_once():
    """Under its own reason, not also as an object without geometry; strangers in the document count as received."""
    rows = batch(
        [shapely.Point(81000, 455000), None, None],
        geometry_errors=[None, "Arc of two points", None],
        left_out={"no feature": 2},
    )

    report = points_from_features(rows, layer()).report

    assert report.received == 5
    assert report.skipped == {"Arc of two points": 1, "no geometry": 1, "no feature": 2}


@given(st.lists(st.tuples(GEOMETRY, st.sampled_from(["1", "2", "3", "", None]), st.sampled_from(["ja", "nee"]))))
def test_pipeline_loses_no_object_silently(rows):
    """Each object that is received is served, or counted with its reason."""
    good = [(shapely.Point(81100 + i, 455100), f"goed-{i}", "ja") for i in range(200)]
    geometry, keys, wanted = zip(*good, *rows, strict=True)

    points = points_from_features(
        batch(list(geometry), nummer=keys, wanted=wanted),
        layer(source={"where": {"wanted": ["ja"]}}, properties={"id": "nummer"}),
    )

    report = points.report
    assert report.received == len(points) + sum(report.skipped.values()) + report.duplicates
    assert max(Counter(points.ids).values()) == 1
    assert len(np.unique(points.lonlat, axis=0)) == len(points)


# objects that the vendor has twice


def twin_rows(*, type_names=("put", "vlak"), type_index=(1, 0), **columns):
    """A point and an area of one drain in two types, a few centimetres apart, and another drain."""
    rows = batch([shapely.Point(81001.02, 455001), square(81000, 455000), shapely.Point(81050, 455000)], **columns)
    index = None if type_index is None else np.array([*type_index, type_index[0]], dtype=np.int32)
    return replace(rows, type_names=column([*type_names, type_names[0]]), type_index=index)


def twin_layer(**blocks):
    fields = {
        "nummer": "string",
        "soort": {"default": "put"},
        "hoogte": "number",
        "naam": {"template": "{soort} {hoogte}"},
    }
    return layer(
        source={"type_names": ["gwsw:vlak", "gwsw:put"]},
        **{"properties": {"id": "nummer", "fields": fields}, **blocks},
    )


def test_pipeline_makes_one_object_of_a_point_and_an_area_with_one_key():
    rows = twin_rows(nummer=["7", "7", "8"], soort=["kolk", None, "gemaal"], hoogte=["1.5", "2.5", None])

    points = points_from_features(rows, twin_layer(point={"footprint": True}))

    assert points.ids.tolist() == ["7", "8"]
    area = shapely.Polygon(points.columns[FOOTPRINT][0]["coordinates"][0])
    assert area.contains(shapely.Point(points.lonlat[0]))
    assert {name: values.tolist() for name, values in points.columns.items() if name != FOOTPRINT} == {
        "nummer": ["7", "8"],
        "soort": ["kolk", "gemaal"],
        "hoogte": [2.5, None],
        "naam": ["kolk 2.5", "gemaal"],
    }
    assert points.report.skipped == {MERGED: 1}
    assert (points.report.received, points.report.duplicates, points.report.renamed) == (3, 0, 0)


def test_types_of_a_recorded_document_are_in_the_order_of_the_layer_file():
    rows = twin_rows(type_index=None, nummer=["7", "7", "8"], hoogte=["1.5", "2.5", None])
    assert points_from_features(rows, twin_layer()).columns["hoogte"].tolist() == [2.5, None]


def test_types_with_one_local_name_are_still_two_types():
    """As of two namespaces; and as in GeoJSON, where both answers may be called "OGRGeoJSON"."""
    rows = batch([shapely.Point(81001, 455001), shapely.Point(81002, 455001)], nummer=["7", "7"], hoogte=["1", "2"])
    two = replace(rows, type_index=np.array([1, 0], dtype=np.int32))

    assert points_from_features(two, twin_layer()).columns["hoogte"].tolist() == [2]
    assert len(points_from_features(rows, twin_layer())) == 2


def test_the_business_key_may_be_the_feature_id():
    rows = replace(twin_rows(nummer=["7", "7", "8"]), ids=column(["a", "a", "b"]))
    assert points_from_features(rows, twin_layer(properties={})).ids.tolist() == ["a", "b"]


def test_twins_in_different_crs_are_one_object():
    """One type in RD, the other in degrees."""
    lon, lat = rd_to_etrs89(np.array([[81001.0, 455001.0]]))[0]
    rows = batch([shapely.Point(lat, lon), square(81000, 455000)], nummer=["7", "7"])
    rows = replace(rows, srs_names=("urn:ogc:def:crs:EPSG::4326", "EPSG:28992"), srs_index=np.array([0, 1], np.int32))

    points = points_from_features(replace(rows, type_index=np.array([1, 0], dtype=np.int32)), twin_layer())

    assert (points.ids.tolist(), points.report.skipped) == (["7"], {MERGED: 1})


LARGE = shapely.box(81000, 455000, 81040, 455030)
IN_A_CORNER = shapely.Point(81002, 455002)
"""23 m from the point of the large area."""


@pytest.mark.parametrize(
    ("point", "area"),
    [
        (IN_A_CORNER, LARGE),
        (shapely.Point(80995.1, 455015), LARGE),
        (IN_A_CORNER, shapely.MultiPolygon([LARGE, shapely.box(81100, 455000, 81200, 455100)])),
        # a border that crosses itself
        (IN_A_CORNER, shapely.Polygon([(81000, 455000), (81040, 455000), (81000, 455030), (81040, 455030)])),
    ],
    ids=["inside", "4.9 m beside", "in the smaller part", "in one that is not valid"],
)
def test_a_point_in_a_large_area_is_that_object_wherever_the_point_of_the_area_is(point, area):
    rows = replace(batch([point, area], nummer=["7", "7"]), type_index=np.array([1, 0], dtype=np.int32))

    points = points_from_features(rows, twin_layer())

    assert (points.ids.tolist(), points.report.skipped) == (["7"], {MERGED: 1})
    assert points.lonlat.tolist() == points_from_features(rows.take(np.array([1])), twin_layer()).lonlat.tolist()


def test_distances_between_twins_are_metres_in_every_crs():
    """In degrees, and in Web Mercator, whose metres are 0.6 m in the Netherlands."""
    for srs_name, crs in (("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"), ("EPSG:3857", "EPSG:3857")):
        to_crs = Transformer.from_crs("EPSG:28992", crs, always_xy=True).transform
        for metres, ids in ((4.9, ["7"]), (5.1, ["7.put", "7.vlak"])):
            beside = shapely.Point(81000 - metres, 455015)
            rows = batch([shapely.transform(shape, to_crs, interleaved=False) for shape in (beside, LARGE)])
            rows = replace(rows, srs_names=(srs_name,), columns={"nummer": column(["7", "7"])})
            rows = replace(rows, type_names=column(["put", "vlak"]), type_index=np.array([1, 0], dtype=np.int32))
            assert sorted(points_from_features(rows, twin_layer()).ids) == ids


def test_a_key_of_two_objects_that_are_not_near_each_other_gives_two_with_a_suffix():
    rows = twin_rows(nummer=["7", "8", "7"])

    points = points_from_features(rows, twin_layer())

    assert sorted(points.ids) == sorted(points.columns["nummer"])
    assert (len(points), points.report.renamed, points.report.skipped) == (3, 2, {})


def test_the_key_that_is_served_is_different_for_every_object_if_it_is_text():
    """A form selects all objects with the same value of its idField together; "" is hidden."""
    areas = [square(81000 + 50 * row, 455000) for row in range(4)]
    rows = batch(areas, nummer=["7", "7", None, "9"])
    fields = {"nummer": "string", "getal": {"from": "nummer", "type": "integer"}, "lang": {"template": "nr {nummer}"}}

    points = points_from_features(rows, layer(properties={"id": "nummer", "fields": fields}))

    assert points.columns["nummer"].tolist() == points.ids.tolist()
    assert len(set(points.ids)) == 4
    assert points.columns["getal"].tolist() == [7, 7, None, 9]
    assert points.columns["lang"].tolist() == ["nr 7", "nr 7", None, "nr 9"]


def test_a_key_that_is_served_as_sent_keeps_its_form():
    rows = batch([square(81000, 455000)], nummer=["034.0 "])
    points = points_from_features(rows, layer(properties={"id": "nummer", "fields": {"nummer": "string"}}))
    assert points.columns["nummer"].tolist() == ["034.0"]


def test_a_report_may_use_the_names_of_either_twin_and_the_key_of_objects_that_share_it():
    reports = {"signalen": "default", "match": {"fields": ["oid"]}}
    properties = {"id": "nummer", "fields": {"oid": {"from": "objectid"}}}
    rows = twin_rows(nummer=["7", "7", "8"], objectid=["100", "200", "300"])

    points = points_from_features(rows, twin_layer(properties=properties, reports=reports))

    assert {text for texts in points.names for text in (texts[0],) if text} == {"100", "200"}
    assert points.shared_keys.tolist() == [None, None]
    far = points_from_features(
        twin_rows(nummer=["8", "7", "8"], objectid=["1", "2", "3"]), twin_layer(properties=properties, reports=reports)
    )
    assert sorted(map(str, far.shared_keys)) == ["8", "8", "None"]


@pytest.mark.parametrize(("storing", "kept"), [(["J", "N"], "J"), (["N", "J"], "J"), (["N", None], None)])
def test_a_vendors_mark_on_either_twin_counts(storing, kept):
    reports = {"vendor": {"field": "storing", "values": ["J"]}}
    rows = twin_rows(nummer=["7", "7", "8"], storing=[*storing, None])
    assert points_from_features(rows, twin_layer(reports=reports)).vendor.tolist() == [kept, None]


# what is kept for marks


def with_reports(**reports):
    return layer(
        properties={"id": "objectid", "fields": {"nummer": {"from": "nr", "type": "integer"}}},
        reports={"signalen": "default", "match": {"fields": ["nummer", "objectid"]}, **reports},
    )


def test_pipeline_keeps_what_reports_may_call_an_object():
    """Fields under their output names, and the key without the suffix of a repeated id; none of them is served."""
    areas = [square(81000, 455000), square(81100, 455000)]
    points = points_from_features(batch(areas, objectid=["12", "12"], nr=["007", None]), with_reports())
    assert list(points.columns) == ["nummer"]
    assert [sorted(map(str, texts)) for texts in points.names] == [["", "7"], ["12", "12"]]
    assert "12" not in points.ids
    assert points.vendor is None


def test_pipeline_keeps_no_names_where_no_signalen_is_asked():
    points = points_from_features(
        batch([square(81000, 455000)], objectid=["12"], nr=["1"]), with_reports(signalen=None)
    )
    assert points.names is None


def test_pipeline_keeps_the_vendors_text_only_where_the_layer_says_what_it_means():
    vendor = {"field": "storing", "values": [1], "states": [{"text": "Monteur", "state": "i"}]}
    values = ["1", 1.0, "1.0", " Monteur ", "Jansen", None, ["x", "Monteur"], {"a": 1}]
    areas = [square(81000 + 10 * row, 455000) for row in range(len(values))]
    ids = [str(row) for row in range(len(values))]
    points = points_from_features(batch(areas, objectid=ids, nr=ids, storing=values), with_reports(vendor=vendor))
    kept = dict(zip(points.ids, points.vendor, strict=True))
    assert [kept[name] for name in ids] == ["1", "1", "1", "Monteur", None, None, "Monteur", None]
    assert points.report.absent_fields == ()


def test_a_vendors_mark_that_no_object_has_is_reported():
    points = points_from_features(
        batch([square(81000, 455000)], objectid=["1"], nr=["1"]),
        with_reports(vendor={"field": "storing", "values": [1]}),
    )
    assert list(points.vendor) == [None]
    assert points.report.absent_fields == ("storing",)
