"""The kinds of objects in a layer and the number that people know, as far as the layer file says them."""

from __future__ import annotations

import re

from wfs_proxy.config import Layer, name_field, type_field
from wfs_proxy.values import CASTS

__all__ = ["kind_values", "named_kinds", "number_field"]

_MOST_KINDS = 12
"""More entries make a legend useless; such a layer has one entry for all kinds."""

_IN_TEMPLATES = re.compile(r"[^.{}]+")
"""A property that a template of the forms can contain: they split names at dots."""


def named_kinds(layer: Layer) -> tuple[str, ...]:
    """Return the kinds that the layer file names, as they are served and in its order; empty if it names none."""
    rule = layer.properties.fields.get(type_field(layer) or "")
    if rule is None or not rule.map:
        return ()
    served = [CASTS["string"](value) for value in (*rule.map.values(), rule.default) if value is not None]
    return tuple(dict.fromkeys(value for value in served if isinstance(value, str) and value))


def kind_values(layer: Layer) -> tuple[str, tuple[str, ...]] | None:
    """Return the field that says what an object is, and its values; None if the layer file names none, or too many."""
    field, values = type_field(layer), named_kinds(layer)
    return (field, values) if field is not None and 0 < len(values) <= _MOST_KINDS else None


def number_field(layer: Layer) -> str | None:
    """Return the field with the number that people know an object by, for the template of a description.

    The newer form stores its value as the id of the object, so it is a field that reports are matched with. None: no
    such field can be in a template.
    """
    named = name_field(layer)
    matched = layer.reports.match.fields if layer.reports is not None else ()
    field = named if named in matched else layer.properties.id_field
    return field if field is not None and _IN_TEMPLATES.fullmatch(field) else None
