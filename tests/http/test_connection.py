"""What counts as a failure of a host, and what a request to an open circuit raises."""

from __future__ import annotations

import pytest
from clocks import Clock

from wfs_proxy.errors import MalformedDocument, UpstreamException, UpstreamRefused, UpstreamUnreachable
from wfs_proxy.http.breaker import OPENS_AFTER
from wfs_proxy.http.connection import Host


def after(error: Exception) -> Host:
    """A host whose requests have all ended with this error."""
    host = Host.named("vendor.example", Clock(0.0))
    for _ in range(OPENS_AFTER):
        with pytest.raises(type(error)), host.breaker.guard():
            raise error
    return host


@pytest.mark.parametrize(
    "error", [UpstreamException("no such type"), UpstreamRefused("no", upstream_status=404), MalformedDocument("cut")]
)
def test_answer_of_a_healthy_host_is_not_a_failure(error):
    assert after(error).breaker.state == "closed"


@pytest.mark.parametrize("error", [UpstreamUnreachable("timeout"), UpstreamRefused("busy", upstream_status=503)])
def test_error_that_may_pass_is_a_failure(error):
    assert after(error).breaker.state == "open"


def test_open_circuit_names_the_host_and_the_last_failure_and_is_not_worth_a_retry():
    host = after(UpstreamUnreachable("timeout"))
    text = "^vendor.example: circuit open after 5 consecutive failures; the last: timeout$"

    with pytest.raises(UpstreamUnreachable, match=text) as caught, host.breaker.guard():
        pass

    assert not caught.value.retryable
