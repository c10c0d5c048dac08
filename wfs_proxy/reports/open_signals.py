"""The open signals as they are known now: pages in, `ReportedObjects` out. Pure.

Whoever reads pages gives them in the order in which they were read, so the last word on a signal is the newest.
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
    """Which signals matter to any layer of an instance."""

    states: frozenset[str]
    """The states that are open for at least one of them."""

    categories: frozenset[str] | None
    """Their sub categories; None: all, because one of them names none."""

    def holds(self, signal: Signal) -> bool:
        """Whether a signal is to be kept."""
        return signal.state in self.states and self.has_category(signal)

    def has_category(self, signal: Signal) -> bool:
        """Whether its category matters, whatever its state."""
        return self.categories is None or signal.category in self.categories


class OpenSignals:
    """What is open, by id; closed and recategorised signals leave as soon as a page shows them."""

    def __init__(self, scope: SignalFilter) -> None:
        self._scope = scope
        self._signals: dict[int, Signal] = {}
        self._sum = 0
        self._handed_over: ReportedObjects | None = None
        self._changed: set[int] = set()

    def __len__(self) -> int:
        return len(self._signals)

    def apply(self, signals: Iterable[Signal]) -> None:
        """Take the newest word on some signals."""
        for signal in signals:
            known = self._signals.get(signal.id)
            wanted = signal if self._scope.holds(signal) else None
            if wanted != known:
                self._replace(signal.id, known, wanted)

    def become(self, other: OpenSignals) -> None:
        """Hold exactly what another register holds: what a full synchronisation did not show has vanished.

        Signals that did not change stay the same objects, so that whoever compares them finds the changes quickly.
        """
        for signal_id in self._signals.keys() - other._signals.keys():
            self._replace(signal_id, self._signals[signal_id], None)
        for signal in other._signals.values():
            known = self._signals.get(signal.id)
            if signal != known:
                self._replace(signal.id, known, signal)

    def reported(self, as_of: float, *, public_only: bool = False) -> ReportedObjects:
        """The signals as they were known at a moment. The mapping is a copy, made only when something changed."""
        version = f"{self._sum:0{2 * _FINGERPRINT_BYTES}x}"
        last, changed = self._handed_over, frozenset(self._changed)
        self._changed = set()
        self._handed_over = ReportedObjects(
            signals=last.signals if last and last.version == version else MappingProxyType(dict(self._signals)),
            as_of=as_of,
            version=version,
            since=last.version if last else "",
            changed=changed if last else None,
            public_only=public_only,
        )
        return self._handed_over

    def _replace(self, signal_id: int, known: Signal | None, wanted: Signal | None) -> None:
        """Keep the sum of all fingerprints up to date: it tells contents apart without looking at all of them again."""
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
