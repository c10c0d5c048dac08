"""The properties of a layer's features in XML: their names and types, the same in the schema and in GML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, count
from typing import NamedTuple

from wfs_proxy.config import Layer
from wfs_proxy.faces.wfs.xml_names import ncname
from wfs_proxy.serve import schema_of
from wfs_proxy.values import FieldType

__all__ = ["ServedProperty", "geometry_name", "served_properties"]


class ServedProperty(NamedTuple):
    """A property of the features."""

    name: str
    """As in GeoJSON."""

    xml_name: str
    type: FieldType


def served_properties(layer: Layer) -> tuple[ServedProperty, ...]:
    """Return the properties of a layer, those of the marks last. A footprint is not one of them: it is a geometry."""
    types: Mapping[str, FieldType] = schema_of(layer).types
    return tuple(ServedProperty(name, ncname(name), field_type) for name, field_type in types.items())


def geometry_name(properties: Iterable[ServedProperty]) -> str:
    """Return the name of the property that is the point: `geometry`, unless another property has that name."""
    taken = {each.xml_name.lower() for each in properties}
    names = chain(("geometry", "geom", "point"), map("geometry_{}".format, count(2)))
    return next(name for name in names if name not in taken)
