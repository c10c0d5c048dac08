"""The statements of `docs/systems.md`: its snippets are valid layer files, and each row of its tables has a test."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import needs
import numpy as np
import pytest
import shapely
import yaml
from signalen_recordings import RECORDINGS, TEXTS

from wfs_proxy.config.catalogue import load_catalogue, load_layer
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_states import DEFAULT_OPEN, STATES, open_states, word_of
from wfs_proxy.features import Encoding, FeatureBatch
from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.marks import compute_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import ReportedObjects, Signal
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.reports.signal_pages import parse_page, parse_public_page
from wfs_proxy.snapshot.names import hash_of_name
from wfs_proxy.snapshot.snapshot import Snapshot

PAGE = needs.ROOT / "docs" / "systems.md"
LAYERS = needs.ROOT / "layers"
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC).timestamp()

OBJECTS = """\
title: Objecten
source: {type: geojson, url: http://127.0.0.1/objecten}
properties: {id: nummer, fields: {nummer: string}}
"""
"""The beginning of a layer file for a snippet that is only a block `reports`."""

RECORDED = parse_page(RECORDINGS["01"].body).signals
SIGNALS = {signal.id: signal for signal in RECORDED}


def snippets(section: str) -> list[str]:
    """Return the YAML snippets of a section of the page."""
    text = PAGE.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```yml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def reports_of(section: str) -> str:
    return next(text for text in snippets(section) if text.startswith("reports:"))


PLAIN = "reports:\n  signalen: default\n"


@pytest.fixture
def layer(tmp_path: Path):
    """Return a layer of simple objects with this block `reports`."""

    def load(reports: str) -> Layer:
        path = tmp_path / "objecten.yaml"
        path.write_text(OBJECTS + reports)
        return load_layer(path, {})

    return load


def snapshot_of(layer: Layer, objects: Iterable[dict[str, Any]]) -> Snapshot:
    """`objects` are the vendor's attributes, with the place under "at"."""
    rows = list(objects)
    names = {name for row in rows for name in row if name != "at"}
    return Snapshot.build(
        points_from_features(
            FeatureBatch(
                ids=np.array([f"vendor.{number}" for number in range(len(rows))], dtype=object),
                type_names=np.full(len(rows), "", dtype=object),
                geometry=shapely.points([row["at"] for row in rows]),
                geometry_errors=np.full(len(rows), None, dtype=object),
                srs_index=np.zeros(len(rows), dtype=np.int32),
                srs_names=("urn:ogc:def:crs:OGC:1.3:CRS84",),
                columns={name: np.array([row.get(name) for row in rows], dtype=object) for name in names},
                encoding=Encoding.GEOJSON,
            ),
            layer,
        ),
        layer.id,
    )


def marked_features(
    layer: Layer, objects: Iterable[dict[str, Any]], signals: Iterable[Signal], *, public_only: bool = False
) -> dict[str, dict[str, Any]]:
    """Return the served properties of the marked objects, by their number."""
    assert layer.reports is not None
    words = {code: word for code in STATES if (word := word_of(code))}
    rules = StateRules(open=open_states(layer.reports.open_states), words=words)
    snapshot = snapshot_of(layer, objects)
    match_state = MatchState([LayerTarget(layer=layer, snapshot=snapshot, states=rules)])
    match_state.update(
        ReportedObjects(
            signals={signal.id: signal for signal in signals}, as_of=NOW, version="1", public_only=public_only
        )
    )
    marks = compute_marks(match_state, 0, NOW).full
    features = [json.loads(snapshot.fragment(row) + marks.suffix(row)) for row in range(len(snapshot))]
    return {
        feature["id"].removeprefix(f"{layer.id}."): feature["properties"]
        for feature in features
        if feature["properties"]["meldingstatus"] == 1
    }


def marked(
    layer: Layer, objects: Iterable[dict[str, Any]], signals: Iterable[Signal], *, public_only: bool = False
) -> set[str]:
    return set(marked_features(layer, objects, signals, public_only=public_only))


def named_by(*signals: Signal) -> list[dict[str, Any]]:
    """Return objects that the signals name."""
    found = {asset.id_hash: asset.place or signal.place for signal in signals for asset in signal.assets}
    return [{"nummer": TEXTS[id_hash], "at": place} for id_hash, place in found.items() if id_hash is not None]


@pytest.mark.parametrize("code", STATES)
def test_state_decides_whether_an_object_is_marked(layer, code: str):
    lamp = SIGNALS[1]

    assert marked(layer(PLAIN), named_by(lamp), [replace(lamp, state=code)]) == (
        set() if code in {"o", "a", "s", "done external"} else {"GR-104233"}
    )


def test_unknown_state_marks_nothing(layer):
    lamp = SIGNALS[1]

    assert marked(layer(PLAIN), named_by(lamp), [replace(lamp, state="nieuw in 2027")]) == set()


def test_layer_may_count_other_states_as_open(layer):
    only_new = layer(PLAIN + "  open_states: [m]\n")
    marks = [signal for signal in RECORDED if marked(only_new, named_by(signal) or named_by(SIGNALS[1]), [signal])]

    assert [signal.id for signal in marks] == [18, 17, 16, 6]


def test_report_without_an_object_marks_only_if_the_layer_says_so(layer):
    """Recording 14 has no answers at all."""
    signal = SIGNALS[14]
    near = (signal.place[0] + 0.000003, signal.place[1])
    lamp = {"nummer": "1", "at": near}

    assert marked(layer(PLAIN), [lamp], [signal]) == set()
    assert marked(layer(PLAIN + "  match: {place_only: true}\n"), [lamp], [signal]) == {"1"}


def test_vendors_own_mark_counts(layer):
    own = layer(PLAIN + "  vendor: {field: storing, values: [ja, 1]}\n")
    rows = [
        {"nummer": str(n), "at": (6.5 + n / 100, 53.2), "storing": it} for n, it in enumerate(["ja", "nee", 1, None])
    ]

    assert marked(own, rows, []) == {"0", "2"}


def test_public_map_marks_by_place(layer):
    """Recording 53: the lamps of Groningen. The public map calls "reopen requested" closed, so 21 is not in it."""
    places = parse_public_page(RECORDINGS["53"].body).signals
    signals = [SIGNALS[1], SIGNALS[2], SIGNALS[3], SIGNALS[13], SIGNALS[21]]

    assert marked(layer(reports_of("What holds for every system")), named_by(*signals), places, public_only=True) == {
        "GR-104233",
        "GR-104301",  # where the reporter put the pin; the two others of its answer are not on the public map
        "104410",
        "034575",
    }


def test_city_control_keeps_the_mark_until_it_is_done(layer):
    """Recordings 20 (ready to send), 19 (sent) and 9 (done external)."""
    signals = [SIGNALS[20], SIGNALS[19], SIGNALS[9]]

    assert marked(layer(PLAIN), named_by(*signals), signals) == {"DH-PUT-55122", "DH-PUT-55121"}


def test_city_control_that_cannot_be_reached_keeps_the_mark(layer):
    """Recording 8: send failed."""
    assert marked(layer(PLAIN), named_by(SIGNALS[8]), [SIGNALS[8]]) == {"LM-0542"}


def test_city_control_done_may_stay_marked(layer):
    patient = layer(reports_of("Sigmax City Control"))
    signals = [SIGNALS[20], SIGNALS[19], SIGNALS[9]]

    assert set(patient.reports.open_states) == DEFAULT_OPEN | {"done external"}
    assert marked(patient, named_by(*signals), signals) == {"DH-PUT-55122", "DH-PUT-55121", "DH-PUT-55120"}
    assert marked(patient, named_by(SIGNALS[9]), [replace(SIGNALS[9], state="o")]) == set()


@pytest.mark.parametrize(
    ("code", "is_marked"), [("i", True), ("m", True), ("b", True), ("ingepland", True), ("o", False)]
)
def test_state_that_moon_sets_decides(code: str, *, is_marked: bool):
    moon = load_layer(LAYERS / "moon-lichtmasten.yaml", {}, needs_address=False)
    signal = replace(SIGNALS[13], state=code)  # a bare number, as an old form stored it
    lamp = {"OBJECTID": 7, "MASTNUMMER": "034575", "SOORTOBJECT": "Lichtmast", "IS_GEMELD": "0", "at": signal.place}

    assert marked(moon, [lamp], [signal]) == ({"7"} if is_marked else set())


def moon_lamps(moon: Layer) -> list[dict[str, Any]]:
    """Return a lamp for each of the sixteen statuses; its number is the row's."""
    texts = [state.text for state in moon.reports.vendor.states]
    return [
        {"OBJECTID": n, "MASTNUMMER": f"0{n}", "SOORTOBJECT": "Lichtmast", "STATUS": text, "at": (6.5 + n / 100, 53.2)}
        for n, text in enumerate(texts)
    ]


def test_moons_status_counts():
    moon = load_layer(LAYERS / "examples" / "moon-statussen.yaml", {}, needs_address=False)

    marked = marked_features(moon, moon_lamps(moon), [])

    assert set(marked) == {str(number) for number in range(15)}  # the last row means: repaired
    assert {number: properties["status"] for number, properties in marked.items()} == {
        **dict.fromkeys(map(str, range(15)), "in behandeling"),
        "3": "gemeld",
        "4": "netstoring",
        "8": "materiaal besteld",
        "13": "netstoring",
    }


def test_moons_mapping_is_changed_in_the_file_alone(tmp_path: Path):
    """Other texts, states, words and exceptions than those of the document, as a municipality may agree on."""
    mapping = yaml.safe_load((LAYERS / "examples" / "moon-statussen.yaml").read_text())
    mapping["source"]["url"] = "http://127.0.0.1/moon"
    rows = mapping["reports"]["vendor"]["states"]
    rows[3] = {"text": "Aannemer is onderweg", "state": "ingepland", "word": "aannemer komt"}
    rows[11]["state"] = "o"
    rows[15] = {"text": rows[15]["text"], "state": "o", "reported": True, "word": "wordt gecontroleerd"}
    (tmp_path / "moon.yaml").write_text(yaml.safe_dump(mapping, allow_unicode=True))
    moon = load_layer(tmp_path / "moon.yaml", {})

    marked = marked_features(moon, moon_lamps(moon), [])

    assert set(marked) == {str(number) for number in range(16)} - {"11"}
    assert (marked["3"]["status"], marked["15"]["status"]) == ("aannemer komt", "wordt gecontroleerd")


def test_the_rows_that_the_page_of_moon_shows_mark_as_it_says(layer):
    page = (needs.ROOT / "docs" / "vendors" / "moon.md").read_text()
    (block,) = re.findall(r"^```yml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    moon = layer(block)
    texts = [state.text for state in moon.reports.vendor.states]
    lamps = [{"nummer": text, "STATUS": text, "at": (6.5 + row / 100, 53.2)} for row, text in enumerate(texts)]

    marked = marked_features(moon, lamps, [])

    assert {text: properties["status"] for text, properties in marked.items()} == {
        texts[0]: "monteur is bezig",
        texts[1]: "netstoring",
    }


def test_grid_failure_stays_marked_when_signalen_is_done():
    moon = load_layer(LAYERS / "examples" / "moon-statussen.yaml", {}, needs_address=False)
    lamp = moon_lamps(moon)[13]
    asset = replace(SIGNALS[13].assets[0], id_hash=hash_of_name(lamp["MASTNUMMER"]))
    done = replace(SIGNALS[13], state="o", assets=(asset,))

    assert marked_features(moon, [lamp], [done])["13"]["status"] == "netstoring"


def test_moons_mark_counts(layer):
    rows = [
        {"nummer": str(n), "at": (6.5 + n / 100, 53.2), "IS_GEMELD": it} for n, it in enumerate(["1", "0", 1, None])
    ]

    assert marked(layer(reports_of("MOON")), rows, []) == {"0", "2"}


@pytest.mark.parametrize("number", ["4711", "HL-0815"])
def test_luminizer_is_found_by_either_number(number: str):
    luminizer = load_layer(LAYERS / "luminizer-masten.yaml", {}, needs_address=False)
    place = (4.3, 52.07)
    signal = replace(SIGNALS[13], place=place, assets=(replace(SIGNALS[13].assets[0], id_hash=hash_of_name(number)),))

    assert marked(luminizer, [{"LumiId": 4711, "MastCode": "HL-0815", "at": place}], [signal]) == {"4711"}


def test_vendor_that_is_replaced_keeps_the_marks(layer):
    """Ids, order and places of the objects are the new vendor's; the numbers stay the same."""
    signal = SIGNALS[2]
    before = named_by(signal)
    after = [{**row, "at": (row["at"][0] + 0.0001, row["at"][1])} for row in reversed(before)]

    assert (
        marked(layer(PLAIN), before, [signal])
        == marked(layer(PLAIN), after, [signal])
        == {
            "GR-104301",
            "GR-104302",
            "GR-104303",
        }
    )


def test_techview_keeps_the_mark_when_it_picks_up(layer):
    """Recording 1: "In behandeling via TechView"."""
    row = next(row for row in RECORDINGS["01"].document["results"] if row["id"] == 1)

    assert "TechView" in row["status"]["text"]
    assert marked(layer(reports_of("TechView")), named_by(SIGNALS[1]), [SIGNALS[1]]) == {"GR-104233"}


def test_techviews_anonymous_report_marks(layer):
    row = next(row for row in RECORDINGS["01"].document["results"] if row["id"] == 1)
    body = json.dumps({"results": [{**row, "reporter": None, "source": "TechView", "text": ""}]}).encode()

    assert marked(layer(PLAIN), named_by(SIGNALS[1]), parse_page(body).signals) == {"GR-104233"}


def test_techviews_mark_counts(layer):
    rows = [{"nummer": str(n), "at": (5.6 + n / 100, 51.5), "gemeld": it} for n, it in enumerate(["J", "N", None])]

    assert marked(layer(reports_of("TechView")), rows, []) == {"0"}


def lamps_around(signal: Signal, *metres: float) -> list[dict[str, Any]]:
    longitude, latitude = signal.place
    return [{"nummer": str(n), "at": (longitude, latitude + away / 111_000)} for n, away in enumerate(metres)]


def test_buitenbeterapp_marks_the_only_object_nearby(layer):
    signal = SIGNALS[14]

    assert marked(layer(reports_of("BuitenBeterApp")), lamps_around(signal, 4, 6, 40), [signal]) == {"0"}


def test_buitenbeterapp_marks_none_of_several(layer):
    signal = SIGNALS[14]

    assert marked(layer(reports_of("BuitenBeterApp")), lamps_around(signal, 1, 4), [signal]) == set()


def test_zo_gemeld_marks_what_it_names(layer):
    """Recordings 6 and 10 were stored by Delta10's form."""
    signals = [SIGNALS[6], SIGNALS[10]]

    assert marked(layer(PLAIN), named_by(*signals), signals) == {"HEL-R-00817", "DH-PUT-60233"}


def test_21qubz_keeps_the_mark_until_a_handler_agrees(layer):
    """Recording 12: closure requested."""
    waste, signal = layer(reports_of("21Qubz")), SIGNALS[12]

    assert marked(waste, named_by(signal), [signal]) == {"GRO-GL-0012", "GRO-GL-0013"}
    assert marked(waste, named_by(signal), [replace(signal, state="o")]) == set()


def test_parent_and_children_mark_each_container_once(layer):
    """Recordings 16, and its children 17 and 18; one child is closed, and the parent's mark stays."""
    waste, parent, children = layer(reports_of("21Qubz")), SIGNALS[16], [SIGNALS[17], SIGNALS[18]]
    containers = named_by(parent)
    both = {"GRO-R-0201", "GRO-P-0202"}

    assert marked(waste, containers, [parent, *children]) == both
    assert marked(waste, containers, [parent, replace(children[0], state="o"), children[1]]) == both
    assert marked(waste, containers, [replace(parent, state="o"), *children]) == both
    assert marked(waste, containers, [replace(parent, state="o"), children[0]]) == {"GRO-R-0201"}


def test_saver_takes_the_mark_away(layer):
    """Recording 7: handled."""
    signal = SIGNALS[7]

    assert marked(layer(PLAIN), named_by(signal), [signal]) == set()
    assert marked(layer(PLAIN), named_by(signal), [replace(signal, state="i")]) == {"HEL-R-00820", "HEL-P-00113"}


URI = "http://sewers.example.org/data/put|17"


@pytest.mark.parametrize("number", [URI, "17-A"])
def test_rioned_is_found_by_uri_or_name(number: str):
    rioned = load_layer(LAYERS / "rioned-putten.yaml", {}, needs_address=False)
    signal = SIGNALS[19]
    asset = replace(signal.assets[0], id_hash=hash_of_name(number))

    assert marked(rioned, [{"uri": URI, "naam": "17-A", "at": asset.place}], [replace(signal, assets=(asset,))]) == {
        URI
    }


def test_dissatisfied_reporter_brings_the_mark_back(layer):
    """Recording 21: closed, then "reopen requested" through the form that is mailed."""
    signal = SIGNALS[21]

    assert marked(layer(PLAIN), named_by(signal), [replace(signal, state="o")]) == set()
    assert marked(layer(PLAIN), named_by(signal), [signal]) == {"GR-104377"}


@pytest.mark.parametrize("where", [(), ("status",), ("location",), ("category",), ("reporter",)])
def test_what_another_system_adds_is_not_read(where: tuple[str, ...]):
    document = json.loads(RECORDINGS["01"].body)
    for row in document["results"]:
        for holder in [row, *(row[name] for name in where)]:
            holder |= {"zaaknummer": "ZAAK-2026-0001", "external_id": 7, "extra_properties_zaak": {"id": "7"}}
            holder["notes"] = [{"text": "ZAAK-2026-0001", "created_by": "zaaksysteem"}]

    assert parse_page(json.dumps(document).encode()).signals == RECORDED


def test_every_coupled_system_has_its_section():
    document = (needs.corpus().parent / "facts" / "signalen-couplings.md").read_text()
    systems = document.partition("\n## Statussen")[2]
    named = {heading.removesuffix(" koppeling") for heading in re.findall(r"^## (.+?) *$", systems, flags=re.MULTILINE)}

    assert len(named) >= 18
    assert named <= set(re.findall(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE))


WITHOUT_OBJECTS = ["Djuma", "OpenZaak", "Xxllnc", "MijnOmgeving", "KCM", "Klantinfocus"]


@pytest.mark.parametrize("section", WITHOUT_OBJECTS)
def test_system_without_objects_says_so(section: str):
    text = PAGE.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]

    assert re.search(r"no\s+objects\s+on\s+a\s+map", text, flags=re.IGNORECASE)
    assert snippets(section) == []


SECTIONS = re.findall(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("section", [section for section in SECTIONS if snippets(section)])
def test_snippets_are_what_the_proxy_loads(section: str, tmp_path: Path):
    """As printed, all snippets of one section together."""
    instance = next(text for text in snippets("What holds for every system") if "instances:" in text)
    (tmp_path / "signalen.yaml").write_text(instance)
    for number, text in enumerate(snippets(section)):
        if text.startswith("reports:"):
            (tmp_path / f"objecten{number}.yaml").write_text(OBJECTS + text)

    catalogue = load_catalogue(tmp_path, {"SIGNALEN_SECRET": "s3cret"})

    assert {layer.reports.signalen for layer in catalogue.values()} == {"default"}
    assert set(catalogue.instances) == {"default"}


def lines_of_tables() -> list[str]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.endswith("| shown by |")]


def test_every_line_names_a_test_that_there_is():
    there = {
        node.name
        for path in (needs.ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    named = [re.findall(r"\| `(test_\w+)` \|$", line) for line in lines_of_tables()]

    assert len(named) > 40
    assert [line for line, found in zip(lines_of_tables(), named, strict=True) if not found] == []
    assert {name for found in named for name in found} - there == set()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_shows_something(section: str):
    text = PAGE.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]

    assert "| shown by |" in text


def second_recording(name: str) -> tuple[Signal, ...]:
    recorded = json.loads((needs.corpus() / "signalen" / "second" / f"{name}.json").read_text())
    return parse_page(json.dumps(recorded["response"]["body"]).encode()).signals


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_recorded_number_with_a_letter_beyond_ascii_names_its_lamp(form: str):
    luminizer = load_layer(LAYERS / "luminizer-masten.yaml", {}, needs_address=False)
    (signal,) = second_recording("bare_id_with_a_letter_beyond_ascii")
    near = (signal.place[0] + 0.0005, signal.place[1])
    lamps = [
        {"LumiId": 230362, "MastCode": unicodedata.normalize(form, "Zeeëgelkade-0363"), "at": near},
        {"LumiId": 230363, "MastCode": "Zeeegelkade-0363", "at": (near[0] + 0.0005, near[1])},
    ]

    assert marked(luminizer, lamps, [signal]) == {"230362"}


def test_recorded_text_that_is_the_number_of_a_distant_lamp_marks_nothing():
    moon = load_layer(LAYERS / "moon-lichtmasten.yaml", {}, needs_address=False)
    (signal,) = second_recording("text_answer_equals_an_objects_number")
    lamp = {"OBJECTID": 40453, "MASTNUMMER": "040453", "SOORTOBJECT": "Lichtmast"}
    longitude, latitude = signal.place

    assert marked(moon, [{**lamp, "at": (longitude, latitude - 0.0153)}], [signal]) == set()
    assert marked(moon, [{**lamp, "at": (longitude, latitude - 0.0018)}], [signal]) == {"40453"}
