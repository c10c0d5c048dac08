"""What a server offers (ArcGIS REST API, "Catalog", "Feature Service" and "Map Service")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wfs_proxy.errors import NotFeatures
from wfs_proxy.features import Payload
from wfs_proxy.sources.arcgis.documents import objects_in, read_members

__all__ = ["CatalogueLayer", "CatalogueOfLayers", "CatalogueOfServices", "read_catalogue"]

_WITHOUT_OBJECTS = frozenset(
    {"Group Layer", "Mosaic Layer", "Network Analysis Layer", "Raster Layer", "Terrain", "Utility Network Layer"}
)
_WITH_LAYERS = frozenset({"FeatureServer", "MapServer"})


@dataclass(frozen=True, kw_only=True)
class CatalogueLayer:
    """One layer or table with objects."""

    number: int
    name: str


@dataclass(frozen=True, kw_only=True)
class CatalogueOfLayers:
    """The description of a service."""

    title: str
    """"" without one."""

    copyright: str
    """Who owns the data, as the service says; "" if it does not."""

    layers: tuple[CatalogueLayer, ...]


@dataclass(frozen=True, kw_only=True)
class CatalogueOfServices:
    """The directory of a server, or of a folder."""

    services: tuple[str, ...]
    """Paths of services with layers below `.../rest/services`, such as "Groen/Bomen/FeatureServer"."""

    folders: tuple[str, ...]


def read_catalogue(payload: Payload) -> CatalogueOfLayers | CatalogueOfServices | None:
    """Return what a service or a directory lists; None for the description of a single layer.

    Raises:
        UpstreamException: an error object.
        MalformedDocument: it is no JSON.
        NotFeatures: it is JSON of something else.
    """
    document = read_members(payload)
    if isinstance(document.get("fields"), list):
        return None
    if isinstance(document.get("layers"), list) or isinstance(document.get("tables"), list):
        return _of_layers(document)
    if isinstance(document.get("services"), list) or isinstance(document.get("folders"), list):
        return _of_services(document)
    members = ", ".join(sorted(document)[:10]) or "none"
    raise NotFeatures(
        f"{payload.source or 'the answer'} is JSON without layers or services; its members are: {members}"
    )


def _of_layers(document: Mapping[str, Any]) -> CatalogueOfLayers:
    described = document.get("documentInfo")
    title = described.get("Title") if isinstance(described, dict) else None
    written = [*objects_in(document.get("layers")), *objects_in(document.get("tables"))]
    return CatalogueOfLayers(
        title=_text(title) or _text(document.get("mapName")).removeprefix("Layers"),
        copyright=_text(document.get("copyrightText")),
        layers=tuple(
            CatalogueLayer(number=each["id"], name=_text(each.get("name")))
            for each in written
            if isinstance(each.get("id"), int)
            and each.get("type") not in _WITHOUT_OBJECTS
            and not each.get("subLayerIds")
        ),
    )


def _of_services(document: Mapping[str, Any]) -> CatalogueOfServices:
    services = (
        f"{_text(each.get('name'))}/{each['type']}"
        for each in objects_in(document.get("services"))
        if each.get("type") in _WITH_LAYERS and _text(each.get("name"))
    )
    folders = document.get("folders")
    return CatalogueOfServices(
        services=tuple(services),
        folders=tuple(each for each in folders if isinstance(each, str)) if isinstance(folders, list) else (),
    )


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
