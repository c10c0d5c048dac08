"""Give each object an id that is the same in every fetch, and a point of its own.

Every result depends on the set of objects, never on their order: pages and servers shuffle rows.

Coordinates are compared in integer steps of 1e-7 degree, about 1 cm: the 7 decimals that are served.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.values import key_text

__all__ = ["Identified", "content_of", "identify", "separate_coincident"]

_STEPS_IN_A_DEGREE = 10_000_000
_PACKED = np.array([2**32, 1])
"""Multipliers that pack a place in one integer: longitude in the upper, latitude in the lower 32 bits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Identified:
    """The objects that are kept, and their ids."""

    rows: NDArray[np.intp]
    """(M,) positions of the objects to keep, ascending; of equal objects one with the lowest type name."""

    ids: NDArray[np.object_]
    """(M,) str, unique."""

    survivor: NDArray[np.intp]
    """(N,) for every object the position of the one that is kept for it: itself, or an equal one."""

    duplicates: int
    """Objects that are left out because an equal one with the same id is kept."""

    renamed: int
    """Objects whose id got a suffix, because another object has it too."""

    shared_keys: NDArray[np.object_]
    """(M,) str: the key, where another object that is kept has it too; else None."""

    generated: NDArray[np.bool_]
    """(M,) whether the id is not the key alone: it has a suffix, or there is no key."""


def identify(
    keys: NDArray[np.object_],
    type_names: NDArray[np.object_],
    lonlat: NDArray[np.float64],
    columns: Mapping[str, NDArray[np.object_]],
) -> Identified:
    """Give each object an id that is its own and the same in every fetch.

    The id is the business key as `key_text`. Objects with the same id, the same place (7 decimals) and the same values
    in all columns are one object. Objects with the same id and another place or value all get the type name as a
    suffix (12.put_vlak); where that is not enough, also a hash of the place; at last a hash of everything.

    The id of an object without a key is "place-" and a hash of its place: places are corrected less often than
    attributes, and an object whose id changes loses its reports.

    Args:
        keys: (N,) the business key as the vendor wrote it; None or blank where there is none.
        type_names: (N,) str, may be empty.
        lonlat: (N, 2) longitude, latitude in degrees, finite.
        columns: output field -> (N,) JSON values.
    """
    objects = _Objects(type_names=type_names, steps=_steps(lonlat), columns=columns)
    texts = [key_text(key) for key in keys]
    names = [text or f"place-{objects.place(row)}" for row, text in enumerate(texts)]
    survivor = _survivors(names, objects)
    once = np.unique(survivor).tolist()
    ids, renamed = _made_unique([names[row] for row in once], once, objects)
    kept = [texts[row] for row in once]
    uses = Counter(kept)
    return Identified(
        rows=np.array(once, dtype=np.intp),
        ids=_column(ids),
        survivor=survivor,
        duplicates=len(names) - len(once),
        renamed=renamed,
        shared_keys=_column([text if text and uses[text] > 1 else None for text in kept]),
        generated=np.array([own != text for own, text in zip(ids, kept, strict=True)], dtype=np.bool_),
    )


def content_of(row: int, lonlat: NDArray[np.float64], columns: Mapping[str, NDArray[np.object_]]) -> str:
    """Return a text that is equal for rows with the same place (7 decimals) and the same values in all columns."""
    return _content(row, _steps(lonlat[row]), columns)


def separate_coincident(ids: NDArray[np.object_], lonlat: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Round places to 7 decimals and move coincident objects apart, so that no two have the same place.

    The WCAG frontend shows two objects on one point as one. One of them stays; each other moves to a free place the
    fewest steps away (a step changes one coordinate by 1e-7 degree), starting at the slot given by a hash of its id. No
    object moves to where another one is or was. They choose in the order of their ids' hashes, so a new object does not
    move the others, unless it precedes them in that order and takes that very place.

    Args:
        ids: (M,) str, unique.
        lonlat: (M, 2) longitude, latitude in degrees, finite.

    Returns:
        (M, 2) degrees of at most 7 decimals, no two rows equal; how many objects were moved.
    """
    steps = _steps(lonlat)
    places, group, count = np.unique(steps @ _PACKED, return_inverse=True, return_counts=True)
    crowded = np.flatnonzero(count[group] > 1)
    if not len(crowded):
        return steps / _STEPS_IN_A_DEGREE, 0
    taken = set(places.tolist())
    queue = sorted((group[row], _rank(ids[row]), ids[row], row) for row in crowded)
    moved = 0
    for _, members in groupby(queue, key=itemgetter(0)):
        (number, *_), *others = members
        slots = _FreeSlots(int(places[number]), taken)
        for _, rank, _, row in others:
            steps[row] += slots.take(rank)
        moved += len(others)
    return steps / _STEPS_IN_A_DEGREE, moved


def _steps(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(lonlat * _STEPS_IN_A_DEGREE).astype(np.int64)


def _column(texts: Sequence[str | None]) -> NDArray[np.object_]:
    return np.fromiter(texts, dtype=object, count=len(texts))


def _content(row: int, steps: NDArray[np.int64], columns: Mapping[str, NDArray[np.object_]]) -> str:
    return _hash(*steps.tolist(), *(values[row] for values in columns.values()))


def _hash(*parts: object) -> str:
    return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()


def _rank(identifier: str) -> int:
    return int.from_bytes(hashlib.blake2b(identifier.encode(), digest_size=8).digest())


@dataclass(frozen=True, kw_only=True, eq=False)
class _Objects:
    """The data that distinguish objects with the same id."""

    type_names: NDArray[np.object_]
    steps: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.object_]]

    def place(self, row: int) -> str:
        return _hash(*self.steps[row].tolist())

    def content(self, row: int) -> str:
        """The place and every value."""
        return _content(row, self.steps[row], self.columns)

    def suffix(self, row: int, attempt: int, name: str) -> str:
        """The type name, then the place, then everything."""
        if attempt == 0:
            return f".{self.type_names[row]}" if self.type_names[row] else ""
        return "." + (self.place(row) if attempt == 1 else _hash(name, self.type_names[row], self.content(row)))


def _survivors(names: list[str], objects: _Objects) -> NDArray[np.intp]:
    """Return (N,) the row that is kept for each of equal rows: the one with the lowest type name, a possible suffix."""
    uses = Counter(names)
    repeated = {row: (name, objects.content(row)) for row, name in enumerate(names) if uses[name] > 1}
    kept: dict[tuple[str, str], int] = {}
    for row in sorted(repeated, key=lambda row: objects.type_names[row], reverse=True):
        kept[repeated[row]] = row
    survivor = np.arange(len(names))
    for row, content in repeated.items():
        survivor[row] = kept[content]
    return survivor


def _made_unique(names: list[str], rows: list[int], objects: _Objects) -> tuple[list[str], int]:
    """Return unique names, and how many got a suffix: all objects with the same name, not only the later ones."""
    ids = list(names)
    attempts: Counter[int] = Counter()
    uses = Counter(ids)
    while len(uses) < len(ids):
        for position in [position for position, name in enumerate(ids) if uses[name] > 1]:
            ids[position] += objects.suffix(rows[position], attempts[position], names[position])
            attempts[position] += 1
        uses = Counter(ids)
    return ids, len(attempts)


class _FreeSlots:
    """The free places around a point, nearest first: ring `r` has the 4 `r` places at `r` steps."""

    def __init__(self, centre: int, taken: set[int]) -> None:
        self._centre = centre
        self._taken = taken
        self._ring = 1

    def take(self, rank: int) -> tuple[int, int]:
        """Occupy a place in the nearest ring with a free one, from slot `rank` on; return its steps east and north."""
        while True:
            size = 4 * self._ring
            for slot in range(rank % size, rank % size + size):
                east, north = self._offset(slot % size)
                place = self._centre + east * 2**32 + north
                if place not in self._taken:
                    self._taken.add(place)
                    return east, north
            self._ring += 1

    def _offset(self, slot: int) -> tuple[int, int]:
        side, along = divmod(slot, self._ring)
        east, north = self._ring - along, along
        for _ in range(side):
            east, north = -north, east
        return east, north
