"""A GeoJSON document as a source."""

from __future__ import annotations

import asyncio

import pytest
import vendor
from vendor import Answer

from wfs_proxy.config.source import GeoJsonSource
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.http.client import HttpClients
from wfs_proxy.sources.geojson import GeoJsonFeatureSource

pytestmark = pytest.mark.anyio


async def test_geojson_file_is_a_source(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "1", "properties": {"a": 1},'
        ' "geometry": {"type": "Point", "coordinates": [4.3, 52.1]}}]}'
    )
    one = GeoJsonSource(type="geojson", url=str(path))
    async with HttpClients() as http:
        found = await GeoJsonFeatureSource(one, http, asyncio.to_thread).fetch()

        assert (found.batch.ids.tolist(), found.report.complete, found.report.requests) == (["1"], True, 0)
        path.unlink()
        with pytest.raises(ConfigurationError, match=r"a\.geojson cannot be read"):
            await GeoJsonFeatureSource(one, http, asyncio.to_thread).fetch()


async def test_geojson_url_is_a_source_that_reports_missing_objects():
    feature = b'{"type": "Feature", "id": 1, "properties": {}, "geometry": null}'
    body = b'{"type": "FeatureCollection", "numberMatched": 2, "features": [%s]}' % feature
    with vendor.serving(lambda _: Answer(body=body, media_type="application/geo+json")) as server:
        async with HttpClients() as http:
            one = GeoJsonSource(type="geojson", url=server.url)
            found = await GeoJsonFeatureSource(one, http, asyncio.to_thread).fetch()

    assert (found.report.complete, found.report.matched, found.report.requests) == (False, 2, 1)
    assert found.report.notes == ("the document has 1 of the 2 objects that it counts",)
