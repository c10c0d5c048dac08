from __future__ import annotations

import pytest

from wfs_proxy.errors import UpstreamRefused, UpstreamUnreachable, WfsProxyError
from wfs_proxy.http.connection_failures import connection_failure, redirected_to


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("x.nl: its certificate has expired", "certificate"),
        ("x.nl: no TLS connection: wrong version number", "no_tls"),
        ("x.nl: no TLS connection: record layer failure", "no_tls"),
        ("x.nl: no TLS connection: unsupported protocol", "certificate"),
        ("no connection to x.nl: [Errno -2] Name or service not known", "unknown_host"),
        ("no connection to x.nl: [Errno -3] Temporary failure in name resolution", "unknown_host"),
        ("x.nl did not accept a connection in time", "no_answer"),
        ("no connection to x.nl: All connection attempts failed", "unreachable"),
        ("the connection to x.nl was lost before the answer was complete", "lost"),
        (
            "the connection to x.nl was lost before the answer was complete; a server that requires a certificate",
            "lost",
        ),
        ("the answer of x.nl is truncated", "lost"),
        ("x.nl did not answer in time: its answer began, but was not complete", "stalled"),
    ],
)
def test_kind_of_failure(message: str, kind: str):
    assert connection_failure(UpstreamUnreachable(message)) == kind


@pytest.mark.parametrize(
    ("error", "origin"),
    [
        (UpstreamRefused("x.nl redirects to https://login.nl:443; if that is correct, use it"), "https://login.nl:443"),
        (UpstreamRefused("x.nl redirects to an invalid address"), None),
        (UpstreamRefused("x.nl answered 403: it redirects to https://y.nl", upstream_status=403), None),
        (UpstreamUnreachable("x.nl did not answer in time"), None),
    ],
)
def test_redirect_to_another_server(error: WfsProxyError, origin: str | None):
    assert redirected_to(error) == origin
