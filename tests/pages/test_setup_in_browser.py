"""`wfs-proxy setup` in a browser: from a pasted address to a saved file, with real servers of vendors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import needs
import pytest
from browser import DESKTOP, PHONE, SMALLEST, Visit, visit
from guided_page import PRIMARY, advance, appears, inspect, reach, running_setup, step

from fixtures.servers import running
from wfs_proxy.config.catalogue import load_layer

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MapServer and QGIS Server with the data of the demo."""
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("qgis_mapserv.fcgi", package="qgis-server")
    with running(["moon", "techview"], tmp_path_factory.mktemp("servers")) as address:
        yield address


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[str]:
    with running_setup(tmp_path / "layers") as url:
        yield url


def test_from_mapserver_to_a_saved_file_and_a_question(browser, setup, vendors, tmp_path):
    with visit(browser, setup) as visited:
        inspect(visited, f"{vendors}/moon?SERVICE=WFS&REQUEST=GetCapabilities")
        assert "2.094 objecten" in visited.text(".lead")
        visited.page.fill("#title", "Masten")
        visited.wait_for_text("#file-text mark >> nth=-1", "title: Masten")
        advance(visited, "fields")
        visited.page.uncheck('[value="STRAATNAAM"]')
        visited.until(lambda: "STRAATNAAM: string" not in visited.text("#file-text"))
        advance(visited, "id")
        assert "uniek in 2.094 objecten" in visited.text("#id .card-choice:has(:checked)")
        advance(visited, "reports")
        visited.page.check("#signalen-new")
        visited.page.fill("#signalen_url", "https://api.signalen.example")
        visited.page.fill("#categories", "lantaarnpaal-straatverlichting")
        visited.page.click(PRIMARY)
        appears(visited, "#error-summary")
        assert "api.signalen.example" in visited.text("#signalen_url-error")
        visited.page.click('[name="unchecked"]')
        reach(visited, "save")
        visited.page.fill("#name", "masten")
        advance(visited, "question")
        assert not visited.page.query_selector("#question-signalen")
        visited.page.fill("#public_url", "https://objecten.example")
        visited.page.click(".public-url button")
        appears(visited, "#question-signalen")
        assert "https://objecten.example/layers/masten/features?" in visited.text("#question-signalen")
        visited.page.click(".buttons button.primary")
        reach(visited, "end")
        assert visited.errors == []

    layer = load_layer(tmp_path / "layers" / "masten.yaml", {})
    assert (layer.title, layer.properties.id) == ("Masten", "MASTNUMMER")
    assert list(layer.properties.fields) == ["OBJECTID", "MASTNUMMER", "SOORTOBJECT", "LPH"]
    assert layer.reports.vendor.field == "IS_GEMELD"
    assert (layer.reports.signalen, layer.reports.categories) == ("default", ("lantaarnpaal-straatverlichting",))


def test_from_qgis_server_to_a_saved_file_by_keyboard_only(browser, setup, vendors, tmp_path):
    def tab_to(visited: Visit, selector: str) -> None:
        for _ in range(60):
            if visited.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            visited.page.keyboard.press("Tab")
        raise AssertionError(selector)

    def press_primary(visited: Visit, name: str) -> None:
        tab_to(visited, PRIMARY)
        visited.page.keyboard.press("Enter")
        reach(visited, name)

    with visit(browser, f"{setup}?lang=en") as visited:
        tab_to(visited, "#address")
        visited.page.keyboard.type(f"{vendors}/techview")
        visited.page.keyboard.press("Enter")
        reach(visited, "objects")
        visited.drawn()
        tab_to(visited, "#preview-map")
        for _ in range(4):
            visited.page.keyboard.press("Enter")
        visited.wait("!document.getElementById('preview-object').hidden")
        assert "objectnummer" in visited.text("#preview-object")
        press_primary(visited, "fields")
        tab_to(visited, '[name="field"]')
        visited.page.keyboard.press("Space")
        left_out = visited.page.evaluate("document.activeElement.value")
        for name in ("id", "reports", "save", "question"):
            press_primary(visited, name)
        assert visited.page.get_attribute("html", "lang") == "en"
        assert visited.errors == []

    (path,) = (tmp_path / "layers").glob("*.yaml")
    layer = load_layer(path, {})
    assert layer.properties.id == "objectnummer"
    assert left_out not in layer.properties.fields or left_out == layer.properties.id


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_step_is_accessible_in_both_themes_and_on_a_phone(browser, setup, vendors, language):
    with visit(browser, setup, locale=language) as visited:
        look(visited)
        visited.page.fill("#address", "zomaar")
        visited.page.click(PRIMARY)
        appears(visited, "#error-summary")
        assert visited.page.evaluate("document.activeElement.id") == "error-summary"
        look(visited)
        inspect(visited, f"{vendors}/moon")
        visited.page.goto(f"{setup}type")
        look(visited)
        visited.page.click(PRIMARY)
        reach(visited, "objects")
        visited.drawn()
        look(visited)
        for name in ("fields", "id", "reports"):
            advance(visited, name)
            visited.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            look(visited)
        visited.page.check("#signalen-new")
        look(visited)
        visited.page.click(PRIMARY)
        appears(visited, "#error-summary")
        look(visited)
        visited.page.check("#signalen-none")
        advance(visited, "save")
        look(visited)
        advance(visited, "question")
        visited.page.fill("#public_url", "https://objecten.example")
        visited.page.click(".public-url button")
        appears(visited, "#question-signalen")
        visited.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        look(visited)
        assert visited.hosts == {setup.split("/")[2]}
        assert visited.errors == []


def look(visited: Visit) -> None:
    for theme, viewport in (("dark", PHONE), ("light", DESKTOP)):
        visited.page.emulate_media(color_scheme=theme)
        visited.page.set_viewport_size(viewport)
        assert visited.violations() == [], (step(visited), theme, viewport)
    visited.page.set_viewport_size(SMALLEST)
    assert visited.overflow() <= 0, step(visited)
    visited.page.set_viewport_size(DESKTOP)


def test_address_without_the_token_shows_nothing(browser, setup):
    host = setup.split("/")[2]
    with visit(browser, f"http://{host}/wrong/address") as visited:
        assert "wfs-proxy setup" in visited.text("body")
        assert not visited.page.query_selector("form")


def test_form_on_another_site_cannot_write(browser, setup):
    """The other site is another origin of the same browser: it knows the whole address, and still is refused."""
    with visit(browser, "data:text/html,<p>other site</p>") as visited:
        visited.page.set_content(f'<form method="post" action="{setup}end"><button>x</button></form>')
        visited.page.click("button")
        reach(visited, "end")
        assert "not sent from the page" in visited.text("body")
