"""A browser for each module, and one demo for all."""

from __future__ import annotations

from collections.abc import Iterator

import browser as browsers
import pytest
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def demo_port() -> Iterator[int]:
    """The first port of `wfs-proxy demo`; the third is that of its Signalen."""
    with browsers.running_demo() as port:
        yield port


@pytest.fixture(scope="session")
def demo(demo_port: int) -> str:
    return f"http://127.0.0.1:{demo_port}"
