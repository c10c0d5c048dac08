"""A source whose errors and notes contain no credentials. They quote the vendor, and vendors repeat what was sent."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Auth, HttpSource
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import Validators
from wfs_proxy.http import HttpClients, redacted_text, secrets_in, secrets_of
from wfs_proxy.sources.protocol import FetchedFeatures, SampledSource, fetch_if_changed

__all__ = ["RedactingSource", "credentials_in", "credentials_of"]


class RedactingSource:
    """Fetches from another source, and removes the credentials of its layer from messages."""

    def __init__(self, source: SampledSource, settings: HttpSource, http: HttpClients) -> None:
        self.source = source
        self._settings = settings
        self._http = http

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of the other source.

        Raises:
            WfsProxyError: as the other source does, with a message that may be shown.
        """
        return await self._redacted(self.source.fetch(area))

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return some objects of the other source. Raises as `fetch` does."""
        return await self._redacted(self.source.sample(count))

    async def fetch_if_changed(self, area: BBox | None, known: Validators, /) -> FetchedFeatures | None:
        """Return what `fetch` returns; None if the other source says that it is still the known document.

        Raises:
            WfsProxyError: as `fetch` does.
        """
        with self._redacting():
            fetched = await fetch_if_changed(self.source, area, known)
        return None if fetched is None else self._without_credentials(fetched)

    async def _redacted(self, fetching: Awaitable[FetchedFeatures]) -> FetchedFeatures:
        with self._redacting():
            fetched = await fetching
        return self._without_credentials(fetched)

    @contextmanager
    def _redacting(self) -> Iterator[None]:
        try:
            yield
        except WfsProxyError as error:
            error.args = (redacted_text(str(error), self._secrets()),)
            raise

    def _without_credentials(self, fetched: FetchedFeatures) -> FetchedFeatures:
        report, secrets = fetched.report, self._secrets()
        notes = tuple(redacted_text(note, secrets) for note in report.notes)
        # an entity tag that is made of the request is stored nowhere
        etag = report.validators.etag or "" if report.validators is not None else ""
        validators = report.validators if redacted_text(etag, secrets) == etag else None
        return replace(fetched, report=replace(report, notes=notes, validators=validators))

    def _secrets(self) -> tuple[str, ...]:
        return (*credentials_of(self._settings), *self._http.tokens(self._settings))


def credentials_of(source: HttpSource) -> tuple[str, ...]:
    """Return the texts that a vendor may repeat and that must not be shown: those of a layer's source."""
    return (*source.secrets, *credentials_in(source.url, source.auth))


def credentials_in(url: str, auth: Auth | None) -> tuple[str, ...]:
    """Return the texts that a vendor may repeat and that must not be shown: the secrets of a login, and of an address.

    Args:
        url: an address of the vendor.
        auth: how the proxy authenticates.
    """
    return (*secrets_of(auth), *secrets_in(url))
