"""A headless browser that looks at the pages, and remembers what a page must not do: errors, and foreign requests."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import needs
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from waiting import wait_until

from bench import servers
from bench.page import ARGUMENTS
from bench.ports import free_ports

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
"""The rules of axe-core for WCAG 2.2 AA, and its advice."""

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}
"""WCAG 2.2, 1.4.10: 320 pixels of width without scrolling in two dimensions."""


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Run the browser. It has an event loop in this thread, so a test module must end it before others start."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(needs.chromium()), args=[*ARGUMENTS])
        yield browser
        browser.close()


@contextlib.contextmanager
def running_demo() -> Iterator[int]:
    """Run `wfs-proxy demo`; yields its first port."""
    port = free_ports(3)
    command = [sys.executable, "-m", "wfs_proxy", "demo", "--port", str(port)]
    with servers.running(command, f"http://127.0.0.1:{port}", ready="/readyz"):
        yield port


@contextlib.contextmanager
def running_proxy(layers: Path, port: int) -> Iterator[str]:
    """Run `wfs-proxy serve` on a port; yields its address."""
    command = [sys.executable, "-m", "wfs_proxy", "serve", "--layers", str(layers), "--port", str(port)]
    environment = {"WFS_PROXY_CACHE_DIR": "none", "WFS_PROXY_ACCESS_LOG": "false"}
    address = f"http://127.0.0.1:{port}"
    with servers.running(command, address, ready="/readyz", environment=environment):
        yield address


@dataclass
class Visit:
    """An open page, and what it did."""

    page: Page
    context: BrowserContext
    errors: list[str] = field(default_factory=list)
    """Lines of the console that are errors or warnings, and exceptions."""

    hosts: set[str] = field(default_factory=set)
    """Of all requests, as host:port."""

    def text(self, selector: str) -> str:
        return " ".join(self.page.inner_text(selector).split())

    def texts(self, selector: str) -> list[str]:
        return [" ".join(text.split()) for text in self.page.locator(selector).all_inner_texts()]

    def wait(self, condition: str) -> None:
        """Wait until an expression is true. Playwright's own waiting needs `eval`, which the page's policy forbids."""
        wait_until(lambda: bool(self.page.evaluate(condition)))

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds. Requests and answers are noticed during calls of the page only, so it makes some."""
        wait_until(lambda: condition() or bool(self.page.evaluate("false")))

    def wait_for_text(self, selector: str, text: str) -> None:
        wait_until(lambda: text in self.text(selector))

    def drawn(self) -> Visit:
        """Wait until the objects of the layers that are on have been drawn, and the list has been filled."""
        self.wait("performance.getEntriesByName('objects-drawn').length > 0")
        return self

    def violations(self) -> list[str]:
        """Return what axe-core finds."""
        found = Axe().run(self.page, options=WCAG).response["violations"]
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@contextlib.contextmanager
def visit(browser: Browser, url: str, *, script: str = "", **options: object) -> Iterator[Visit]:
    """Open a page in a fresh profile.

    Args:
        browser: from `running_browser`.
        url: of the page.
        script: runs before those of the page.
        options: of `Browser.new_context`, such as locale and color_scheme.
    """
    given = {"viewport": DESKTOP, "locale": "nl-NL", "reduced_motion": "reduce", **options}
    context = browser.new_context(**given)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    visited = Visit(page=page, context=context)
    page.on("request", lambda request: visited.hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda line: visited.errors.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visited.errors.append(str(error)))
    try:
        page.goto(url)
        yield visited
    finally:
        context.close()


def view_box(visited: Visit, zoom: float, latitude: float, longitude: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the map, worked out from its size on the screen (EPSG:3857)."""
    size = visited.page.locator("#map").bounding_box()
    assert size is not None
    world = 256 * 2**zoom
    x = (longitude / 360 + 0.5) * world
    y = (0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)) * world

    def degrees_north(pixels: float) -> float:
        return math.degrees(math.atan(math.sinh((0.5 - pixels / world) * 2 * math.pi)))

    west, east = ((x + side * size["width"] / 2) / world * 360 - 180 for side in (-1, 1))
    return west, degrees_north(y + size["height"] / 2), east, degrees_north(y - size["height"] / 2)
