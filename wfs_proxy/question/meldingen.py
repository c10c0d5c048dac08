"""The asset type of a layer for Amsterdam's Meldingen (Amsterdam/meldingen, `schemas/input.py`, `meldingen/wfs.py`).

Meldingen asks a WFS, and its form puts the box into the filter that an administrator wrote. It replaces the first
occurrence of each placeholder only. Its label has braces without spaces, unlike that of Signalen.
"""

from __future__ import annotations

import re
from typing import Any

from wfs_proxy.config import Layer, type_field
from wfs_proxy.question.addresses import wfs_address
from wfs_proxy.question.kinds import number_field
from wfs_proxy.question.labels import capitalised, form_labels

__all__ = ["asset_type", "icon_property"]

_FILTER = (
    '<Filter xmlns="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"><BBOX>'
    '<gml:Envelope srsName="{srsName}"><gml:lowerCorner>{west} {south}</gml:lowerCorner>'
    "<gml:upperCorner>{east} {north}</gml:upperCorner></gml:Envelope></BBOX></Filter>"
)
"""A box without a property, which means the geometry (OGC 09-026r2, section 7.8.3.2)."""

_CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84"
"""Longitude first without any doubt, as the placeholders of the filter are written."""

_PROVIDER = "meldingen.wfs.ProxyWfsProviderFactory"
"""The only provider that Meldingen has."""

_FOLDERS = {"lamp": "openbare-verlichting", "container": "container", "tree": "bomen"}
"""Picture -> the folder of Meldingen's own icons for such objects; other layers get a folder of their own."""

_MOST_ASSETS = 3
"""Objects in one report: the default of Meldingen."""

_IN_LABELS = re.compile(r"\w+", re.ASCII)
"""A property that a label can contain."""


def asset_type(layer: Layer, *, public_url: str) -> dict[str, Any]:
    """Return the asset type, as `POST /asset-type/` takes it.

    Args:
        layer: from its file; it has a property with text.
        public_url: without a slash at its end.
    """
    labels = form_labels(layer)
    arguments = {
        "base_url": wfs_address(public_url, layer.id),
        "type_names": layer.id,
        "srs_name": _CRS84,
        "filter": _FILTER,
        "icon_entry": icon_property(layer),
        "icon_folder": _FOLDERS.get(labels.icon, labels.icon),
        "label": _label(layer, capitalised(labels.singular)),
        "singular": labels.singular,
        "plural": labels.plural,
        "term": capitalised(labels.plural),
        "location_label": f"Kies een {labels.singular} op de kaart",
    }
    return {"name": layer.id, "class_name": _PROVIDER, "max_assets": _MOST_ASSETS, "arguments": arguments}


def icon_property(layer: Layer) -> str | None:
    """Return the property whose value names the icon: text, because a number stops the form; None if there is none.

    The mark comes first, because the icon is where a reporter can see it. For containers it is the fraction, because
    Meldingen has icons for those.
    """
    fields = layer.properties.fields
    marks = [rule.property for rule in layer.reports.mark if isinstance(rule.reported, str)] if layer.reports else []
    kind = type_field(layer)
    kinds = [kind] if kind is not None else []
    texts = [name for name, rule in fields.items() if rule.type == "string"]
    first = [*kinds, *marks] if form_labels(layer).icon == "container" else [*marks, *kinds]
    return next(iter([*first, *texts]), None)


def _label(layer: Layer, singular: str) -> str:
    """Return the label of an object: what it is, its number, and the word for its report if the layer serves one."""
    kind = type_field(layer)
    word = layer.reports.word if layer.reports is not None else None
    properties = [_placeholder(name) for name in (number_field(layer), word) if name is not None]
    first = (_placeholder(kind) if kind is not None else "") or singular
    return " ".join(part for part in (first, *properties) if part)


def _placeholder(name: str) -> str:
    return f"{{{{{name}}}}}" if _IN_LABELS.fullmatch(name) else ""
