"""The steps of docs/beginnen.md in a browser, from the address of a service to marked objects, and its screenshots.

`make screenshots` runs this with SCREENSHOTS=docs/images, and the screenshots are kept there.
"""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest
from browser import running_proxy, visit
from guided_page import PRIMARY, advance, appears, reach, running_setup
from PIL import Image
from playwright.sync_api import Page

from bench.ports import free_ports
from fixtures.servers import running
from wfs_proxy.demo.demo_signalen import DemoSignalen
from wfs_proxy.demo.recorded import shipped_recordings

pytestmark = pytest.mark.timeout(300)

NARROW = {"width": 720, "height": 640}
"""In which the file of the guided page is below the step instead of beside it."""

WIDE = {"width": 1180, "height": 680}
COLOURS = 64
"""Of a screenshot: enough for drawn pages, and a fraction of the bytes."""


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MapServer with the lamp posts of the demo."""
    needs.program("mapserv", package="cgi-mapserver")
    with running(["moon"], tmp_path_factory.mktemp("servers")) as address:
        yield f"{address}/moon"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """The folder for the screenshots."""
    folder = needs.ROOT / os.environ.get("SCREENSHOTS", tmp_path / "images")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for the layer, relative to the current one: the pages show its path."""
    monkeypatch.chdir(tmp_path)
    return Path("kaartlagen")


def keep(page: Page, path: Path) -> None:
    """Write a screenshot of the window."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def scroll_to(page: Page, selector: str) -> None:
    page.evaluate("(selector) => document.querySelector(selector).scrollIntoView()", selector)


def test_from_an_address_to_marked_objects(browser, demo_port, vendor, folder, images):
    token = DemoSignalen(shipped_recordings(), time.time).proxy_token
    with running_setup(folder) as setup, visit(browser, setup, viewport=NARROW) as visited:
        page = visited.page
        page.fill("#address", vendor)
        page.click(PRIMARY)
        reach(visited, "objects")
        visited.drawn()
        keep(page, images / "setup-objecten.png")
        advance(visited, "fields")
        keep(page, images / "setup-velden.png")
        advance(visited, "id")
        advance(visited, "reports")
        signalen = f"http://127.0.0.1:{demo_port + 2}"
        page.check("#signalen-new")
        page.fill("#signalen_url", signalen)
        page.fill("#signalen_token", token)
        page.click('[name="lookup"]')
        appears(visited, ".category-list")
        page.fill("#categories", "lantaarnpaal-straatverlichting")
        page.fill("#signalen_url", "https://api.meldingen.example")
        scroll_to(page, "#signalen")
        keep(page, images / "setup-meldingen.png")
        page.fill("#signalen_url", signalen)
        advance(visited, "save")
        page.fill("#name", "lichtmasten")
        advance(visited, "question")
        page.fill("#public_url", "https://objecten.gemeente.example")
        page.click(".public-url button")
        appears(visited, "#question-signalen")
        scroll_to(page, "h2")
        keep(page, images / "setup-vraag.png")
        page.click(".buttons button.primary")
        reach(visited, "end")

    port = free_ports()
    with running_proxy(folder, port) as address, visit(browser, address, viewport=WIDE) as visited:
        visited.drawn()
        assert re.search(r"\d+ gemeld", visited.text("[data-layer='lichtmasten']"))
        visited.page.click("#list .item:has(.badge) >> nth=0")
        visited.wait_for_text("#object", "Dit object is gemeld")
        keep(visited.page, images / "kaart.png")
