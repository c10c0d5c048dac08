"""A port that cannot be used is an error before anything starts."""

from __future__ import annotations

import socket

import pytest

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.run.server import serve_together


async def app(scope, receive, send):
    """Never called."""


def started():
    pytest.fail("nothing may start when a port cannot be used")


def test_a_port_in_use_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is in use"):
            serve_together({port: app}, started)


def test_one_port_in_use_stops_all():
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {taken} is in use"):
            serve_together({0: app, taken: app}, started)


def test_a_host_of_another_machine_is_an_error():
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1, port 8000"):
        serve_together({8000: app}, started, host="192.0.2.1")
