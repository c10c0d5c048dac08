"""A layer of GISIB, from the login to points in the right place.

The answers have the public shape of Amsterdam/signals-gisib-ams@02c0899 (`tests/gisib/cassettes`): a token as
text/html, RD in GeoJSON with `crs` in the document and in each geometry, names with spaces, objects as values, and
links to another interface that never end. Their values are invented, apart from the place and names of the first tree.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import needs
import pytest
import vendor
from vendor import Answer, Seen

from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import UpstreamRefused
from wfs_proxy.features import PointBatch
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.recordings.record import record
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

TOKEN = "123456789"
LOGIN = {"Username": "test-user", "Password": "test-password", "ApiKey": "test-api-key"}
TREES = 1234
FIRST_TREE = (4.875886, 52.341056)
"""`Longitude` and `Latitude` of the first tree in the recorded answer, whose place in RD is 120154.43, 483804.66."""


def code(number: int, description: str) -> dict[str, Any]:
    url = f"https://amsterdam-test.gisib.nl/api/api/Collections/Soort/items/{number}"
    return {"Id": number, "GUID": "{7035C783-3270-4953-ABA3-BB3195CCAA36}", "Url": url, "Description": description}


def tree(number: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {
            "type": "Point",
            "crs": {"type": "name", "properties": {"name": "EPSG:28992"}},
            "coordinates": [120154.43 + 5 * (number % 40), 483804.66 + 5 * (number // 40)],
        },
        "properties": {
            "Beheerder": code(798, "Gemeente"),
            "Soortnaam Nederlands": code(33932, "Zomereik" if number % 3 else "Esdoorn"),
            "Soortnaam": None if number % 7 == 1 else code(36418, "Quercus robur"),
            "Objectnummer": str(589668 + number),
            "Datum volgende inspectie": "2023-04-22T00:00:00",
            "Aangemaakt door": "j.jansen",
            "Id": 919937 + number,
        },
    }


class Gisib:
    """The interface of one municipality."""

    def __init__(self) -> None:
        self.logins = 0
        self.token = TOKEN
        self.valid = {TOKEN}

    def __call__(self, seen: Seen) -> Answer:
        if seen.path.endswith("/Login"):
            self.logins += 1
            if json.loads(seen.body) != LOGIN:
                return Answer(status=401)
            return Answer(body=self.token.encode(), media_type="text/html; charset=utf-8")
        if seen.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return Answer(status=401)
        if not seen.path.endswith("/Collections/Boom/Items"):
            return Answer(status=404)
        offset, limit = int(seen.query["offset"]), int(seen.query["limit"])
        features = [tree(number) for number in range(offset, min(offset + limit, TREES))]
        following = (
            f"https://{seen.headers['host']}/wfs/OGCCollections/Boom/items?crs=28992&limit={limit}&offset={offset}"
        )
        body = {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}},
            "links": [{"rel": "next", "type": "application/geo+json", "title": "Next page", "href": following}],
            "features": features,
        }
        return Answer(body=json.dumps(body).encode(), media_type="application/json; charset=utf-8")


def example() -> str:
    """Return the layer file of docs/gisib.md."""
    page = (needs.ROOT / "docs" / "gisib.md").read_text()
    return page.partition("```yaml\n")[2].partition("```")[0]


def layer_of(folder: Path, base: str, **environment: str) -> Layer:
    path = folder / "bomen.yaml"
    path.write_text(example())
    names = {"GISIB_URL": base, "GISIB_USERNAME": "test-user", "GISIB_PASSWORD": "test-password"}
    return load_layer(path, {**names, "GISIB_APIKEY": "test-api-key", **environment})


async def fetched(layer: Layer) -> FetchedFeatures:
    async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
        return await open_source(layer, http, asyncio.to_thread).fetch()


async def test_layer_of_the_docs_goes_from_the_login_to_the_map(tmp_path: Path):
    gisib = Gisib()
    with vendor.serving(gisib) as server:
        layer = layer_of(tmp_path, server.url)
        found = await fetched(layer)
        points: PointBatch = points_from_features(found.batch, layer)

    assert (len(points), found.report.complete, gisib.logins) == (TREES, True, 1)
    assert [seen.query["offset"] for seen in server.seen[1:]] == ["0", "500", "1000", "1234"]
    assert all("OGCCollections" not in seen.path for seen in server.seen)
    first = points.ids.tolist().index("589668")
    # their degrees have six decimals, which is 0.1 m
    assert points.lonlat[first].tolist() == pytest.approx(FIRST_TREE, abs=1.5e-6)
    assert {name: values[first] for name, values in points.columns.items()} == {
        "nummer": "589668",
        "soort": "Esdoorn",
        "beheerder": "Gemeente",
    }
    assert "EPSG:28992 x,y" in points.report.reading
    assert points.report.absent_fields == ()
    assert not any("jansen" in str(values.tolist()) for values in points.columns.values())


async def test_token_that_expired_on_the_way_is_renewed(tmp_path: Path):
    gisib = Gisib()

    def scenario(seen: Seen) -> Answer:
        if seen.query.get("offset") == "500" and gisib.logins == 1:
            gisib.token, gisib.valid = "987654321", {"987654321"}
        return gisib(seen)

    with vendor.serving(scenario) as server:
        found = await fetched(layer_of(tmp_path, server.url))

    assert (len(found.batch), found.report.complete, gisib.logins) == (TREES, True, 2)


async def test_wrong_password_is_an_error_that_names_auth(tmp_path: Path):
    gisib = Gisib()
    refusal = pytest.raises(UpstreamRefused, match=r"the login of `auth` .* answered 401")
    with vendor.serving(gisib) as server, refusal as caught:
        await fetched(layer_of(tmp_path, server.url, GISIB_PASSWORD="verkeerd-woord"))

    assert gisib.logins == 1
    assert "verkeerd-woord" not in str(caught.value)


async def test_wrong_collection_is_an_error(tmp_path: Path):
    with vendor.serving(Gisib()) as server:
        layer = layer_of(tmp_path, f"{server.url}/elders")
        wrong = layer.model_copy(
            update={"source": layer.source.model_copy(update={"url": layer.source.url.replace("Boom", "Bom")})}
        )
        with pytest.raises(UpstreamRefused, match="404 Not Found: check the path of `url`"):
            await fetched(wrong)


async def test_recording_of_gisib_has_no_credentials(tmp_path: Path):
    with vendor.serving(Gisib()) as server:
        summary = await record(layer_of(tmp_path, server.url), tmp_path / "opname")

    assert summary.objects == TREES
    written = b"".join(path.read_bytes() for path in (tmp_path / "opname").rglob("*") if path.is_file())
    for secret in (TOKEN, "test-password", "test-api-key", "test-user"):
        assert secret.encode() not in written
