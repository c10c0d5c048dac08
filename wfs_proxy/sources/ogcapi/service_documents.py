"""Requests the JSON documents of a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from wfs_proxy.decode import links_to
from wfs_proxy.errors import DecodeError, NotFeatures, UpstreamError, UpstreamRefused, WfsProxyError
from wfs_proxy.http import VendorRequests, with_parameters
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.ogcapi.address import ServiceAddress, parameters_of
from wfs_proxy.sources.ogcapi.documents import read_error, read_object

__all__ = ["ServiceDocument", "ServiceDocuments", "error_is_final"]

_REFUSED_LOGIN = frozenset({401, 403, 407})
_UNWELL = frozenset({408, 425, 429, 502, 503, 504})


def error_is_final(error: WfsProxyError) -> bool:
    """Whether other requests would fail too: a refused login, a redirect elsewhere, or a server that is unwell."""
    if isinstance(error, UpstreamRefused) and error.upstream_status is None:
        return True
    return isinstance(error, UpstreamError) and error.upstream_status in _REFUSED_LOGIN | _UNWELL


@dataclass(frozen=True, kw_only=True)
class ServiceDocument:
    """A JSON object of a service."""

    url: str
    """Where it was requested; relative links begin there."""

    members: Mapping[str, Any]

    def own_links(self, address: ServiceAddress, *relations: str) -> list[str]:
        """Return the URLs of links at our own origin, with the parameters that belong to every request."""
        own = (address.own(link, self.url) for link in links_to(self.members, *relations))
        return [with_parameters(url, {**address.parameters, **parameters_of(url)}) for url in own if url is not None]


@dataclass(frozen=True, kw_only=True)
class ServiceDocuments:
    """Requests documents of one service."""

    http: VendorRequests
    """Asks for JSON."""

    offload: Offload
    budget: RequestBudget

    async def get(self, urls: Sequence[str], *expected: str) -> ServiceDocument:
        """Return the document at the first of the URLs that has one.

        Args:
            urls: at least one.
            expected: members of which it has at least one.

        Raises:
            UpstreamError, DecodeError: none has it; the error of the first.
        """
        first_error: WfsProxyError | None = None
        for url in dict.fromkeys(urls):
            try:
                return await self._get(url, expected)
            except (UpstreamError, DecodeError) as error:
                first_error = first_error or error
                if error_is_final(error) or (isinstance(error, UpstreamError) and error.retryable):
                    break
        assert first_error is not None
        raise first_error

    async def _get(self, url: str, expected: tuple[str, ...]) -> ServiceDocument:
        """Request a document, and once more with `f=json` if the server shows a page: not all of them read Accept."""
        try:
            return await self._read(url, expected)
        except (NotFeatures, UpstreamError) as error:
            shows_page = isinstance(error, NotFeatures) or error.upstream_status == HTTPStatus.NOT_ACCEPTABLE
            if not shows_page or "f" in parameters_of(url):
                raise
            with suppress(UpstreamError, DecodeError):
                return await self._read(with_parameters(url, {"f": "json"}), expected)
            raise

    async def _read(self, url: str, expected: tuple[str, ...]) -> ServiceDocument:
        self.budget.spent += 1
        payload = await self.http.get(url, read_error)
        return ServiceDocument(url=url, members=await self.offload(read_object, payload, *expected))
