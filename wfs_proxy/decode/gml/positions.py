"""Numbers in GML: sequences of positions, read many at a time.

A reader of geometries only notes where numbers stand (`Positions`); they become one array per batch of features, so no
vertex costs a Python object that outlives the batch.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["Positions", "Resolved", "from_tuples", "planar", "resolve"]

NOT_NUMBERS = "coordinates are not numbers"
WRONG_DIMENSION = "the number of coordinates does not fit their dimension"

_PLANE, _SPACE, _MEASURED = 2, 3, 4
"""Ordinates per position: x y, with a height, and with a measure."""
_NOT_A_NUMBER = [float("nan")]


class Positions(NamedTuple):
    """One sequence of positions as it was written."""

    ordinates: str | list[float]
    """Numbers separated by white space, or numbers already."""

    dimension: int
    """Ordinates per position; 0: not told."""

    closed: bool = False
    """True for a ring, whose last position repeats its first: evidence where the dimension is not told."""


class Resolved(NamedTuple):
    """K sequences of positions as arrays, V positions in all."""

    xy: NDArray[np.float64]
    """(V, 2) first and second ordinate as written; a third is dropped."""

    counts: NDArray[np.intp]
    """(K,) positions in each sequence; 0 where it could not be read."""

    faults: dict[int, str]
    """sequence -> why it could not be read."""


def planar(positions: Positions) -> NDArray[np.float64]:
    """(n, 2) ordinates of one sequence.

    Raises:
        UnsupportedGeometry: it cannot be read.
    """
    resolved = resolve([positions])
    if resolved.faults:
        raise UnsupportedGeometry(resolved.faults[0])
    return resolved.xy


def resolve(sequences: Sequence[Positions]) -> Resolved:
    """Turn sequences into arrays; one that cannot be read has no positions and a fault."""
    lists = _numbers(sequences)
    lengths = np.fromiter(map(len, lists), dtype=np.intp, count=len(lists))
    values = np.fromiter(itertools.chain.from_iterable(lists), dtype=np.float64, count=int(lengths.sum()))
    dimensions = np.fromiter((s.dimension for s in sequences), dtype=np.intp, count=len(sequences))
    for index in np.flatnonzero(dimensions == 0).tolist():
        dimensions[index] = _likely_dimension(lists[index], closed=sequences[index].closed)
    unfit = (dimensions < _PLANE) | (dimensions > _MEASURED) | (lengths % np.maximum(dimensions, 1) != 0)
    infinite = np.zeros(len(lists), dtype=np.bool_)
    infinite[np.repeat(np.arange(len(lists)), lengths)[~np.isfinite(values)]] = True
    counts = np.where(unfit | infinite, 0, lengths // np.maximum(dimensions, 1))
    faults = dict.fromkeys(np.flatnonzero(unfit).tolist(), WRONG_DIMENSION)
    faults.update(dict.fromkeys(np.flatnonzero(infinite).tolist(), NOT_NUMBERS))
    return Resolved(_pairs(values, np.cumsum(lengths) - lengths, counts, dimensions), counts, faults)


def _pairs(
    values: NDArray[np.float64], starts: NDArray[np.intp], counts: NDArray[np.intp], dimensions: NDArray[np.intp]
) -> NDArray[np.float64]:
    """(V, 2) the first two ordinates of each position of each sequence."""
    if 2 * int(counts.sum()) == len(values):
        return values.reshape(-1, 2)
    position = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.repeat(starts, counts) + position * np.repeat(dimensions, counts)
    return np.column_stack([values[first], values[first + 1]])


def _likely_dimension(numbers: list[float], *, closed: bool) -> int:
    """2 unless the numbers say 3: they are odd, or the ring only closes in three dimensions."""
    if len(numbers) % _SPACE:
        return _PLANE
    closes_in_space = closed and numbers[:_PLANE] != numbers[-_PLANE:] and numbers[:_SPACE] == numbers[-_SPACE:]
    return _SPACE if len(numbers) % _PLANE or closes_in_space else _PLANE


def _numbers(sequences: Sequence[Positions]) -> list[list[float]]:
    """The numbers of each sequence; a single NaN where one of them is no number."""
    texts = [s.ordinates for s in sequences if isinstance(s.ordinates, str)]
    parsed = iter(_parsed_together(texts))
    return [next(parsed) if isinstance(s.ordinates, str) else s.ordinates for s in sequences]


def _parsed_together(texts: list[str]) -> Iterable[list[float]]:
    """The numbers of all texts; JSON is the fastest way to parse them, and nearly always possible."""
    joined = "][".join([text.strip() for text in texts])
    # true, null, strings, objects and lists are JSON too, but no numbers
    if any(foreign in joined for foreign in 'ua"{,') or joined.count("[") != len(texts) - 1:
        return map(_parsed, texts)
    for separate in (_single_spaces, _white_space):
        try:
            lists: list[list[float]] = orjson.loads(f"[[{separate(joined).replace('][', '],[')}]]")
        except orjson.JSONDecodeError:
            continue
        return lists
    return map(_parsed, texts)


def _single_spaces(joined: str) -> str:
    return joined.replace(" ", ",")


def _white_space(joined: str) -> str:
    return ",".join(joined.split())


def _parsed(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return _NOT_A_NUMBER


def from_tuples(text: str, *, decimal: str, between_ordinates: str, between_tuples: str, closed: bool) -> Positions:
    """The content of gml:coordinates (OGC 02-069, section 4.3.1), whose separators are a document's own choice.

    Raises:
        UnsupportedGeometry: the tuples are not equally long.
    """
    if (decimal, between_ordinates, between_tuples) == (".", ",", " "):
        commas = {word.count(",") for word in text.split()} or {1}
        if len(commas) > 1:
            raise UnsupportedGeometry(WRONG_DIMENSION)
        return Positions(text.replace(",", " "), commas.pop() + 1, closed)
    tuples = [entry.split(between_ordinates.strip() or None) for entry in text.split(between_tuples.strip() or None)]
    tuples = [entry for entry in tuples if any(word.strip() for word in entry)]
    dimensions = {len(entry) for entry in tuples}
    if len(dimensions) > 1:
        raise UnsupportedGeometry(WRONG_DIMENSION)
    plain = " ".join(itertools.chain.from_iterable(tuples))
    return Positions(plain.replace(decimal, "."), next(iter(dimensions), _PLANE), closed)
