"""What a page depends on besides its content: the reader's language, and the links that keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from wfs_proxy.config import Language
from wfs_proxy.pages.languages import chosen_language, page_language

__all__ = ["PageRequest"]


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """A request for a page."""

    language: Language
    chosen: Language | None = None
    """The language in the URL; None when the browser's language was taken."""

    root: str = "./"
    """The relative path from this page to the root of the proxy, which may be below a path of its host."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """The query parameters that the page understands, without `lang`."""

    @classmethod
    def read(
        cls, query: Mapping[str, str], accept_language: str | None, *, known: tuple[str, ...] = (), root: str = "./"
    ) -> PageRequest:
        """Read a request.

        Args:
            query: the query parameters, decoded.
            accept_language: the header field.
            known: the parameters that the page understands besides `lang`; others are ignored.
            root: the relative path from the page to the root of the proxy.
        """
        return cls(
            language=page_language(query.get("lang"), accept_language),
            chosen=chosen_language(query.get("lang")),
            root=root,
            parameters={name: query[name] for name in known if query.get(name)},
        )

    def query(self, **parameters: str) -> str:
        """Return the query string of a link that keeps the chosen language, with its question mark; "" if empty."""
        kept = {"lang": self.chosen} if self.chosen is not None else {}
        joined = urlencode({**parameters, **kept})
        return f"?{joined}" if joined else ""

    def in_language(self, language: Language) -> str:
        """Return the query string of this page in a language."""
        return f"?{urlencode({**self.parameters, 'lang': language})}"
