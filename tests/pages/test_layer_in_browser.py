"""The page of a layer as a reader uses it: with axe-core, the keyboard, a small screen, and without JavaScript."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from browser import DESKTOP, PHONE, SMALLEST, visit

pytestmark = pytest.mark.timeout(300)

LAYER = "/layers/rioned-putten"
WITH_QUESTION = f"{LAYER}?publicUrl=https://proxy.gemeente.example"
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_is_accessible_in_both_themes_and_on_every_screen(browser, demo, language):
    for path in (LAYER, WITH_QUESTION, "/layers/rioned-puten"):
        with visit(browser, demo + path, locale=language) as visited:
            visited.page.evaluate(OPEN_ALL)
            assert visited.page.get_attribute("html", "lang") == language
            for theme, viewport in (("light", DESKTOP), ("dark", DESKTOP), ("dark", PHONE), ("light", SMALLEST)):
                visited.page.emulate_media(color_scheme=theme)
                visited.page.set_viewport_size(viewport)
                assert visited.violations() == [], (path, theme, viewport)
                assert visited.overflow() <= 0
            assert visited.hosts == {urlsplit(demo).netloc}
            assert [error for error in visited.errors if "404" not in error] == []


def test_the_question_is_copied_with_the_keyboard(browser, demo):
    with visit(browser, demo + WITH_QUESTION, permissions=["clipboard-read", "clipboard-write"]) as visited:
        button = visited.page.locator("[data-copy='question-signalen']")
        button.focus()
        visited.page.keyboard.press("Enter")
        visited.wait_for_text(".question[open] [role=status]", "Gekopieerd")
        copied = visited.page.evaluate("navigator.clipboard.readText()")

        assert json.loads(copied)["endpoint"].startswith("https://proxy.gemeente.example/layers/rioned-putten/")


def test_the_question_is_copied_where_there_is_no_clipboard(browser, demo):
    """As on http, where browsers have none."""
    script = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    with visit(browser, demo + WITH_QUESTION, script=script) as visited:
        visited.page.click("[data-copy='question-signalen']")
        visited.wait_for_text(".question[open] [role=status]", "Gekopieerd")


def test_the_page_is_complete_without_script(browser, demo):
    with visit(browser, demo + LAYER, java_script_enabled=False, viewport=SMALLEST) as visited:
        visited.page.fill("#public-url", "https://proxy.gemeente.example")
        visited.page.press("#public-url", "Enter")
        visited.page.wait_for_selector("#question-signalen")

        assert "2.234" in visited.text("[aria-labelledby='state-title']")
        assert "kolk" in visited.text(".fields")
        assert not visited.page.is_visible("[data-copy]")
        assert visited.overflow() <= 0


@pytest.mark.parametrize(("language", "name"), [("nl", "Tabel voor Excel"), ("en", "Table for Dutch Excel")])
def test_a_layer_is_downloaded_with_the_keyboard(browser, demo, language, name):
    with visit(browser, demo + LAYER, locale=language) as visited:
        link = visited.page.get_by_role("link", name=name)
        link.focus()
        with visited.page.expect_download() as started:
            visited.page.keyboard.press("Enter")

        assert re.fullmatch(r"rioned-putten_\d{4}-\d\d-\d\d\.csv", started.value.suggested_filename)
        lines = started.value.path().read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 2235


def test_every_download_link_is_answered(browser, demo):
    with visit(browser, demo + LAYER) as visited:
        links = visited.page.locator("[aria-labelledby='download-title'] a")
        addresses = [link.get_attribute("href") for link in links.all()]

        assert [address.partition("?")[2] for address in addresses] == [
            "f=csv&bom=1",
            "f=csv&sep=,",
            "f=geojson",
            "f=gpkg",
        ]
        base = f"{demo}/layers/"
        assert {httpx.get(urljoin(base, address)).status_code for address in addresses} == {200}
