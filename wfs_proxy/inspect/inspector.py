"""The entry point: inspect the service at a pasted address, and a type of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from wfs_proxy.config import Auth, Tls
from wfs_proxy.decode import decode
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.http import HttpClients
from wfs_proxy.inspect.addresses import PastedAddress, read_address
from wfs_proxy.inspect.diagnosis import diagnose_error
from wfs_proxy.inspect.report import (
    Diagnosis,
    InspectionStep,
    Part,
    ServiceReport,
    TypeReport,
    TypeSummary,
)
from wfs_proxy.inspect.service_inspection import FoundService, describe_service, find_service
from wfs_proxy.inspect.type_inspection import describe_document, inspect_type
from wfs_proxy.inspect.vendor_access import MAX_REQUESTS, REQUESTS_AT_ONCE, VendorAccess
from wfs_proxy.inspect.vendor_words import without_credentials
from wfs_proxy.offload import Offload
from wfs_proxy.sources import RequestBudget, credentials_in

__all__ = ["Inspector", "Progress"]

Progress = Callable[[InspectionStep], None]

_T = TypeVar("_T")

_PARTS: tuple[Part, ...] = ("service", "versions", "counts", "schema", "sample", "stability", "paging", "formats")
_TIMEOUT = 28.0
"""Seconds for one request: slow servers take long for a first answer. The page of the setup promises that a server that
stops answering is noticed within a minute, also where https was tried first."""


@dataclass(frozen=True, kw_only=True)
class _InspectedHost:
    """The settings of a host, as `HttpClients` needs them."""

    url: str
    auth: Auth | None
    tls: Tls | None
    timeout: float
    requests_at_once: int = REQUESTS_AT_ONCE


class Inspector:
    """Asks one service everything that a layer file needs, with few requests.

        inspector = Inspector(address, http, asyncio.to_thread)
        service = await inspector.service()
        report = await inspector.feature_type(service, "lamp")

    It uses the connections and limits of `http`, and the decoding of the fetch path. All its requests go to the host of
    the address, so credentials reach no other one.
    """

    def __init__(  # noqa: PLR0913 - what a caller may decide
        self,
        address: str,
        http: HttpClients,
        offload: Offload,
        *,
        auth: Auth | None = None,
        tls: Tls | None = None,
        progress: Progress = lambda _: None,
        max_requests: int = MAX_REQUESTS,
    ) -> None:
        self._address = address
        self._http = http
        self._offload = offload
        self._auth = auth
        self._tls = tls
        self.progress = progress
        """Called with each step."""
        self.sample: FeatureBatch | None = None
        """The objects behind the last report of a type; they may contain personal data."""
        self._budget = RequestBudget(limit=max_requests)
        self._vendors: dict[str, VendorAccess] = {}
        self._document: Payload | None = None

    @property
    def requests(self) -> int:
        """Requests made so far, without retries."""
        return self._budget.spent

    async def service(self) -> ServiceReport | Diagnosis:
        """Find and describe the service; a diagnosis says what the address is instead, and what to try."""
        pasted = read_address(self._address)
        if pasted is None:
            return Diagnosis(code="address")
        self._report("service")
        return self._shown(await self._service(pasted), pasted.url)

    async def _service(self, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        found = await self._find(pasted)
        other = self._other_scheme(found, pasted) if isinstance(found, Diagnosis) else None
        if other is not None:
            second = await self._find(other)
            found, pasted = (found, pasted) if isinstance(second, Diagnosis) else (second, other)
        if isinstance(found, FoundService):
            self._document = found.payload if found.capabilities is None else None
            vendor = self._vendor(found.url)
            described = await describe_service(vendor, found, pasted, self._offload, self._report)
            return replace(described, requests=self.requests)
        return replace(found, requests=self.requests)

    async def feature_type(self, service: ServiceReport, name: str) -> TypeReport:
        """Inspect a type of the service that `service` returned.

        Raises:
            KeyError: the service has no such type.
            UpstreamError, DecodeError: a GeoJSON document could not be fetched again.
        """
        summary = service.type_named(name)
        if summary is None:
            raise KeyError(name)
        if service.kind == "geojson":
            return await self._geojson(service.url, summary)
        inspected = await inspect_type(self._vendor(service.url), service, summary, self._offload, self._report)
        self.sample = inspected.sample
        return self._shown(inspected.report, service.url)

    def _shown(self, report: _T, url: str) -> _T:
        """Return a report of the service at a URL as it may be shown."""
        return without_credentials(report, credentials_in(url, self._auth))

    async def _find(self, pasted: PastedAddress) -> FoundService | Diagnosis:
        try:
            vendor = self._vendor(pasted.base)
            return await find_service(vendor, pasted, self._offload, with_login=self._auth is not None)
        except WfsProxyError as error:
            return diagnose_error(error, pasted, with_login=self._auth is not None)

    def _other_scheme(self, diagnosis: Diagnosis, pasted: PastedAddress) -> PastedAddress | None:
        """Return the address with http in place of https, or the other way round, if it should be tried so.

        https where the same host redirects to it; http only where https was guessed, and never with credentials.
        """
        parts = urlsplit(pasted.url)
        secure = re.fullmatch(rf"https://({re.escape(parts.hostname or '')}:\d+)", diagnosis.details.get("other", ""))
        if parts.scheme == "http" and secure is not None:
            return read_address(urlunsplit(("https", secure[1].removesuffix(":443"), parts.path, parts.query, "")))
        unreachable = diagnosis.code in {"unreachable", "certificate", "no_tls", "no_answer", "lost"}
        if pasted.guessed_scheme and self._auth is None and unreachable:
            return read_address(urlunsplit(("http", parts.netloc, parts.path, parts.query, "")))
        return None

    def _vendor(self, url: str) -> VendorAccess:
        """Return the access to the host of a URL.

        Raises:
            ConfigurationError: the URL is invalid.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._vendors:
            endpoint = _InspectedHost(url=origin, auth=self._auth, tls=self._tls, timeout=_TIMEOUT)
            self._vendors[origin] = VendorAccess(self._http.client(endpoint), self._budget)
        return self._vendors[origin]

    async def _geojson(self, url: str, summary: TypeSummary) -> TypeReport:
        self._report("sample")
        payload = self._document or await self._vendor(url).get(url)
        batch: FeatureBatch = await self._offload(decode, payload)
        self.sample = batch
        report: TypeReport = await self._offload(describe_document, batch, summary.title)
        return report

    def _report(self, part: Part) -> None:
        self.progress(InspectionStep(part=part, done=_PARTS.index(part), total=len(_PARTS)))
