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

from wfs_proxy.decode.encoding import REPLACEMENT
from wfs_proxy.errors import UnsupportedGeometry
from wfs_proxy.features import NOT_NUMBERS

__all__ = ["Positions", "ResolvedPositions", "from_array", "from_tuples", "resolve", "to_array"]

TOO_LONG = "more coordinates than can be read"
"""The parser's limit was exceeded, and U+FFFD stands for the numbers."""
WRONG_DIMENSION = "the number of coordinates does not fit their dimension"

_PLANE, _SPACE, _MEASURED = 2, 3, 4
"""Ordinates per position: x y; with a height; with a height and a measure."""

_NAN = float("nan")
_NO_ORDINATE = "NaN"
"""Text of an ordinate that is left out (XML Schema 1.1 part 2, section 3.3.5)."""

_SCATTERED = 20.0
"""In the wrong dimension, positions are scattered over at least so many times the extent that they have in the right
one: a height or an easting is then taken for a northing. A line across a whole country has 22."""


class Positions(NamedTuple):
    """One sequence of positions as it was written."""

    ordinates: str | list[float]
    """Numbers separated by white space, or numbers that were parsed already."""

    dimension: int
    """Ordinates per position, as the geometry says; 0: it does not say."""

    closed: bool = False
    """True for a ring. Its last position repeats the first, which shows the dimension where the geometry does not."""

    expected: int = 0
    """Ordinates per position according to the CRS or to an element around the geometry, where `dimension` is 0 and the
    numbers do not show another one; 0: they say nothing."""


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
    """Turn sequences into arrays. A height or a measure may be anything; a place needs only the first two ordinates.

    The numbers of all sequences are in one flat array, `lengths` of them for each sequence. A sequence that cannot be
    read keeps its numbers there but gets no positions, so it does not shift its neighbours: each sequence has the
    positions and the error that it has when it is resolved alone.
    """
    lists = _numbers(sequences)
    lengths = np.fromiter(map(len, lists), dtype=np.intp, count=len(lists))
    values = np.fromiter(itertools.chain.from_iterable(lists), dtype=np.float64, count=int(lengths.sum()))
    dimensions = np.fromiter((s.dimension for s in sequences), dtype=np.intp, count=len(sequences))
    for index in np.flatnonzero(dimensions == 0).tolist():
        dimensions[index] = _likely_dimension(lists[index], sequences[index])
    unfit = (dimensions < _PLANE) | (dimensions > _MEASURED) | (lengths % np.maximum(dimensions, 1) != 0)
    infinite = _with_infinite(values, lengths, np.where(unfit, 1, dimensions))
    counts = np.where(unfit | infinite, 0, lengths // np.maximum(dimensions, 1))
    errors = dict.fromkeys(np.flatnonzero(unfit).tolist(), WRONG_DIMENSION)
    for index in np.flatnonzero(infinite).tolist():
        errors[index] = TOO_LONG if sequences[index].ordinates == REPLACEMENT else NOT_NUMBERS
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


def _with_infinite(
    values: NDArray[np.float64], lengths: NDArray[np.intp], dimensions: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return (K,) whether a sequence has an ordinate of a place, its first two in each position, that is not finite.

    Args:
        values: the numbers of all K sequences.
        lengths: (K,) numbers of each sequence.
        dimensions: (K,) ordinates per position; 1: all of them count.
    """
    found = np.zeros(len(lengths), dtype=np.bool_)
    infinite = np.flatnonzero(~np.isfinite(values))
    owners = np.searchsorted(np.cumsum(lengths), infinite, side="right")
    places = (infinite - (np.cumsum(lengths) - lengths)[owners]) % dimensions[owners] < _PLANE
    found[owners[places]] = True
    return found


def _likely_dimension(numbers: list[float], sequence: Positions) -> int:
    """Return the dimension that the numbers show, else the expected one, else 2."""
    if len(numbers) % _SPACE:
        return _MEASURED if sequence.expected == _MEASURED and len(numbers) % _MEASURED == 0 else _PLANE
    if len(numbers) % _PLANE:
        return _SPACE
    shown = _dimension_of_ring(numbers) if sequence.closed else 0
    return shown or _dimension_by_extent(numbers) or sequence.expected or _PLANE


def _dimension_of_ring(numbers: list[float]) -> int:
    """Return the dimension in which a ring is closed; 0 if that is not exactly one. Heights need no numbers."""
    in_plane = numbers[:_PLANE] == numbers[-_PLANE:]
    first, last = numbers[:_SPACE], numbers[-_SPACE:]
    in_space = first[:_PLANE] == last[:_PLANE] and (first[-1:] == last[-1:] or not np.isfinite(first[-1] + last[-1]))
    return 0 if in_plane == in_space else _PLANE if in_plane else _SPACE


def _dimension_by_extent(numbers: list[float]) -> int:
    """Return the dimension in which the positions are together, if they are scattered in the other one; else 0."""
    in_plane, in_space = _extent(numbers, _PLANE), _extent(numbers, _SPACE)
    if in_plane > _SCATTERED * in_space:
        return _SPACE
    return _PLANE if in_space > _SCATTERED * in_plane else 0


def _extent(numbers: list[float], dimension: int) -> float:
    """Return width and height of the box around positions, infinite where an ordinate is; 0 without positions."""
    ordinates = np.array(numbers).reshape(-1, dimension)[:, :_PLANE]
    with np.errstate(invalid="ignore", over="ignore"):
        extent = float(np.ptp(ordinates, axis=0).sum()) if len(ordinates) else 0.0
    return extent if np.isfinite(extent) else float("inf")


def _numbers(sequences: Sequence[Positions]) -> list[list[float]]:
    """Return the numbers of each sequence; NaN for a word that is not a number."""
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
    words = text.split()
    try:
        return list(map(float, words))
    except ValueError:
        return list(map(_number, words))


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return _NAN


def from_tuples(text: str, *, decimal: str, between_ordinates: str, between_tuples: str, closed: bool) -> Positions:
    """Return the content of gml:coordinates (OGC 02-069, section 4.3.1), where each document chooses its separators.

    An ordinate may be left out ("1,2,"). Some tuples may lack the height that others have.

    Raises:
        UnsupportedGeometry: the tuples differ in length, and some have no second ordinate.
    """
    if (decimal, between_ordinates, between_tuples) == (".", ",", " "):
        words = text.split()
        commas = {word.count(",") for word in words} or {1}
        if len(commas) == 1 and not any(word.startswith(",") or word.endswith(",") or ",," in word for word in words):
            return Positions(text.replace(",", " "), commas.pop() + 1, closed)
    tuples = [entry.split(between_ordinates.strip() or None) for entry in text.split(between_tuples.strip() or None)]
    tuples = [[word.strip() for word in entry] for entry in tuples if any(word.strip() for word in entry)]
    dimensions = {len(entry) for entry in tuples} or {_PLANE}
    if len(dimensions) > 1 and min(dimensions) < _PLANE:
        raise UnsupportedGeometry(WRONG_DIMENSION)
    filled = [entry + [""] * (max(dimensions) - len(entry)) for entry in tuples]
    plain = " ".join([word.replace(decimal, ".") or _NO_ORDINATE for word in itertools.chain.from_iterable(filled)])
    return Positions(plain, max(dimensions), closed)
