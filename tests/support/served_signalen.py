"""The demo's Signalen behind a real port, on the server of `vendor`."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from a_signalen import READER, ASignalen
from vendor import Answer, Seen

from wfs_proxy.demo.signalen.messages import Request

__all__ = ["answers_of", "token_of"]


def answers_of(service: ASignalen) -> Callable[[Seen], Answer]:
    """Return a handler for `vendor.serving`; its address is that of the server without a path."""

    def answer(seen: Seen) -> Answer:
        query = urlencode(dict(seen.query))
        request = Request(
            method=seen.method, host="http://signalen.test", path=seen.path, query=query, headers=seen.headers, body=b""
        )
        found = service.app.answer(request)
        media_type = found.headers.get("Content-Type", "application/json")
        return Answer(body=found.body, status=found.status, media_type=media_type)

    return answer


def token_of(service: ASignalen) -> str:
    """Return a token that works."""
    return service.provider.mint(READER)
