"""A client for a scripted WFS that answers in memory, so that many layers can be tried."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from scripted_wfs import ScriptedWfs
from vendor import Seen

from wfs_proxy.config.source import WfsSource
from wfs_proxy.features import Payload
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.wfs.capabilities import FeatureType
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient

SOURCE = WfsSource(type="wfs", url="http://vendor.example/wfs", type_names=("app:lamp",))


class InMemory:
    """A vendor client without a network."""

    def __init__(self, wfs: ScriptedWfs) -> None:
        self.wfs = wfs

    async def get(self, url: str, _read_error: object = None) -> Payload:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
        return Payload(body=self.wfs(Seen(method="GET", path="/wfs", query=query, headers={})).body)


async def inline(function: Callable, *args: object, **options: object) -> object:
    return function(*args, **options)


def client_of(wfs: ScriptedWfs, *, version: str = "2.0.0", requests: int = 2_000) -> FeatureTypeClient:
    """Return a client for the type `app:lamp` of a scripted WFS."""
    return FeatureTypeClient(
        http=InMemory(wfs),
        offload=inline,
        budget=RequestBudget(limit=requests),
        url=SOURCE.url,
        version=version,
        feature_type=FeatureType(name="app:lamp", crs="EPSG:28992"),
    )
