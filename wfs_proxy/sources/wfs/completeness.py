"""Whether a layer is whole: counting objects, and what a count proves. Pure.

Claims are not proofs. A count below what was received is none; a count that equals what was received may be the
server's cap counted twice; right counts with the same object twice lack another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from wfs_proxy.features import FeatureBatch, concatenate
from wfs_proxy.sources.wfs.pages import FeaturePage

__all__ = [
    "MOST_REQUESTS",
    "SMALLEST_CAP",
    "Budget",
    "CollectedFeatures",
    "ResponseCap",
    "believable",
    "looks_like_a_cap",
]

MOST_REQUESTS = 5_000
"""In one harvest: a million objects at a thousand a box, the boxes a third full on average. A server that sends us in
circles ends here."""

SMALLEST_CAP = 10
"""No server gives fewer objects at once."""

_ROUND = 10
_SMALLEST_POWER = 256


def believable(claim: int | None, received: int) -> int | None:
    """The claimed count of all objects, unless it is refuted: real servers say 0 and send features."""
    return claim if claim is not None and claim >= received else None


def looks_like_a_cap(received: int, stated: int | None) -> bool:
    """Whether so many may be all that a server gives at once: its stated cap, or a round number or power of two.

    Fewer than a stated cap are not: the server would have given more.
    """
    if stated is not None and received <= stated:
        return received == stated
    power_of_two = received >= _SMALLEST_POWER and received & (received - 1) == 0
    return received > 0 and (received % _ROUND == 0 or power_of_two)


@dataclass(kw_only=True)
class Budget:
    """The requests of one harvest."""

    limit: int = MOST_REQUESTS
    spent: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether no further request may be made."""
        return self.spent >= self.limit


@dataclass(kw_only=True)
class ResponseCap:
    """What has been seen of how many objects of one type a vendor gives at once."""

    stated: int | None
    """The cap that it states."""

    uncut_below: int = SMALLEST_CAP
    """An answer with fewer objects is not cut, for the vendor has given so many."""

    counts_boxes: bool = True
    """Whether what it counts for a box is what is in the box, and not in the layer."""

    def matched(self, page: FeaturePage) -> int | None:
        """How many objects the vendor believably counts for the box of an answer."""
        return believable(page.batch.claims.matched, len(page)) if self.counts_boxes else None

    def may_cut(self, page: FeaturePage) -> bool:
        """Whether the box of this answer may have more objects."""
        matched = self.matched(page)
        if matched is not None and matched > len(page) + sum(page.batch.left_out.values()):
            return True
        if len(page) < self.uncut_below:
            return False
        return matched is None or len(page) == self.uncut_below or looks_like_a_cap(len(page), self.stated)

    def learn(self, page: FeaturePage) -> None:
        """Take an answer into account. Another one of the same size may be cut: that size may be the cap."""
        self.uncut_below = max(self.uncut_below, len(page))


@dataclass(kw_only=True)
class CollectedFeatures:
    """The objects of one feature type that were received, each once."""

    matched: int | None = None
    """How many there are, as far as the vendor is believable."""

    placeless: int = 0
    """How many of the objects here have no geometry: no box finds them."""

    _seen: dict[bytes, None] = field(default_factory=dict)
    _parts: list[FeatureBatch] = field(default_factory=list)
    last_modified: list[str | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def reached(self) -> bool:
        """Whether there are as many as there should be. A vendor counts members too that are no features to us."""
        left_out = sum(sum(part.left_out.values()) for part in self._parts)
        return self.matched is not None and len(self) + left_out >= self.matched

    def add(self, page: FeaturePage, *, final: bool = True) -> int:
        """Keep the objects that are new, and tell how many.

        `final` is False for an answer whose objects will all come again; its unreadable ones are not counted twice.
        """
        new = np.array([key not in self._seen for key in page.keys], dtype=bool)
        self._seen.update(dict.fromkeys(page.keys))
        self.matched = None if self.matched is None else believable(self.matched, len(self))
        self.last_modified.append(page.last_modified)
        count = int(new.sum())
        if count or not self._parts:
            part = page.batch.take(new)
            self.placeless += sum(shape is None for shape in part.geometry)
            self._parts.append(part if final else replace(part, left_out={}))
        return count

    def batch(self) -> FeatureBatch:
        """All that was received, in the order in which it came."""
        return concatenate(self._parts)

    def page(self) -> FeaturePage:
        """The same as one answer."""
        return FeaturePage(batch=self.batch(), keys=tuple(self._seen))
