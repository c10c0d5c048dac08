"""Esri's geometry objects, compared with GDAL where GDAL reads them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from wfs_proxy.decode.esri_json.geometry import CURVES, build_esri_geometries
from wfs_proxy.features import UNREADABLE_GEOMETRY

OUTER = [[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]
HOLE = [[1, 1], [5, 1], [5, 5], [1, 5], [1, 1]]
ISLAND = [[2, 2], [2, 4], [4, 4], [4, 2], [2, 2]]
ELSEWHERE = [[20, 20], [20, 22], [22, 22], [22, 20], [20, 20]]

WITH_HOLE = shapely.Polygon(OUTER, [HOLE])


def built(candidate: object) -> tuple[shapely.Geometry | None, str | None]:
    geometries, reasons = build_esri_geometries([candidate])
    return geometries[0], reasons[0]


def backwards(ring: list) -> list:
    return ring[::-1]


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ({"x": 1, "y": 2}, shapely.Point(1, 2)),
        ({"x": 1.5, "y": 2, "z": 3, "m": None}, shapely.Point(1.5, 2)),
        ({"points": [[1, 2], [3, 4, 5]]}, shapely.MultiPoint([(1, 2), (3, 4)])),
        ({"hasZ": True, "paths": [[[0, 0, 1], [1, 1, 1]]]}, shapely.LineString([(0, 0), (1, 1)])),
        ({"hasZ": True, "paths": [[[0, 0, "NaN"], [1, 1, "NaN"]]]}, shapely.LineString([(0, 0), (1, 1)])),
        (
            {"paths": [[[0, 0], [1, 1]], [], [[2, 2], [3, 3]]]},
            shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
        ),
        ({"curvePaths": [[[0, 0], [1, 1]]]}, shapely.LineString([(0, 0), (1, 1)])),
        ({"rings": [OUTER]}, shapely.Polygon(OUTER)),
        ({"rings": [OUTER[:-1]]}, shapely.Polygon(OUTER)),
        ({"rings": [backwards(OUTER)]}, shapely.Polygon(OUTER)),
        ({"rings": [OUTER, HOLE]}, WITH_HOLE),
        ({"rings": [HOLE, OUTER]}, WITH_HOLE),
        ({"rings": [backwards(OUTER), backwards(HOLE)]}, WITH_HOLE),
        ({"rings": [OUTER, backwards(HOLE)]}, WITH_HOLE),
        ({"rings": [OUTER, HOLE, HOLE]}, WITH_HOLE),
        ({"rings": [OUTER, [], HOLE]}, WITH_HOLE),
        ({"curveRings": [OUTER, HOLE]}, WITH_HOLE),
        ({"rings": [OUTER, ELSEWHERE]}, shapely.MultiPolygon([(OUTER,), (ELSEWHERE,)])),
        (
            {"rings": [ISLAND, ELSEWHERE, HOLE, OUTER]},
            shapely.MultiPolygon([(OUTER, [HOLE]), (ISLAND,), (ELSEWHERE,)]),
        ),
        ({"xmin": 0, "ymin": 1, "xmax": 2, "ymax": 3}, shapely.box(0, 1, 2, 3)),
    ],
)
def test_geometry_is_built(candidate, expected):
    geometry, reason = built(candidate)

    assert reason is None
    assert shapely.equals_exact(shapely.normalize(geometry), shapely.normalize(expected)), geometry


def test_hole_that_touches_the_outer_ring_is_a_hole():
    notch = [[0, 0], [4, 1], [1, 4], [0, 0]]

    geometry, _ = built({"rings": [OUTER, notch]})

    assert geometry.area == pytest.approx(81 - shapely.Polygon(notch).area)


@pytest.mark.parametrize(
    "candidate",
    [
        None,
        {},
        {"spatialReference": {"wkid": 28992}},
        {"x": None, "y": None},
        {"x": "NaN", "y": "NaN"},
        {"x": math.nan, "y": math.nan},
        {"x": 1, "y": "NaN"},
        {"x": 1},
        {"points": []},
        {"paths": []},
        {"paths": [[]]},
        {"rings": []},
        {"rings": [[], []]},
        {"rings": None},
        {"xmin": "NaN", "ymin": "NaN", "xmax": "NaN", "ymax": "NaN"},
    ],
)
def test_empty_geometry_is_none(candidate):
    assert built(candidate) == (None, None)


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        ({"x": "links", "y": 2}, UNREADABLE_GEOMETRY),
        ({"x": [1], "y": 2}, UNREADABLE_GEOMETRY),
        ({"x": math.inf, "y": 2}, UNREADABLE_GEOMETRY),
        ({"points": [[1]]}, UNREADABLE_GEOMETRY),
        ({"points": [1, 2]}, UNREADABLE_GEOMETRY),
        ({"points": 3}, UNREADABLE_GEOMETRY),
        ({"paths": [[[1, 2]]]}, UNREADABLE_GEOMETRY),
        ({"paths": [[[1, 2], [3, "NaN"]]]}, UNREADABLE_GEOMETRY),
        ({"paths": {"0": []}}, UNREADABLE_GEOMETRY),
        ({"rings": [OUTER, [[1, 1], [2, 2]]]}, UNREADABLE_GEOMETRY),
        ({"rings": [OUTER, None]}, UNREADABLE_GEOMETRY),
        ({"rings": [[[0, 0], [0, 0]]]}, UNREADABLE_GEOMETRY),
        ({"nurbs": [[1, 2]]}, UNREADABLE_GEOMETRY),
        ({"type": "Point", "coordinates": [1, 2]}, UNREADABLE_GEOMETRY),
        ("POINT (1 2)", UNREADABLE_GEOMETRY),
        (5, UNREADABLE_GEOMETRY),
        ({"curvePaths": [[[6, 3], {"c": [[3, 3], [1, 4]]}]]}, CURVES),
        ({"curveRings": [OUTER, [[1, 1], {"a": [[1, 3], [2, 2], 0, 1]}]]}, CURVES),
    ],
)
def test_unreadable_geometry_has_a_reason(candidate, reason):
    assert built(candidate) == (None, reason)


def test_one_unreadable_geometry_affects_no_other():
    many = [{"x": number, "y": 1} for number in range(100)]
    many[37] = {"x": "links", "y": 1}
    polygons = [{"rings": [OUTER, HOLE]} for _ in range(20)]
    polygons[7] = {"rings": [OUTER, [[1, 1]]]}

    geometries, reasons = build_esri_geometries([*many, *polygons])

    assert np.flatnonzero(reasons != None).tolist() == [37, 107]  # noqa: E711 - an array of objects
    assert shapely.is_missing(geometries).sum() == 2


def esri_rings(polygon: shapely.Geometry) -> list[list]:
    """Return the rings of an area as ArcGIS writes them, its parts and holes in another order."""
    parts = shapely.get_parts(polygon)
    outer = [
        shapely.get_coordinates(ring)[::-1].tolist() for ring in shapely.get_exterior_ring(shapely.normalize(parts))
    ]
    holes = [
        shapely.get_coordinates(shapely.orient_polygons(part).interiors[number])[::-1].tolist()
        for part in parts
        for number in range(shapely.get_num_interior_rings(part))
    ]
    return [*holes[::-1], *outer]


def random_areas(count: int) -> np.ndarray:
    """Return valid areas with several parts, holes, and islands in holes."""
    random = np.random.default_rng(20_261_130)

    def blots(number: int, radius: float) -> np.ndarray:
        centres = shapely.points(random.random((count, number, 2)) * 10)
        return shapely.union_all(shapely.buffer(centres, radius, quad_segs=2), axis=1)

    return shapely.union(shapely.difference(blots(6, 2), blots(4, 1)), blots(6, 0.3))


def test_areas_are_those_of_gdal(tmp_path: Path):
    areas = random_areas(60)
    rings = [esri_rings(area) for area in areas]
    document = {
        "objectIdFieldName": "OBJECTID",
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 28992},
        "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}],
        "features": [
            {"attributes": {"OBJECTID": number}, "geometry": {"rings": each}} for number, each in enumerate(rings)
        ],
    }
    path = tmp_path / "areas.json"
    path.write_text(json.dumps(document))

    _, _, gdal, _ = pyogrio.raw.read(path)
    ours, reasons = build_esri_geometries([each["geometry"] for each in document["features"]])

    assert set(reasons) == {None}
    assert shapely.equals(ours, shapely.from_wkb(gdal)).all()
    assert shapely.equals(ours, areas).all()
    assert len({shapely.get_num_geometries(area) for area in areas}) > 2
