"""Which source a layer gets."""

from __future__ import annotations

import asyncio

import pytest

from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.http.client import HttpClients
from wfs_proxy.sources.arcgis.source import ArcgisFeatureSource
from wfs_proxy.sources.geojson import GeoJsonFeatureSource
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.redacting import RedactingSource
from wfs_proxy.sources.wfs.source import WfsFeatureSource

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"type": "wfs", "url": "https://v.example/", "type_names": ["a"]}, WfsFeatureSource),
        ({"type": "geojson", "url": "https://v.example/"}, GeoJsonFeatureSource),
        ({"type": "arcgis", "url": "https://v.example/FeatureServer/0"}, ArcgisFeatureSource),
    ],
    ids=["wfs", "geojson", "arcgis"],
)
async def test_type_of_the_source_decides(source, kind):
    async with HttpClients() as http:
        opened = open_source(Layer(id="a", title="A", source=source), http, asyncio.to_thread)

    assert isinstance(opened, RedactingSource)
    assert isinstance(opened.source, kind)


@pytest.mark.parametrize(
    "source",
    [
        {"type": "ogcapi", "url": "https://v.example/", "collections": ["a"]},
    ],
    ids=["ogcapi"],
)
async def test_source_that_is_not_supported_yet_is_a_configuration_error(source):
    async with HttpClients() as http:
        with pytest.raises(ConfigurationError, match="this version does not support sources of type"):
            open_source(Layer(id="a", title="A", source=source), http, asyncio.to_thread)
