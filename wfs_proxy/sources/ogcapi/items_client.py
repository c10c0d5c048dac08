"""Requests for the objects of one collection, page by page.

A link to the next page is followed as the server wrote it, with two exceptions: it never leads to another origin, and
parameters of the first request that it lost are added again. A server that forgets `crs` would otherwise mix degrees
with metres, and one that forgets `bbox` or a filter would return the whole country.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.features import Payload
from wfs_proxy.geo import parse_srs_name
from wfs_proxy.http import VendorRequests, with_parameters
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage, read_page
from wfs_proxy.sources.labels import with_crs, with_type_name
from wfs_proxy.sources.ogcapi.address import Parameters, ServiceAddress, parameters_of
from wfs_proxy.sources.ogcapi.collection import OgcCollection
from wfs_proxy.sources.ogcapi.documents import read_error

__all__ = ["ItemsClient", "ItemsPage", "NextPage"]

_CRS = "crs"
_LIMIT = "limit"
_KEPT_AS_SENT = frozenset({"bbox", _CRS})
"""Parameters whose value in a link must be that of the first request. A server may lower `limit`."""


@dataclass(frozen=True, kw_only=True)
class ItemsPage:
    """The objects of one answer, and where it leads."""

    url: str
    """The request."""

    features: FeaturePage

    next_link: str | None
    """As written; None without one."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no object, and nothing that could not be read either."""
        return len(self.features) == 0 and not self.features.batch.left_out


@dataclass(frozen=True, kw_only=True)
class NextPage:
    """The URLs of the page that a link leads to."""

    urls: tuple[str, ...]
    """The one to try first, and others for the case that it returns nothing new."""

    lost: tuple[str, ...]
    """Parameters of the first request that the link lost or changed."""


@dataclass(frozen=True, kw_only=True)
class ItemsClient:
    """Requests the objects of one collection."""

    http: VendorRequests
    offload: Offload
    budget: RequestBudget
    address: ServiceAddress
    collection: OgcCollection

    limit: int | None
    """Objects per page; None: as many as the server returns without the parameter."""

    crs: str | None = None
    """The URI of the system to request; None: the default, CRS84."""

    where: Parameters = field(default_factory=dict)
    """The parameters with the filter that the vendor applies; empty: none."""

    box: BBox | None = None
    """Only objects that touch it, and those without a place."""

    names_format: bool = False
    """Whether the server returns JSON only to requests with `f=json`."""

    key: str | None = None
    """The attribute that is the business key."""

    async def get_page(self, **more: str | int) -> ItemsPage:
        """Return the first page; `more` are parameters of this request only.

        Raises:
            UpstreamError: the vendor did not answer, or answered with an error.
            DecodeError: its answer cannot be read.
        """
        texts = {name: str(value) for name, value in more.items()}
        return await self.get(with_parameters(self.collection.items, {**self.parameters, **texts}))

    async def get(self, url: str) -> ItemsPage:
        """Return the page at a URL of our own origin. Raises as `get_page` does."""
        self.budget.spent += 1
        payload = await self.http.get(url, read_error)
        features: FeaturePage = await self.offload(self._read, payload, url)
        return ItemsPage(url=url, features=features, next_link=features.batch.claims.next_page)

    @property
    def parameters(self) -> Parameters:
        """The query parameters of the first page."""
        sent: dict[str, str] = dict(self.where)
        if self.limit is not None:
            sent[_LIMIT] = str(self.limit)
        if self.crs is not None:
            sent[_CRS] = self.crs
        if self.box is not None:
            sent["bbox"] = ",".join(f"{number:.7f}".rstrip("0").rstrip(".") for number in self.box)
        if self.names_format:
            sent["f"] = "json"
        return sent

    def next_page(self, page: ItemsPage, link: str) -> NextPage:
        """Return where the link of a page leads.

        Raises:
            UpstreamRefused: to another origin.
        """
        this = page.features.batch.claims.this_page
        address = self.address.knowing_page(this, page.url) if this is not None else self.address
        url = address.own_next(link, page.url)
        lost = {name: value for name, value in self._required().items() if _is_lost(name, value, parameters_of(url))}
        if not lost:
            return NextPage(urls=(url,), lost=())
        return NextPage(urls=(with_parameters(url, lost), url), lost=tuple(lost))

    def _required(self) -> Parameters:
        return {**self.address.parameters, **self.parameters}

    def _read(self, payload: Payload, url: str) -> FeaturePage:
        page = read_page(payload, key=self.key)
        stated = (payload.content_crs or "").strip().strip("<>").strip()
        named = with_type_name(page.batch, self.collection.id)
        return replace(page, batch=with_crs(named, stated or parameters_of(url).get(_CRS)))


def _is_lost(name: str, value: str, found: Parameters) -> bool:
    if name not in found:
        return True
    return name in _KEPT_AS_SENT and not _means_the_same(name, value, found[name])


def _means_the_same(name: str, value: str, other: str) -> bool:
    if value == other:
        return True
    try:
        if name == _CRS:
            return parse_srs_name(value).crs == parse_srs_name(other).crs
        return list(_numbers(value)) == list(_numbers(other))
    except (UnknownCrs, ValueError):
        return False


def _numbers(text: str) -> Iterator[float]:
    yield from (float(each) for each in text.split(","))
