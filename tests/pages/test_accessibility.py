"""Every page for everybody: axe-core, a small screen, no error, and no request to another host."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from browser import DESKTOP, PHONE, SMALLEST, visit

pytestmark = pytest.mark.timeout(300)

OBJECT = "rioned-putten/http://data.gwsw.nl/1.6/DenHaag/put/knp4488"
AT_OBJECT = f"/#map=19/52.0711/4.3084&layers=rioned-putten&object={OBJECT}"

PAGES = {
    "map": "/",
    "object": AT_OBJECT,
    "list": "/?layer=rioned-putten",
    "unknown": "/?layer=nothing",
}
"""Name -> path below the demo's address."""

COLLECTION = "/ogc/v1/collections/rioned-putten"
API_PAGES = {
    "api": "/ogc/v1",
    "conformance": "/ogc/v1/conformance",
    "collections": "/ogc/v1/collections",
    "collection": COLLECTION,
    "queryables": f"{COLLECTION}/queryables",
    "items": f"{COLLECTION}/items",
    "item": f"{COLLECTION}/items/http%3A%2F%2Fdata.gwsw.nl%2F1.6%2FDenHaag%2Fput%2Fknp4488",
    "error": f"{COLLECTION}/items?soor=kolk",
}
"""The pages of OGC API Features, which have no map."""


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_is_accessible_in_both_themes_and_on_a_phone(browser, demo, path, language):
    with visit(browser, f"{demo}{path}", locale=language) as visited:
        visited.drawn()
        if path == AT_OBJECT:
            visited.wait_for_text("#object", "025188")

        assert visited.page.get_attribute("html", "lang") == language
        for theme, viewport in (("light", DESKTOP), ("dark", DESKTOP), ("dark", PHONE), ("light", PHONE)):
            visited.page.emulate_media(color_scheme=theme)
            visited.page.set_viewport_size(viewport)
            assert visited.violations() == [], (theme, viewport)
            assert visited.overflow() <= 0
        assert visited.hosts == {urlsplit(demo).netloc}
        assert [error for error in visited.errors if "404" not in error] == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("path", API_PAGES.values(), ids=API_PAGES)
def test_every_page_of_the_api_is_accessible_in_both_themes_and_on_a_phone(browser, demo, path, language):
    with visit(browser, f"{demo}{path}", locale=language) as visited:
        assert visited.page.get_attribute("html", "lang") == language
        for theme, viewport in (("light", DESKTOP), ("dark", DESKTOP), ("dark", PHONE), ("light", SMALLEST)):
            visited.page.emulate_media(color_scheme=theme)
            visited.page.set_viewport_size(viewport)
            assert visited.violations() == [], (theme, viewport)
            assert visited.overflow() <= 0
        assert visited.hosts == {urlsplit(demo).netloc}
        assert [error for error in visited.errors if "400" not in error] == []


def test_long_ids_leave_room_for_the_values_on_a_small_screen(browser, demo):
    with visit(browser, f"{demo}{COLLECTION}/items", viewport=SMALLEST) as visited:
        column = visited.page.eval_on_selector("tbody th", "cell => cell.getBoundingClientRect().width")

        assert column <= SMALLEST["width"] / 2


def test_the_checker_finds_what_is_not_accessible(browser, demo):
    with visit(browser, f"{demo}/") as visited:
        visited.drawn()
        visited.page.evaluate("document.querySelector('#layers-title').style.color = '#bbb'")

        assert [violation.partition(":")[0] for violation in visited.violations()] == ["color-contrast"]


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_is_accessible_without_script(browser, demo, path):
    """axe-core needs scripts, so it looks at the page that the server sent, with the style for no script."""
    with visit(browser, f"{demo}{path}", java_script_enabled=False, viewport=SMALLEST) as visited:
        assert visited.page.is_visible("#layers")
        assert not visited.page.is_visible("#map")
        assert visited.overflow() <= 0
        assert visited.hosts == {urlsplit(demo).netloc}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_the_smallest_screen_scrolls_in_one_direction_only(browser, demo, path):
    with visit(browser, f"{demo}{path}", viewport=SMALLEST) as visited:
        visited.drawn()
        visited.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

        assert visited.overflow() <= 0
