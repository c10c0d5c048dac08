"""The properties of a layer as filters, sort keys and property lists may name them."""

from __future__ import annotations

from collections.abc import Iterator

from wfs_proxy.config import Layer, type_of_mark, vendor_names
from wfs_proxy.filters import FilterSchema
from wfs_proxy.values import FieldType

__all__ = ["mark_names", "mark_types", "schema_of"]


def schema_of(layer: Layer) -> FilterSchema:
    """Return the served properties with their types, the marks included, and the names that vendors have for them."""
    others = vendor_names(layer)
    geometry = layer.source.geometry if layer.source.type == "wfs" else None
    return FilterSchema(
        types={name: rule.type for name, rule in layer.properties.fields.items()} | dict(mark_types(layer)),
        aliases={name: meant.property for name, meant in others.items()},
        translations={name: meant.values for name, meant in others.items() if meant.values},
        geometries=("geometry", "geom", *([geometry] if geometry else [])),
    )


def mark_names(layer: Layer) -> frozenset[str]:
    """Return the properties that show marks, which change without a refresh of the layer."""
    return frozenset(name for name, _ in mark_types(layer))


def mark_types(layer: Layer) -> Iterator[tuple[str, FieldType]]:
    """Yield these properties with their types, in the order in which features have them."""
    if layer.reports is None:
        return
    for rule in layer.reports.mark:
        yield rule.property, type_of_mark(rule)
    for name in (layer.reports.word, layer.reports.age):
        if name is not None:
            yield name, "string"
