"""Ports that cannot be had are told in a sentence, before anything is started."""

from __future__ import annotations

import socket

import pytest

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.run.server import serve_together


async def app(scope, receive, send):
    """Never asked."""


def started():
    pytest.fail("nothing may start when a port is missing")


def test_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is taken"):
            serve_together({port: app}, started)


def test_one_port_that_is_taken_stops_all():
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {taken} is taken"):
            serve_together({0: app, taken: app}, started)


def test_host_that_is_not_this_machines_is_told():
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1, port 8000"):
        serve_together({8000: app}, started, host="192.0.2.1")
