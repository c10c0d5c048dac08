"""The rules for CRS and axis order, one by one, and the order of the evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import needs
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.bbox import BBox
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import ImplausiblePlace, UnknownCrs
from wfs_proxy.features import Encoding, FeatureBatch, Payload
from wfs_proxy.geo.crs.axis_order import Reading, decide_readings, oriented
from wfs_proxy.geo.crs.srs_name import AxisOrder
from wfs_proxy.geo.crs.transform import to_crs84

RD = (155_000.0, 463_000.0)
"""Amersfoort."""

NL = (5.387, 52.155)
"""The same in degrees."""

PLACEHOLDER = (0.0, 0.0)

URN_4326 = "urn:ogc:def:crs:EPSG::4326"
SHORT_4326 = "EPSG:4326"
URN_RD = "urn:ogc:def:crs:EPSG::28992"


def swapped(position: tuple[float, float]) -> tuple[float, float]:
    return position[1], position[0]


def batch(
    positions,
    label: str | None = URN_RD,
    *,
    encoding: Encoding = Encoding.GML32,
    wfs_version: str | None = "2.0.0",
    declared_extent: BBox | None = None,
) -> FeatureBatch:
    """Points at these positions under one label; a position of None has no geometry."""
    geometry = np.array([None if place is None else shapely.Point(place) for place in positions], dtype=object)
    return FeatureBatch(
        ids=np.full(len(geometry), None, dtype=object),
        type_names=np.full(len(geometry), "", dtype=object),
        geometry=geometry,
        geometry_errors=np.full(len(geometry), None, dtype=object),
        srs_index=np.full(len(geometry), -1 if label is None else 0, dtype=np.int32),
        srs_names=() if label is None else (label,),
        columns={},
        encoding=encoding,
        wfs_version=wfs_version,
        declared_extent=declared_extent,
    )


def decided(*args, **kwargs) -> tuple[str, AxisOrder]:
    reading = reading_of(*args, **kwargs)
    return reading.crs, reading.order


def reading_of(*args, **kwargs) -> Reading:
    options = {name: kwargs.pop(name) for name in ("srs_name", "axis_order", "extent", "near") if name in kwargs}
    (reading,) = decide_readings(batch(*args, **kwargs), **options).by_label.values()
    return reading


@pytest.mark.parametrize(
    ("label", "position", "expected"),
    [
        (URN_RD, RD, ("EPSG:28992", AxisOrder.XY)),
        (URN_RD, swapped(RD), ("EPSG:28992", AxisOrder.YX)),
        (URN_RD, NL, ("OGC:CRS84", AxisOrder.XY)),
        (URN_RD, swapped(NL), ("OGC:CRS84", AxisOrder.YX)),
        (URN_4326, swapped(NL), ("EPSG:4326", AxisOrder.YX)),
        (URN_4326, NL, ("EPSG:4326", AxisOrder.XY)),
        (URN_4326, RD, ("EPSG:28992", AxisOrder.XY)),
        (SHORT_4326, swapped(NL), ("EPSG:4326", AxisOrder.YX)),
        ("EPSG:25831", (664_000, 5_781_000), ("EPSG:25831", AxisOrder.XY)),
        ("EPSG:25831", (5_781_000, 664_000), ("EPSG:25831", AxisOrder.YX)),
        ("EPSG:3857", NL, ("OGC:CRS84", AxisOrder.XY)),
        (None, RD, ("EPSG:28992", AxisOrder.XY)),
        (None, NL, ("OGC:CRS84", AxisOrder.XY)),
        (None, swapped(NL), ("OGC:CRS84", AxisOrder.YX)),
    ],
    ids=lambda value: str(value).replace("/", "-"),
)
def test_reading_is_the_only_one_in_the_netherlands(label, position, expected):
    assert decided([position], label) == expected


@pytest.mark.parametrize(
    ("label", "position", "expected"),
    [
        ("EPSG:25832", (5_935_000, 565_000), ("EPSG:25832", AxisOrder.YX)),
        ("EPSG:3045", (550_780, 4_452_960), ("EPSG:3045", AxisOrder.XY)),
        (URN_4326, (-122.2, 50.5), ("EPSG:4326", AxisOrder.XY)),
        ("EPSG:4269", (-160.2, 21.9), ("EPSG:4269", AxisOrder.XY)),
        ("urn:ogc:def:crs:EPSG::4258", (58.7, 7.4), ("EPSG:4258", AxisOrder.YX)),
        ("urn:ogc:def:crs:EPSG::25833", (60_133, 6_532_844), ("EPSG:25833", AxisOrder.XY)),
        ("EPSG:25833", (7_850_000, 1_076_000), ("EPSG:25833", AxisOrder.YX)),
        ("EPSG:25832", (798_000, 5_828_000), ("EPSG:25832", AxisOrder.XY)),
    ],
    ids=[
        "Hamburg northing first",
        "N-E system easting first",
        "latitude -122",
        "Hawaii",
        "outside ETRS89",
        "west of Norway in zone 33",
        "east of Norway in zone 33, northing first",
        "Berlin in zone 32",
    ],
)
def test_reading_is_the_only_possible_one(label, position, expected):
    assert decided([position], label) == expected


@pytest.mark.parametrize(
    ("label", "encoding", "version", "order"),
    [
        (SHORT_4326, Encoding.GML2, "1.0.0", AxisOrder.XY),
        (SHORT_4326, Encoding.GML31, "1.1.0", AxisOrder.YX),
        (SHORT_4326, Encoding.GML32, "2.0.0", AxisOrder.XY),
        (SHORT_4326, Encoding.GML31, None, AxisOrder.XY),
        (URN_4326, Encoding.GML2, "2.0.0", AxisOrder.YX),
        (URN_4326, Encoding.GML31, "1.1.0", AxisOrder.YX),
        (URN_4326, Encoding.GML32, "2.0.0", AxisOrder.YX),
        (URN_4326, Encoding.GEOJSON, "2.0.0", AxisOrder.XY),
        ("urn:x-ogc:def:crs:EPSG:6.11.2:4326", Encoding.GML31, "1.1.0", AxisOrder.YX),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", Encoding.GML32, "2.0.0", AxisOrder.YX),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", Encoding.GML2, "1.0.0", AxisOrder.XY),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", Encoding.GML31, "1.1.0", AxisOrder.XY),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", Encoding.GML32, "2.0.0", AxisOrder.XY),
        ("[EPSG:4258]", Encoding.GEOJSON, None, AxisOrder.YX),
        ("EPSG:4258", Encoding.GEOJSON, None, AxisOrder.XY),
        ("urn:ogc:def:crs:EPSG::31370", Encoding.GML32, "2.0.0", AxisOrder.XY),
    ],
)
def test_reading_without_other_evidence_is_what_the_label_promises(label, encoding, version, order):
    position = (150_000, 170_000) if "31370" in label else (10.0, 40.0) if "4326" in label else (34.0, 36.0)
    assert decided([position], label, encoding=encoding, wfs_version=version)[1] is order


@pytest.mark.parametrize(
    ("label", "order"),
    [
        (SHORT_4326, AxisOrder.YX),
        ("EPSG:25832", AxisOrder.XY),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", AxisOrder.XY),
    ],
)
@pytest.mark.parametrize("version", [None, "2.0.0"])
def test_short_label_follows_the_authority_in_documents_of_programs_that_do(label, order, version):
    places = batch([(10.0, 40.0)] if "4326" in label else [GERMAN], label, wfs_version=version)
    (reading,) = decide_readings(replace(places, authority_order=True)).by_label.values()
    assert reading.order is order


def test_extent_of_the_layer_decides_abroad():
    assert decided([(48.1, 11.5)], SHORT_4326, extent=BBox(11.3, 48.0, 11.8, 48.3)) == (SHORT_4326, AxisOrder.YX)
    assert decided([(11.5, 48.1)], SHORT_4326, extent=BBox(11.3, 48.0, 11.8, 48.3)) == (SHORT_4326, AxisOrder.XY)


def test_extent_that_the_source_declares_decides_abroad():
    assert decided([(48.1, 11.5)], SHORT_4326, declared_extent=BBox(9.0, 47.0, 13.0, 50.0))[1] is AxisOrder.YX


def test_extent_of_the_layer_goes_before_the_netherlands():
    """Near Somalia, which is where the Netherlands are with latitude and longitude swapped."""
    assert decided([NL], SHORT_4326, extent=BBox(52.0, 5.0, 53.0, 6.0))[1] is AxisOrder.YX


ONE, OTHER = (10.0, 40.0), (40.0, 10.0)
"""Two places of which one is the other with its axes swapped."""
AROUND_ONE, AROUND_OTHER = BBox(9.0, 39.0, 11.0, 41.0), BBox(39.0, 9.0, 41.0, 11.0)


@pytest.mark.parametrize(
    ("stronger", "weaker", "evidence"),
    [
        ("extent", "near", "lies in the layer's extent"),
        ("extent", "declared_extent", "lies in the layer's extent"),
        ("near", "declared_extent", "lies in the surroundings of the cell"),
    ],
)
def test_stronger_evidence_decides_where_weaker_evidence_contradicts_it(stronger, weaker, evidence):
    for position, order in ((ONE, AxisOrder.XY), (OTHER, AxisOrder.YX)):
        found = reading_of([position], SHORT_4326, **{stronger: AROUND_ONE, weaker: AROUND_OTHER})

        assert (found.order, found.evidence) == (order, evidence)


def test_declared_extent_decides_before_the_netherlands():
    in_somalia = BBox(52.0, 5.0, 53.0, 6.0)

    assert reading_of([NL], SHORT_4326, declared_extent=in_somalia).evidence == "lies in the declared extent"


@pytest.mark.parametrize(
    ("good", "elsewhere", "order"), [(1, 0, AxisOrder.YX), (18, 0, AxisOrder.YX), (18, 1, AxisOrder.XY)]
)
def test_placeholder_is_no_evidence_but_an_object_elsewhere_is(good, elsewhere, order):
    """Where an object elsewhere counts as a misfit, the order is the one that the label promises."""
    positions = [swapped(NL)] * good + [PLACEHOLDER] + [ONE] * elsewhere

    assert decided(positions, SHORT_4326) == (SHORT_4326, order)


def test_extent_that_is_the_world_decides_nothing():
    assert decided([swapped(NL)], SHORT_4326, declared_extent=BBox(-180, -90, 180, 90))[1] is AxisOrder.YX


def test_extent_that_the_source_declares_wrongly_is_overruled_by_the_netherlands():
    assert decided([RD], declared_extent=BBox(-1.0, -1.0, 0.0, 0.0)) == ("EPSG:28992", AxisOrder.XY)


def test_objects_outside_the_extent_of_the_layer_are_refused():
    with pytest.raises(ImplausiblePlace, match="the layer's extent"):
        decided([RD], extent=BBox(4.0, 51.0, 4.5, 52.0))


def test_extent_of_the_layer_has_a_margin_of_a_hundredth_of_a_degree():
    inside, near, far = (11.5, 48.1), (11.5, 48.2 + 0.0099), (11.5, 48.2 + 0.0101)
    found = decide_readings(batch([inside] * 20 + [near, far], SHORT_4326), extent=BBox(11.3, 48.0, 11.8, 48.2))

    assert found.keep.tolist() == [True] * 21 + [False]


def test_axis_order_of_the_layer_overrides_the_label():
    assert decided([(10.0, 40.0)], URN_4326, axis_order="xy") == (SHORT_4326, AxisOrder.XY)
    assert decided([(10.0, 40.0)], SHORT_4326, axis_order="yx") == (SHORT_4326, AxisOrder.YX)


def test_axis_order_of_the_layer_that_makes_nonsense_is_refused():
    with pytest.raises(ImplausiblePlace, match="axis_order"):
        decided([RD], axis_order="yx")


def test_absent_label_is_replaced_by_the_requested_one():
    assert decided([(565_000, 5_935_000)], None, srs_name="EPSG:25832") == ("EPSG:25832", AxisOrder.XY)


def test_unknown_label_is_replaced_by_the_requested_one():
    assert decided([RD], "urn:ogc:def:crs:EPSG::313700", srs_name="EPSG:28992") == ("EPSG:28992", AxisOrder.XY)


def test_label_as_written_precedes_the_requested_one():
    assert decided([(565_000, 5_935_000)], "EPSG:25832", srs_name="EPSG:4326")[0] == "EPSG:25832"


def test_geojson_without_label_is_crs84_anywhere():
    assert decided([(34.0, 36.0)], None, encoding=Encoding.GEOJSON) == ("OGC:CRS84", AxisOrder.XY)


def test_gml_without_label_abroad_is_refused():
    with pytest.raises(UnknownCrs, match="set `srs_name`"):
        decided([(34.0, 36.0)], None)


def test_label_that_proj_does_not_know_is_refused():
    with pytest.raises(UnknownCrs, match="EPSG:99999"):
        decided([RD], "EPSG:99999")


@pytest.mark.parametrize("label", [URN_RD, URN_4326, SHORT_4326, None])
@pytest.mark.parametrize("place", [RD, NL, swapped(NL)])
@pytest.mark.parametrize(
    ("good", "bad"),
    [(1, 1), (2, 1), (19, 1), (27, 3), (95, 5), (10, 10), (1, 9), (500, 9_500)],
    ids=lambda count: f"{count}",
)
def test_placeholders_are_set_aside_and_counted_however_many(label, place, good, bad):
    readings = decide_readings(batch([PLACEHOLDER] * bad + [place] * good, label))
    assert (readings.keep.tolist(), readings.skipped) == (
        [False] * bad + [True] * good,
        {"placeholder coordinates": bad},
    )
    assert readings.describe() == decide_readings(batch([place] * good, label)).describe()


@pytest.mark.parametrize("label", [URN_RD, SHORT_4326, "EPSG:99999", None])
@pytest.mark.parametrize("extent", [None, BBox(4.2, 52.0, 4.4, 52.1)])
def test_layer_of_nothing_but_placeholders_has_no_place(label, extent):
    """0,0 is possible in degrees, but no object is there."""
    readings = decide_readings(batch([PLACEHOLDER] * 5, label), extent=extent)
    assert (dict(readings.by_label), readings.skipped) == ({}, {"placeholder coordinates": 5})


def test_placeholders_are_set_aside_under_every_label():
    mixed = two_labels((URN_RD, RD), (URN_4326, PLACEHOLDER), (2, 8))
    assert decide_readings(mixed).skipped == {"placeholder coordinates": 8}


def test_placeholders_do_not_count_against_the_extent_of_the_layer():
    readings = decide_readings(batch([RD] * 3 + [PLACEHOLDER] * 30), extent=BBox(5.3, 52.1, 5.5, 52.2))
    assert readings.keep.sum() == 3


@pytest.mark.parametrize("axis_order", ["xy", "yx"])
def test_placeholders_have_no_axis_order(axis_order):
    place = RD if axis_order == "xy" else swapped(RD)
    assert decide_readings(batch([place] + [PLACEHOLDER] * 9), axis_order=axis_order).keep.sum() == 1


GRONINGEN = [(233_900.0 + 10 * number, 582_100.0) for number in range(27)]


@pytest.mark.parametrize("order", [AxisOrder.XY, AxisOrder.YX])
@pytest.mark.parametrize("label", [URN_RD, URN_4326])
@pytest.mark.parametrize("share", [3, 27, 243])
def test_false_easting_and_northing_alone_are_no_place_in_a_layer_of_another_town(order, label, share):
    places = [*GRONINGEN, *[(155_000.0, 463_000.0)] * share]
    readings = decide_readings(batch(places if order is AxisOrder.XY else list(map(swapped, places)), label))
    assert (readings.keep.sum(), readings.skipped) == (27, {"placeholder coordinates": share})
    assert readings.by_label[0].order is order


def test_placeholders_at_an_origin_do_not_count_against_the_extent_of_the_layer():
    readings = decide_readings(batch([*GRONINGEN, *[RD] * 9]), extent=BBox(6.5, 53.2, 6.7, 53.3))
    assert readings.skipped == {"placeholder coordinates": 9}


@pytest.mark.parametrize(
    ("crs", "reason"), [("EPSG:99999", {"unknown CRS": 2}), ("EPSG:28992", {})], ids=["unknown", "known"]
)
def test_objects_at_the_origin_of_rd_are_kept_under_a_label_of_their_own(crs, reason):
    readings = decide_readings(two_labels((URN_RD, GRONINGEN[0]), (crs, RD), (40, 2)))
    assert readings.skipped == reason


def test_unlabelled_rd_with_y_first_needs_the_layer_file():
    """A place on the Isle of Wight in the British grid has such numbers too."""
    with pytest.raises(UnknownCrs, match=r"set `axis_order: yx` in the layer's source, or `extent`.*set `srs_name`"):
        decided([(447_300.0, 91_200.0)], None, encoding=Encoding.GEOJSON)
    with pytest.raises(UnknownCrs, match="only with y first"):
        decided([swapped(RD)] * 100, None, declared_extent=BBox(5.0, 52.0, 5.8, 52.3))


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize(
    "options",
    [{"axis_order": "yx"}, {"extent": BBox(5.0, 52.0, 5.8, 52.3)}, {"srs_name": "EPSG:28992"}],
    ids=["axis_order", "extent", "srs_name"],
)
def test_unlabelled_rd_with_y_first_is_read_where_the_layer_file_says_so(encoding, options):
    assert decided([swapped(RD)] * 3, None, encoding=encoding, **options) == ("EPSG:28992", AxisOrder.YX)


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("position", [(34_000_000.0, 36.0), (150_000.0, 6_000_000.0)])
def test_unlabelled_numbers_that_are_nowhere_have_an_unknown_crs(encoding, position):
    with pytest.raises(UnknownCrs, match=r"neither degrees nor RD.*set `srs_name`"):
        decided([position] * 3, None, encoding=encoding)


@pytest.fixture
def failing() -> Callable[[str], FeatureBatch]:
    """Return a function that decodes a document that was once misread."""
    folder = needs.corpus() / "failing"
    return lambda name: decode(Payload(body=(folder / name).read_bytes()))


@pytest.mark.parametrize("name", ["rd_tenth_at_0_0.json", "degrees_tenth_at_0_0.json"])
def test_tenth_of_a_layer_at_zero_costs_nothing_else(failing, name):
    readings = decide_readings(failing(name))
    assert (readings.keep.sum(), readings.skipped) == (27, {"placeholder coordinates": 3})


def test_british_place_without_a_label_is_refused(failing):
    with pytest.raises(UnknownCrs, match="only with y first"):
        decide_readings(failing("bng_unlabelled.json"))


@pytest.mark.parametrize("good", [1, 2, 10])
def test_one_odd_object_never_costs_a_small_layer(good):
    readings = decide_readings(batch([RD] * good + [(9e9, -9e9)]))
    assert readings.keep.tolist() == [True] * good + [False]


@pytest.mark.parametrize(("good", "bad"), [(94, 6), (50, 50), (6, 2), (0, 1), (0, 5)], ids=lambda count: f"{count}")
def test_batch_that_fits_nowhere_is_refused(good, bad):
    with pytest.raises(ImplausiblePlace, match="no reading puts 95% of the objects"):
        decide_readings(batch([RD] * good + [(-1.0, -1.0)] * bad))


def test_refusal_names_the_coordinates_and_the_candidates():
    with pytest.raises(ImplausiblePlace, match=r"3 objects, the first at 1 2; tried EPSG:28992 x,y, EPSG:28992 y,x"):
        decide_readings(batch([(1.0, 2.0)] * 3))


def test_objects_without_geometry_are_counted_and_decide_nothing():
    readings = decide_readings(batch([None] * 30 + [RD]))
    assert (readings.keep.sum(), readings.skipped) == (1, {"no geometry": 30})


def test_numbers_beyond_all_bounds_are_counted():
    places = decide_readings(batch([RD] * 20 + [(1e308, 1e308)]))
    assert places.skipped == {"coordinates are not numbers": 1}


def test_coordinates_that_are_not_numbers_are_counted():
    readings = decide_readings(batch([RD, RD, (np.nan, 1.0)]))
    assert (readings.keep.tolist(), sum(readings.skipped.values())) == ([True, True, False], 1)


@pytest.mark.parametrize("count", [0, 3])
def test_layer_without_geometries_has_no_reading_and_is_not_refused(count):
    readings = decide_readings(batch([None] * count))
    assert (dict(readings.by_label), readings.keep.sum(), readings.describe()) == ({}, 0, "")


def two_labels(first, second, counts=(1, 1)) -> FeatureBatch:
    (label_a, place_a), (label_b, place_b) = first, second
    both = batch([place_a] * counts[0] + [place_b] * counts[1])
    return FeatureBatch(
        **{
            **{
                name: getattr(both, name)
                for name in ("ids", "type_names", "geometry", "geometry_errors", "columns", "encoding")
            },
            "srs_index": np.repeat(np.array([0, 1], dtype=np.int32), counts),
            "srs_names": (label_a, label_b),
        }
    )


def test_labels_are_read_one_by_one():
    readings = decide_readings(two_labels((URN_RD, RD), (URN_4326, swapped(NL))))
    assert [reading.crs for reading in readings.by_label.values()] == ["EPSG:28992", "EPSG:4326"]


def test_labels_that_mean_the_same_are_one_group():
    readings = decide_readings(two_labels((URN_RD, RD), ("EPSG:28992", RD), (3, 2)))
    assert [rows.tolist() for _, rows in readings.groups()] == [[0, 1, 2, 3, 4]]


def test_groups_hold_every_kept_row_once():
    readings = decide_readings(two_labels((URN_RD, RD), (URN_4326, swapped(NL)), (4, 3)))
    assert sorted(np.concatenate([rows for _, rows in readings.groups()]).tolist()) == list(range(7))


GERMAN = (565_000.0, 5_935_000.0)


def some_without_label(first, second, counts=(1, 1), **changes) -> FeatureBatch:
    """A batch of two labels of which the second is absent."""
    both = two_labels(first, ("", second), counts)
    return replace(
        both, srs_index=np.where(both.srs_index == 1, -1, 0).astype(np.int32), srs_names=first[:1], **changes
    )


@pytest.mark.parametrize("counts", [(32, 69), (1, 100), (100, 1)])
def test_objects_without_a_label_have_that_of_all_others(counts):
    """In a document of the BGT, 32 areas have a srsName and 69 have none."""
    readings = decide_readings(some_without_label(("EPSG:25832", GERMAN), GERMAN, counts))
    assert (readings.describe(), readings.keep.all()) == ("EPSG:25832 x,y: no other reading is possible", True)


@pytest.mark.parametrize("elsewhere", [NL, swapped(NL), RD])
def test_label_of_the_others_is_evidence_only(elsewhere):
    """The objects without a label are weighed on their own: their numbers may be in another system."""
    assert decide_readings(some_without_label((URN_RD, RD), elsewhere)).keep.all()


def test_requested_srs_name_goes_before_the_label_of_the_others():
    readings = decide_readings(some_without_label(("EPSG:4258", (9.9, 53.5)), GERMAN), srs_name="EPSG:25832")
    assert [reading.crs for reading in readings.by_label.values()] == ["EPSG:25832", "EPSG:4258"]


def test_geojson_without_a_label_is_crs84_beside_others_that_have_one():
    mixed = some_without_label(("EPSG:25832", GERMAN), (9.9, 53.5), encoding=Encoding.GEOJSON)
    assert [reading.crs for reading in decide_readings(mixed).by_label.values()] == ["OGC:CRS84", "EPSG:25832"]


def test_unknown_label_of_the_others_says_nothing():
    readings = decide_readings(some_without_label(("EPSG:99999", RD), RD, (1, 40)))
    assert (readings.keep.sum(), readings.skipped) == (40, {"unknown CRS": 1})


def test_unknown_label_costs_its_own_objects_only():
    readings = decide_readings(two_labels((URN_RD, RD), ("EPSG:99999", RD), (40, 2)))
    assert (readings.keep.sum(), readings.skipped) == (40, {"unknown CRS": 2})


def test_label_that_most_objects_have_must_be_known():
    with pytest.raises(UnknownCrs):
        decide_readings(two_labels((URN_RD, RD), ("EPSG:99999", RD), (2, 40)))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"extent": BBox(5.0, 52.0, 6.0, 53.0)}, "EPSG:28992 x,y: lies in the layer's extent"),
        ({}, "EPSG:28992 x,y: lies in the Netherlands and Belgium"),
    ],
)
def test_description_has_the_deciding_evidence(options, text):
    assert decide_readings(batch([RD], "EPSG:28992"), **options).describe() == text


def test_description_names_a_label_that_is_wrong():
    assert decide_readings(batch([NL])).describe().startswith(f"{URN_RD} read as OGC:CRS84 x,y: ")


def test_oriented_swaps_only_what_has_y_first():
    written = np.array([shapely.Point(1, 2), None, shapely.LineString([(1, 2), (3, 4)])], dtype=object)
    assert oriented(written, AxisOrder.XY) is written
    swapped_geometry = oriented(written, AxisOrder.YX)
    assert [shape and shape.wkt for shape in swapped_geometry] == ["POINT (2 1)", None, "LINESTRING (2 1, 4 3)"]


PLACES = st.lists(st.tuples(st.floats(3.4, 7.2), st.floats(50.8, 53.5)), min_size=1, max_size=30)


@given(PLACES, st.sampled_from([SHORT_4326, URN_4326, URN_RD, "EPSG:25831", "EPSG:3857"]), st.booleans())
def test_degrees_in_the_netherlands_are_found_whatever_the_label_says(places, label, lat_first):
    written = [swapped(place) for place in places] if lat_first else places
    ((reading, rows),) = decide_readings(batch(written, label)).groups()
    found = to_crs84(shapely.get_coordinates(oriented(batch(written).geometry[rows], reading.order)), reading.crs)
    assert found == pytest.approx(np.array(places))


@given(PLACES, st.randoms(use_true_random=False))
def test_reading_does_not_depend_on_the_order_of_the_rows(places, random):
    shuffled = random.sample(places, len(places))
    assert decided(places, SHORT_4326) == decided(shuffled, SHORT_4326)


# a cell of a layer

NAIROBI = (36.82, -1.29)
AROUND_NAIROBI = BBox(36.0, -2.0, 37.5, -0.5)


@pytest.mark.parametrize("position", [NAIROBI, swapped(NAIROBI)])
@pytest.mark.parametrize("label", [SHORT_4326, URN_4326])
def test_surroundings_of_the_cell_decide_the_order_of_a_single_object(position, label):
    expected = AxisOrder.XY if position == NAIROBI else AxisOrder.YX
    assert decided([position], label, near=AROUND_NAIROBI) == ("EPSG:4326", expected)


def test_object_whose_middle_is_far_from_the_cell_is_kept():
    """A long line touches the cell; only its label is evidence for its location."""
    far = decide_readings(batch([NAIROBI, (39.7, -4.05)], "EPSG:4326"), near=AROUND_NAIROBI)
    alone = decide_readings(batch([(39.7, -4.05)], "EPSG:4326"), near=AROUND_NAIROBI)

    assert far.keep.tolist() == [True, True]
    assert alone.keep.tolist() == [True]


def test_object_in_the_cell_is_kept_although_the_declared_extent_fits_the_others():
    extent = BBox(36.7, -1.4, 36.9, -1.2)
    found = decide_readings(
        batch([NAIROBI] * 30 + [(37.2, -1.3)], "EPSG:4326", declared_extent=extent), near=AROUND_NAIROBI
    )

    assert found.keep.all()


def test_cell_outside_the_extent_of_the_layer_has_nothing_but_is_not_refused():
    found = decide_readings(batch([RD] * 3), extent=BBox(4.2, 52.0, 4.4, 52.1), near=BBox(5.0, 52.0, 5.8, 52.3))

    assert found.keep.tolist() == [False] * 3
    assert found.skipped == {"outside the area": 3}


@pytest.mark.parametrize("position", [RD, swapped(RD), NL, swapped(NL)])
@pytest.mark.parametrize("label", [URN_RD, URN_4326, None])
def test_surroundings_of_the_cell_agree_with_the_whole_layer(position, label):
    def decision(*args, **kwargs) -> tuple[str, AxisOrder] | None:
        try:
            return decided(*args, **kwargs)
        except UnknownCrs:
            return None

    assert decision([position], label, near=BBox(5.0, 52.0, 5.8, 52.3)) == decision([position] * 100, label)
