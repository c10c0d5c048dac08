"""The open signals that are known now: takes the signals of pages, and returns `ReportedObjects`.

Pages have to be applied in the order in which they were read, because the last state of a signal wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from wfs_proxy.marks import ReportedObjects, Signal
from wfs_proxy.reports.report_codec import signal_row

__all__ = ["OpenSignals", "SignalFilter"]

_FINGERPRINT_BYTES = 16
_MODULUS = 1 << (8 * _FINGERPRINT_BYTES)


@dataclass(frozen=True, kw_only=True)
class SignalFilter:
    """The signals that matter to at least one layer of a Signalen instance."""

    states: frozenset[str]
    """The states that count as open in at least one layer."""

    categories: frozenset[str] | None
    """Slugs of the layers' sub categories; None: all, because a layer names none."""

    def holds(self, signal: Signal) -> bool:
        """Whether a signal matters now."""
        return signal.state in self.states and self.has_category(signal)

    def has_category(self, signal: Signal) -> bool:
        """Whether the category of a signal matters."""
        return self.categories is None or signal.category in self.categories


class OpenSignals:
    """The open signals by id. A signal is removed when a page shows that it was closed or moved to another category."""

    def __init__(self, signal_filter: SignalFilter) -> None:
        self._filter = signal_filter
        self._signals: dict[int, Signal] = {}
        self._sum = 0
        self._last: ReportedObjects | None = None
        self._changed: set[int] = set()

    def __len__(self) -> int:
        return len(self._signals)

    def apply(self, signals: Iterable[Signal]) -> None:
        """Update some signals."""
        for signal in signals:
            known = self._signals.get(signal.id)
            wanted = signal if self._filter.holds(signal) else None
            if wanted != known:
                self._replace(signal.id, known, wanted)

    def replace_all(self, other: OpenSignals) -> None:
        """Take over the content of another instance. Signals that a full synchronisation did not find are removed.

        Signals that did not change stay the same Python objects, so that later comparisons are quick.
        """
        for signal_id in self._signals.keys() - other._signals.keys():
            self._replace(signal_id, self._signals[signal_id], None)
        for signal in other._signals.values():
            known = self._signals.get(signal.id)
            if signal != known:
                self._replace(signal.id, known, signal)

    def reported(self, as_of: float, *, public_only: bool = False) -> ReportedObjects:
        """Return the signals as they were known at a moment. The mapping is copied only if something changed."""
        version = f"{self._sum:0{2 * _FINGERPRINT_BYTES}x}"
        last, changed = self._last, frozenset(self._changed)
        self._changed = set()
        self._last = ReportedObjects(
            signals=last.signals
            if last is not None and last.version == version
            else MappingProxyType(dict(self._signals)),
            as_of=as_of,
            version=version,
            since=last.version if last is not None else "",
            changed=changed if last is not None else None,
            public_only=public_only,
        )
        return self._last

    def _replace(self, signal_id: int, known: Signal | None, wanted: Signal | None) -> None:
        """Replace one signal, and update the sum of all fingerprints, which identifies the content as a whole."""
        self._changed.add(signal_id)
        if known is not None:
            self._sum = (self._sum - _fingerprint(known)) % _MODULUS
            del self._signals[signal_id]
        if wanted is not None:
            self._sum = (self._sum + _fingerprint(wanted)) % _MODULUS
            self._signals[signal_id] = wanted


def _fingerprint(signal: Signal) -> int:
    written = orjson.dumps(signal_row(signal))
    return int.from_bytes(hashlib.blake2b(written, digest_size=_FINGERPRINT_BYTES).digest())
