"""Every recorded document of the corpus: the features, names and places that GDAL reads, or the right refusal.

The tables below have what a layer file would have to say about a document that does not say everything itself, where
GDAL and we differ and who is right, and the few documents whose place cannot be determined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
import shapely
from recorded_documents import EXPECTED, kind_of, layers_of_gdal, names_in_folders, of_kind, path, payload, truth

from wfs_proxy.config.layer import Layer
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import (
    ImplausiblePlace,
    MalformedDocument,
    NotFeatures,
    UnsafeDocument,
    UpstreamException,
)
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.geo.crs.axis_order import Readings, decide_readings, oriented
from wfs_proxy.geo.crs.transform import to_crs84
from wfs_proxy.pipeline.transform import points_from_features

TOLERANCE = 1e-5
"""Degrees. GDAL has no RD grid and rounds boxes to 6 decimals."""


@dataclass(frozen=True)
class LayerFacts:
    """Settings of the layer file for what the document does not say."""

    why: str
    srs_name: str | None = None
    axis_order: Literal["auto", "xy", "yx"] = "auto"
    extent: tuple[float, float, float, float] | None = None
    geometry: str | None = None


NO_CRS = "a parser's test file: no srsName anywhere, and the numbers are not a place; read as written"

LAYERS = {
    "gml-traps/polygon_no_srsname.gml": LayerFacts(
        "no srsName anywhere; the feature type's name says 31370", srs_name="EPSG:31370"
    ),
    "gml-traps/polygon_invalid_srsname.gml": LayerFacts(
        "the srsName does not exist (313700); the feature type's name says 31370", srs_name="EPSG:31370"
    ),
    "gml-traps/utf8.gml": LayerFacts(
        "no srsName; OpenStreetMap's planet_osm_point is in Web Mercator", srs_name="EPSG:3857"
    ),
    "gml-traps/first_feature_without_geometry.gml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "gml-traps/multiple_geom_elements.gml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "gml-traps/hale_curve_arcs_gml32.xml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "gml-traps/hale_multisurface_gml32.xml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "gml-traps/hale_surface_patches_hole.xml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "other-servers/tinyows_getfeature_by_id.xml": LayerFacts(
        "the municipality of Lariano is in this box", extent=(12.7, 41.6, 13.0, 41.9)
    ),
    "gml-traps/hydro_nosrs.gml": LayerFacts("no srsName; rivers in the British grid", srs_name="EPSG:27700"),
    "gml-traps/surface_arcs_rings_gml32.xml": LayerFacts(NO_CRS, srs_name="EPSG:25832"),
    "gml-traps/compositecurve_mismatch.xml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "gml-traps/wfs_tuple_join.gml": LayerFacts(NO_CRS, srs_name="OGC:CRS84"),
    "geometries/alkis_wald_arcs.xml": LayerFacts(
        "no srsName; the surveyors of North Rhine-Westphalia use ETRS89 / UTM 32", srs_name="EPSG:25832"
    ),
    "geometries/alkis_flurstueck.xml": LayerFacts("a parcel with a point added for a test", geometry="position"),
    "gml-traps/inspire_cadastralparcel.xml": LayerFacts("an area and a reference point", geometry="geometry"),
    "gml-traps/inspire_cadastralzoning.xml": LayerFacts("an area and a reference point", geometry="geometry"),
}

NOWHERE = {
    "other-servers/tinyows_getfeature_by_id.xml": "says EPSG:3857, holds northing,easting of UTM 32N",
    "gml-traps/hale_multipoint_28992_gml32.xml": "says RD, but x is negative: 43 km into the sea off Dunkirk",
    "geometries/pdok_polygon_with_arc.gml": "says RD, but the numbers are 0 to 700: not a place in the Netherlands",
    "geometries/pdok_polygon_with_hole.gml": "says RD, but the numbers are invented: in the middle of France",
    "gml-traps/ionic_wfs_lost_decimals.gml": "says EPSG:4326, but all decimal points were lost: 31899 degrees",
    "gml-traps/same_nested_property_name.gml": "its only point is 0,0, a placeholder",
}
"""Documents whose features are read, but whose place cannot be determined -> the true reason. At most eight."""

UNREADABLE = {
    "gml-traps/iceland_not_coordinates.xml": (1, "a sentence instead of coordinates"),
    "gml-traps/hale_curve_arcs_gml32.xml": (5, "three splines, and two arcs by bulge without normals"),
}
"""Documents with geometries that we do not read -> how many, and what they are."""

NAMES = {
    "gml-traps/hale_curve_arcs_gml32.xml": set[str](),
    "gml-traps/hale_point_variants_28992.xml": set[str](),
    "gml-traps/point_variants_28992_gml31.xml": set[str](),
    "gml-traps/arcstring_gml32.xml": set[str](),
    "nl/luminizer_mast_denhaag_features.json": {
        *EXPECTED["nl/luminizer_mast_denhaag_features.json"]["json"]["property_names"],
        "id",
    },
    "gml-traps/too_nested.gml": {"a"},
    "gml-traps/wfs_tuple_join.gml": {"foo", "bar", "baz"},
    "geometries/alkis_wald_arcs.xml": {
        *("identifier", "beginnt", "advStandardModell", "art", "uri", "nutzung", "vegetationsmerkmal"),
    },
    "geometries/alkis_flurstueck.xml": {
        *("identifier", "beginnt", "advStandardModell", "art", "uri", "land", "gemarkungsnummer", "zaehler"),
        *(
            "flurstueckskennzeichen",
            "amtlicheFlaeche",
            "amtlicheFlaeche_uom",
            "flurnummer",
            "abweichenderRechtszustand",
        ),
        *("rechtsbehelfsverfahren", "zeitpunktDerEntstehung", "regierungsbezirk", "kreis", "gemeinde"),
        "gemeindezugehoerigkeit|AX_Gemeindekennzeichen|land",
    },
    "gml-traps/inspire_cadastralparcel.xml": {
        *("areaValue", "areaValue_uom", "beginLifespanVersion", "endLifespanVersion", "localId", "namespace", "label"),
        *("nationalCadastralReference", "validFrom", "validTo"),
    },
    "gml-traps/inspire_cadastralzoning.xml": {
        *("beginLifespanVersion", "endLifespanVersion", "estimatedAccuracy", "estimatedAccuracy_uom", "localId"),
        *("namespace", "label", "level", "LocalisedCharacterString", "language", "nativeness", "nameStatus"),
        *("sourceOfName", "text", "script", "nationalCadastalZoningReference", "originalMapScaleDenominator"),
        *("validFrom", "validTo"),
    },
}
"""Attribute names of documents where GDAL mistakes parts of a geometry for attributes or one object for several, that
GDAL cannot read, or that it reads by a schema of its own (INSPIRE's parcels, whose names it changes)."""

NOT_OF_FEATURES = {
    "deegree/xplan_bplan_200_4258.xml": {"versionBauNVODatum", "versionBauNVOText"},
    "gml-traps/piezometre_nested.gml": {"pos"},
}
"""Names that GDAL lists although they are not attributes of the features: those of objects that were only added because
a feature refers to them, and the numbers of a second geometry."""

NOT_FILLED_FOR_GDAL = {
    "gml-traps/piezometre_nested.gml": {
        "contains",
        "belongsTo|NetworkFacility|linkingTime|TimePeriod|endPosition",
    },
}
"""Repeated elements that are empty each time: GDAL drops them, we keep a list of empty texts."""

COUNTS = {
    "nl/luminizer_mast_denhaag_features.json": (1, "an array of features, which GDAL cannot read"),
    "deegree/xplan_bplan_200_4258.xml": (2, "GDAL also counts wfs:additionalObjects (OGC 09-025r2, section 11.3.3.5)"),
    "gml-traps/wfs_tuple_join.gml": (4, "two tuples of two features each; GDAL makes one feature of a tuple"),
    "gml-traps/too_nested.gml": (1, "GDAL gives up at this depth; the feature has one attribute and no geometry"),
    "geometries/alkis_wald_arcs.xml": (1, "one forest; GDAL counts the nine curves of its outline"),
    "geometries/alkis_flurstueck.xml": (1, "one parcel; GDAL counts the two surfaces of its area"),
}
"""Documents whose features GDAL counts wrongly -> the right number, and why."""

IN_PART = {
    "gml-traps/hale_multisurface_gml32.xml": "GDAL reads the last of two surface members",
    "gml-traps/hale_surface_patches_hole.xml": "GDAL reads the last of two patches",
    "gml-traps/compositecurve_mismatch.xml": "GDAL reads the last of three parts, which do not meet",
}
"""Documents of whose geometries GDAL reads a part."""

OTHER_FIRST = {
    "gml-traps/wfs_tuple_join.gml": "the first geometry of GDAL is in the second tuple",
    "geometries/ets_curve_arcbycenterpoint.xml": "the point that GDAL 3.6.2 gives is two kilometres off its own arc",
}
"""Documents whose first place cannot be compared with GDAL's."""

UNCOUNTED = {"gml_id", "fid", "lowerCorner", "upperCorner"}
"""Listed by GDAL as attributes, but not attributes."""


REFUSALS = {
    "exception": (UpstreamException, "answered with an exception report: "),
    "dtd": (UnsafeDocument, "the XML has a DOCTYPE"),
    "html": (NotFeatures, "is an HTML page, not features"),
    "capabilities": (NotFeatures, "is a capabilities document"),
    "describefeaturetype": (NotFeatures, "is an XML schema"),
    "badxml": (MalformedDocument, "the XML is not well-formed"),
    "badjson": (MalformedDocument, "is truncated or not well-formed JSON"),
}
"""Kind of document -> the error, and a pattern of its reason."""

REFUSED_AS = {"geoserver/dft_pigma_110.xsd.xml": "describefeaturetype"}
"""A schema without its namespaces is not well-formed, but its root element is enough to refuse it as a schema."""


ANSWERS = of_kind("gml", "json")
GEOMETRIES = of_kind("geometry")
PLACED = [name for name in [*ANSWERS, *GEOMETRIES] if name not in NOWHERE]


def facts(name: str) -> LayerFacts:
    return LAYERS.get(name, LayerFacts(""))


def decoded(name: str) -> FeatureBatch:
    return decode(payload(name), geometry=facts(name).geometry)


def read(name: str, batch: FeatureBatch) -> Readings:
    layer = facts(name)
    return decide_readings(batch, srs_name=layer.srs_name, axis_order=layer.axis_order, extent=layer.extent)


def in_crs84(batch: FeatureBatch, readings: Readings) -> np.ndarray:
    """Return (N,) geometries in degrees; None for objects without a place."""
    geometry = np.full(len(batch), None, dtype=object)
    for reading, rows in readings.groups():
        geometry[rows] = shapely.transform(
            oriented(batch.geometry[rows], reading.order), lambda xy, crs=reading.crs: to_crs84(xy, crs)
        )
    return geometry


def rows_of_layer(batch: FeatureBatch, layer: dict, layers: int) -> np.ndarray:
    return np.arange(len(batch)) if layers == 1 else np.flatnonzero(batch.type_names == layer["layer"])


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_has_as_many_features_as_gdal_reads(name):
    batch = decoded(name)
    assert len(batch) == (COUNTS[name][0] if name in COUNTS else sum(each["features"] for each in layers_of_gdal(name)))
    assert sum(batch.skipped.values()) == (UNREADABLE[name][0] if name in UNREADABLE else 0)


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_has_the_attributes_that_gdal_finds(name):
    expected = NAMES.get(name, {field for layer in layers_of_gdal(name) for field in layer["fields"]})
    expected = (expected - NOT_OF_FEATURES.get(name, set())) | NOT_FILLED_FOR_GDAL.get(name, set())
    columns = decoded(name).columns
    never_filled = {
        column for column, values in columns.items() if not any(value not in (None, "") for value in values)
    }
    assert expected - UNCOUNTED <= set(columns)
    assert set(columns) - UNCOUNTED - never_filled <= expected


@pytest.mark.parametrize("name", PLACED)
def test_answer_is_where_gdal_or_the_truth_puts_it(name):
    batch = decoded(name)
    readings = read(name, batch)
    geometry = in_crs84(batch, readings)
    assert readings.keep.sum() == (~shapely.is_missing(batch.geometry)).sum(), "every object has a place"
    first = EXPECTED[name].get("first_feature_per_layer", [])
    for layer in first:
        rows = rows_of_layer(batch, layer, len(first))
        placed = geometry[rows][~shapely.is_missing(geometry[rows])]
        if layer.get("first_with_geometry_index") is not None and layer.get("bbox"):
            assert_first(name, layer, placed[0], batch.geometry[~shapely.is_missing(batch.geometry)][0])


def assert_first(name: str, layer: dict, geometry: shapely.Geometry, written: shapely.Geometry) -> None:
    if "truth_point_near" in truth(name):
        assert geometry.distance(shapely.Point(truth(name)["truth_point_near"])) < TOLERANCE
    elif not truth(name).get("point_reliable", True) or name in OTHER_FIRST:
        return
    elif name in IN_PART:
        assert shapely.box(*written.bounds).covers(shapely.box(*layer["bbox"]))
    elif layer["coordinates_are"].startswith("raw"):
        assert written.bounds == pytest.approx(layer["bbox"], abs=TOLERANCE)
    else:
        assert geometry.bounds == pytest.approx(layer["bbox"], abs=TOLERANCE)
        assert geometry.distance(shapely.Point(layer["point"])) < TOLERANCE


@pytest.mark.parametrize("name", [name for name in PLACED if "truth_point_near" in truth(name)])
def test_answer_that_gdal_misreads_is_where_the_truth_puts_it(name):
    batch = decoded(name)
    first = in_crs84(batch, read(name, batch))[0]
    assert first.distance(shapely.Point(EXPECTED[name]["truth"]["truth_point_near"])) < TOLERANCE


@pytest.mark.parametrize(
    "name", [name for name in GEOMETRIES if name in PLACED and not {*truth(name), name} & {"why", *OTHER_FIRST}]
)
def test_bare_geometry_is_where_its_srs_name_puts_it(name):
    batch = decoded(name)
    first = in_crs84(batch, read(name, batch))[0]
    point = EXPECTED[name]["geometry"]["point_wgs84_lonlat_if_srsname_is_honoured"]
    assert first.distance(shapely.Point(point)) < TOLERANCE


def test_features_of_a_tuple_keep_their_own_geometries():
    batch = decoded("gml-traps/wfs_tuple_join.gml")
    places = [each and each.wkt for each in batch.geometry]
    assert list(zip(batch.ids, places, strict=True)) == [
        ("table1-1", None),
        ("table2-1", "POINT (2 49)"),
        ("table1-2", "POINT (3 50)"),
        ("table2-2", "POINT (2 50)"),
    ]


@pytest.mark.parametrize("name", [name for name in PLACED if name not in IN_PART])
def test_answer_becomes_points_in_the_boxes_of_gdal(name):
    """The whole path to points: one per object, and one of them in the box of each type's first feature."""
    source = {"type": "wfs", "url": "https://vendor.example/wfs", "type_names": ["any"]}
    known = {"srs_name": facts(name).srs_name, "extent": facts(name).extent}
    layer = Layer(id="any", title="Any", source={**source, **known})
    batch = decoded(name)
    points = points_from_features(batch, layer)
    assert len(points) == (~shapely.is_missing(batch.geometry)).sum() - points.report.duplicates
    reliable = {"point_reliable": True, **truth(name)}
    for box in EXPECTED[name].get("first_feature_per_layer", []):
        if reliable["point_reliable"] and "truth_point_near" not in reliable and box.get("bbox"):
            west, south, east, north = box["bbox"]
            area = shapely.box(west, south, east, north).buffer(TOLERANCE)
            assert shapely.contains_xy(area, points.lonlat).any() or box["coordinates_are"].startswith("raw")


@pytest.mark.parametrize("name", NOWHERE)
def test_answer_without_a_believable_place_has_none(name):
    batch = decoded(name)
    assert len(batch) > 0
    if "placeholder" in NOWHERE[name]:
        assert read(name, batch).skipped == {"placeholder coordinates": len(batch)}
    else:
        with pytest.raises(ImplausiblePlace, match="no reading puts 95%"):
            read(name, batch)


def test_few_documents_are_without_a_place():
    assert len(NOWHERE) <= 8


@pytest.mark.parametrize("name", of_kind(*REFUSALS))
def test_document_without_features_is_refused_as_what_it_is(name):
    error, reason = REFUSALS[REFUSED_AS.get(name, kind_of(name))]

    with pytest.raises(error, match=rf"^{re.escape(name)}\b.*{reason}"):
        decode(payload(name))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9], ids=["early", "halfway", "late"])
@pytest.mark.parametrize("name", [name for name in ANSWERS if path(name).stat().st_size < 60_000])
def test_truncated_answer_is_refused(name, share):
    body = payload(name).body
    with pytest.raises(MalformedDocument, match="truncated"):
        decode(Payload(body=body[: int(len(body) * share)]))


def test_every_document_of_the_corpus_is_tested():
    tested = {*ANSWERS, *GEOMETRIES, *of_kind(*REFUSALS)}
    assert names_in_folders() == tested == set(EXPECTED)
    tables = (LAYERS, NOWHERE, UNREADABLE, NAMES, NOT_OF_FEATURES, NOT_FILLED_FOR_GDAL, COUNTS)
    assert {name for table in (*tables, IN_PART, OTHER_FIRST) for name in table} <= set(EXPECTED)
