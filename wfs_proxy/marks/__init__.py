"""Reports and a snapshot to marks: which objects are reported already."""

from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.mark_suffixes import unmarked
from wfs_proxy.marks.marks import LayerMarks, Marks, compute_marks, vendor_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.nearby import Nearby
from wfs_proxy.marks.reported import AssetReference, Place, ReportedObjects, Signal

__all__ = [
    "AssetReference",
    "LayerMarks",
    "LayerTarget",
    "Marks",
    "MatchState",
    "Nearby",
    "Place",
    "ReportedObjects",
    "Signal",
    "StateRules",
    "compute_marks",
    "unmarked",
    "vendor_marks",
]
