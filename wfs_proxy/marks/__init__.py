"""Match open reports with the objects of a snapshot, and mark the objects that are reported already."""

from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.mark_suffixes import unmarked_suffix
from wfs_proxy.marks.marks import LayerMarks, Marks, compute_marks, vendor_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import AssetReference, Place, ReportedObjects, Signal
from wfs_proxy.marks.signals_by_cell import SignalsByCell

__all__ = [
    "AssetReference",
    "LayerMarks",
    "LayerTarget",
    "Marks",
    "MatchState",
    "Place",
    "ReportedObjects",
    "Signal",
    "SignalsByCell",
    "StateRules",
    "compute_marks",
    "unmarked_suffix",
    "vendor_marks",
]
