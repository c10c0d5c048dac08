"""Chooses the format of an answer: what the parameter `f` says, or else the header field Accept (RFC 9110, 12.5.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from wfs_proxy.errors import BadRequest, NotAcceptable
from wfs_proxy.faces.ogcapi.addresses import HTML, JSON, OPENAPI, SCHEMA_JSON
from wfs_proxy.pages import weights
from wfs_proxy.serve import GEOJSON

__all__ = ["Format", "chosen_format"]

Format = Literal["json", "html"]

_MACHINE_TYPES = {
    JSON: (JSON,),
    GEOJSON: (GEOJSON, JSON, "application/vnd.geo+json"),
    SCHEMA_JSON: (SCHEMA_JSON, JSON),
    OPENAPI: (OPENAPI.partition(";")[0], JSON),
}
"""The media type of a resource -> the names in Accept that it satisfies."""

_PAGE_TYPES = (HTML, "application/xhtml+xml")


@lru_cache(maxsize=256)
def chosen_format(parameter: str | None, accept: str | None, media_type: str) -> Format:
    """Return whether a resource is answered as JSON or as a page.

    A client that accepts anything gets JSON. A browser, which names HTML and prefers it, gets the page.

    Args:
        parameter: the value of `f`; None if it is not given.
        accept: the header field; None without one.
        media_type: of the JSON.

    Raises:
        BadRequest: there is no such format.
        NotAcceptable: the client accepts neither.
    """
    if parameter is not None:
        if parameter == "json":
            return "json"
        if parameter == "html":
            return "html"
        raise BadRequest(f"f={parameter} is not a format of this service. Use json or html.")
    accepted = weights(accept or "*/*")
    named_page = max(accepted.get(name, 0.0) for name in _PAGE_TYPES)
    machine = max(_weight(accepted, name) for name in _MACHINE_TYPES[media_type])
    if named_page > 0.0 and named_page >= machine:
        return "html"
    if machine > 0.0:
        return "json"
    if _weight(accepted, HTML) > 0.0:
        return "html"
    raise NotAcceptable(f"This resource is available as {media_type} and text/html, not as {accept}.")


def _weight(accepted: dict[str, float], name: str) -> float:
    """Return the weight of a media type: that of the most specific range that includes it."""
    family = f"{name.partition('/')[0]}/*"
    return next((accepted[known] for known in (name, family, "*/*") if known in accepted), 0.0)
