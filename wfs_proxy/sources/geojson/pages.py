"""A document and the pages behind it: by its `next` links, or by the placeholders {offset} and {limit} in the URL.

A link is followed on the same origin only. The number of requests is bounded, and these end the pages:

- a document without a link is the last one; with {offset}, an empty page is: a short one need not be the last;
- a page without any new object: servers that ignore the offset repeat the first page for ever;
- as many objects as the vendor counts, once a page was shorter than requested: the count may be that of a page.

Pages are complete if they end by themselves and have as many objects as the vendor counts, where that is believable.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urldefrag, urljoin

from wfs_proxy.config import fill_template
from wfs_proxy.decode import decode
from wfs_proxy.errors import ConfigurationError, DecodeError, UpstreamException, UpstreamRefused, WfsProxyError
from wfs_proxy.features import FeatureBatch, Payload, Validators
from wfs_proxy.http import VendorClient, same_origin
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import CollectedFeatures, RequestBudget, believable_count
from wfs_proxy.sources.feature_page import FeaturePage, keyed_page

__all__ = ["DocumentClient", "DocumentPages", "PagesEnd"]


class PagesEnd(enum.Enum):
    """Why no further page was requested."""

    LAST = "the document has no link to a further page"
    EMPTY = "a page was empty"
    COUNTED = "as many objects as the vendor counts were received"
    REPEATED = "a page had no new object"
    REFUSED = "the vendor refused a page"
    FOREIGN = "the link to the next page leads to another server, or is no URL"
    EXHAUSTED = "too many requests"


_NATURAL = frozenset({PagesEnd.LAST, PagesEnd.EMPTY, PagesEnd.COUNTED})


def read_words(payload: Payload) -> UpstreamException | None:
    """Return the error that the body of an error response describes; None if it describes none."""
    try:
        decode(payload)
    except UpstreamException as report:
        return report
    except WfsProxyError:
        return None
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class DocumentClient:
    """Requests and decodes documents."""

    client: VendorClient
    offload: Offload

    async def document(self, url: str) -> tuple[FeatureBatch, Payload]:
        """Return a document.

        Raises:
            UpstreamError: it could not be fetched.
            DecodeError: it is not GeoJSON.
        """
        return await self._read(await self.client.get(url, read_words))

    async def document_if_changed(self, url: str, known: Validators) -> tuple[FeatureBatch, Payload] | None:
        """Return a document; None if it is still the known one. Raises as `document`."""
        payload = await self.client.get_if_changed(url, known, read_words)
        return None if payload is None else await self._read(payload)

    async def page(self, url: str) -> FeaturePage:
        """Return a document as a page, in which each object has a key. Raises as `document`."""
        return await self.keyed(*await self.document(url))

    async def keyed(self, batch: FeatureBatch, payload: Payload) -> FeaturePage:
        """Return a decoded document as a page."""
        page: FeaturePage = await self.offload(partial(keyed_page, last_modified=payload.last_modified), batch)
        return page

    async def _read(self, payload: Payload) -> tuple[FeatureBatch, Payload]:
        batch: FeatureBatch = await self.offload(decode, payload)
        return batch, payload


@dataclass(kw_only=True, eq=False)
class DocumentPages:
    """The pages of one request: a URL in which only {offset} and {limit} are placeholders."""

    client: DocumentClient
    template: str
    limit: int
    by_offset: bool
    """Whether the URL has {offset}."""

    budget: RequestBudget
    collected: CollectedFeatures = field(default_factory=CollectedFeatures)
    end: PagesEnd = PagesEnd.LAST

    @property
    def complete(self) -> bool:
        """Whether the pages ended by themselves, with as many objects as the vendor counts."""
        counted = self.collected.matched is None or self.collected.count_reached
        return counted and (self.end in _NATURAL or self.collected.matched is not None)

    @property
    def first_url(self) -> str:
        """The URL of the first page."""
        return self.url(0)

    def url(self, offset: int, limit: int | None = None) -> str:
        """Return the URL of the page that begins at an object, counted from 0."""
        return fill_template(self.template, {"offset": str(offset), "limit": str(limit or self.limit)})

    async def collect(self, first: FeaturePage) -> None:
        """Add the first page, and all behind it.

        Raises:
            UpstreamUnreachable: the vendor stopped answering.
        """
        self.collected.add(first)
        received = len(first) + sum(first.batch.left_out.values())
        self.collected.matched = believable_count(first.batch.claims.matched, len(first))
        if self.by_offset:
            self.end = await self._by_offset(received)
        elif first.batch.claims.next_page is not None:
            self.end = await self._by_links(first.batch.claims.next_page)

    async def _by_offset(self, received: int) -> PagesEnd:
        size = received
        while size:
            if self.collected.count_reached and size < self.limit:
                return PagesEnd.COUNTED
            page = await self._next(self.url(received))
            if isinstance(page, PagesEnd):
                return page
            size = len(page) + sum(page.batch.left_out.values())
            if size and self.collected.add(page) == 0:
                return PagesEnd.REPEATED
            received += size
        return PagesEnd.EMPTY

    async def _by_links(self, link: str) -> PagesEnd:
        here, following = self.first_url, link
        while True:
            address = _resolved(here, following)
            if address is None:
                return PagesEnd.FOREIGN
            page = await self._next(address)
            if isinstance(page, PagesEnd):
                return page
            if len(page) == 0 and not page.batch.left_out:
                return PagesEnd.EMPTY
            if self.collected.add(page) == 0:
                return PagesEnd.REPEATED
            if page.batch.claims.next_page is None:
                return PagesEnd.LAST
            here, following = address, page.batch.claims.next_page

    async def _next(self, url: str) -> FeaturePage | PagesEnd:
        if self.budget.exhausted:
            return PagesEnd.EXHAUSTED
        self.budget.spent += 1
        try:
            return await self.client.page(url)
        except (UpstreamException, UpstreamRefused, DecodeError):
            return PagesEnd.REFUSED


def _resolved(page: str, link: str) -> str | None:
    """Return the absolute address of a link in a page; None if it is on another origin, or is no URL."""
    try:
        address = urldefrag(urljoin(page, link.strip())).url
        return address if same_origin(page, address) else None
    except (ValueError, ConfigurationError):
        return None
