"""Sequences of positions: from text to arrays, many sequences at a time.

The readers of geometry elements only keep the text of the numbers (`Positions`). `resolve` then parses the texts of a
whole batch of features together, so that no Python object per vertex outlives the batch.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["Positions", "ResolvedPositions", "from_array", "from_tuples", "resolve", "to_array"]

NOT_NUMBERS = "coordinates are not numbers"
WRONG_DIMENSION = "the number of coordinates does not fit their dimension"

_PLANE, _SPACE, _MEASURED = 2, 3, 4
"""Ordinates per position: x y; with a height; with a height and a measure."""
_NOT_A_NUMBER = [float("nan")]


class Positions(NamedTuple):
    """One sequence of positions as it was written."""

    ordinates: str | list[float]
    """Numbers separated by white space, or numbers that were parsed already."""

    dimension: int
    """Ordinates per position; 0: the document does not say."""

    closed: bool = False
    """True for a ring. Its last position repeats the first, which shows the dimension where the document does not."""


class ResolvedPositions(NamedTuple):
    """K sequences of positions as arrays, V positions in all."""

    xy: NDArray[np.float64]
    """(V, 2) first and second ordinate as written; a third and fourth are dropped."""

    counts: NDArray[np.intp]
    """(K,) positions in each sequence; 0 where it could not be read."""

    errors: dict[int, str]
    """Index of a sequence -> why it could not be read."""


def to_array(positions: Positions) -> NDArray[np.float64]:
    """Return the (n, 2) ordinates of one sequence.

    Raises:
        UnsupportedGeometry: it cannot be read.
    """
    resolved = resolve([positions])
    if resolved.errors:
        raise UnsupportedGeometry(resolved.errors[0])
    return resolved.xy


def from_array(xy: NDArray[np.float64], *, closed: bool = False) -> Positions:
    """Return (n, 2) ordinates as a sequence."""
    return Positions(xy.ravel().tolist(), _PLANE, closed)


def resolve(sequences: Sequence[Positions]) -> ResolvedPositions:
    """Turn sequences into arrays.

    The numbers of all sequences are in one flat array, `lengths` of them for each sequence. A sequence that cannot be
    read keeps its numbers there but gets no positions, so it does not shift its neighbours: each sequence has the
    positions and the error that it has when it is resolved alone.
    """
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
    errors = dict.fromkeys(np.flatnonzero(unfit).tolist(), WRONG_DIMENSION)
    errors.update(dict.fromkeys(np.flatnonzero(infinite).tolist(), NOT_NUMBERS))
    return ResolvedPositions(_pairs(values, np.cumsum(lengths) - lengths, counts, dimensions), counts, errors)


def _pairs(
    values: NDArray[np.float64], starts: NDArray[np.intp], counts: NDArray[np.intp], dimensions: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the (V, 2) first two ordinates of each position.

    Args:
        values: the numbers of all K sequences.
        starts: (K,) index in `values` of the first number of each sequence.
        counts: (K,) positions to take from each sequence.
        dimensions: (K,) ordinates per position.
    """
    if 2 * int(counts.sum()) == len(values):  # only if all sequences are readable and two-dimensional
        return values.reshape(-1, 2)
    within_sequence = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.repeat(starts, counts) + within_sequence * np.repeat(dimensions, counts)
    return np.column_stack([values[first], values[first + 1]])


def _likely_dimension(numbers: list[float], *, closed: bool) -> int:
    """Return 2 unless the numbers say 3: their count is odd, or the ring only closes in three dimensions."""
    if len(numbers) % _SPACE:
        return _PLANE
    closes_in_space = closed and numbers[:_PLANE] != numbers[-_PLANE:] and numbers[:_SPACE] == numbers[-_SPACE:]
    return _SPACE if len(numbers) % _PLANE or closes_in_space else _PLANE


def _numbers(sequences: Sequence[Positions]) -> list[list[float]]:
    """Return the numbers of each sequence; a single NaN where a word is not a number."""
    texts = [s.ordinates for s in sequences if isinstance(s.ordinates, str)]
    parsed = iter(_parse_together(texts))
    return [next(parsed) if isinstance(s.ordinates, str) else s.ordinates for s in sequences]


def _parse_together(texts: list[str]) -> Iterable[list[float]]:
    """Return the numbers of each text, parsed as one JSON document where that is possible.

    "1 2" and "3 4" become "[[1,2],[3,4]]": orjson is the fastest parser of numbers. Numbers that JSON does not allow
    ("+1", "01", "1.") are parsed word by word, and so are texts with JSON values that are not numbers. Both ways give
    the numbers that Python's `float` reads.
    """
    joined = "][".join([text.strip() for text in texts])
    # true, null, strings, objects and lists are JSON too, but not numbers
    if any(foreign in joined for foreign in 'ua"{,') or joined.count("[") != len(texts) - 1:
        return map(_parse, texts)
    for with_commas in (_replace_single_spaces, _replace_white_space):
        try:
            lists: list[list[float]] = orjson.loads(f"[[{with_commas(joined).replace('][', '],[')}]]")
        except orjson.JSONDecodeError:
            continue
        return lists
    return map(_parse, texts)


def _replace_single_spaces(joined: str) -> str:
    return joined.replace(" ", ",")


def _replace_white_space(joined: str) -> str:
    return ",".join(joined.split())


def _parse(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return _NOT_A_NUMBER


def from_tuples(text: str, *, decimal: str, between_ordinates: str, between_tuples: str, closed: bool) -> Positions:
    """Return the content of gml:coordinates (OGC 02-069, section 4.3.1), where each document chooses its separators.

    Raises:
        UnsupportedGeometry: the tuples differ in length.
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
