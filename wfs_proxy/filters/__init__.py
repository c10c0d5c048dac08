"""Filters: from the text of a request to the rows of a layer."""

from wfs_proxy.filters.areas import AreaCrs, area_crs, read_box
from wfs_proxy.filters.checking import FilterSchema, checked, served_name
from wfs_proxy.filters.cql2 import read_cql2
from wfs_proxy.filters.effort import seconds_to_evaluate
from wfs_proxy.filters.evaluation import box_of, rows_matching, within
from wfs_proxy.filters.expression import (
    NOTHING,
    And,
    Comparison,
    Expression,
    HasId,
    Intersects,
    Not,
    Or,
    UntypedLiteral,
    all_of,
    any_of,
    properties_in,
)
from wfs_proxy.filters.fes import read_fes
from wfs_proxy.filters.point_in_area import EdgeComparisons

__all__ = [
    "NOTHING",
    "And",
    "AreaCrs",
    "Comparison",
    "EdgeComparisons",
    "Expression",
    "FilterSchema",
    "HasId",
    "Intersects",
    "Not",
    "Or",
    "UntypedLiteral",
    "all_of",
    "any_of",
    "area_crs",
    "box_of",
    "checked",
    "properties_in",
    "read_box",
    "read_cql2",
    "read_fes",
    "rows_matching",
    "seconds_to_evaluate",
    "served_name",
    "within",
]
