"""The answers of the page over HTTP."""

from __future__ import annotations

from wfs_proxy.asgi import Headers, Response
from wfs_proxy.pages import PageRequest, content_policy

__all__ = ["page_response", "redirect", "refused", "text"]

_NOT_YOURS = (
    "This page belongs to the person who started wfs-proxy setup. Open the complete address that the command printed. "
    "/ Deze pagina is van degene die wfs-proxy setup startte. Open het hele adres dat het commando toonde."
)

_REFUSALS = {
    "host": (
        403,
        (
            "This address is not the one that wfs-proxy setup printed. Open that one. "
            "/ Dit adres is niet het adres dat wfs-proxy setup toonde. Open dat adres."
        ),
    ),
    "token": (403, _NOT_YOURS),
    "origin": (
        403,
        (
            "This form was not sent from the page of wfs-proxy setup. Open the page and send it there. "
            "/ Dit formulier komt niet van de pagina van wfs-proxy setup. Open de pagina en verstuur het daar."
        ),
    ),
    "method": (405, "Only GET, HEAD and POST are possible here."),
    "media_type": (415, "A form is application/x-www-form-urlencoded."),
    "too_large": (413, "The form is too large. / Het formulier is te groot."),
    "not_found": (
        404,
        (
            "There is nothing here. Open the address that wfs-proxy setup printed. "
            "/ Hier staat niets. Open het adres dat wfs-proxy setup toonde."
        ),
    ),
}
"""Reason -> status and sentence."""

_PRIVATE: Headers = (
    (b"cache-control", b"no-store"),
    # not no-referrer, with which browsers send "Origin: null" with a form of the page itself
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def page_response(body: bytes, page: PageRequest, tiles: str | None, status: int = 200) -> Response:
    """Return an HTML page that only the browser which asked may see."""
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", page.language.encode()),
        (b"content-security-policy", content_policy(tiles).encode()),
        *_PRIVATE,
    ]
    return Response(status, headers, body)


def redirect(path: str, page: PageRequest) -> Response:
    """Return the address of the page to see next, in the reader's language."""
    return Response(303, [(b"location", f"{path}{page.query()}".encode()), *_PRIVATE])


def text(body: bytes, media_type: str) -> Response:
    """Return what the script asks for."""
    return Response(200, [(b"content-type", media_type.encode()), *_PRIVATE], body)


def refused(reason: str) -> Response:
    """Return a sentence for somebody who may not see the page."""
    status, sentence = _REFUSALS[reason]
    return Response(status, [(b"content-type", b"text/plain; charset=utf-8"), *_PRIVATE], f"{sentence}\n".encode())
