"""The names and values that a client of the vendor's own service uses, and what they are called in a layer.

A filter that was written for the vendor's service has these names: `soort_put = K` finds the objects whose `soort` is
served as `kolk`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from wfs_proxy.config.layer import FieldRule, Layer
from wfs_proxy.values import JsonValue, comparable_text

__all__ = ["VendorName", "vendor_names"]


class VendorName(NamedTuple):
    """What another name of a property means."""

    property: str
    """The field or mark that is served."""

    values: Mapping[str, JsonValue]
    """Value of the vendor, as comparable text -> the value that is served; empty if values are served as they are."""


def vendor_names(layer: Layer) -> Mapping[str, VendorName]:
    """Return other name -> what it means: the names that the layer file lists, and the attributes of the vendor.

    An attribute that several fields have is none of them. A field with the name of its attribute is in it if it has a
    map: its own values come before those of the vendor then.
    """
    fields = layer.properties.fields
    found = {
        alias: VendorName(name, _values(fields[name]) if name in fields else {})
        for alias, name in layer.wfs.properties.items()
    }
    uses = Counter(rule.source or name for name, rule in fields.items() if rule.template is None)
    for name, rule in fields.items():
        attribute = rule.source or name
        if rule.template is not None or uses[attribute] > 1:
            continue
        if attribute == name and rule.map is not None:
            served = {comparable_text(value) for value in rule.map.values() if value is not None}
            values = {key: value for key, value in _values(rule).items() if key not in served}
            found.setdefault(name, VendorName(name, values))
        elif attribute not in fields:
            found.setdefault(attribute, VendorName(name, _values(rule)))
    return found


def _values(rule: FieldRule) -> Mapping[str, JsonValue]:
    return rule.map or {}
