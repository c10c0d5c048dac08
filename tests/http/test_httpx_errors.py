"""Every exception of httpx becomes one of ours."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from wfs_proxy.errors import UpstreamRefused, WfsProxyError
from wfs_proxy.http.httpx_errors import translated

NEVER_RAISED = {httpx.CookieConflict}
"""Raised only when a cookie is read by name, which the client never does."""


def exceptions_of_httpx() -> Iterator[type[Exception]]:
    """Yield every exception class that httpx can raise here, by its public names."""
    for name in httpx.__all__:
        value = getattr(httpx, name)
        if isinstance(value, type) and issubclass(value, Exception) and value not in NEVER_RAISED:
            yield value


def made(kind: type[Exception]) -> Exception:
    if kind is httpx.HTTPStatusError:
        return kind("text", request=httpx.Request("GET", "http://a/"), response=httpx.Response(500))
    if kind in {httpx.StreamConsumed, httpx.StreamClosed, httpx.ResponseNotRead, httpx.RequestNotRead}:
        return kind()
    return kind("text")


@pytest.mark.parametrize("kind", [*exceptions_of_httpx()], ids=lambda kind: kind.__name__)
def test_every_exception_of_httpx_is_translated(kind: type[Exception]):
    with pytest.raises(WfsProxyError) as caught, translated("vendor.example"):
        raise made(kind)

    assert "vendor.example" in str(caught.value)
    assert isinstance(caught.value.__cause__, kind)


def test_list_of_exceptions_is_not_empty():
    assert httpx.ReadTimeout in set(exceptions_of_httpx())
    assert len(set(exceptions_of_httpx())) > 20


@pytest.mark.parametrize("kind", [TimeoutError, ConnectionResetError, OSError])
def test_exceptions_of_the_socket_are_translated(kind: type[Exception]):
    with pytest.raises(WfsProxyError), translated("vendor.example"):
        raise kind


def test_our_own_errors_pass_unchanged():
    error = UpstreamRefused("no")

    with pytest.raises(UpstreamRefused) as caught, translated("vendor.example"):
        raise error

    assert caught.value is error


def test_programming_errors_are_not_translated():
    with pytest.raises(KeyError), translated("vendor.example"):
        raise KeyError
