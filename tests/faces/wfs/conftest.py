"""A WFS over two layers, without HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import points
import pytest
from clocks import Clock
from lxml import etree
from services import new_services

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.faces.wfs import WfsCall, WfsFace

FIELDS = {
    "nr": "integer",
    "soort": {"from": "soort_put", "map": {"K": "kolk", "P": "put"}},
    "hoogte": "number",
    "mast nr": "string",
}
PUTTEN = points.layer("putten", title="Putten & kolken", properties={"id": "nr", "fields": FIELDS}, reports={})
KLOKKEN = points.layer("klokken", properties={"id": "nr", "fields": {"nr": "integer"}})
PLACES = {"1": (4.31, 52.01), "2": (4.32, 52.02), "3": (4.33, 52.03), "4": (4.34, 52.04), "a/b": (4.35, 52.05)}
COLUMNS = {
    "nr": [1, 2, 3, 4, 5],
    "soort": ["kolk", "put", "kolk", None, "put"],
    "hoogte": [2.5, 1.0, None, -1.0, 2.5],
    "mast nr": ["a", "b & c", "d", "e", "f"],
}


@pytest.fixture
def ask() -> Callable[..., bytes]:
    """Sends a request: `ask(query, body=..., path=...)` returns the bytes of the answer."""
    fetched = {
        "putten": points.fetched(points.batch(PLACES, COLUMNS), "putten"),
        "klokken": points.fetched(points.batch({"9": (4.4, 52.1)}, {"nr": [9]}), "klokken"),
    }

    async def fetch(layer, *_):
        return fetched[layer.id]

    async def answered(call, path):
        services = new_services(Catalogue([PUTTEN, KLOKKEN]), fetch, clock=Clock())
        try:
            for layer in fetched:
                await services.cache.entries(services.catalogue.layer(layer), None)
            face = WfsFace(services.features, services.status, services.catalogue, "https://kaart.example.nl")
            return await face.answer(face.offer_at(path), call)
        finally:
            await services.close()

    def send(query: str = "", *, path: str = "/wfs", **parts: object) -> bytes:
        call = WfsCall(query=query, url=f"https://kaart.example.nl{path}", **parts)
        content = asyncio.run(answered(call, path)).content
        return content if isinstance(content, bytes) else content.body

    return send


@pytest.fixture
def features(ask) -> Callable[..., list[str]]:
    """Asks for features of the layer "putten" as GeoJSON: `features(parameters)` returns their numbers, in order."""

    def send(parameters: str = "", **parts: object) -> list[int]:
        collection = json.loads(
            ask(f"request=GetFeature&typeNames=putten&outputFormat=application/json&{parameters}", **parts)
        )
        return [feature["properties"]["nr"] for feature in collection["features"]]

    return send


@pytest.fixture
def gml(ask) -> Callable[..., etree._Element]:
    """Asks for features as GML: `gml(parameters)` returns the root element."""

    def send(parameters: str = "", **parts: object) -> etree._Element:
        return etree.fromstring(ask(f"service=WFS&request=GetFeature&{parameters}", **parts))

    return send
