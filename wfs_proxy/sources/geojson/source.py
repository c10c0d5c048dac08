"""A GeoJSON document as a source, at an http(s) URL or in a file.

    no placeholders              one document, and the pages that it links to
    {offset}, {limit}            page by page
    {west} ... {north}           a document for each cell of the map, divided where the vendor cuts it off

If `numberMatched` is larger than the number of features, the layer is incomplete (OGC 17-069r4, section 7.15.6;
GeoServer and others write it too). A document without further pages has validators: the next request says which version
is known, and a vendor that answers "not modified" sends nothing. The size and time of modification do the same for a
file.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from wfs_proxy.bbox import BBox
from wfs_proxy.config import BOX, GeoJsonSource, fill_template, is_address
from wfs_proxy.decode import decode
from wfs_proxy.features import FeatureBatch, FetchReport, Payload, Validators
from wfs_proxy.geo import SERVICE_AREA
from wfs_proxy.http import HttpClients, validators_of
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import MAX_REQUESTS, RequestBudget, ResponseCap, believable_count
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.geojson.boxes import BoxDivision, box_values
from wfs_proxy.sources.geojson.document_file import read_file, version_of_file
from wfs_proxy.sources.geojson.pages import DocumentClient, DocumentPages, PagesEnd
from wfs_proxy.sources.protocol import FetchedFeatures, latest

__all__ = ["GeoJsonFeatureSource"]

_MARGIN = 1.0
"""Metres around an area, so that rounding on the vendor's side loses no object."""

_MOST_DIVISIONS = 400
"""Requests for one area."""


class GeoJsonFeatureSource:
    """Fetches or reads the document of a `type: geojson` source."""

    def __init__(
        self, source: GeoJsonSource, http: HttpClients, offload: Offload, *, most_requests: int = MAX_REQUESTS
    ) -> None:
        """Request nothing yet.

        Args:
            source: the block of the layer file.
            http: the connections.
            offload: runs long computations outside the event loop.
            most_requests: for one fetch.
        """
        self._source = source
        self._offload = offload
        self._most_requests = most_requests
        self._cap = ResponseCap(stated=None)
        self._has_box = set(BOX) <= source.placeholders
        self._documents = (
            DocumentClient(client=http.client(source), offload=offload) if is_address(source.url) else None
        )

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of the document; those of an area if its URL has a box.

        Raises:
            UpstreamError: the document could not be fetched.
            DecodeError: it is not GeoJSON.
            ConfigurationError: the file cannot be read.
        """
        if self._documents is None:
            return await self._from_file()
        box = self._box(area)
        pages = self._pages(self._documents, box)
        return await self._all(pages, box, *await self._documents.document(pages.first_url))

    async def fetch_if_changed(self, area: BBox | None, known: Validators, /) -> FetchedFeatures | None:
        """Return what `fetch` returns; None if the document is still the known one. Raises as `fetch` does."""
        if self._documents is None:
            unchanged = await self._offload(version_of_file, Path(self._source.url)) == known
            return None if unchanged else await self._from_file()
        box = self._box(area)
        pages = self._pages(self._documents, box)
        answer = await self._documents.document_if_changed(pages.first_url, known)
        return None if answer is None else await self._all(pages, box, *answer)

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return about so many objects, with one request; all of the document if it has no pages.

        Raises:
            UpstreamError, DecodeError, ConfigurationError: as `fetch` does.
        """
        if self._documents is None:
            return await self._from_file()
        pages = self._pages(self._documents, self._box(None))
        batch, payload = await self._documents.document(pages.url(0, min(count, self._source.page_size)))
        report = FetchReport(requests=1, last_modified=latest([payload.last_modified]))
        return FetchedFeatures(batch=batch, report=report)

    async def _from_file(self) -> FetchedFeatures:
        payload, version = await self._offload(read_file, Path(self._source.url))
        batch: FeatureBatch = await self._offload(decode, payload)
        return _whole(batch, FetchReport(validators=version))

    def _box(self, area: BBox | None) -> BBox | None:
        """Return the box to request; None if the URL has none. Without an area it is where the objects may be."""
        if not self._has_box:
            return None
        return (area or self._source.extent or SERVICE_AREA).expanded(_MARGIN)

    def _pages(self, documents: DocumentClient, box: BBox | None) -> DocumentPages:
        url = self._source.url
        return DocumentPages(
            client=documents,
            template=url if box is None else fill_template(url, box_values(box)),
            limit=self._source.page_size,
            by_offset="offset" in self._source.placeholders,
            budget=RequestBudget(limit=self._most_requests, spent=1),
        )

    async def _all(
        self, pages: DocumentPages, box: BBox | None, batch: FeatureBatch, payload: Payload
    ) -> FetchedFeatures:
        """Return the first document and everything behind it."""
        single = not pages.by_offset and batch.claims.next_page is None
        if single and box is None:
            modified = latest([payload.last_modified])
            return _whole(batch, FetchReport(requests=1, last_modified=modified, validators=validators_of(payload)))
        first = await pages.client.keyed(batch, payload)
        await pages.collect(first)
        complete, notes = pages.complete, []
        if single and box is not None:
            complete = await self._divided(pages, box, first)
        elif pages.end not in {PagesEnd.LAST, PagesEnd.EMPTY, PagesEnd.COUNTED} and not complete:
            notes.append(f"paging does not return the whole layer: {pages.end.value} ({len(pages.collected)} objects)")
        received, matched = len(pages.collected), pages.collected.matched
        if not complete and not notes:
            notes.append(_missing(received, matched))
        one_answer = complete and pages.budget.spent == 1
        report = FetchReport(
            complete=complete,
            matched=matched,
            requests=pages.budget.spent,
            notes=tuple(notes),
            last_modified=latest(pages.collected.last_modified),
            validators=validators_of(payload) if one_answer else None,
        )
        return FetchedFeatures(batch=await self._offload(pages.collected.batch), report=report)

    async def _divided(self, pages: DocumentPages, box: BBox, first: FeaturePage) -> bool:
        """Add what the answer for a box lacks; false if some may be missing in the end."""
        budget = pages.budget
        budget.limit = min(budget.limit, _MOST_DIVISIONS)
        division = BoxDivision(page_of=partial(self._quarter, pages.client), cap=self._cap, budget=budget)
        whole = await division.complete(box, first, pages.collected)
        return whole and (pages.collected.matched is None or pages.collected.count_reached)

    async def _quarter(self, documents: DocumentClient, box: BBox) -> FeaturePage:
        return await documents.page(self._pages(documents, box).first_url)


def _whole(batch: FeatureBatch, report: FetchReport) -> FetchedFeatures:
    """Return the objects of a document that has no further pages; it may count more than it has."""
    matched = batch.claims.matched
    counts_more = matched is not None and matched > len(batch) + sum(batch.left_out.values())
    if counts_more or batch.claims.exceeded_limit:
        note = _missing(len(batch), matched) if counts_more else _cut_off(len(batch))
        report = replace(report, complete=False, notes=(note,), validators=None)
    return FetchedFeatures(batch=batch, report=replace(report, matched=believable_count(matched, len(batch))))


def _cut_off(received: int) -> str:
    return (
        f"the vendor says that there are more than the {received} objects of the document (exceededTransferLimit); "
        "use `type: arcgis` with the address of the layer"
    )


def _missing(received: int, matched: int | None) -> str:
    if matched is None:
        return f"the document has {received} objects, which may be the most that the vendor returns at once"
    return f"the document has {received} of the {matched} objects that it counts"
