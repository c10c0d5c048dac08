"""Which attributes of the vendor a layer uses. A source that can choose reads no others."""

from __future__ import annotations

from collections.abc import Iterator

from wfs_proxy.config.layer import Layer

__all__ = ["used_attributes"]


def used_attributes(layer: Layer) -> tuple[str, ...]:
    """Return the attributes that are served, that identify objects, and that select or mark them, each once.

    One may be a path into the value of another attribute.
    """
    return tuple(dict.fromkeys(_used(layer)))


def _used(layer: Layer) -> Iterator[str]:
    properties = layer.properties
    yield from (rule.source or name for name, rule in properties.fields.items() if rule.template is None)
    yield from layer.source.where
    if properties.id is not None:
        yield properties.id
    if layer.reports is not None and layer.reports.vendor is not None:
        yield layer.reports.vendor.field
