"""One of every kind of geometry that a vendor sent or could send, in RD metres; tests cross it with every rule."""

import math

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon, box

_X, _Y = 80_000.0, 455_000.0
"""Somewhere in Den Haag."""


def _moved(geometry):
    return shapely.transform(geometry, lambda xy: xy + np.array([_X, _Y]))


def _wkt(text):
    return _moved(shapely.from_wkt(text))


C_SHAPE = _wkt("POLYGON ((0 0, 10 0, 10 2, 2 2, 2 8, 10 8, 10 10, 0 10, 0 0))")
U_SHAPE = _wkt("POLYGON ((0 0, 12 0, 12 9, 8 9, 8 3, 4 3, 4 9, 0 9, 0 0))")
RING = _wkt("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 9 1, 9 9, 1 9, 1 1))")
BOW_TIE = _wkt("POLYGON ((0 0, 10 10, 10 0, 0 7, 0 0))")
SLIVER = _wkt("POLYGON ((0 0, 37.1 91.7, 74.2 183.4000001, 0 0))")
SPIKE = _wkt("POLYGON ((0 0, 10 0, 10 10, 5 10, 5 60, 5 10, 0 10, 0 0))")

AREAS = {
    "square": _moved(box(0, 0, 10, 10)),
    "clockwise": shapely.orient_polygons(_moved(box(0, 0, 10, 10)), exterior_cw=True),
    "c-shape": C_SHAPE,
    "u-shape": U_SHAPE,
    "ring": RING,
    "bow-tie": BOW_TIE,
    "sliver": SLIVER,
    "spike": SPIKE,
    "hair": _moved(Polygon([(0, 0), (100.3, 77.7), (100.3, 77.7 + 1e-10), (0, 1e-10)])),
    "repeated-vertices": _wkt("POLYGON ((0 0, 0 0, 9 0, 9 0, 9 0, 4 7, 0 0, 0 0))"),
    "touching-itself": _wkt("POLYGON ((0 0, 4 4, 8 0, 8 8, 4 4, 0 8, 0 0))"),
    "hole-outside": _wkt("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (10 10, 12 10, 12 12, 10 10))"),
    "hole-beyond-edge": _wkt("POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (5 2, 14 2, 14 4, 5 4, 5 2))"),
    "multipolygon": _moved(MultiPolygon([box(0, 0, 1, 1), box(20, 0, 25, 5), box(3, 3, 4, 4)])),
    "equal-parts": _moved(MultiPolygon([box(20, 0, 25, 5), box(0, 0, 5, 5)])),
    "overlapping-parts": _moved(MultiPolygon([box(0, 0, 5, 5), box(4, 4, 7, 7)])),
    "same-part-twice": _moved(MultiPolygon([box(0, 0, 5, 5), box(0, 0, 5, 5)])),
    "nested-parts": _moved(MultiPolygon([box(0, 0, 9, 9), box(4, 4, 5, 5)])),
    "with-height": _wkt("POLYGON Z ((0 0 1, 4 0 2, 4 4 3, 0 0 1))"),
    "collection-with-area": _wkt("GEOMETRYCOLLECTION (LINESTRING (0 0, 99 0), POLYGON ((0 0, 1 0, 1 1, 0 0)))"),
    "nested-collection": _wkt(
        "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))), POINT (5 5))"
    ),
    "tiny": _moved(box(0, 0, 1e-6, 1e-6)),
}
"""Geometries that have an area, valid or after repair."""

LINES = {
    "line": _wkt("LINESTRING (0 0, 10 0, 10 30)"),
    "two-points": _wkt("LINESTRING (0 0, 10 5)"),
    "closed-line": _wkt("LINESTRING (0 0, 10 0, 10 10, 0 0)"),
    "no-length": _wkt("LINESTRING (3 3, 3 3)"),
    "repeated-vertices": _wkt("LINESTRING (0 0, 0 0, 5 0, 5 0, 5 0, 9 3, 9 3)"),
    "there-and-back": _wkt("LINESTRING (0 0, 10 0, 0 0)"),
    "multiline": _wkt("MULTILINESTRING ((0 0, 1 0), (5 5, 9 9, 9 20), (3 3, 3 4))"),
    "equal-lines": _wkt("MULTILINESTRING ((7 0, 7 10), (0 0, 10 0), (3 1, 3 11))"),
    "line-with-height": _wkt("LINESTRING Z (0 0 1, 10 0 2)"),
    "linear-ring": shapely.LinearRing([(_X, _Y), (_X + 3, _Y), (_X + 3, _Y + 4)]),
    "collection-with-line": _wkt("GEOMETRYCOLLECTION (POINT (99 99), LINESTRING (0 0, 4 0))"),
}

POINTS = {
    "point": _wkt("POINT (1 2)"),
    "point-with-height": _wkt("POINT Z (1 2 3)"),
    "multipoint": _wkt("MULTIPOINT ((0 0), (4 1), (9 0))"),
    "equal-points": _wkt("MULTIPOINT ((10 0), (0 0))"),
    "multipoint-with-empty": _wkt("MULTIPOINT (EMPTY, (4 1))"),
    "collection-of-points": _wkt("GEOMETRYCOLLECTION (POINT (4 1), POINT (4 1))"),
}

FLAT = {
    "polygon-of-two-points": _wkt("POLYGON ((0 0, 10 4, 0 0, 0 0))"),
    "polygon-of-one-point": _wkt("POLYGON ((2 2, 2 2, 2 2, 2 2))"),
    "flat-multipolygon": _wkt("MULTIPOLYGON (((0 0, 10 4, 0 0, 0 0)), ((2 2, 2 2, 2 2, 2 2)))"),
}
"""Polygons without area: they are the lines and points that they look like."""

with np.errstate(invalid="ignore"):  # shapely compares the numbers while it makes them
    NOWHERE = {
        "missing": (None, "no geometry"),
        "empty-point": (shapely.from_wkt("POINT EMPTY"), "no geometry"),
        "empty-polygon": (shapely.from_wkt("POLYGON EMPTY"), "no geometry"),
        "empty-multipolygon": (shapely.from_wkt("MULTIPOLYGON EMPTY"), "no geometry"),
        "empty-collection": (shapely.from_wkt("GEOMETRYCOLLECTION (POINT EMPTY, POLYGON EMPTY)"), "no geometry"),
        "nan-point": (shapely.Point(math.nan, 5), "coordinates are not numbers"),
        "infinite-point": (shapely.Point(1, math.inf), "coordinates are not numbers"),
        "nan-line": (shapely.LineString([(0, 0), (math.nan, 1)]), "coordinates are not numbers"),
        "nan-polygon": (
            shapely.Polygon([(0, 0), (1, 0), (1, math.nan)]),
            "coordinates are not numbers",
        ),
    }
"""Geometries without a point, and the reason that is counted."""

SOMEWHERE = {
    **{f"area {name}": geometry for name, geometry in AREAS.items()},
    **{f"line {name}": geometry for name, geometry in LINES.items()},
    **{f"point {name}": geometry for name, geometry in POINTS.items()},
    **{f"flat {name}": geometry for name, geometry in FLAT.items()},
}
