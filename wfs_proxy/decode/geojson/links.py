"""The links of a JSON document of an OGC API (OGC 17-069r4, section 5.2, and RFC 8288)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["link_to", "links_to"]

_FORMATS = ("geo+json", "json", "")
"""Parts of media types, the best first; every type contains the last one."""


def link_to(document: Mapping[str, Any], *relations: str) -> str | None:
    """Return the address of the link with one of the relations, as written; that of JSON where there are several.

    Args:
        document: a JSON object, with or without `links`.
        relations: names of one relation, the best first.
    """
    return next(links_to(document, *relations), None)


def links_to(document: Mapping[str, Any], *relations: str) -> Iterator[str]:
    """Yield the addresses of all links with one of the relations, those of GeoJSON and JSON first, HTML last."""
    links = document.get("links")
    usable = [each for each in links if _is_link(each)] if isinstance(links, list) else []
    for relation in relations:
        found = [each for each in usable if each["rel"] == relation]
        yield from (each["href"] for each in sorted(found, key=_rank))


def _is_link(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("rel"), str) and isinstance(value.get("href"), str)


def _rank(link: Mapping[str, Any]) -> int:
    """Return the place of a link among those with its relation. One without a type may be JSON; HTML is the last."""
    media_type = str(link.get("type") or "json").lower()
    if "html" in media_type:
        return len(_FORMATS)
    return next(rank for rank, part in enumerate(_FORMATS) if part in media_type)
