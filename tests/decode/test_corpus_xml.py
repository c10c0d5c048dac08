"""Every XML document of the corpus, feature by feature: what GDAL 3.6.2 read, and what pyogrio reads now."""

from __future__ import annotations

import re

import numpy as np
import pyogrio
import pytest
import shapely
from recorded_documents import EXPECTED, layers_of_gdal, of_kind, payload, truth

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import MalformedDocument, UnsafeDocument, UpstreamException
from wfs_proxy.features import Encoding, FeatureBatch, Payload

IDENTIFIERS = {"gml_id", "fid"}

OTHER_FEATURES = {
    "deegree/xplan_bplan_200_4258.xml",
    "gml-traps/wfs_tuple_join.gml",
    "gml-traps/too_nested.gml",
    "geometries/alkis_wald_arcs.xml",
    "geometries/alkis_flurstueck.xml",
}
"""Documents of which GDAL takes other elements for features; `test_corpus` says which and why."""

OTHER_NAMES = OTHER_FEATURES | {
    "gml-traps/inspire_cadastralparcel.xml",
    "gml-traps/inspire_cadastralzoning.xml",
    "gml-traps/piezometre_nested.gml",
}
"""Documents of which GDAL gives attributes other names or leaves some out; `test_corpus` says which and why."""

OTHER_GEOMETRIES = OTHER_FEATURES | {
    "gml-traps/inspire_cadastralparcel.xml",
    "gml-traps/inspire_cadastralzoning.xml",
    "gml-traps/iceland_not_coordinates.xml",
    "gml-traps/compositecurve_mismatch.xml",
}
"""Documents of which GDAL takes another geometry property, a part of a geometry, or none; `test_corpus` says why."""

WITH_ARCS = {"gml-traps/surface_arcs_rings_gml32.xml"}
"""Documents with arcs, in which GDAL takes larger steps."""

WITHOUT_SRS_NAME = {"nl/bgt_overigbouwwerk_28992.gml": 69}
"""Documents in which some objects have no srsName and others do -> how many have none."""

NOT_ON_THE_ARC = {"geometries/ets_curve_arcbycenterpoint.xml"}
"""Documents whose expected point is off the arc that GDAL draws."""

ROUNDED = 5e-5
"""`expected.json` has boxes of single geometries with four decimals."""

WRITTEN_IN_BOTH = {"gml-traps/point_variants_28992_gml31.xml"}
"""GML 3.1 that begins with a geometry as in GML 2."""


def gdal_took_geometry_for_attributes(name: str) -> bool:
    return bool(truth(name).get("gdal_wrong")) and any(
        not layer["features_with_geometry"] for layer in EXPECTED[name]["first_feature_per_layer"]
    )


@pytest.mark.parametrize("name", of_kind("exception"))
def test_error_has_everything_in_the_exception_report(name):
    exceptions = EXPECTED[name]["exception"]["exceptions"]

    with pytest.raises(UpstreamException) as raised:
        decode(payload(name))

    assert (raised.value.code, raised.value.locator) == (exceptions[0]["code"], exceptions[0]["locator"])
    for exception in exceptions:
        assert exception["text"] in str(raised.value)


@pytest.mark.parametrize("name", of_kind("gml"))
def test_features_and_attribute_names_are_those_that_gdal_reads(name):
    batch = decode(payload(name))

    assert name in OTHER_FEATURES or len(batch) == sum(layer["features"] for layer in layers_of_gdal(name))
    if not gdal_took_geometry_for_attributes(name) and name not in OTHER_NAMES:
        found = {field for layer in layers_of_gdal(name) for field in layer["fields"]} - IDENTIFIERS
        # GDAL drops an attribute that is empty in every feature; we keep it, or it would look as if it was renamed
        kept = {column for column, values in batch.columns.items() if set(map(str, values)) != {""}} - IDENTIFIERS
        assert kept <= {field for field in found if not field.endswith("Corner")} <= set(batch.columns)


@pytest.mark.parametrize("name", of_kind("gml"))
def test_claims_are_what_the_root_says(name):
    claimed = EXPECTED[name]["xml"]

    claims = decode(payload(name)).claims

    returned = claimed.get("numberReturned", claimed.get("numberOfFeatures"))
    assert str(claims.matched) == claimed.get("numberMatched", "None").replace("unknown", "None")
    assert str(claims.returned) == str(returned).replace("unknown", "None")


@pytest.mark.parametrize("name", of_kind("gml"))
def test_srs_names_are_among_those_that_are_written(name):
    batch = decode(payload(name))

    assert set(batch.srs_names) <= set(EXPECTED[name]["xml"]["srsNames"]) | _other_srs_names(name)
    placed = np.array([geometry is not None for geometry in batch.geometry], dtype=bool)
    if EXPECTED[name]["xml"]["srsNames"]:
        assert (batch.srs_index[placed] < 0).sum() == WITHOUT_SRS_NAME.get(name, 0)


def _other_srs_names(name: str) -> set[str]:
    """Return the srsNames of all elements: `expected.json` does not list all of them."""
    text = payload(name).body.decode("utf-8", "replace")
    return {part.partition('"')[0] for part in text.split('srsName="')[1:]}


@pytest.mark.parametrize("name", [name for name in of_kind("gml") if name not in OTHER_GEOMETRIES])
def test_coordinates_without_a_crs_are_those_that_gdal_reads(name):
    batch = decode(payload(name))

    for layer in EXPECTED[name].get("first_feature_per_layer", []):
        if layer.get("coordinates_are", "").startswith("raw"):
            rows = np.flatnonzero([kind.startswith(layer["layer"]) for kind in batch.type_names])
            geometry = batch.geometry[rows[layer["first_with_geometry_index"]]]
            found, point = shapely.box(*layer["bbox"]), shapely.Point(layer["point"])
            assert shapely.box(*geometry.bounds).buffer(1e-6).covers(found)
            # for a hole outside its area, GDAL returns a point in the hole
            assert geometry.distance(point) < 1e-6 or not found.buffer(1e-6).covers(point)


@pytest.mark.filterwarnings("ignore::RuntimeWarning:pyogrio")
@pytest.mark.parametrize("name", [name for name in of_kind("gml") if name not in OTHER_GEOMETRIES])
def test_geometries_are_those_that_pyogrio_reads(name):
    batch = decode(payload(name))
    ours, theirs = _pairs(name, batch)
    if not len(ours):
        return

    swapped = np.array([shapely.transform(each, lambda xy: xy[:, ::-1]) for each in ours])
    part_of = np.array([_parts(mine) > 1 and _parts(other) == 1 for mine, other in zip(ours, theirs, strict=True)])
    same = _similar if name in WITH_ARCS else _same
    assert (same(ours, theirs) | same(swapped, theirs) | part_of).all()
    assert shapely.covers(shapely.envelope(ours[part_of]), theirs[part_of]).all()


def _same(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Whether geometries are equal. A Multi- of one part equals the part; the last digit of a double may differ."""
    first, second = (
        np.where(shapely.get_num_geometries(g) == 1, shapely.get_geometry(g, 0), g) for g in (ours, theirs)
    )
    return shapely.equals_exact(first, second, tolerance=1e-8, normalize=True)


def _similar(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Whether geometries are nowhere farther apart than a thousandth of their size."""
    return shapely.hausdorff_distance(ours, theirs) < 1e-3 * shapely.length(ours)


def _parts(geometry: shapely.Geometry) -> int:
    """Return the number of parts: GDAL reads only the last where a property itself has the type of a geometry."""
    return int(shapely.get_num_geometries(geometry))


def _pairs(name: str, batch: FeatureBatch) -> tuple[np.ndarray, np.ndarray]:
    """Return our geometries and pyogrio's, for features where pyogrio reads a type that shapely has."""
    body = payload(name).body
    ours, theirs = [], []
    for layer in layers_of_gdal(name):
        rows = np.flatnonzero([kind.startswith(layer["layer"]) for kind in batch.type_names])
        try:
            _, _, found, _ = pyogrio.raw.read(body, layer=layer["layer"], force_2d=True, columns=[])
        except pyogrio.errors.GeometryError:
            continue  # a type that shapely does not have, such as a curve
        for row, wkb in zip(rows, found if found is not None else [], strict=False):
            if wkb is not None:
                ours.append(batch.geometry[row])
                theirs.append(shapely.from_wkb(wkb))
    return np.array(ours, dtype=object), np.array(theirs, dtype=object)


@pytest.mark.parametrize("name", of_kind("geometry"))
def test_single_geometry_is_where_gdal_reads_it(name):
    expected = EXPECTED[name]["geometry"]
    west, east, south, north = expected["envelope_raw_xxyy"]

    batch = decode(payload(name))
    (geometry,) = batch.geometry

    diagonal = np.hypot(east - west, north - south)
    assert np.allclose(geometry.bounds, (west, south, east, north), atol=1e-3 * diagonal + ROUNDED, rtol=0)
    assert name in NOT_ON_THE_ARC or geometry.distance(shapely.Point(expected["point_raw_xy"])) <= ROUNDED
    assert np.isclose(geometry.area, expected.get("area", 0), rtol=2e-3, atol=1e-3)
    assert list(batch.srs_names) == expected["srsNames"]


@pytest.mark.parametrize("name", of_kind("gml"))
def test_encoding_is_what_its_elements_are(name):
    """Documents with a geometry show the version of GML in the names of their elements."""
    batch = decode(payload(name))
    text = payload(name).body

    if any(geometry is not None for geometry in batch.geometry):
        if b"http://www.opengis.net/gml/3.2" in text:
            assert batch.encoding is Encoding.GML32
        else:
            is_gml3 = re.search(rb"[<:]pos(List)?[ >]", text) is not None and name not in WRITTEN_IN_BOTH
            assert batch.encoding is (Encoding.GML31 if is_gml3 else Encoding.GML2)


@pytest.mark.parametrize("name", of_kind("gml", "geometry"))
def test_truncated_document_is_refused(name):
    body = payload(name).body.rstrip()

    for length in {*range(0, len(body), max(1, len(body) // 20)), len(body) - 1}:
        # UnsafeDocument: the beginning of a comment, "<!-", could be that of a DOCTYPE
        with pytest.raises((MalformedDocument, UnsafeDocument), match=r"truncated|is empty|DOCTYPE"):
            decode(Payload(body=body[:length]))
