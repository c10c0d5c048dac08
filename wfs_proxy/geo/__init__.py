"""Where objects are: boxes, cells of the map, coordinate reference systems, and the point of a geometry."""

from wfs_proxy.geo.cells import Cell, cells_in, count_in, neighbours, owns
from wfs_proxy.geo.crs.axis_order import Reading, Readings, decide_readings, oriented
from wfs_proxy.geo.crs.evidence import SERVICE_AREA, are_plausible
from wfs_proxy.geo.crs.srs_name import AxisOrder, SrsName, SrsNameForm, axes_of, parse_srs_name, srs_name_of
from wfs_proxy.geo.crs.transform import (
    area_of_use,
    from_crs84,
    is_geographic,
    metres_per_unit,
    official_order,
    to_crs84,
)
from wfs_proxy.geo.crs.units import unit_of
from wfs_proxy.geo.points.footprint import footprints
from wfs_proxy.geo.points.near import in_degrees, near_pairs
from wfs_proxy.geo.points.parts import AREA, dimensions
from wfs_proxy.geo.points.to_points import PointPlacement, to_points

__all__ = [
    "AREA",
    "SERVICE_AREA",
    "AxisOrder",
    "Cell",
    "PointPlacement",
    "Reading",
    "Readings",
    "SrsName",
    "SrsNameForm",
    "are_plausible",
    "area_of_use",
    "axes_of",
    "cells_in",
    "count_in",
    "decide_readings",
    "dimensions",
    "footprints",
    "from_crs84",
    "in_degrees",
    "is_geographic",
    "metres_per_unit",
    "near_pairs",
    "neighbours",
    "official_order",
    "oriented",
    "owns",
    "parse_srs_name",
    "srs_name_of",
    "to_crs84",
    "to_points",
    "unit_of",
]
