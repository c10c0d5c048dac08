"""Whether a feature type is complete: counting objects, and what a count proves. Pure.

A vendor's claims are no proof, so three rules apply:

- a count (numberMatched, numberOfFeatures) below the number received is wrong, and ignored;
- a count equal to the number received may be the number of objects in the answer, which a cap has cut off: it is
  believed only after a second look, at the next page or at smaller boxes;
- objects are counted by their keys, so a page that repeats one object and lacks another does not reach the count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from wfs_proxy.features import FeatureBatch, concatenate
from wfs_proxy.sources.feature_page import FeaturePage

__all__ = [
    "MAX_REQUESTS",
    "SMALLEST_CAP",
    "CollectedFeatures",
    "RequestBudget",
    "ResponseCap",
    "believable_count",
    "looks_like_a_cap",
]

MAX_REQUESTS = 5_000
"""Per fetch: enough for a million objects in boxes of at most a thousand, a third full on average. It also ends a fetch
whose server never runs out of pages."""

SMALLEST_CAP = 10
"""Objects. No server is known to cap its answers at fewer."""

_ROUND = 10
_SMALLEST_POWER = 256


def believable_count(claim: int | None, received: int) -> int | None:
    """Return the claimed count of all objects, or None if more were received: real servers say 0 and send features."""
    return claim if claim is not None and claim >= received else None


def looks_like_a_cap(count: int, stated: int | None) -> bool:
    """Whether a number of objects may be the cap: the stated one, or a multiple of 10, or a power of two from 256.

    A number below the stated cap is not the cap.
    """
    if stated is not None and count <= stated:
        return count == stated
    power_of_two = count >= _SMALLEST_POWER and count & (count - 1) == 0
    return count > 0 and (count % _ROUND == 0 or power_of_two)


@dataclass(kw_only=True)
class RequestBudget:
    """The requests of one fetch."""

    limit: int = MAX_REQUESTS
    spent: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether no further request may be made."""
        return self.spent >= self.limit


@dataclass(kw_only=True)
class ResponseCap:
    """What is known of how many objects of one type a vendor returns at once."""

    stated: int | None
    """In the capabilities."""

    uncut_below: int = SMALLEST_CAP
    """An answer with fewer objects is not cut off: the vendor has returned this many before."""

    counts_boxes: bool = True
    """Whether the vendor counts the objects in the box, and not in the whole type."""

    def matched(self, page: FeaturePage) -> int | None:
        """Return how many objects the vendor counts in the box of an answer; None if that is not believable."""
        return believable_count(page.batch.claims.matched, len(page)) if self.counts_boxes else None

    def may_cut(self, page: FeaturePage) -> bool:
        """Whether the box of this answer may have more objects."""
        if page.batch.claims.exceeded_limit:
            return True
        matched = self.matched(page)
        if matched is not None and matched > len(page) + sum(page.batch.left_out.values()):
            return True
        if len(page) < self.uncut_below:
            return False
        return matched is None or len(page) == self.uncut_below or looks_like_a_cap(len(page), self.stated)

    def learn(self, page: FeaturePage) -> None:
        """Raise `uncut_below` to the size of an answer. An answer of exactly that size may still be cut off."""
        self.uncut_below = max(self.uncut_below, len(page))


@dataclass(kw_only=True)
class CollectedFeatures:
    """The objects of one feature type that were received, each once."""

    matched: int | None = None
    """How many there are according to the vendor; None when that is unknown or not believable."""

    without_geometry: int = 0
    """How many of the received objects have no geometry: no box finds them."""

    _seen: dict[bytes, None] = field(default_factory=dict)
    _parts: list[FeatureBatch] = field(default_factory=list)
    last_modified: list[str | None] = field(default_factory=list)
    """The Last-Modified header of each answer."""

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def last(self) -> bytes | None:
        """The key of the object that was received last."""
        return next(reversed(self._seen), None)

    @property
    def count_reached(self) -> bool:
        """Whether as many objects were received as the vendor counts, members that could not be decoded included."""
        left_out = sum(sum(part.left_out.values()) for part in self._parts)
        return self.matched is not None and len(self) + left_out >= self.matched

    def add(self, page: FeaturePage, *, final: bool = True) -> int:
        """Keep the objects that are new, and return how many they are.

        `final` is False for an answer whose objects will all be received again; what could not be read in it is then
        not counted, so that it is not counted twice.
        """
        new = np.array([key not in self._seen for key in page.keys], dtype=bool)
        self._seen.update(dict.fromkeys(page.keys))
        self.matched = None if self.matched is None else believable_count(self.matched, len(self))
        self.last_modified.append(page.last_modified)
        count = int(new.sum())
        if count or not self._parts:
            part = page.batch.take(new)
            self.without_geometry += sum(geometry is None for geometry in part.geometry)
            self._parts.append(part if final else replace(part, left_out={}, unreadable_texts=0))
        return count

    def batch(self) -> FeatureBatch:
        """Return all objects, in the order in which they were received."""
        return concatenate(self._parts)

    def page(self) -> FeaturePage:
        """Return all objects as one answer."""
        return FeaturePage(batch=self.batch(), keys=tuple(self._seen))
