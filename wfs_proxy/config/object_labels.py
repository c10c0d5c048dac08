"""What people see of an object: its kind and its name, found in the fields of its layer.

A layer file has no key for either. What follows is the choice that our own pages and questions make.
"""

from __future__ import annotations

import re

from wfs_proxy.config.layer import Layer

__all__ = ["name_field", "type_field"]

_NAMED_LIKE_A_TYPE = re.compile(r"soort|type|kind|fractie|categor", re.IGNORECASE)
"""What municipalities call the attribute that says what an object is."""


def type_field(layer: Layer) -> str | None:
    """Return the field that says what kind of object it is; None if no field looks like it.

    A field with such a name comes first, and then a field whose values the layer file translates.
    """
    texts = [name for name, rule in layer.properties.fields.items() if rule.type == "string" and rule.template is None]
    named = [name for name in texts if _NAMED_LIKE_A_TYPE.search(name)]
    mapped = [name for name in texts if layer.properties.fields[name].map]
    return next(iter([*named, *mapped]), None)


def name_field(layer: Layer) -> str | None:
    """Return the field that names one object, such as the number on a lamp post; None if none is served.

    Of the fields that reports are matched with it is the last, because the business key usually comes first and the
    number that people know after it. Without them it is the field with the business key.
    """
    fields = layer.properties.fields
    matched = [name for name in layer.reports.match.fields if name in fields] if layer.reports is not None else []
    return matched[-1] if matched else layer.properties.id_field
