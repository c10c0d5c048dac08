"""A source whose errors and notes contain no credentials. They quote the vendor, and vendors repeat what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from wfs_proxy.bbox import BBox
from wfs_proxy.config import HttpSource
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http import looks_secret, redacted_text, sounds_secret
from wfs_proxy.sources.protocol import FeatureSource, FetchedFeatures

__all__ = ["RedactingSource"]


class RedactingSource:
    """Fetches from another source, and removes the credentials of its layer from messages."""

    def __init__(self, source: FeatureSource, settings: HttpSource) -> None:
        self.source = source
        self._secrets = tuple(_secrets_of(settings))

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of the other source.

        Raises:
            WfsProxyError: as the other source does, with a message that may be shown.
        """
        try:
            fetched = await self.source.fetch(area)
        except WfsProxyError as error:
            error.args = (redacted_text(str(error), self._secrets),)
            raise
        notes = tuple(redacted_text(note, self._secrets) for note in fetched.report.notes)
        return replace(fetched, report=replace(fetched.report, notes=notes))


def _secrets_of(settings: HttpSource) -> Iterator[str]:
    for _, value in settings.auth or ():
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
    parts = urlsplit(settings.url)
    yield from (unquote(part) for part in parts.path.split("/") if looks_secret(part))
    yield from (value for name, value in parse_qsl(parts.query) if sounds_secret(name) or looks_secret(value))
