"""The entry point: inspect the service at a pasted address, and a type of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from wfs_proxy.config import Auth, Tls
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import FeatureBatch
from wfs_proxy.http import HttpClients
from wfs_proxy.inspect.addresses import PastedAddress, read_address
from wfs_proxy.inspect.diagnosis import diagnose_error
from wfs_proxy.inspect.kinds import KINDS, Inquiry, find_service, path_of_file
from wfs_proxy.inspect.report import (
    Diagnosis,
    InspectionStep,
    Part,
    ServiceReport,
    TypeReport,
)
from wfs_proxy.inspect.vendor_access import MAX_REQUESTS, InspectionClients
from wfs_proxy.inspect.vendor_words import without_credentials
from wfs_proxy.offload import Offload
from wfs_proxy.sources import RequestBudget, credentials_in

__all__ = ["Inspector", "Progress"]

Progress = Callable[[InspectionStep], None]

_T = TypeVar("_T")

_PARTS: tuple[Part, ...] = ("service", "versions", "counts", "schema", "sample", "stability", "paging", "formats")


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
        self._auth = auth
        self.progress = progress
        """Called with each step."""
        self.sample: FeatureBatch | None = None
        """The objects behind the last report of a type; they may contain personal data."""
        self._budget = RequestBudget(limit=max_requests)
        self._inquiry = Inquiry(
            clients=InspectionClients(http, self._budget, auth=auth, tls=tls),
            offload=offload,
            report=self._report,
            with_login=auth is not None,
        )

    @property
    def requests(self) -> int:
        """Requests made so far, without retries."""
        return self._budget.spent

    async def service(self) -> ServiceReport | Diagnosis:
        """Find and describe the service; a diagnosis says what the address is instead, and what to try."""
        file = path_of_file(self._address)
        if file is not None:
            return await KINDS["file"].find(self._inquiry, file)
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
            found = found if isinstance(second, Diagnosis) else second
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
        inspected = await KINDS[service.kind].inspect(self._inquiry, service, summary)
        self.sample = inspected.sample
        return self._shown(inspected.report, service.url)

    def _shown(self, report: _T, url: str) -> _T:
        """Return a report of the service at a URL as it may be shown."""
        return without_credentials(report, credentials_in(url, self._auth))

    async def _find(self, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        try:
            return await find_service(self._inquiry, pasted)
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

    def _report(self, part: Part) -> None:
        self.progress(InspectionStep(part=part, done=_PARTS.index(part), total=len(_PARTS)))
