"""Addresses of an OGC API: from the one in the layer file, and from the links in its documents.

Links are untrusted: no request leaves the origin of the layer file, where the credentials belong. A service behind a
reverse proxy often writes the address that it has inside; such links are translated, as far as the service calls itself
by that address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

from wfs_proxy.errors import ConfigurationError, UpstreamRefused
from wfs_proxy.http import origin_of, with_parameters

__all__ = ["STANDARD_PARAMETERS", "Parameters", "ServiceAddress", "parameters_of", "without_query"]

Parameters = Mapping[str, str]
"""Query parameters: name -> value, not percent-encoded."""

_COLLECTIONS = re.compile(r"/collections(/.*)?$")
STANDARD_PARAMETERS = frozenset(
    {"bbox", "bbox-crs", "crs", "cursor", "datetime", "f", "filter", "filter-crs", "filter-lang", "limit", "offset"}
    | {"properties", "sortby", "startindex"}
)
"""Parameters with a meaning of their own. They are removed from a configured URL, which may be that of a page that
somebody looked at."""


def parameters_of(url: str) -> Parameters:
    """Return the query parameters of a URL; of equal names the last one."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def without_query(url: str) -> str:
    """Return a URL without its query, fragment and slash at the end."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


@dataclass(frozen=True, kw_only=True)
class ServiceAddress:
    """Where a service is."""

    url: str
    """The landing page, without a query and without a slash at the end."""

    parameters: Parameters
    """Of the URL in the layer file, such as an API key. They belong to every request."""

    stated: tuple[str, ...] = ()
    """Addresses of another origin by which the service calls its landing page."""

    @classmethod
    def of(cls, configured: str) -> ServiceAddress:
        """Return the address of the service whose landing page, collection or page of objects has this URL."""
        url = configured.strip()
        parameters = {
            name: value for name, value in parameters_of(url).items() if name.lower() not in STANDARD_PARAMETERS
        }
        return cls(url=_COLLECTIONS.sub("", without_query(url)).rstrip("/"), parameters=parameters)

    @property
    def landing_page(self) -> str:
        """The URL of the landing page."""
        return with_parameters(self.url, self.parameters)

    def path(self, *segments: str) -> str:
        """Return the URL of a resource at its standard path below the landing page."""
        path = "/".join(quote(segment, safe="") for segment in segments)
        return with_parameters(f"{self.url}/{path}", self.parameters)

    def knowing(self, self_links: Iterable[str], *path: str) -> ServiceAddress:
        """Return the address, with the names by which the service calls itself.

        Args:
            self_links: links of a document to itself, as written; those of our own origin say nothing new.
            path: of the document below the landing page.
        """
        below = "".join(f"/{quote(segment, safe='')}" for segment in path)
        stated = (
            without_query(link).removesuffix(below)
            for link in self_links
            if _is_elsewhere(link, self.url) and without_query(link).endswith(below)
        )
        return replace(self, stated=tuple(dict.fromkeys((*self.stated, *stated))))

    def knowing_page(self, self_link: str, url: str) -> ServiceAddress:
        """Return the address, with the name by which a page of objects calls itself.

        Args:
            self_link: the link of the page to itself, as written.
            url: its URL at our own origin.
        """
        below = without_query(url).removeprefix(self.url)
        return self.knowing([self_link], *(unquote(segment) for segment in below.split("/") if segment))

    def own(self, link: str, document: str) -> str | None:
        """Return the URL of a link at the origin of the layer file; None if it leads elsewhere.

        Args:
            link: as written; it may be relative.
            document: the URL of the document that has it.
        """
        try:
            target = urljoin(document, link.strip())
            if origin_of(target) == origin_of(self.url):
                return target
        except (ValueError, ConfigurationError):
            return None
        for base in sorted(self.stated, key=len, reverse=True):
            rest = target[len(base) :]
            if target.startswith(base) and rest[:1] in {"", "/", "?"}:
                return self.url + rest
        return None

    def own_next(self, link: str, page: str) -> str:
        """Return the URL of a link from one page of objects to the next.

        Raises:
            UpstreamRefused: it leads to another origin.
        """
        target = self.own(link, page)
        if target is None:
            scheme, host = _origin_text(urljoin(page, link))
            raise UpstreamRefused(
                f"the vendor's link to the next page leads to {scheme}://{host}, and not to the address in `url`: "
                "no credentials are sent there. Use that address in `url` if it is the service's own; otherwise ask "
                "the vendor to correct the public address of the service"
            )
        return target


def _is_elsewhere(link: str, url: str) -> bool:
    try:
        return origin_of(link) != origin_of(url)
    except ConfigurationError:
        return False


def _origin_text(url: str) -> tuple[str, str]:
    """Return scheme and host with port, without a user or password."""
    parts = urlsplit(url)
    return parts.scheme or "an invalid address", parts.netloc.rpartition("@")[2]
