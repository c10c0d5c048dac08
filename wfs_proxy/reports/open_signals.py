"""The open signals that are known now: takes the signals of pages, and returns `ReportedObjects`.

Of each signal only the answers to the layers' questions are kept. Pages have to be applied in the order in which they
were read, because the last state of a signal wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

import orjson

from wfs_proxy.marks import ReportedObjects, Signal
from wfs_proxy.reports.report_codec import signal_row

__all__ = ["AskedQuestions", "OpenSignals", "SignalFilter"]

_FINGERPRINT_BYTES = 16
_MODULUS = 1 << (8 * _FINGERPRINT_BYTES)


@dataclass(frozen=True, kw_only=True)
class AskedQuestions:
    """The questions whose answers name objects of one layer."""

    layer: str
    """Its id."""

    categories: frozenset[str]
    """Slugs of its sub categories; empty: all."""

    keys: frozenset[str]
    """The keys of its questions; empty: all questions."""


@dataclass(frozen=True, kw_only=True)
class SignalFilter:
    """The signals that matter to at least one layer of a Signalen instance."""

    states: frozenset[str]
    """The states that count as open in at least one layer."""

    categories: frozenset[str] | None
    """Slugs of the layers' sub categories; None: all, because a layer names none."""

    questions: frozenset[AskedQuestions]
    """The questions of each layer."""

    def without(self, unknown: Iterable[str]) -> SignalFilter:
        """Return the filter without states and categories that Signalen does not know."""
        return SignalFilter(
            states=self.states.difference(unknown),
            categories=None if self.categories is None else self.categories.difference(unknown),
            questions=self.questions,
        )

    def holds(self, signal: Signal) -> bool:
        """Whether a signal matters now."""
        return signal.state in self.states and self.has_category(signal)

    def has_category(self, signal: Signal) -> bool:
        """Whether the category of a signal matters."""
        return self.categories is None or signal.category in self.categories

    def needed(self, signal: Signal) -> Signal:
        """Return a signal without the answers and the question keys that no layer of its category asks for."""
        if not signal.assets:
            return signal
        asking = [asked.keys for asked in self.questions if not asked.categories or signal.category in asked.categories]
        keys = frozenset[str]().union(*asking)
        assets = tuple(
            asset if asset.question_key in keys else replace(asset, question_key="")
            for asset in signal.assets
            if asset.question_key in keys or frozenset() in asking
        )
        return signal if assets == signal.assets else replace(signal, assets=tuple(dict.fromkeys(assets)))


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

    @property
    def signals(self) -> tuple[Signal, ...]:
        """All of them."""
        return tuple(self._signals.values())

    @property
    def version(self) -> str:
        """Identifies the content; the version of `reported`."""
        return f"{self._sum:0{2 * _FINGERPRINT_BYTES}x}"

    def apply(self, signals: Iterable[Signal]) -> None:
        """Update some signals."""
        for signal in signals:
            known = self._signals.get(signal.id)
            wanted = self._filter.needed(signal) if self._filter.holds(signal) else None
            if wanted != known:
                self._replace(signal.id, known, wanted)

    def remove(self, signal_ids: Iterable[int]) -> None:
        """Remove signals that no longer exist."""
        for signal_id in signal_ids:
            if signal_id in self._signals:
                self._replace(signal_id, self._signals[signal_id], None)

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
        version = self.version
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
