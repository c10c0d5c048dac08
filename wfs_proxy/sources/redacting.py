"""A source whose errors and notes contain no credentials. They quote the vendor, and vendors repeat what was sent."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Auth, HttpSource
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http import HttpClients, redacted_text, secrets_in, secrets_of
from wfs_proxy.sources.protocol import FetchedFeatures, SampledSource

__all__ = ["RedactingSource", "credentials_in"]


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

    async def _redacted(self, fetching: Awaitable[FetchedFeatures]) -> FetchedFeatures:
        try:
            fetched = await fetching
        except WfsProxyError as error:
            error.args = (redacted_text(str(error), self._secrets()),)
            raise
        notes = tuple(redacted_text(note, self._secrets()) for note in fetched.report.notes)
        return replace(fetched, report=replace(fetched.report, notes=notes))

    def _secrets(self) -> tuple[str, ...]:
        settings = self._settings
        return (*credentials_in(settings.url, settings.auth), *self._http.tokens(settings))


def credentials_in(url: str, auth: Auth | None) -> tuple[str, ...]:
    """Return the texts that a vendor may repeat and that must not be shown: the secrets of a login, and of an address.

    Args:
        url: an address of the vendor.
        auth: how the proxy authenticates.
    """
    return (*secrets_of(auth), *secrets_in(url))
