"""What other processes, the disk and Redis get to see of the open signals.

An answer that looks like the id of an object may be anything that a citizen typed: a licence plate, a telephone number.
The hash of such a text can be guessed, so it is published only if it is the hash of a known object's name. The process
that polls keeps the others in memory, and publishes them once a layer has fetched an object of that name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from wfs_proxy.config import Reports
from wfs_proxy.marks import AssetReference, ReportedObjects, Signal
from wfs_proxy.snapshot import NameIndex

__all__ = ["LayerNames", "ObjectNames", "PublishedSignals"]


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerNames:
    """The names of one layer's objects."""

    reports: Reports
    """Which signals and answers may name its objects."""

    index: NameIndex | None
    """The names; None if they are not all known, because the objects are fetched in cells. Then any id in an answer to
    the layer's questions, in its categories, may be one."""


ObjectNames = Callable[[str], Sequence[LayerNames]]
"""The name of an instance -> the names of the objects of its layers that are known now."""


class PublishedSignals:
    """The published form of one instance's signals, computed again when signals or names changed."""

    def __init__(self) -> None:
        self._made_of: tuple[str, bytes] | None = None
        self._last: ReportedObjects | None = None

    def of(self, reported: ReportedObjects, layers: Sequence[LayerNames]) -> ReportedObjects:
        """Return what is reported, without the ids that are no object's name. Their places are kept."""
        cells = [layer for layer in layers if layer.index is None]
        checked = {signal.id: ids for signal in reported.signals.values() if (ids := _checked_ids(signal, cells))}
        unknown = _unknown_hashes(checked.values(), layers)
        made_of = (reported.version, unknown.tobytes())
        if self._last is None or made_of != self._made_of:
            self._last = _without(reported, checked, frozenset(unknown.tolist()))
            self._made_of = made_of
        return replace(self._last, as_of=reported.as_of)


def _checked_ids(signal: Signal, cells: Sequence[LayerNames]) -> frozenset[AssetReference]:
    """Return the references of a signal whose ids cannot be those of objects in cells that are not fetched yet."""
    if not signal.assets:
        return frozenset()
    asking = [layer.reports for layer in cells if layer.reports.has_category(signal.category)]
    return frozenset(
        asset
        for asset in signal.assets
        if asset.id_hash is not None and not any(reports.has_question(asset.question_key) for reports in asking)
    )


def _unknown_hashes(
    checked: Iterable[frozenset[AssetReference]], layers: Sequence[LayerNames]
) -> np.typing.NDArray[np.uint64]:
    """Return (N,) the hashes of ids that are no object's name, ascending, each once."""
    named = {asset.id_hash for assets in checked for asset in assets if asset.id_hash is not None}
    hashes = np.array(sorted(named), dtype=np.uint64)
    known = np.zeros(len(hashes), dtype=np.bool_)
    for layer in layers:
        if layer.index is not None:
            known |= layer.index.holds(hashes)
    return hashes[~known]


def _without(
    reported: ReportedObjects, checked: Mapping[int, frozenset[AssetReference]], unknown: frozenset[int]
) -> ReportedObjects:
    if not unknown:
        return replace(reported, since="", changed=None)
    changed = {
        signal_id: _without_ids(reported.signals[signal_id], [one for one in ids if one.id_hash in unknown])
        for signal_id, ids in checked.items()
    }
    digest = hashlib.blake2b(repr(sorted(unknown)).encode(), digest_size=8).hexdigest()
    return ReportedObjects(
        signals=MappingProxyType({**reported.signals, **changed}),
        as_of=reported.as_of,
        version=f"{reported.version}.{digest}",
        public_only=reported.public_only,
    )


def _without_ids(signal: Signal, unknown: Collection[AssetReference]) -> Signal:
    if not unknown:
        return signal
    assets = (replace(asset, id_hash=None) if asset in unknown else asset for asset in signal.assets)
    return replace(signal, assets=tuple(assets))
