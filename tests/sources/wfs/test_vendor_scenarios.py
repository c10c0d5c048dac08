"""Every scenario of the corpus's scripted vendor, over sockets and through the whole fetch path.

The numbers of requests are those of docs/performance.md, which has them too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import scenario_server
from scenario_server import ScenarioServer

from wfs_proxy.errors import (
    MalformedDocument,
    NotFeatures,
    UnknownCrs,
    UpstreamException,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import PointBatch
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.pipeline import points_from_features
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

EVERYTHING = 257
"""Lamp posts."""


@dataclass(frozen=True)
class Expected:
    """How a scenario ends."""

    requests: int
    count: int = EVERYTHING
    complete: bool = True
    name: str = "Straat één"


SCENARIOS = {
    "nosort": Expected(4),
    "countdefault": Expected(4),
    "nmpage": Expected(5),
    "startexc": Expected(22),
    "startignored": Expected(23),
    "arcgis110": Expected(23),
    "onebased": Expected(4),
    "nexttoken": Expected(8, count=100, complete=False),
    "special": Expected(3),
    "unstable": Expected(23),
    "hits100": Expected(6),
    "gz_silent": Expected(2, count=7),
    "gz_double": Expected(2, count=7),
    "hdr_cp1252": Expected(2, count=7, name="Café € 5\u2019"),
    "hdr_latin15json": Expected(2, count=7, name="Café € 5"),
    "hdr_lies": Expected(2, count=7, name="Café € 5"),
    "cap137nm": Expected(5),
    "hits137": Expected(5),
    "utm_rdbox": Expected(26),
    "deg_rdbox": Expected(22),
    "utm_utmbox": Expected(26),
    "describe_all": Expected(27, count=128, name="even"),
    "bbox_ignored": Expected(8, count=100, complete=False),
}

REFUSED = {
    "dummy404000": (UnknownCrs, "Set `srs_name`"),
    "dummy404000json": (UnknownCrs, "Set `srs_name`"),
    "strictns": (UpstreamException, "use the NAMESPACES parameter"),
    "login200": (NotFeatures, "Aanmelden bij Gemeente Voorbeeld"),
    "caps_then_login": (NotFeatures, "Aanmelden bij Gemeente Voorbeeld"),
    "gz_lie": (MalformedDocument, "cannot be decompressed"),
    "chunk_cut": (UpstreamUnreachable, "lost before the answer was complete"),
    "chunk_cut_json": (MalformedDocument, "truncated"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioServer]:
    with scenario_server.running(tmp_path_factory.mktemp("vendor")) as running:
        yield running


async def no_sleep(_: float) -> None:
    return None


async def fetch(server: ScenarioServer, name: str, **changes: str) -> tuple[FetchedFeatures, PointBatch]:
    layer = server.layer(name)
    layer = layer.model_copy(update={"source": layer.source.model_copy(update=changes)})
    async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
        fetched = await open_source(layer, http, asyncio.to_thread).fetch()
    return fetched, points_from_features(fetched.batch, layer)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_scenario_is_complete_or_marked_incomplete(server: ScenarioServer, name: str):
    expected = SCENARIOS[name]

    fetched, points = await fetch(server, name)

    assert (len(points), fetched.report.complete) == (expected.count, expected.complete)
    assert set(points.columns["naam"]) == {expected.name}
    assert len(server.requests(name)) == fetched.report.requests == expected.requests, server.requests(name)


@pytest.mark.parametrize("name", REFUSED)
async def test_scenario_is_refused_with_the_vendors_words(server: ScenarioServer, name: str):
    error, words = REFUSED[name]

    with pytest.raises(WfsProxyError, match=words) as caught:
        await fetch(server, name)

    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["dummy404000", "dummy404000json"])
async def test_advice_for_a_placeholder_crs_works(server: ScenarioServer, name: str):
    fetched, points = await fetch(server, name, srs_name="EPSG:28992")

    assert (len(points), fetched.report.complete) == (EVERYTHING, True)
