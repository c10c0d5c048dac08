"""The map page with 50,000 objects in headless Chromium: from navigation to drawn, and how long a move blocks the page.

The page leaves a mark in the browser's timeline when it has drawn the objects for the first time; the timeline starts
at the navigation. The first visit fills the browser's cache with the library and our own files. Each further visit is
to another layer, so that no objects come from the cache.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from bench import documents, objects, servers
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row

__all__ = ["ARGUMENTS", "rows"]

COUNT = 50_000
ROUNDS = 5
MOVES = 20

ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")
"""Nothing else than the page uses the network, and a container has no user namespaces for the sandbox."""

_TIMEOUT = 120.0
"""Seconds until the objects must be drawn."""
_PAUSE = 0.05
_MILLISECONDS = 1000.0
_KILOBYTE = 1000.0

_DRAWN = "performance.getEntriesByName('objects-drawn').map((mark) => mark.startTime)"
_WATCH_TASKS = """window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
  .observe({type: 'longtask'})"""
"""A task is long from 50 ms (W3C, Long Tasks API)."""
_WEIGHT = """[...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]
  .filter(({name}) => !name.includes('/layers/')).reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)"""


def rows(console: Console) -> Iterator[Row]:
    """Measure visits to the page.

    Raises:
        MissingProgram: Chromium is not installed.
        InvalidMeasurement: the objects were not drawn in time.
    """
    chromium = program("chromium", package="chromium")
    console.print(f"page: {COUNT:,} objects, {ROUNDS} visits")
    with tempfile.TemporaryDirectory() as folder, documents.serving(objects.document(COUNT)) as vendor:
        vendor.answering.set()
        layers = _layers(Path(folder, "layers"), vendor.url)
        environment = {"WFS_PROXY_CACHE_DIR": f"{folder}/cache"}
        with servers.proxy(layers, environment=environment) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium), args=[*ARGUMENTS])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            visits = [_visit(page, f"{server.address}/?layer={_name(number)}") for number in range(ROUNDS + 1)]
            weight = page.evaluate(_WEIGHT)
            longest = _longest_task(page)
            browser.close()
    yield from _result(visits[1:], weight, longest)


def _result(visits: Sequence[float], weight: float, longest: float) -> Iterator[Row]:
    yield Row(
        id="page-drawn",
        what=f"the map page from navigation to {COUNT:,} objects drawn, library in the browser's cache",
        value=median(visits),
        unit="s",
        ratio=median(visits),
        goal="<= 2",
    )
    yield Row(
        id="page-weight",
        what="the page and its files, compressed, without objects",
        value=weight / _KILOBYTE,
        unit="kB",
        ratio=weight / _KILOBYTE,
        goal="<= 250",
    )
    yield Row(id="page-move", what=f"longest task of {MOVES} moves and zooms of that map", value=longest, unit="ms")


def _layers(folder: Path, url: str) -> Path:
    """Write a layer for each visit."""
    layers = objects.write_layer(folder, url)
    (file,) = layers.glob("*.yaml")
    for number in range(ROUNDS + 1):
        shutil.copy(file, layers / f"{_name(number)}.yaml")
    file.unlink()
    return layers


def _name(number: int) -> str:
    return f"visit-{number}"


def _visit(page: Page, url: str) -> float:
    """Return the seconds from the navigation until the objects were drawn."""
    page.goto(url)
    deadline = time.monotonic() + _TIMEOUT
    while not (drawn := page.evaluate(_DRAWN)):
        if time.monotonic() > deadline:
            raise InvalidMeasurement("the page did not draw the objects")
        time.sleep(_PAUSE)
    _require_all(page)
    return float(drawn[0]) / _MILLISECONDS


def _require_all(page: Page) -> None:
    """Make sure that the list beside the map counts all objects, which are all in view."""
    summary = page.inner_text("#list .range")
    if not re.sub(r"\D", "", summary).startswith(str(COUNT)):
        raise InvalidMeasurement(f"the page drew other objects: {summary}")


def _longest_task(page: Page) -> float:
    """Return the longest task of some moves in milliseconds; 50 if none was longer."""
    page.evaluate(_WATCH_TASKS)
    page.focus("#map")
    for key in ["ArrowRight", "ArrowDown", "+", "ArrowLeft", "-"] * (MOVES // 5):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    return max([50.0, *page.evaluate("tasks")])
