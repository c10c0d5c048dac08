"""Paging: in the body for the list, in header fields for the geography. There is no largest page size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from wfs_proxy.demo.signalen.messages import ApiResponse, Refused, Request

__all__ = ["feature_page", "list_page"]

Row = TypeVar("Row")

_LIST_SIZE = 100
_GEOGRAPHY_SIZE = 4000


def list_page(request: Request, rows: Sequence[Row]) -> tuple[dict[str, Any], Sequence[Row]]:
    """Return the links and count of a page of the list, and its rows.

    Raises:
        Refused: 404 past the end.
    """
    number, pages, on_page = _page(request, rows, "page", _LIST_SIZE)
    following = request.address_with("page", number + 1) if number < pages else None
    links = {
        "self": {"href": request.address},
        "next": {"href": following},
        "previous": {"href": request.address_with("page", number - 1) if number > 1 else None},
    }
    return {"_links": links, "count": len(rows)}, on_page


def feature_page(request: Request, features: Sequence[Any]) -> ApiResponse:
    """Return a page of a geography. Without features, `features` is null instead of an empty array.

    Raises:
        Refused: 404 past the end.
    """
    number, pages, on_page = _page(request, features, "geopage", _GEOGRAPHY_SIZE)
    links = [(request.address, "self")]
    if number < pages:
        links.append((request.address_with("geopage", number + 1), "next"))
    if number > 1:
        # unlike the list, this goes back to the first page without a number
        links.append((request.address_with("geopage", number - 1 if number > 2 else None), "prev"))  # noqa: PLR2004 - the page after the first
    headers = {
        "X-Total-Count": str(len(features)),
        "Link": ",".join(f'<{address}>; rel="{relation}"' for address, relation in links),
    }
    return ApiResponse.json({"type": "FeatureCollection", "features": list(on_page) or None}, headers=headers)


def _page(request: Request, rows: Sequence[Row], name: str, default: int) -> tuple[int, int, Sequence[Row]]:
    """Return the number of the page, the number of pages, and the rows of the page."""
    wanted = request.last("page_size")
    size = int(wanted) if wanted.isdecimal() and int(wanted) else default
    pages = max(1, -(-len(rows) // size))
    text = request.last(name) or "1"
    number = pages if text == "last" else int(text) if text.isdecimal() else 0
    if not 1 <= number <= pages:
        raise Refused(ApiResponse.json({"detail": "Ongeldige pagina."}, 404))
    return number, pages, rows[(number - 1) * size : number * size]
