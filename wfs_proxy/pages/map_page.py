"""The page at `/`: all layers, the map, and the list of objects beside it.

The server writes the list of layers and, for a layer in the URL, a page of its objects, so that both work without
JavaScript. The script in `static/map/` replaces the list with the objects in view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import orjson

from wfs_proxy.cache import MOST_CELLS
from wfs_proxy.config import Language, Layer, name_field, type_field
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.renderer import PageRenderer
from wfs_proxy.pages.texts import script_texts
from wfs_proxy.question import capitalised, named_kinds, signalen_question
from wfs_proxy.serve import LayerDescription

__all__ = [
    "PARAMETERS",
    "ROWS",
    "SYMBOLS",
    "MapPage",
    "ObjectPage",
    "ShownLayer",
    "frequent_kinds_of",
    "layer_settings",
    "map_settings",
    "object_label",
    "object_page",
]

PARAMETERS = ("layer", "cursor")
"""The query parameters of the page besides `lang`: the layer whose objects the list has, and where the list starts."""

SYMBOLS = 7
"""Kinds of a layer that have a symbol of their own; the script has as many shapes."""

ROWS = 100
"""Objects on a page of the list without script."""

_PDOK = "service.pdok.nl"

_ENTRIES = ("featureTypes", "featureStatusTypes")
"""Members of a question that say what the report form shows of an object."""


@dataclass(frozen=True, kw_only=True)
class ObjectRow:
    """An object in the list."""

    label: str
    reported: bool | None
    """None where the layer has no marks."""

    longitude: float
    latitude: float
    href: str
    """Of the object's page, relative to the root."""


@dataclass(frozen=True, kw_only=True)
class ObjectPage:
    """The list of objects: one page of it, or why there is none."""

    problem: Literal["unknown_layer", "not_ready", "refreshed", "only_on_map"] | None = None
    rows: Sequence[ObjectRow] = field(default_factory=tuple)
    first: int = 1
    """The number of the first row in the layer."""

    total: int = 0
    next_cursor: str | None = None
    """Where the next page starts; None on the last."""


class ShownLayer(NamedTuple):
    """A layer on the page."""

    layer: Layer
    description: LayerDescription
    frequent: Sequence[str]
    """The most frequent kinds of its objects, at least `SYMBOLS` and those that the file names; empty for a layer in
    cells, of which only a part is known."""


class MapPage:
    """Renders the page."""

    def __init__(self, renderer: PageRenderer, tiles: str | None) -> None:
        """Render with these.

        Args:
            renderer: renders the template.
            tiles: the URL template of background tiles; None without them.
        """
        self._renderer = renderer
        self._tiles = tiles

    def render(
        self,
        page: PageRequest,
        layers: Sequence[ShownLayer],
        objects: ObjectPage | None,
    ) -> bytes:
        """Return the page.

        Args:
            page: what was requested.
            layers: all layers.
            objects: of the layer that the URL names; None if it names none.
        """
        titles = {shown.layer.id: shown.layer.title for shown in layers}
        settings = {
            **map_settings(page.language, self._tiles),
            "root": page.root,
            "layer": page.parameters.get("layer"),
            "layers": [layer_settings(*shown) for shown in layers],
        }
        return self._renderer.render(
            "map.html",
            page,
            layers=[shown.description for shown in layers],
            chosen=page.parameters.get("layer"),
            titles=titles,
            objects=objects,
            settings=settings,
        )


def map_settings(language: Language, tiles: str | None) -> dict[str, Any]:
    """Return what every page with a map gives its script.

    Args:
        language: of the sentences.
        tiles: the URL template of background tiles; None without them.
    """
    background = None if tiles is None else _background(tiles)
    return {"language": language, "tiles": background, "texts": script_texts(language)}


def layer_settings(layer: Layer, description: LayerDescription, frequent: Sequence[str]) -> dict[str, Any]:
    """Return what the script needs to know of a layer.

    Args:
        layer: from its file.
        description: its state.
        frequent: see `ShownLayer`.
    """
    reports = layer.reports
    return {
        "id": layer.id,
        "title": layer.title,
        "organisation": layer.organisation,
        "attribution": layer.attribution,
        "count": description.count,
        "bbox": description.bbox or _extent(layer),
        "cells": _cells(layer),
        "freshness": description.freshness,
        "failed": description.failure is not None,
        "typeField": type_field(layer),
        "kinds": _kinds(layer, frequent),
        "nameField": name_field(layer),
        "idField": description.question.id_field,
        "mark": None if reports is None else {"property": reports.mark[0].property, "value": reports.mark[0].reported},
        "word": None if reports is None else reports.word,
        "age": None if reports is None else reports.age,
        "question": _question(layer),
    }


def frequent_kinds_of(layer: Layer) -> tuple[str, int] | None:
    """Return the property with the kinds of a layer, and how many of the most frequent ones the page needs.

    None: it needs none, because the layer has no kinds, or is in cells, of which only a part is known.
    """
    field = type_field(layer)
    if field is None or layer.fetch.mode == "cells":
        return None
    return field, SYMBOLS + len(named_kinds(layer))


def object_page(layer: Layer, body: bytes, *, cursor_offset: int) -> ObjectPage:
    """Return a page of the list.

    Args:
        layer: from its file.
        body: a FeatureCollection, as the map endpoint answers.
        cursor_offset: objects on all previous pages.
    """
    collection = orjson.loads(body)
    following = [link["href"] for link in collection.get("links", ()) if link["rel"] == "next"]
    return ObjectPage(
        rows=[_row(layer, feature) for feature in collection["features"]],
        first=cursor_offset + 1,
        total=collection["numberMatched"],
        next_cursor=parse_qs(urlsplit(following[0]).query)["cursor"][0] if following else None,
    )


def object_label(layer: Layer, properties: Mapping[str, Any]) -> str:
    """Return what the page calls an object: "kind - name"; the script has the same rule."""
    kind, name = (_text(properties.get(of(layer) or "")) for of in (type_field, name_field))
    kind = capitalised(kind) or layer.title
    return f"{kind} - {name}" if name else kind


def _row(layer: Layer, feature: Mapping[str, Any]) -> ObjectRow:
    properties = feature["properties"]
    longitude, latitude = feature["geometry"]["coordinates"]
    return ObjectRow(
        label=object_label(layer, properties),
        reported=_is_reported(layer, properties),
        longitude=longitude,
        latitude=latitude,
        href=f"ogc/v1/collections/{quote(layer.id, safe='')}/items/{quote(feature['id'], safe='')}",
    )


def _is_reported(layer: Layer, properties: Mapping[str, Any]) -> bool | None:
    if layer.reports is None:
        return None
    rule = layer.reports.mark[0]
    value: object = properties.get(rule.property)
    return type(value) is type(rule.reported) and value == rule.reported


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _kinds(layer: Layer, frequent: Sequence[str]) -> list[str]:
    """Return the kinds that have a symbol of their own: those that the layer file names, in its order, then others.

    The others are the most frequent of the whole layer, so they do not depend on which objects the page has loaded.
    """
    named = list(dict.fromkeys(named_kinds(layer)))
    others = [kind for kind in frequent if kind not in named]
    return named + sorted(others[: max(SYMBOLS - len(named), 0)])


def _question(layer: Layer) -> dict[str, Any] | None:
    """Return the entries of the layer's question, which say what the report form shows of an object.

    None: the layer has no question, because it serves no number of its objects.
    """
    if layer.properties.id_field is None:
        return None
    meta = signalen_question(layer, public_url="", status_types=True)["meta"]
    return {name: [_without_icon(entry) for entry in meta.get(name, ())] for name in _ENTRIES}


def _without_icon(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "icon"}


def _cells(layer: Layer) -> dict[str, Any] | None:
    """Return which cells a layer is fetched in, and the most that a request may touch; None for one fetched whole."""
    if layer.fetch.mode != "cells":
        return None
    return {"zoom": layer.fetch.cell_zoom, "most": MOST_CELLS, "extent": _extent(layer)}


def _extent(layer: Layer) -> tuple[float, float, float, float] | None:
    """Return where the objects of a layer without data should be."""
    extent = getattr(layer.source, "extent", None)
    return None if extent is None else tuple(extent)


def _background(tiles: str) -> dict[str, str]:
    """Return the tiles with what people call their server, and their attribution: that of the BRT, or else its name."""
    host = urlsplit(tiles).netloc
    source, attribution = ("PDOK", "Kadaster, CC BY 4.0") if host == _PDOK else (host, host)
    return {"url": tiles, "source": source, "attribution": attribution}
