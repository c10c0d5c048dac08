"""Every recorded document of the corpus: the features, names and places that GDAL reads, or the right refusal.

The corpus is next to the checkout (`needs.corpus()`). Its `expected.json` has what GDAL 3.6.2 reads and, under `truth`,
what is right where GDAL is wrong. The tables below have what a layer file would have to say about a document that does
not say everything itself, and the few documents whose place cannot be determined.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

import needs
import numpy as np
import pytest
import shapely

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

CORPUS = needs.corpus() / "wfs"
EXPECTED = json.loads((CORPUS / "expected.json").read_text("utf-8"))

TOLERANCE = 1e-5
"""Degrees. GDAL has no RD grid and rounds boxes to 6 decimals."""


@dataclass(frozen=True)
class LayerFacts:
    """Settings of the layer file for what the document does not say."""

    why: str
    srs_name: str | None = None
    axis_order: Literal["auto", "xy", "yx"] = "auto"
    extent: tuple[float, float, float, float] | None = None


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
}

NOWHERE = {
    "other-servers/tinyows_getfeature_by_id.xml": "says EPSG:3857, holds northing,easting of UTM 32N",
    "gml-traps/hale_multipoint_28992_gml32.xml": "says RD, but x is negative: 43 km into the sea off Dunkirk",
    "geometries/pdok_polygon_with_arc.gml": "says RD, but the numbers are 0 to 700: not a place in the Netherlands",
    "geometries/pdok_polygon_with_hole.gml": "says RD, but the numbers are invented: in the middle of France",
}
"""Documents whose features are read, but whose place cannot be determined -> the true reason. At most eight."""

PLACEHOLDERS = {"gml-traps/same_nested_property_name.gml": "its only point is 0,0"}
"""Documents whose features are read, but are all at a placeholder."""

NAMES = {
    "gml-traps/hale_curve_arcs_gml32.xml": set[str](),
    "gml-traps/hale_point_variants_28992.xml": set[str](),
    "nl/luminizer_mast_denhaag_features.json": {
        *EXPECTED["nl/luminizer_mast_denhaag_features.json"]["json"]["property_names"],
        "id",
    },
}
"""Attribute names of documents where GDAL mistakes parts of a geometry for attributes, or that GDAL cannot read."""

COUNTS = {"nl/luminizer_mast_denhaag_features.json": 1}
"""Number of features of a document that GDAL cannot read."""

IN_PART = {
    "gml-traps/hale_multisurface_gml32.xml": "GDAL reads the last of two surface members",
    "gml-traps/hale_surface_patches_hole.xml": "GDAL reads the last of two patches",
}
"""Documents of whose geometries GDAL reads a part, because the property itself has the type of a geometry."""

UNCOUNTED = {"gml_id", "fid", "lowerCorner", "upperCorner"}
"""Listed by GDAL as attributes, but not attributes."""


REFUSALS = {
    "exception": (UpstreamException, "answered with an exception report: "),
    "dtd": (UnsafeDocument, "the XML has a DOCTYPE"),
    "html": (NotFeatures, "is an HTML page, not features"),
    "capabilities": (NotFeatures, "is a capabilities document"),
    "describefeaturetype": (NotFeatures, "is an XML schema"),
    "badxml": (MalformedDocument, "Namespace prefix xsi for schemaLocation on FeatureCollection is not defined"),
}
"""Kind of document -> the error, and a pattern of its reason."""

REFUSED_AS = {"geoserver/dft_pigma_110.xsd.xml": "describefeaturetype"}
"""A schema without its namespaces is not well-formed, but its root element is enough to refuse it as a schema."""


def kind_of(name: str) -> str:
    return EXPECTED[name]["kind"].partition(":")[0]


def of_kind(*kinds: str) -> list[str]:
    return [name for name in EXPECTED if kind_of(name) in kinds]


ANSWERS = of_kind("gml", "json")
GEOMETRIES = of_kind("geometry")
PLACED = [name for name in [*ANSWERS, *GEOMETRIES] if name not in {**NOWHERE, **PLACEHOLDERS}]


def decoded(name: str) -> FeatureBatch:
    return decode(Payload(body=(CORPUS / name).read_bytes()))


def read(name: str, batch: FeatureBatch) -> Readings:
    layer = LAYERS.get(name, LayerFacts(""))
    return decide_readings(batch, srs_name=layer.srs_name, axis_order=layer.axis_order, extent=layer.extent)


def layers_of_gdal(name: str) -> list[dict]:
    return EXPECTED[name]["gdal_3_6_2"].get("layers", [])


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
    expected = COUNTS.get(name, sum(layer["features"] for layer in layers_of_gdal(name)))
    assert len(decoded(name)) == expected


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_has_the_attributes_that_gdal_finds(name):
    expected = NAMES.get(name, {field for layer in layers_of_gdal(name) for field in layer["fields"]})
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
    truth = EXPECTED[name].get("truth", {})
    if "truth_point_near" in truth:
        assert geometry.distance(shapely.Point(truth["truth_point_near"])) < TOLERANCE
    elif not truth.get("point_reliable", True):
        return
    elif name in IN_PART:
        assert shapely.box(*written.bounds).covers(shapely.box(*layer["bbox"]))
    elif layer["coordinates_are"].startswith("raw"):
        assert written.bounds == pytest.approx(layer["bbox"], abs=TOLERANCE)
    else:
        assert geometry.bounds == pytest.approx(layer["bbox"], abs=TOLERANCE)
        assert geometry.distance(shapely.Point(layer["point"])) < TOLERANCE


@pytest.mark.parametrize("name", [name for name in PLACED if "truth_point_near" in EXPECTED[name].get("truth", {})])
def test_answer_that_gdal_misreads_is_where_the_truth_puts_it(name):
    batch = decoded(name)
    first = in_crs84(batch, read(name, batch))[0]
    assert first.distance(shapely.Point(EXPECTED[name]["truth"]["truth_point_near"])) < TOLERANCE


@pytest.mark.parametrize("name", [name for name in GEOMETRIES if name in PLACED and "truth" not in EXPECTED[name]])
def test_bare_geometry_is_where_its_srs_name_puts_it(name):
    batch = decoded(name)
    first = in_crs84(batch, read(name, batch))[0]
    point = EXPECTED[name]["geometry"]["point_wgs84_lonlat_if_srsname_is_honoured"]
    assert first.distance(shapely.Point(point)) < TOLERANCE


@pytest.mark.parametrize("name", [name for name in PLACED if name not in IN_PART])
def test_answer_becomes_points_in_the_boxes_of_gdal(name):
    """The whole path to points: one per object, and one of them in the box of each type's first feature."""
    facts = LAYERS.get(name, LayerFacts(""))
    source = {"type": "wfs", "url": "https://vendor.example/wfs", "type_names": ["any"]}
    layer = Layer(id="any", title="Any", source={**source, "srs_name": facts.srs_name, "extent": facts.extent})
    batch = decoded(name)
    points = points_from_features(batch, layer)
    assert len(points) == (~shapely.is_missing(batch.geometry)).sum() - points.report.duplicates
    reliable = {"point_reliable": True, **EXPECTED[name].get("truth", {})}
    for box in EXPECTED[name].get("first_feature_per_layer", []):
        if reliable["point_reliable"] and "truth_point_near" not in reliable and box.get("bbox"):
            west, south, east, north = box["bbox"]
            area = shapely.box(west, south, east, north).buffer(TOLERANCE)
            assert shapely.contains_xy(area, points.lonlat).any() or box["coordinates_are"].startswith("raw")


@pytest.mark.parametrize("name", NOWHERE)
def test_answer_without_a_believable_place_is_refused(name):
    batch = decoded(name)
    assert len(batch) > 0
    with pytest.raises(ImplausiblePlace, match="no reading puts 95%"):
        read(name, batch)


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_answer_of_placeholders_has_no_place(name):
    batch = decoded(name)
    assert read(name, batch).skipped == {"placeholder coordinates": len(batch)}


def test_few_documents_are_without_a_place():
    assert len(NOWHERE) <= 8


@pytest.mark.parametrize("name", of_kind(*REFUSALS))
def test_document_without_features_is_refused_as_what_it_is(name):
    error, reason = REFUSALS[REFUSED_AS.get(name, kind_of(name))]

    with pytest.raises(error, match=rf"^{re.escape(name)}\b.*{reason}"):
        decode(Payload(body=(CORPUS / name).read_bytes(), source=name))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9], ids=["early", "halfway", "late"])
@pytest.mark.parametrize("name", [name for name in ANSWERS if (CORPUS / name).stat().st_size < 60_000])
def test_truncated_answer_is_refused(name, share):
    body = (CORPUS / name).read_bytes()
    with pytest.raises(MalformedDocument, match="truncated"):
        decode(Payload(body=body[: int(len(body) * share)]))


def test_every_document_of_the_corpus_is_tested():
    tested = {*ANSWERS, *GEOMETRIES, *of_kind(*REFUSALS)}
    present = {str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*") if path.is_file()}
    assert present - {"INDEX.md", "expected.json"} == tested == set(EXPECTED)
    assert {*LAYERS, *NOWHERE, *NAMES, *COUNTS, *IN_PART} <= set(EXPECTED)
