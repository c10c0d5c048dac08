"""The first page of a collection, with the parameters that the server accepts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wfs_proxy.errors import DecodeError, NotFeatures, UnsafeDocument, UpstreamError, WfsProxyError
from wfs_proxy.sources.ogcapi.items_client import ItemsClient, ItemsPage
from wfs_proxy.sources.ogcapi.service_documents import error_is_final

__all__ = ["open_items"]

_GONE = frozenset({404, 405, 410})
"""Statuses after which other parameters do not help."""

_SMALL_PAGE = 100
"""Objects. Every server known allows this many."""


async def open_items(client: ItemsClient) -> tuple[ItemsClient, ItemsPage, list[str]]:
    """Return a client with parameters that work, the first page, and a note for each parameter that was given up.

    A filter or a box that finds nothing is given up too: servers compare differently (1 and "1", fixed-width columns).

    Raises:
        UpstreamError, DecodeError: no parameters work; the error of the first attempt.
    """
    used, page = await _answered(client)
    if page.is_empty:
        for wider in _wider(used):
            found = await wider.get_page()
            if not found.is_empty:
                return wider, found, _given_up(client, wider)
    return used, page, _given_up(client, used)


async def _answered(client: ItemsClient) -> tuple[ItemsClient, ItemsPage]:
    first_error: WfsProxyError | None = None
    for variant in _variants(client):
        if variant.names_format and not isinstance(first_error, NotFeatures):
            continue
        try:
            return variant, await variant.get_page()
        except UnsafeDocument:
            raise
        except (UpstreamError, DecodeError) as error:
            first_error = first_error or error
            if error_is_final(error) or _is_hopeless(error):
                raise first_error from None
    assert first_error is not None
    raise first_error


def _is_hopeless(error: WfsProxyError) -> bool:
    return isinstance(error, UpstreamError) and (error.retryable or error.upstream_status in _GONE)


def _variants(client: ItemsClient) -> Iterator[ItemsClient]:
    """Yield clients with the parameters to try, each once, the best first."""
    smaller = replace(client, limit=min(client.limit or _SMALL_PAGE, _SMALL_PAGE))
    bare = replace(client, where={}, crs=None, box=None, limit=None)
    tried: list[ItemsClient] = []
    for variant in (
        client,
        replace(client, names_format=True),
        replace(client, where={}),
        smaller,
        replace(client, crs=None),
        replace(client, box=None),
        replace(smaller, where={}, crs=None),
        bare,
    ):
        if variant not in tried:
            tried.append(variant)
            yield variant


def _wider(client: ItemsClient) -> Iterator[ItemsClient]:
    """Yield clients that find more than one that found nothing."""
    if client.where:
        yield replace(client, where={})
    if client.box is not None:
        yield replace(client, where={}, box=None)


def _given_up(wanted: ItemsClient, used: ItemsClient) -> list[str]:
    notes = []
    if used.where != wanted.where:
        notes.append(
            "the vendor refuses the filter for `where` or finds nothing with it, so all objects are fetched and "
            "filtered here"
        )
    if used.crs != wanted.crs:
        notes.append(f"the vendor offers {wanted.crs} but does not deliver it, so longitude and latitude are fetched")
    if used.box != wanted.box:
        notes.append("the vendor refuses a box around `extent` or finds nothing in it, so all objects are fetched")
    if used.limit != wanted.limit:
        size = "pages of its own size" if used.limit is None else f"pages of {used.limit} objects"
        notes.append(f"the vendor refuses pages of {wanted.limit} objects, so {size} are fetched")
    return notes
