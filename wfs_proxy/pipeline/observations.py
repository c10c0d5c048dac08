"""What a fetch shows about the layer file: which names and values of it no object has, and what the fields contain.

Everything here is small, because it is stored and shared with each snapshot. Of the vendor's values only those of
served fields are in it; of its attributes only the names that look like a configured one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.config import Layer, nearest
from wfs_proxy.features import FeatureBatch, FieldSummary
from wfs_proxy.pipeline.nested_attributes import nested_names
from wfs_proxy.pipeline.output_columns import comparable_of

__all__ = ["field_summaries", "nearest_attributes", "unused_values"]

_EXAMPLES = 3
_LONGEST_EXAMPLE = 60
"""Characters."""

_SAMPLE = 1000
"""Objects, spread over the layer, among which the examples are sought."""


def nearest_attributes(batch: FeatureBatch, absent: Iterable[str]) -> Mapping[str, str]:
    """Return absent attribute -> the most similar name that the objects have, where one is similar."""
    absent = tuple(absent)
    known = (*batch.columns, *nested_names(batch)) if absent else ()
    found = {name: nearest(name, known) for name in absent}
    return {name: near for name, near in found.items() if near is not None}


def unused_values(batch: FeatureBatch, chosen: FeatureBatch, layer: Layer) -> Mapping[str, tuple[str, ...]]:
    """Return key of the layer file -> its values that no object has.

    An attribute that no object has is not in it: that is another problem.

    Args:
        batch: all objects that were received, among which `where` chooses.
        chosen: the chosen ones, to which `map` and `vendor` apply.
        layer: the layer file.
    """
    where = [(f"source.where.{name}", batch, name, texts) for name, texts in layer.source.where.items()]
    applied = ((key, chosen, attribute, texts) for key, attribute, texts in _applied_values(layer))
    unused = {
        key: _unused(rows.columns[attribute], texts)
        for key, rows, attribute, texts in chain(where, applied)
        if attribute in rows.columns and len(rows)
    }
    return {key: texts for key, texts in unused.items() if texts}


def field_summaries(columns: Mapping[str, NDArray[np.object_]]) -> Mapping[str, FieldSummary]:
    """Return served field -> what it contains. A geometry, such as a footprint, gets no examples."""
    return {
        name: FieldSummary(filled=len(values) - values.tolist().count(None), examples=_examples(values))
        for name, values in columns.items()
    }


def _applied_values(layer: Layer) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Yield key, attribute, texts of everything in the layer file that refers to values of the vendor."""
    for name, rule in layer.properties.fields.items():
        if rule.map is not None and rule.template is None:
            yield f"properties.fields.{name}.map", rule.source or name, rule.map
    vendor = layer.reports.vendor if layer.reports is not None else None
    if vendor is not None:
        yield "reports.vendor", vendor.field, vendor.texts


def _unused(values: NDArray[np.object_], texts: Iterable[str]) -> tuple[str, ...]:
    items = chain.from_iterable(value if isinstance(value, list) else (value,) for value in values)
    # 1, 1.0 and True are equal but are different values
    distinct = {(type(item), _hashable(item)) for item in items if item is not None}
    occurring = {comparable_of(item) for _, item in distinct}
    return tuple(text for text in dict.fromkeys(texts) if text not in occurring)


def _hashable(value: object) -> object:
    return str(value) if isinstance(value, list | dict) else value


def _examples(values: NDArray[np.object_]) -> tuple[str, ...]:
    """Return the most frequent values of a sample, the first ones where all are equally frequent."""
    sample = values[:: max(1, len(values) // _SAMPLE)]
    texts = Counter(_short(value) for value in sample if value is not None and not isinstance(value, dict | list))
    return tuple(text for text, _ in texts.most_common(_EXAMPLES) if text)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[: _LONGEST_EXAMPLE - 1]}…"
