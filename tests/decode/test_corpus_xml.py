"""Every XML document of the corpus, compared with what GDAL 3.6.2 read and what pyogrio reads now."""

from __future__ import annotations

import json

import needs
import numpy as np
import pyogrio
import pytest
import shapely

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import MalformedDocument, UnsafeDocument, UpstreamException
from wfs_proxy.features import Encoding, FeatureBatch, Payload

CORPUS = needs.corpus() / "wfs"
EXPECTED = json.loads((CORPUS / "expected.json").read_text())
IDENTIFIERS = {"gml_id", "fid"}


def documents(*kinds: str) -> list[str]:
    return [name for name, entry in EXPECTED.items() if entry["kind"].partition(":")[0] in kinds]


def payload(name: str) -> Payload:
    return Payload(body=(CORPUS / name).read_bytes(), source=name)


def layers(name: str) -> list[dict]:
    return EXPECTED[name]["gdal_3_6_2"]["layers"]


def gdal_took_geometry_for_attributes(name: str) -> bool:
    truth = EXPECTED[name].get("truth", {}).get("gdal_wrong")
    return bool(truth) and any(
        not layer["features_with_geometry"] for layer in EXPECTED[name]["first_feature_per_layer"]
    )


@pytest.mark.parametrize("name", documents("exception"))
def test_error_has_everything_in_the_exception_report(name):
    exceptions = EXPECTED[name]["exception"]["exceptions"]

    with pytest.raises(UpstreamException) as raised:
        decode(payload(name))

    assert (raised.value.code, raised.value.locator) == (exceptions[0]["code"], exceptions[0]["locator"])
    for exception in exceptions:
        assert exception["text"] in str(raised.value)


@pytest.mark.parametrize("name", documents("gml"))
def test_features_and_attribute_names_are_those_that_gdal_reads(name):
    batch = decode(payload(name))

    assert len(batch) == sum(layer["features"] for layer in layers(name))
    if not gdal_took_geometry_for_attributes(name):
        found = {field for layer in layers(name) for field in layer["fields"]} - IDENTIFIERS
        # GDAL drops an attribute that is empty in every feature; we keep it, or it would look as if it was renamed
        kept = {column for column, values in batch.columns.items() if set(map(str, values)) != {""}}
        assert {field for field in found if not field.endswith("Corner")} == kept


@pytest.mark.parametrize("name", documents("gml"))
def test_claims_are_what_the_root_says(name):
    claimed = EXPECTED[name]["xml"]

    claims = decode(payload(name)).claims

    returned = claimed.get("numberReturned", claimed.get("numberOfFeatures"))
    assert str(claims.matched) == claimed.get("numberMatched", "None").replace("unknown", "None")
    assert str(claims.returned) == str(returned)


@pytest.mark.parametrize("name", documents("gml"))
def test_srs_names_are_among_those_that_are_written(name):
    batch = decode(payload(name))

    assert set(batch.srs_names) <= set(EXPECTED[name]["xml"]["srsNames"]) | _other_srs_names(name)
    placed = np.array([geometry is not None for geometry in batch.geometry], dtype=bool)
    if EXPECTED[name]["xml"]["srsNames"]:
        assert (batch.srs_index[placed] >= 0).all()


def _other_srs_names(name: str) -> set[str]:
    """Return the srsNames of all elements: `expected.json` does not list all of them."""
    text = (CORPUS / name).read_bytes().decode("utf-8", "replace")
    return {part.partition('"')[0] for part in text.split('srsName="')[1:]}


@pytest.mark.parametrize("name", documents("gml"))
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
@pytest.mark.parametrize("name", documents("gml"))
def test_geometries_are_those_that_pyogrio_reads(name):
    batch = decode(payload(name))
    ours, theirs = _pairs(name, batch)
    if not len(ours):
        return

    swapped = np.array([shapely.transform(each, lambda xy: xy[:, ::-1]) for each in ours])
    part_of = np.array([_parts(mine) > 1 and _parts(other) == 1 for mine, other in zip(ours, theirs, strict=True)])
    assert (_same(ours, theirs) | _same(swapped, theirs) | part_of).all()
    assert shapely.covers(shapely.envelope(ours[part_of]), theirs[part_of]).all()


def _same(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Whether geometries are equal. A Multi- of one part equals the part; the last digit of a double may differ."""
    first, second = (
        np.where(shapely.get_num_geometries(g) == 1, shapely.get_geometry(g, 0), g) for g in (ours, theirs)
    )
    return shapely.equals_exact(first, second, tolerance=1e-8, normalize=True)


def _parts(geometry: shapely.Geometry) -> int:
    """Return the number of parts: GDAL reads only the last where a property itself has the type of a geometry."""
    return int(shapely.get_num_geometries(geometry))


def _pairs(name: str, batch: FeatureBatch) -> tuple[np.ndarray, np.ndarray]:
    """Return our geometries and pyogrio's, for features where pyogrio reads a type that shapely has."""
    body = (CORPUS / name).read_bytes()
    ours, theirs = [], []
    for layer in layers(name):
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


@pytest.mark.parametrize("name", documents("geometry"))
def test_single_geometry_is_where_gdal_reads_it(name):
    expected = EXPECTED[name]["geometry"]
    west, east, south, north = expected["envelope_raw_xxyy"]

    batch = decode(payload(name))
    (geometry,) = batch.geometry

    diagonal = np.hypot(east - west, north - south)
    assert np.allclose(geometry.bounds, (west, south, east, north), atol=1e-3 * diagonal + 1e-9, rtol=0)
    assert geometry.distance(shapely.Point(expected["point_raw_xy"])) <= 1e-9
    assert np.isclose(geometry.area, expected.get("area", 0), rtol=2e-3, atol=1e-3)
    assert list(batch.srs_names) == expected["srsNames"]


@pytest.mark.parametrize("name", documents("gml"))
def test_encoding_is_what_its_elements_are(name):
    """Documents with a geometry show the version of GML in the names of their elements."""
    batch = decode(payload(name))
    text = payload(name).body

    if any(geometry is not None for geometry in batch.geometry):
        if b"http://www.opengis.net/gml/3.2" in text:
            assert batch.encoding is Encoding.GML32
        else:
            is_gml3 = any(word in text for word in (b":pos>", b":pos ", b":posList"))
            assert batch.encoding is (Encoding.GML31 if is_gml3 else Encoding.GML2)


@pytest.mark.parametrize("name", documents("gml", "geometry"))
def test_truncated_document_is_refused(name):
    body = payload(name).body.rstrip()

    for length in {*range(0, len(body), max(1, len(body) // 20)), len(body) - 1}:
        # UnsafeDocument: the beginning of a comment, "<!-", could be that of a DOCTYPE
        with pytest.raises((MalformedDocument, UnsafeDocument), match=r"truncated|is empty|DOCTYPE"):
            decode(Payload(body=body[:length]))
