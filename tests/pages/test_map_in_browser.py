"""The map as a reader uses it: with the mouse, the keyboard, a link, without storage, and while the proxy is away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import needs
import pytest
from browser import PHONE, SMALLEST, running_proxy, view_box, visit
from waiting import wait_until

from bench.ports import free_ports
from fixtures.shipped import WHO
from wfs_proxy.demo.demo_signalen import DemoSignalen
from wfs_proxy.demo.recorded import shipped_recordings
from wfs_proxy.pages.formats import number

pytestmark = pytest.mark.timeout(300)

ZOOM, LATITUDE, LONGITUDE = 18, 52.0685, 4.3092
HERE = f"#map={ZOOM}/{LATITUDE}/{LONGITUDE}"
DRAINS = f"/{HERE}&layers=rioned-putten"
LAYERS = sorted(WHO)
FIXTURES = needs.ROOT / "fixtures"
RECORDED = json.loads((FIXTURES / "rioned-putten" / "expected.geojson").read_bytes())["features"]
TOTAL = number(len(RECORDED), "nl")
WITH_OUTLINE = "rioned-putten/http://data.gwsw.nl/1.6/DenHaag/put/knp4488"


def labels_in(box: tuple[float, float, float, float]) -> list[str]:
    """The labels of the recorded drains in a box, by the rule that the report form has: kind - name."""
    west, south, east, north = box
    return sorted(
        f"{properties['soort'].capitalize()} - {properties['naam']}"
        for feature in RECORDED
        for properties in [feature["properties"]]
        for longitude, latitude in [feature["geometry"]["coordinates"]]
        if west <= longitude <= east and south <= latitude <= north
    )


def is_on(visited, layer: str) -> bool:
    return visited.page.is_checked(f"[data-layer='{layer}'] input")


WHOLE = (
    "((legend) => legend.scrollHeight <= legend.clientHeight && legend.scrollWidth <= legend.clientWidth)"
    "(document.getElementById('legend-content'))"
)
"""Whether nothing of the legend has to be scrolled to."""


def focused(visited) -> str:
    """The id of the element with the focus, or its text."""
    return str(visited.page.evaluate("document.activeElement.id || document.activeElement.innerText"))


# -- what it shows


def test_the_list_has_the_objects_of_the_box_in_view_and_no_others(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        expected = labels_in(view_box(visited, ZOOM, LATITUDE, LONGITUDE))
        shown = sorted(text.removesuffix(" Gemeld") for text in visited.texts("#list .item"))

        assert len(expected) > 20
        assert shown == expected
        assert visited.text("#list .range").startswith(f"{len(expected)} objecten in beeld")


def test_all_objects_are_in_groups_when_zoomed_out_and_the_list_continues(browser, demo):
    with visit(browser, f"{demo}/#map=11/52.07/4.31&layers=rioned-putten") as visited:
        visited.drawn()

        assert visited.text("#list .range").startswith(f"{TOTAL} objecten in beeld")
        assert len(visited.texts("#list .item")) == 100
        visited.page.click("#list-more")
        assert len(visited.texts("#list .item")) == 200


def test_layers_have_counts_marks_and_a_switch(browser, demo):
    with visit(browser, demo + "/" + HERE) as visited:
        visited.drawn()

        assert [layer for layer in LAYERS if is_on(visited, layer)] == LAYERS
        assert f"{TOTAL} objecten" in visited.text("[data-layer='rioned-putten']")
        assert re.search(r"\d+ gemeld", visited.text("[data-layer='rioned-putten']"))
        assert "Actueel, opgehaald" in visited.text("[data-layer='rioned-putten']")
        before = visited.text("#list .range")
        visited.page.click("[data-layer='rioned-putten'] .layer-title")
        visited.wait("!location.hash.includes('rioned-putten')")
        wait_until(lambda: visited.text("#list .range") != before)
        assert "Kolk" not in visited.text("#legend")


def test_the_legend_names_the_kinds_in_view_and_the_mark(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()

        assert set(visited.texts("#legend li")) == {"Inspectieput", "Kolk", "Overstort", "Gemaal", "Gemeld"}


def test_the_legend_has_the_layers_of_the_town_in_view_only(browser, demo):
    """The demo has layers of many towns: together they would leave no room for the map."""
    with visit(browser, f"{demo}/{HERE}") as visited:
        visited.drawn()
        assert set(visited.texts("#legend h3 small")) == {"Gemeente Den Haag"}
        visited.page.evaluate("location.hash = '#map=14/53.222/6.57'")
        wait_until(lambda: set(visited.texts("#legend h3 small")) == {"Gemeente Groningen"})
        assert {"Zomereik", "Lichtmast"} <= set(visited.texts("#legend li"))


def test_the_attribution_is_that_of_the_layers_around_the_view(browser, demo):
    with visit(browser, f"{demo}/{HERE}") as visited:
        visited.drawn()
        visited.wait_for_text(".leaflet-control-attribution", "Gemeente Den Haag, Luminizer")
        assert "Groningen" not in visited.text(".leaflet-control-attribution")
        visited.page.evaluate("location.hash = '#map=14/53.222/6.57'")
        visited.wait_for_text(".leaflet-control-attribution", "Gemeente Groningen, MOON")
        assert "Luminizer" not in visited.text(".leaflet-control-attribution")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (360, 640)])
def test_the_legend_is_whole_covers_nothing_and_can_be_closed(browser, demo, size, language):
    screen = {"width": size[0], "height": size[1]}
    with visit(browser, f"{demo}/?lang={language}", viewport=screen) as visited:
        visited.drawn()
        visited.wait("document.querySelectorAll('#legend .legend-group').length === 2")
        boxes = {part: visited.page.locator(part).bounding_box() for part in ("#map", "#legend", "#legend-content")}
        bottom = boxes["#legend"]["y"] + boxes["#legend"]["height"]
        last = visited.page.locator("#legend li >> nth=-1").bounding_box()
        height = boxes["#map"]["height"]

        assert boxes["#map"]["y"] + height <= boxes["#legend"]["y"] + 1
        assert last["y"] + last["height"] <= bottom
        assert visited.page.evaluate(WHOLE)
        assert visited.page.get_attribute("#legend-content", "tabindex") is None
        if size[0] > 480:
            assert bottom <= size[1]
        visited.page.click("#legend summary")
        wait_until(lambda: size[0] < 480 or visited.page.locator("#map").bounding_box()["height"] > height)
        assert not visited.page.is_visible("#legend-content")
        visited.wait(
            "document.querySelector('#map canvas').getBoundingClientRect().bottom >= "
            "document.getElementById('map').getBoundingClientRect().bottom"
        )


def test_on_a_low_screen_the_legend_is_closed_at_first_and_scrolls_with_the_keyboard(browser, demo):
    with visit(browser, f"{demo}/", viewport={"width": 800, "height": 360}) as visited:
        visited.drawn()
        assert not visited.page.is_visible("#legend-content")
        visited.page.click("#legend summary")
        visited.wait("document.getElementById('legend-content').tabIndex === 0")
        assert visited.violations() == []


def test_the_legend_stays_closed_in_this_browser(browser, demo):
    with visit(browser, f"{demo}/") as visited:
        visited.drawn()
        visited.page.click("#legend summary")
        # the event that the page remembers the choice at comes after the click
        visited.wait("localStorage.getItem('wfs-proxy-legend') === 'closed'")
        visited.page.reload()
        visited.drawn()
        assert not visited.page.is_visible("#legend-content")


def test_the_labels_are_those_of_the_list_without_script(browser, demo):
    with visit(browser, f"{demo}/?layer=rioned-putten", java_script_enabled=False) as visited:
        listed = visited.texts("#list .item")

    known = {f"{each['properties']['soort'].capitalize()} - {each['properties']['naam']}" for each in RECORDED}
    assert len(listed) == 100
    assert {text.removesuffix(" Gemeld") for text in listed} <= known


# -- selecting


def test_a_click_selects_an_object_and_back_returns(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        start = visited.page.evaluate("location.hash")
        place = next(each for each in RECORDED if each["id"].endswith("knp4303"))["geometry"]["coordinates"]
        box = view_box(visited, ZOOM, LATITUDE, LONGITUDE)
        size = visited.page.locator("#map").bounding_box()
        x = (place[0] - box[0]) / (box[2] - box[0]) * size["width"]
        y = (box[3] - place[1]) / (box[3] - box[1]) * size["height"]
        visited.page.mouse.click(size["x"] + x, size["y"] + y)
        visited.wait_for_text("#object", "025003")

        assert focused(visited) == "object-title"
        assert "object=rioned-putten/http" in visited.page.evaluate("location.hash")
        assert visited.page.get_attribute("#list .item[aria-pressed=true]", "data-id").endswith("knp4303")
        visited.page.go_back()
        visited.wait("document.getElementById('object').hidden")
        assert "object=" not in start
        visited.page.go_forward()
        visited.wait_for_text("#object", "025003")


def test_the_panel_leaves_the_legend_free_and_the_list_shows_the_chosen_row(browser, demo):
    with visit(browser, f"{demo}/{HERE}") as visited:
        visited.drawn()
        visited.page.locator("#list .item >> nth=60").click()
        visited.wait("location.hash.includes('object=')")
        # the map has moved, and the chosen object is the nearest to its centre
        visited.wait("document.querySelector('#list .item').getAttribute('aria-pressed') === 'true'")
        panel, legend = (visited.page.locator(part).bounding_box() for part in ("#object", "#legend"))
        assert panel["y"] + panel["height"] <= legend["y"]

        def chosen_row_is_in_view() -> bool:
            inside = visited.page.locator("#list").bounding_box()
            chosen = visited.page.locator("#list .item[aria-pressed=true]").bounding_box()
            return inside["y"] <= chosen["y"] <= inside["y"] + inside["height"] - chosen["height"]

        wait_until(chosen_row_is_in_view)


def question(demo: str, layer: str) -> dict[str, list[dict[str, str]]]:
    address = {"for": "signalen", "publicUrl": "https://objecten.example"}
    found: dict[str, list[dict[str, str]]] = httpx.get(f"{demo}/layers/{layer}/question", params=address).json()
    return found


def test_the_panel_has_properties_the_mark_and_what_the_form_shows(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        visited.page.click("#list .item:has(.badge) >> nth=0")
        label = visited.text("#object-title").removeprefix("Gekozen object: ")
        properties = dict(zip(visited.texts("#object dt"), visited.texts("#object dd"), strict=True))

        assert "Dit object is gemeld" in visited.text("#object .mark")
        printed = question(demo, "rioned-putten")
        described = printed["featureTypes"][0]["description"].replace("{{ naam }}", properties["naam"])
        assert visited.text("#form-row") == f"{described} {printed['featureStatusTypes'][0]['description']}"
        assert (properties["IS_GEMELD"], properties["meldingstatus"]) == ("1", "1")
        assert label.endswith(f" - {properties['naam']}")
        assert properties["Kaartlaag"] == "Rioolputten, Gemeente Den Haag"


@pytest.mark.parametrize("kind", ["kolk", "inspectieput"])
def test_the_panel_describes_a_kind_that_the_layer_file_names_as_its_question_does(browser, demo, kind):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        visited.page.click(f"#list .item:not(:has(.badge)):has-text('{kind}') >> nth=0")
        name = visited.text("#object-title").rpartition(" - ")[2]
        entries = question(demo, "rioned-putten")["featureTypes"]
        described = next(each["description"] for each in entries if each.get("typeValue") == kind)

        assert visited.text("#form-row") == described.replace("{{ naam }}", name)


def test_the_panel_describes_other_kinds_as_the_last_entry_of_the_question_does(browser, demo):
    with visit(browser, f"{demo}/?layer=luminizer-masten") as visited:
        visited.drawn()
        visited.page.click("#list .item:not(:has(.badge)) >> nth=0")
        name = visited.text("#object-title").removeprefix("Gekozen object: Mast - ")
        described = question(demo, "luminizer-masten")["featureTypes"][-1]["description"]

        assert visited.text("#form-row") == described.replace("{{ MastCode }}", name)


def test_a_link_opens_the_place_and_the_object_with_its_outline(browser, demo):
    with visit(browser, f"{demo}/#object={WITH_OUTLINE}", locale="en") as visited:
        visited.wait_for_text("#object", "Kolk - 025188")

        assert "The outline is on the map." in visited.text("#object")
        assert is_on(visited, "rioned-putten")
        visited.wait("location.hash.startsWith('#map=18/')")
        visited.drawn()
        wait_until(lambda: visited.texts("#list .item[aria-pressed=true]") == ["Kolk - 025188"])


def test_a_link_to_an_object_that_does_not_exist_says_so(browser, demo):
    with visit(browser, f"{demo}/{HERE}&object=rioned-putten/nothing") as visited:
        visited.wait_for_text("#address-notice", "Dit object bestaat niet (meer).")
        visited.drawn()
        visited.page.click("#list .item >> nth=0")
        assert not visited.page.is_visible("#address-notice")
        assert visited.errors == []


def test_a_layer_in_the_url_is_the_only_one_on(browser, demo):
    features = json.loads((FIXTURES / "techview-lichtmasten" / "expected.geojson").read_bytes())["features"]
    with visit(browser, f"{demo}/?layer=techview-lichtmasten") as visited:
        visited.drawn()

        assert [layer for layer in LAYERS if is_on(visited, layer)] == ["techview-lichtmasten"]
        assert f"{number(len(features), 'nl')} objecten in beeld" in visited.text("#list .range")


def test_a_layer_in_the_url_that_does_not_exist_is_said(browser, demo):
    with visit(browser, f"{demo}/?layer=nothing") as visited:
        visited.wait_for_text("#address-notice", "Deze laag bestaat niet (meer).")
        visited.drawn()


def test_search_finds_a_number_anywhere_in_the_layers(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        visited.page.fill("#search-text", "025188")
        visited.page.press("#search-text", "Enter")
        visited.wait_for_text("#object", "Kolk - 025188")
        wait_until(lambda: "Kolk - 025188" in visited.texts("#list .item"))
        visited.page.fill("#search-text", "no such thing <b>")
        visited.page.click("#search button")
        visited.wait_for_text("#search-results", "Niets gevonden voor “no such thing <b>”.")
        assert visited.errors == []


def test_a_hit_shows_the_property_and_the_value_that_match(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        for typed, emphasised, text in [
            ("25188", "25188", "Kolk - 025188 Rioolputten naam: 025188"),
            ("DENHAAG/PUT/KNP430", "DenHaag/put/knp430", "uri: http://data.gwsw.nl/1.6/DenHaag/put/knp430"),
        ]:
            visited.page.fill("#search-text", typed)
            visited.page.press("#search-text", "Enter")
            visited.wait_for_text("#search-results", text)
            hit = visited.page.locator("#search-results .item >> nth=0")
            snapshot = hit.aria_snapshot()
            assert hit.locator("b").all_inner_texts() == [emphasised]
            assert text in snapshot
            assert snapshot.count("\n") == 0, "nothing but a button with plain text"
        visited.wait_for_text("#status", "gevonden voor")
        assert visited.violations() == []


def test_everything_works_with_the_keyboard_alone(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        press = visited.page.keyboard.press
        press("Tab")
        press("Enter")
        wait_until(lambda: focused(visited) == "map")
        assert visited.page.is_visible("#map-keys")
        before = visited.page.evaluate("location.hash")
        assert before.startswith("#map=18/")
        assert [layer for layer in LAYERS if is_on(visited, layer)] == ["rioned-putten"]
        press("ArrowRight")
        visited.wait(f"location.hash !== {json.dumps(before)}")
        press("Enter")
        visited.wait("!document.getElementById('object').hidden")
        assert focused(visited) == "object-title"
        press("Escape")
        visited.wait("document.getElementById('object').hidden")
        assert focused(visited) == "map"

        visited.page.focus("#list")
        press("Tab")
        chosen = focused(visited)
        press("Space")
        visited.wait_for_text("#object-title", chosen.removesuffix("Gemeld").strip())


def test_the_focus_stays_in_its_row_when_the_list_changes(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        visited.page.focus("#list .item >> nth=3")
        chosen = visited.page.evaluate("document.activeElement.dataset.id")
        visited.page.evaluate("document.querySelector('.leaflet-control-zoom-out').click()")
        visited.wait("location.hash.startsWith('#map=17/')")
        visited.wait("document.querySelectorAll('#list .item').length > 60")

        assert visited.page.evaluate("document.activeElement.dataset.id") == chosen


# -- marks


@pytest.fixture(scope="module")
def free():
    """An object of the demo without a report."""
    return DemoSignalen(shipped_recordings(), time.time).free


def test_a_new_report_is_marked_without_a_reload(browser, demo, demo_port, free):
    longitude, latitude = free.place
    with visit(browser, f"{demo}/#map=20/{latitude}/{longitude}&layers={free.layer}") as visited:
        visited.drawn()
        row = f"#list .item[data-id='{free.feature_id}']"
        assert visited.page.locator(f"{row} .badge").count() == 0
        visited.page.evaluate("window.notReloaded = true")
        signals = f"http://127.0.0.1:{demo_port + 2}/signals/v1/public/signals/"
        assert httpx.post(signals, json=free.report()).status_code == 201
        wait_until(lambda: visited.page.locator(f"{row} .badge").count() == 1)

        status = visited.text("#status")
        assert status.startswith("Nieuw gemeld: "), "beside it there may be what another test has reported"
        assert visited.text(f"{row} .item-label") in status
        assert visited.page.evaluate("window.notReloaded")


def test_unchanged_objects_are_not_sent_again(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        statuses: list[int] = []
        visited.page.on(
            "response", lambda answer: statuses.append(answer.status) if "/features?" in answer.url else None
        )
        visited.drawn()
        visited.until(lambda: statuses.count(304) > 0)


# -- the reader's browser


def test_the_background_is_loaded_after_a_click_only_and_remembered(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        asked: list[str] = []

        def tile(route):
            asked.append(route.request.url)
            route.fulfill(status=200, content_type="image/png", body=PIXEL)

        visited.context.route("https://service.pdok.nl/**", tile)
        assert asked == []
        assert "PDOK ziet dan uw IP-adres" in visited.text(".background")
        visited.page.click("#background")
        visited.until(lambda: len(asked) > 0)
        assert visited.text("#background") == "Achtergrondkaart verbergen"
        assert "Kadaster" in visited.text(".leaflet-control-attribution")
        asked.clear()
        visited.page.reload()
        visited.until(lambda: len(asked) > 0)
        visited.page.click("#background")
        visited.page.reload()
        visited.drawn()
        assert visited.text("#background") == "Achtergrondkaart van PDOK laden"
        assert visited.errors == []


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""A PNG of one transparent pixel."""


def test_a_browser_that_blocks_storage_has_the_map_too(browser, demo):
    blocked = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked'); }});"
    with visit(browser, demo + DRAINS, script=blocked) as visited:
        visited.context.route("https://service.pdok.nl/**", lambda route: route.fulfill(status=200, body=PIXEL))
        visited.drawn()
        visited.page.click("#background")

        assert visited.text("#background") == "Achtergrondkaart verbergen"
        assert visited.errors == []


def test_a_background_that_cannot_be_reached_is_said(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.context.route("https://service.pdok.nl/**", lambda route: route.abort())
        visited.drawn()
        visited.page.click("#background")
        visited.wait_for_text("#status", "De achtergrondkaart van PDOK is niet bereikbaar.")


def test_the_language_switch_keeps_place_and_object(browser, demo):
    with visit(browser, f"{demo}/{HERE}&object={WITH_OUTLINE}") as visited:
        visited.wait_for_text("#object", "025188")
        fragment = visited.page.evaluate("location.hash")
        visited.page.click(".languages a")
        visited.wait_for_text("#object", "Properties")

        assert visited.page.evaluate("location.search + location.hash") == f"?lang=en{fragment}"


def test_on_a_phone_the_parts_follow_each_other(browser, demo):
    with visit(browser, demo + DRAINS, viewport=PHONE) as visited:
        visited.drawn()
        tops = [
            visited.page.locator(part).bounding_box()["y"] for part in ("#search", "#layers-box", "#map", "#list-title")
        ]

        assert tops == sorted(tops)
        assert tops[2] < PHONE["height"] / 2
        visited.page.click("#list .item >> nth=0")
        wait_until(lambda: visited.page.locator("#object-title").bounding_box()["y"] < PHONE["height"])


IN_VIEW = """[...document.querySelectorAll('#object-title, #object-close, #object .mark')].every((part) => {
  const { top, bottom } = part.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight;
})"""
"""Whether the name of the chosen object, the button that closes it and its mark can be seen."""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize("size", [(360, 640), (320, 568)])
def test_on_a_phone_the_beginning_of_the_chosen_object_is_in_view(browser, demo, size, motion):
    screen = {"width": size[0], "height": size[1]}
    with visit(browser, demo + DRAINS, viewport=screen, reduced_motion=motion) as visited:
        visited.drawn()
        for row in (0, 8, -1):
            visited.page.click(f"#list .item >> nth={row}")
            visited.wait(IN_VIEW)
            visited.wait(IN_VIEW.replace("#object-title, #object-close, #object .mark", "#object-title:focus"))
            visited.page.click("#object-close")


@pytest.mark.parametrize("size", [(360, 640), (320, 568)])
def test_on_a_phone_a_link_opens_at_its_object(browser, demo, size):
    screen = {"width": size[0], "height": size[1]}
    for start in ("", f"map={ZOOM}/{LATITUDE}/{LONGITUDE}&"):
        with visit(browser, f"{demo}/#{start}object={WITH_OUTLINE}", viewport=screen) as visited:
            visited.wait_for_text("#object", "025188")
            visited.drawn()
            visited.wait(IN_VIEW)


def test_a_touch_target_is_large_enough(browser, demo):
    """WCAG 2.2, 2.5.8: 24 by 24 pixels."""
    with visit(browser, demo + DRAINS, viewport=SMALLEST) as visited:
        visited.drawn()
        visited.page.click("#layers-box summary")
        small = visited.page.evaluate(
            "[...document.querySelectorAll('main button, main input, main .layer-links a, main summary')]"
            ".map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])"
            ".filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24)).map(([html]) => html)"
        )

        assert small == []


def test_print_has_the_map_in_its_size_on_paper_and_no_controls(browser, demo):
    with visit(browser, demo + DRAINS) as visited:
        visited.drawn()
        visited.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        visited.page.emulate_media(media="print")

        assert visited.page.locator("#map canvas").bounding_box()["width"] < 1280
        assert not visited.page.is_visible("#search")
        assert visited.page.is_visible("#list .item >> nth=0")
        assert not visited.page.is_visible("[data-layer='moon-lichtmasten']")
        assert len(visited.page.pdf()) > 10_000


# -- the proxy


LAYER = """title: Bomen
source: {{type: geojson, url: "{file}", extent: [4, 51, 5, 53]}}
fetch: {{fresh_for: 3s}}
properties: {{id: nummer, fields: {{nummer: string}}}}
"""


WITH_KINDS = LAYER.replace("nummer: string", "nummer: string, soort: string")

Placed = tuple[dict[str, str | int], float, float]
"""Properties, longitude and latitude of an object."""

THREE: list[Placed] = [({"nummer": f"B-{number}"}, 4.3 + number / 1e4, 52.0) for number in range(3)]


def write_layer(folder: Path, objects: Iterable[Placed] = THREE, layer: str = LAYER) -> None:
    features = [
        {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": place}}
        for properties, *place in objects
    ]
    (folder / "bomen.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "bomen.yaml").write_text(layer.format(file=folder / "bomen.geojson"))


def test_a_kind_has_the_same_symbol_whichever_objects_are_loaded(browser, tmp_path):
    places = {4.3: ["paal", "mast", "mast", "kast", "bak"], 4.4: ["bak", "bak", "bord", "kast", "kast", "paal", "mast"]}
    objects = [
        ({"nummer": f"{longitude}-{number}", "soort": kind}, longitude + number / 1e5, 52.0)
        for longitude, kinds in places.items()
        for number, kind in enumerate(kinds)
    ]
    write_layer(tmp_path, objects, WITH_KINDS)
    shown = []
    with running_proxy(tmp_path, free_ports()) as address:
        for longitude, kinds in places.items():
            with visit(browser, f"{address}/#map=18/52/{longitude}") as visited:
                visited.drawn()
                wait_until(lambda kinds=kinds: len(visited.texts("#list .item")) == len(kinds))
                symbols = visited.page.evaluate(
                    "[...document.querySelectorAll('#legend li')].map((each) => "
                    "[each.textContent.toLowerCase(), each.querySelector('path').getAttribute('d')])"
                )
                shown.append({kind: path for kind, path in symbols if kind in kinds})

    west, east = shown
    assert west.keys() == {"paal", "mast", "kast", "bak"}
    assert east.keys() == {*west, "bord"}
    assert west.items() <= east.items()
    assert len(set(west.values())) > 1


@pytest.mark.parametrize("size", [(1280, 800), (360, 640)])
def test_the_legend_of_many_kinds_names_the_most_frequent_and_counts_the_others(browser, tmp_path, size):
    # kind 0 has 150 objects, kind 149 has one
    kinds = [f"soort {kind:03d}" for kind in range(150) for _ in range(150 - kind)]
    objects = [
        ({"nummer": str(number), "soort": kind}, 4.3 + number % 100 / 1e5, 52 + number // 100 / 1e5)
        for number, kind in enumerate(kinds)
    ]
    write_layer(tmp_path, objects, WITH_KINDS)
    screen = {"width": size[0], "height": size[1]}
    with (
        running_proxy(tmp_path, free_ports()) as address,
        visit(browser, f"{address}/#map=18/52.0006/4.3005", viewport=screen) as visited,
    ):
        visited.drawn()
        visited.wait_for_text("#legend", "En 143 andere soorten")
        shown = visited.texts("#legend li")
        symbols = visited.page.evaluate(
            "[...document.querySelectorAll('#legend li path')].map((each) => each.getAttribute('d'))"
        )

        assert shown == [*(f"Soort 00{kind}" for kind in range(7)), "En 143 andere soorten"]
        assert len(set(symbols)) == len(shown)
        assert visited.page.locator("#legend-content").bounding_box()["height"] < size[1] / 2
        visited.page.fill("#search-text", "11324")
        visited.page.press("#search-text", "Enter")
        visited.wait_for_text("#object-title", "Soort 149 - 11324")
        other = "document.querySelector('#object .symbol path').getAttribute('d')"
        assert visited.page.evaluate(other) == symbols[-1]


def test_the_page_says_that_the_proxy_is_away_and_goes_on_when_it_is_back(browser, tmp_path):
    write_layer(tmp_path)
    port = free_ports()
    with ExitStack() as stack:
        with running_proxy(tmp_path, port) as address:
            visited = stack.enter_context(visit(browser, f"{address}/#map=18/52/4.3001"))
            visited.drawn()
            visited.page.evaluate("window.notReloaded = true")
        visited.wait_for_text("#connection", "De proxy antwoordt niet. U ziet de gegevens van")
        visited.page.click("#list .item >> nth=0")
        assert "B-" in visited.text("#object-title")
        with running_proxy(tmp_path, port):
            visited.wait_for_text("#connection", "De proxy antwoordt weer.")
            assert len(visited.texts("#list .item")) == 3
            assert visited.page.evaluate("window.notReloaded")


def test_the_page_says_that_the_proxy_hangs(browser, tmp_path):
    """It takes requests and answers none; without a limit, the page waited for ever."""
    write_layer(tmp_path)
    with running_proxy(tmp_path, free_ports()) as address, visit(browser, f"{address}/") as visited:
        visited.drawn()
        visited.page.clock.install()
        visited.page.route("**/layers*", lambda _: None)
        _let_time_pass_until(visited, "#connection", "De proxy antwoordt niet.")
        visited.page.unroute_all(behavior="ignoreErrors")
        _let_time_pass_until(visited, "#connection", "De proxy antwoordt weer.")


def _let_time_pass_until(visited, selector, text):
    """Advance the page's clock until it says something.

    In steps, because a request begins some time after it is due, and only then its time limit does.
    """

    def said() -> bool:
        visited.page.clock.fast_forward("00:31")
        return text in visited.text(selector)

    wait_until(said)


def test_a_layer_whose_vendor_does_not_answer_says_so_and_the_others_work(browser, tmp_path):
    write_layer(tmp_path)
    (tmp_path / "dicht.yaml").write_text(LAYER.format(file=f"http://127.0.0.1:{free_ports()}/x.geojson"))
    with running_proxy(tmp_path, free_ports()) as address, visit(browser, f"{address}/") as visited:
        visited.wait_for_text("[data-layer=dicht] .layer-problem", "Er zijn nog geen gegevens van de leverancier.")

        assert "Nog geen gegevens" in visited.text("[data-layer=dicht]")
        wait_until(lambda: len(visited.texts("#list .item")) == 3)
        visited.page.fill("#search-text", "nothing")
        visited.page.press("#search-text", "Enter")
        visited.wait_for_text("#search-results", "Niets gevonden")
        assert visited.violations() == []
        assert visited.errors == [], "the page does not ask for objects that the proxy does not have"


def test_a_layer_is_shown_as_soon_as_it_has_data_with_the_object_of_the_link(browser, tmp_path):
    write_layer(tmp_path)
    objects = (tmp_path / "bomen.geojson").read_text()
    (tmp_path / "bomen.geojson").unlink()
    with running_proxy(tmp_path, free_ports()) as address, visit(browser, f"{address}/#object=bomen/B-1") as visited:
        visited.wait_for_text("[data-layer=bomen] .layer-problem", "Er zijn nog geen gegevens van de leverancier.")
        assert not visited.page.is_visible("#address-notice")
        (tmp_path / "bomen.geojson").write_text(objects)
        visited.wait_for_text("#object", "Bomen - B-1")
        wait_until(lambda: len(visited.texts("#list .item")) == 3)
        assert not visited.page.is_visible("[data-layer=bomen] .layer-problem")
        assert visited.errors == []


CELLS = """title: Bomen in cellen
source: {type: wfs, url: 'http://127.0.0.1:9/wfs', type_names: [a], extent: [4, 51, 5, 53]}
fetch: {mode: cells}
"""


EMPTY = {
    "status": 200,
    "body": json.dumps({"type": "FeatureCollection", "numberMatched": 0, "features": []}),
    "headers": {"content-type": "application/geo+json", "etag": '"1"'},
}


def test_a_layer_that_is_fetched_in_cells_asks_to_zoom_in(browser, tmp_path):
    (tmp_path / "cellen.yaml").write_text(CELLS)
    with running_proxy(tmp_path, free_ports()) as address, visit(browser, f"{address}/#map=10/52/4.3") as visited:
        visited.wait_for_text("#map-notice", "Bomen in cellen: zoom in om de objecten te zien.")
        visited.wait_for_text("#list", "Zoom in om de objecten in deze lijst te zien.")

        assert "Zoom uit" not in visited.text("#list")
        assert "Wordt opgehaald waar iemand kijkt" in visited.text("[data-layer=cellen]")
        assert "Nog geen gegevens" not in visited.text("#layers")
        visited.page.fill("#search-text", "nothing")
        visited.page.press("#search-text", "Enter")
        visited.wait_for_text("#search-results", "Niets gevonden")
        assert visited.errors == []


@pytest.mark.parametrize("cell_zoom", [16, 18])
def test_a_view_of_too_many_cells_is_not_asked_for(browser, tmp_path, cell_zoom):
    (tmp_path / "cellen.yaml").write_text(CELLS.replace("cells}", f"cells, cell_zoom: {cell_zoom}}}"))
    screen = {"width": 2560, "height": 1440}
    with (
        running_proxy(tmp_path, free_ports()) as address,
        visit(browser, f"{address}/#map=15/52/4.3", viewport=screen) as visited,
    ):
        visited.wait_for_text("#map-notice", "Bomen in cellen: zoom in")
        assert visited.errors == []
        asked = []
        visited.context.route("**/cellen/features?**", lambda route: (asked.append(1), route.fulfill(**EMPTY)))
        visited.page.goto(f"{address}/?lang=nl#map={cell_zoom + 1}/52/4.3")
        visited.drawn()
        assert asked
        assert visited.errors == []


def test_a_layer_in_cells_is_loading_until_the_proxy_has_the_objects_in_view(browser, tmp_path):
    write_layer(tmp_path)
    (tmp_path / "cellen.yaml").write_text(CELLS)
    answers = {
        "status": 503,
        "body": b"{}",
        "headers": {"content-type": "application/problem+json", "retry-after": "1"},
    }
    with (
        running_proxy(tmp_path, free_ports()) as address,
        visit(browser, f"{address}/#map=10/52/4.3") as visited,
    ):
        visited.context.route("**/cellen/features?**", lambda route: route.fulfill(**answers))
        visited.page.goto(f"{address}/?lang=nl#map=18/52.1/4.9")
        visited.wait_for_text("#map-notice", "Bomen in cellen: de objecten worden opgehaald bij de leverancier.")
        visited.wait_for_text("#list", "Objecten worden geladen")
        assert "Nog geen gegevens" not in visited.text("#layers")
        assert not visited.page.is_visible("[data-layer=cellen] .layer-problem")
        feature = {"type": "Feature", "id": "cellen.1", "properties": {}}
        feature["geometry"] = {"type": "Point", "coordinates": [4.9, 52.1]}
        answers["status"] = 200
        answers["body"] = json.dumps({"type": "FeatureCollection", "numberMatched": 1, "features": [feature]}).encode()
        answers["headers"] = {"content-type": "application/geo+json", "etag": '"1"'}
        wait_until(lambda: visited.texts("#list .item") == ["Bomen in cellen"])
        assert not visited.page.is_visible("#map-notice")


@pytest.mark.parametrize("fetched", [49_999, 623_470])
def test_how_much_of_a_layer_in_cells_was_fetched_turns_no_layer_off(browser, tmp_path, fetched):
    write_layer(tmp_path)
    (tmp_path / "cellen.yaml").write_text(CELLS)
    with running_proxy(tmp_path, free_ports()) as address:
        settings = httpx.get(f"{address}/", headers={"Accept": "text/html"}).text

        def with_many(route):
            before, opening, rest = settings.partition('id="settings">')
            written, closing, after = rest.partition("</script>")
            known = json.loads(written)
            for each in known["layers"]:
                each["count"] = fetched if each["cells"] is not None else each["count"]
            body = "".join([before, opening, json.dumps(known), closing, after])
            route.fulfill(content_type="text/html", body=body)

        with visit(browser, "about:blank") as visited:
            visited.context.route(f"{address}/", with_many)
            visited.page.goto(f"{address}/#map=12/52.0/4.30")
            visited.wait_for_text("#map-notice", "zoom in")
            wait_until(lambda: len(visited.texts("#list .item")) == 3)

            assert is_on(visited, "bomen")
            assert is_on(visited, "cellen")


# -- a layer that is too large to load as a whole

MANY = 50_400
SIDE = 240
"""Trees in a row: 210 rows of them, a street apart, one in 50 of which the vendor has marked."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("large")
    objects: Iterator[Placed] = (
        (
            {"nummer": f"B-{number:05d}", "storing": int(number % 50 == 0)},
            4.2 + number % SIDE / 1e3,
            52 + number // SIDE / 2e3,
        )
        for number in range(MANY)
    )
    marks = "reports: {{vendor: {{field: storing, values: [1]}}}}\n"
    write_layer(folder, objects, LAYER.replace("3s", "1h") + marks)
    with running_proxy(folder, free_ports()) as address:
        yield address


def test_a_large_layer_is_shown_whole_in_groups(browser, large):
    with visit(browser, f"{large}/#map=10/52.05/4.32") as visited:
        requests = []
        visited.page.on("request", lambda request: requests.append(request.url))
        visited.drawn()
        visited.wait_for_text("#list .range", "50.400 objecten in beeld, waarvan 1.008 gemeld")

        assert is_on(visited, "bomen")
        assert visited.text("#map-notice") == ""
        assert visited.texts("#list .item") == []
        assert "Zoom in" in visited.text("#list-content .hint")
        assert "Groep" in visited.text("#legend-content")
        assert visited.violations() == []
        assert [url for url in requests if "/features?" in url] == []
        assert visited.errors == []


@pytest.mark.parametrize("zoom", [11, 12, 13, 14])
def test_groups_of_a_large_layer_have_the_objects_in_view(browser, large, zoom):
    with visit(browser, f"{large}/#map={zoom}/52.05/4.32") as visited:
        visited.drawn()
        west, south, east, north = view_box(visited, zoom, 52.05, 4.32)
        columns = sum(west <= 4.2 + column / 1e3 <= east for column in range(SIDE))
        rows = sum(south <= 52 + row / 2e3 <= north for row in range(MANY // SIDE))

        count = int(re.sub(r"\D", "", visited.text("#list .range").partition(" ")[0]))

        # a group at the edge of the map counts as a whole where its centre is
        assert count == pytest.approx(columns * rows, rel=0.15)


def test_zooming_in_shows_the_objects_of_a_large_layer(browser, large):
    with visit(browser, f"{large}/#map=12/52.05/4.3201") as visited:
        visited.drawn()
        visited.page.focus("#map")
        visited.page.keyboard.press("Enter")
        for _ in range(5):
            visited.page.wait_for_timeout(400)
            visited.page.keyboard.press("+")
        visited.until(lambda: len(visited.texts("#list .item")) > 0)

        assert all(text.startswith("Bomen - B-") for text in visited.texts("#list .item"))
        assert visited.page.locator("#list-content .hint").count() == 0
