"""Remove credentials from a recording: from requests, and from the answers that repeat them.

A credential is recognised by its name (a query parameter called `apikey`), by its form (a long hexadecimal part of a
path, as in Liteweb's URL per customer), or because the layer file has it in `auth`. Each is replaced by one word, which
matches any text when the recording is replayed.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from wfs_proxy.http import secrets_in

__all__ = ["PLACEHOLDER", "Redactor"]

PLACEHOLDER = "REDACTED"
"""Replaces a credential."""

_SHORTEST = 6
"""Characters. A shorter secret may be an ordinary word or number, and replacing it in a body would spoil the data."""


class Redactor:
    """Collects credentials, then replaces them.

    Collect all of them first: an answer may repeat a credential that only a later request contains.
    """

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        self._found: Counter[str] = Counter()

    def add(self, secret: str, what: str) -> None:
        """Add a text as a credential."""
        if secret:
            self._secrets[secret] = what

    def add_from_url(self, url: str) -> None:
        """Add the credentials in a URL, recognised by name and form."""
        for secret, what in secrets_in(url).items():
            if secret != PLACEHOLDER:
                self.add(secret, what)

    def path(self, path: str, where: str) -> str:
        """Return the path without credentials. Those of at least six characters are found inside a part as well."""
        parts = [self._whole(part, where) for part in path.split("/")]
        return self.text("/".join(parts), where)

    def query(self, pairs: list[tuple[str, str]], where: str) -> list[tuple[str, str]]:
        """Return the pairs of a query without credentials."""
        return [(name, self.text(self._whole(value, where), where)) for name, value in pairs]

    def text(self, text: str, where: str) -> str:
        """Return the text without credentials of at least six characters, in any spelling."""
        return self.body(text.encode(), where).decode()

    def body(self, body: bytes, where: str) -> bytes:
        """Return the body without credentials of at least six characters, in any spelling."""
        for secret, what in sorted(self._secrets.items(), key=lambda item: -len(item[0])):
            if len(secret) < _SHORTEST:
                continue
            for spelling in _spellings(secret):
                count = body.count(spelling.encode())
                if count:
                    self._found[f"{what}, in {where}"] += count
                    body = body.replace(spelling.encode(), PLACEHOLDER.encode())
        return body

    def redactions(self) -> tuple[str, ...]:
        """Return what kind of credential was removed, where and how often; not the credential."""
        return tuple(f"{what} ({count}x)" for what, count in sorted(self._found.items()))

    def _whole(self, value: str, where: str) -> str:
        what = self._secrets.get(unquote(value))
        if what is None:
            return value
        self._found[f"{what}, in {where}"] += 1
        return PLACEHOLDER


def _spellings(secret: str) -> set[str]:
    """Return how a body may spell a secret: plain, in a URL, in XML or HTML, in JSON with escaped slashes."""
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        escape(secret),
        escape(secret, {'"': "&quot;"}),
        secret.replace("/", "\\/"),
    }
