"""Attributes inside the values of other attributes, which a layer file names by a path: `beheer.organisatie.naam`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.config import Layer, used_attributes
from wfs_proxy.features import FeatureBatch
from wfs_proxy.values import PATH_SEPARATOR, value_at_path

__all__ = ["nested_names", "with_nested_attributes"]

_SAMPLE = 100
"""Objects in whose values names are sought."""

_DEEPEST = 4
"""Levels of names that are offered."""


def with_nested_attributes(batch: FeatureBatch, layer: Layer) -> FeatureBatch:
    """Return the batch with a column for each path that the layer file names.

    An attribute whose own name contains dots comes before a path. A path that no object has gets no column, as any
    other absent attribute; where the outer attribute is null in all objects, the inner one is taken to be null too.
    """
    found = {name: _column(batch, name) for name in used_attributes(layer) if name not in batch.columns}
    nested = {name: values for name, values in found.items() if values is not None}
    return replace(batch, columns={**batch.columns, **nested}) if nested else batch


def nested_names(batch: FeatureBatch) -> tuple[str, ...]:
    """Return the paths of the values inside other values, for the message about one that is misspelt."""
    objects = ((name, value) for name, values in batch.columns.items() for value in values[:_SAMPLE])
    return tuple(dict.fromkeys(path for name, value in objects for path in _paths(name, value, _DEEPEST)))


def _column(batch: FeatureBatch, path: str) -> NDArray[np.object_] | None:
    """Return (N,) the values at a path; None if no object has it."""
    outer = [name for name in _beginnings(path) if name in batch.columns]
    if not outer:
        return None
    rows = zip(*(batch.columns[name] for name in outer), strict=True)
    values = [value_at_path(dict(zip(outer, row, strict=True)), path, otherwise=_ABSENT) for row in rows]
    exists = any(value is not _ABSENT for value in values)
    empty = all(value is None for name in outer for value in batch.columns[name])
    if not exists and not empty:
        return None
    return np.fromiter((None if value is _ABSENT else value for value in values), dtype=object, count=len(values))


_ABSENT = object()


def _beginnings(path: str) -> Iterator[str]:
    """Yield a.b and a for the path a.b.c."""
    end = path.rfind(PATH_SEPARATOR)
    while end > 0:
        yield path[:end]
        end = path.rfind(PATH_SEPARATOR, 0, end)


def _paths(outer: str, value: object, levels: int) -> Iterator[str]:
    if isinstance(value, list):
        value = next(iter(value), None)
    if not isinstance(value, dict) or levels == 1:
        return
    for name, inner in islice(value.items(), _SAMPLE):
        path = f"{outer}{PATH_SEPARATOR}{name}"
        yield path
        yield from _paths(path, inner, levels - 1)
