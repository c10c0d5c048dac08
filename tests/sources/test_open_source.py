"""Which source a layer gets."""

from __future__ import annotations

import asyncio

import pytest

from wfs_proxy.config.layer import Layer
from wfs_proxy.http.client import HttpClients
from wfs_proxy.sources.arcgis.source import ArcgisFeatureSource
from wfs_proxy.sources.geojson import GeoJsonFeatureSource
from wfs_proxy.sources.ogcapi.source import OgcApiFeatureSource
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.redacting import RedactingSource
from wfs_proxy.sources.wfs.source import WfsFeatureSource

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"type": "wfs", "url": "https://v.example/", "type_names": ["a"]}, WfsFeatureSource),
        ({"type": "ogcapi", "url": "https://v.example/", "collections": ["a"]}, OgcApiFeatureSource),
        ({"type": "geojson", "url": "https://v.example/"}, GeoJsonFeatureSource),
        ({"type": "arcgis", "url": "https://v.example/FeatureServer/0"}, ArcgisFeatureSource),
    ],
    ids=["wfs", "ogcapi", "geojson", "arcgis"],
)
async def test_type_of_the_source_decides(source, kind):
    async with HttpClients() as http:
        opened = open_source(Layer(id="a", title="A", source=source), http, asyncio.to_thread)

    assert isinstance(opened, RedactingSource)
    assert isinstance(opened.source, kind)
