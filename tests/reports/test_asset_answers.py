"""Every shape of answer that a form of Signalen has ever stored, and any JSON that can be posted."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.reports.asset_answers import LONGEST_ID, MOST_ASSETS, asset_references
from wfs_proxy.snapshot.names import hash_of_name

HERE = {"lat": 53.216921, "lng": 6.562481}
PLACE = (6.562481, 53.216921)
ADDRESS = {"openbare_ruimte": "Vismarkt", "huisnummer": "20", "postcode": "9711KS", "woonplaats": "Groningen"}


NAMES = [
    ("luminizer-masten", "LumiId"),
    ("luminizer-masten", "MastCode"),
    ("luminizer-masten", "MastNr"),
    ("moon-lichtmasten", "OBJECTID"),
    ("moon-lichtmasten", "MASTNUMMER"),
    ("rioned-leidingen", "naam"),
    ("rioned-putten", "naam"),
    ("techview-lichtmasten", "objectnummer"),
]
"""The properties of the shipped layers by which people call an object."""


def properties(*answers: Any, key: str = "extra_lamp") -> list[dict[str, Any]]:
    return [{"id": key, "label": "Lamp", "category_url": "/x", "answer": answer} for answer in answers]


def found(extra_properties: Any) -> list[tuple[int | None, tuple[float, float] | None]]:
    return [(asset.id_hash, asset.place) for asset in asset_references(extra_properties)]


def hashed(identifier: str) -> int | None:
    return hash_of_name(identifier) if identifier else None


CLASSIC = {
    "id": "GR-104302",
    "type": "Lichtmast",
    "description": "Lichtmast",
    "status": "reported",
    "label": "Lichtmast - GR-104302",
    "coordinates": HERE,
    "address": ADDRESS,
}
WCAG = {
    "id": "LM-0542",
    "type": "Feature",
    "description": "Lichtmast",
    "label": "Lichtmast - LM-0542",
    "coordinates": HERE,
    "address": {},
}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param([CLASSIC], [("GR-104302", PLACE)], id="classic"),
        pytest.param([CLASSIC, {**CLASSIC, "id": "GR-1"}], [("GR-104302", PLACE), ("GR-1", PLACE)], id="several"),
        pytest.param([{"id": "7", "coordinates": HERE}], [("7", PLACE)], id="feature type without a value"),
        pytest.param([{**CLASSIC, "id": ""}], [("", PLACE)], id="no id field, found by place"),
        pytest.param([{"id": "", "coordinates": HERE}], [("", PLACE)], id="no id field, feature type without a value"),
        pytest.param([{**CLASSIC, "id": 2**63}], [("9223372036854775808", PLACE)], id="long integer id"),
        pytest.param([{**CLASSIC, "id": 10**30}], [("", PLACE)], id="endless integer id"),
        pytest.param([{**CLASSIC, "id": True}], [("", PLACE)], id="boolean id"),
        pytest.param([{**CLASSIC, "id": 0.5}], [("", PLACE)], id="id that counts nothing"),
        pytest.param([{**CLASSIC, "id": 104410}], [("104410", PLACE)], id="caterpillar, integer id"),
        pytest.param([{**CLASSIC, "id": 104410.0}], [("104410", PLACE)], id="integer id that went through a float"),
        pytest.param([WCAG], [("LM-0542", PLACE)], id="wcag"),
        pytest.param([{k: v for k, v in WCAG.items() if k != "id"}], [("", PLACE)], id="wcag, undefined id left out"),
        pytest.param([{**WCAG, "id": "Vismarkt"}], [("Vismarkt", PLACE)], id="wcag, street name as id"),
        pytest.param([], [], id="wcag, none chosen"),
        pytest.param("034575", [("034575", None)], id="bare number, leading zero"),
        pytest.param(" 034575 ", [("034575", None)], id="bare number, untrimmed"),
        pytest.param(["003176", "141262"], [("003176", None), ("141262", None)], id="bare numbers"),
        pytest.param(["GRO-GL-0012"], [("GRO-GL-0012", None)], id="bare number with letters"),
        pytest.param(["Zeeëgelkade-0365"], [("Zeeëgelkade-0365", None)], id="bare number, letter beyond ASCII"),
        pytest.param(["Zee\u0065\u0308gelkade-0365"], [("Zeeëgelkade-0365", None)], id="bare number, decomposed"),
        pytest.param("Ĳsselkade-12", [("Ĳsselkade-12", None)], id="bare number, a letter of two"),
        pytest.param("x\u0302-12", [("x\u0302-12", None)], id="bare number, a mark that no letter has"),
        pytest.param(
            [{"id": 104410, "type": "4", "description": "Overig lichtpunt", "isReported": False}],
            [("104410", None)],
            id="2021, no coordinates",
        ),
        pytest.param({"id": "PAA00210", "type": "Papier"}, [("PAA00210", None)], id="2021 container, no list"),
        pytest.param(
            {"id": "12", "type": "lamp", "location": {"coordinates": HERE}}, [("12", PLACE)], id="questionnaires"
        ),
        pytest.param([None, CLASSIC, None], [("GR-104302", PLACE)], id="nulls in the list"),
        pytest.param([CLASSIC, CLASSIC], [("GR-104302", PLACE)], id="twice the same"),
    ],
)
def test_answer_names_objects(answer: Any, expected: list[Any]):
    assert found(properties(answer)) == [(hashed(identifier), place) for identifier, place in expected]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("layer", "name"), NAMES)
def test_every_number_of_the_shipped_layers_is_recognised_without_an_object_around_it(layer, name, form):
    features = json.loads((needs.ROOT / "fixtures" / layer / "expected.geojson").read_bytes())["features"]
    numbers = [str(feature["properties"][name]) for feature in features]
    answers = [unicodedata.normalize(form, number) for number in numbers]

    assert [found(properties(answer)) for answer in answers] == [[(hashed(number), None)] for number in numbers]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"location": {"coordinates": HERE, "address": ADDRESS}}, id="pin"),
        pytest.param([{"location": {"coordinates": HERE}}], id="pin in a list"),
        pytest.param([{"type": "lamp", "location": {"coordinates": HERE}}], id="pin with a type"),
        pytest.param([{"coordinates": HERE, "address": ADDRESS}], id="place that nothing calls an object"),
        pytest.param([{"id": "45210", "type": "not-on-map", "label": "Niet op de kaart - 45210"}], id="not on map"),
        pytest.param([{"id": "", "type": "not-on-map", "label": "Niet op de kaart"}], id="not on map, no id"),
        pytest.param({"type": "not-on-map"}, id="not on map, only that"),
        pytest.param([{**CLASSIC, "type": "unknown"}], id="unknown, even with coordinates"),
        pytest.param([{**CLASSIC, "id": "53.2.6.5.2026-11-20", "type": "nearby"}], id="nearby"),
        pytest.param([{**CLASSIC, "type": " Nearby "}], id="nearby, written otherwise"),
        pytest.param({"id": "lamp_doet_het_niet", "label": "Lamp doet het niet", "info": ""}, id="radio"),
        pytest.param([{"id": "3", "label": "Drie"}, {"id": "4", "label": "Vier", "info": "x"}], id="checkbox"),
        pytest.param({"label": "Ja", "value": "ja"}, id="select"),
        pytest.param("De buurman op 12 zaagt bomen", id="a citizen's words"),
        pytest.param("ja", id="one word"),
        pytest.param("Curaçao", id="one word beyond ASCII"),
        pytest.param("de Zeeëgelkade 365", id="words beyond ASCII"),
        pytest.param("\u0308-12", id="a mark without a letter"),
        pytest.param("jörg12@example.org", id="mail address beyond ASCII"),
        pytest.param("jan12@example.org", id="mail address"),
        pytest.param("0612345678", id="mobile number"),
        pytest.param("06-12345678", id="mobile number with a dash"),
        pytest.param(3, id="a number"),
        pytest.param(True, id="a boolean"),
        pytest.param(None, id="null"),
        pytest.param([[CLASSIC]], id="list in a list"),
        pytest.param({"id": {"id": "7"}, "type": "lamp"}, id="object for an id"),
        pytest.param({"id": "7", "coordinates": [6.5, 53.2]}, id="coordinates that no form writes"),
    ],
)
def test_answer_names_no_object(answer: Any):
    assert found(properties(answer)) == []


@pytest.mark.parametrize(
    ("extra_properties", "expected"),
    [
        pytest.param(None, [], id="null"),
        pytest.param([], [], id="none answered"),
        pytest.param({}, [], id="empty object"),
        pytest.param({"id": "extra_lamp", "answer": [CLASSIC]}, [("extra_lamp", "GR-104302")], id="one, no list"),
        pytest.param({"extra_lamp": [CLASSIC]}, [("extra_lamp", "GR-104302")], id="answers by key"),
        pytest.param({"extra_lamp": {"answer": "034575"}}, [("extra_lamp", "034575")], id="questions by key"),
        pytest.param([{"id": ["?"], "answer": "034575"}], [("", "034575")], id="key that is no text"),
        pytest.param(["034575", None, 7, {"answer": "034575"}], [("", "034575")], id="entries that are no questions"),
    ],
)
def test_questions_are_found(extra_properties: Any, expected: list[Any]):
    references = asset_references(extra_properties)
    assert [(asset.question_key, asset.id_hash) for asset in references] == [(key, hashed(it)) for key, it in expected]


@pytest.mark.parametrize(
    ("coordinates", "expected"),
    [
        pytest.param({"lat": 53.2, "lng": 6.5}, (6.5, 53.2), id="right"),
        pytest.param({"lat": 6.5, "lng": 53.2}, (6.5, 53.2), id="swapped"),
        pytest.param({"lat": 53, "lng": 6}, (6.0, 53.0), id="integers"),
        pytest.param({"lat": 0, "lng": 0}, (0.0, 0.0), id="null island"),
        pytest.param({"lat": 48.85, "lng": 2.35}, (2.35, 48.85), id="abroad"),
        pytest.param({"lat": 581_000.0, "lng": 233_000.0}, None, id="RD"),
        pytest.param({"lat": 100, "lng": 6.5}, None, id="north of the pole"),
        pytest.param({"lat": 53.2, "lng": 200}, None, id="more than half around the world"),
        pytest.param({"lat": float("nan"), "lng": 6.5}, None, id="not a number"),
        pytest.param({"lat": float("inf"), "lng": 6.5}, None, id="infinite"),
        pytest.param({"lat": 10**400, "lng": 6.5}, None, id="integer that no float holds"),
        pytest.param({"lat": "53.2", "lng": "6.5"}, None, id="text"),
        pytest.param({"lat": True, "lng": True}, None, id="booleans"),
        pytest.param({"lat": 53.2}, None, id="half"),
        pytest.param(None, None, id="null"),
    ],
)
def test_coordinates_are_a_place_or_nothing(coordinates: Any, expected: tuple[float, float] | None):
    assert found(properties([{"id": "7", "type": "lamp", "coordinates": coordinates}])) == [(hashed("7"), expected)]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"id": "7" * 10_000, "type": "lamp"}, id="object"),
        pytest.param("7" * 10_000, id="bare"),
        pytest.param({"id": "7", "type": "x" * 10_000}, id="type"),
        pytest.param({"id": "7\n8", "type": "lamp"}, id="line end"),
        pytest.param({"id": "\ud800", "type": "lamp"}, id="half a character"),
    ],
)
def test_id_that_is_none_is_dropped(answer: Any):
    assert found(properties(answer)) == []


def test_endless_id_is_dropped_and_the_place_kept():
    assert found(properties({"id": "7" * 10_000, "type": "lamp", "coordinates": HERE})) == [(None, PLACE)]


def test_longest_id_is_kept_whole():
    uri = ("http://data.gwsw.nl/" + "p" * LONGEST_ID)[:LONGEST_ID]

    assert found(properties({"id": uri, "type": "put"})) == [(hashed(uri), None)]


def test_endless_list_is_cut():
    items = [{"id": number, "type": "lamp"} for number in range(1, 100_000)]

    assert found(properties(items)) == [(hashed(str(number)), None) for number in range(1, MOST_ASSETS + 1)]


@pytest.mark.parametrize("secret", ["GR-104302", str(hash_of_name("GR-104302")), "53.2", "extra_lamp"])
def test_repr_shows_neither_id_nor_place(secret: str):
    assert secret not in repr(asset_references(properties([CLASSIC])))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["7", "nearby"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "answer", "coordinates", "location", "lat", "lng", "label"]) | st.text(),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON)
def test_no_json_raises(anything: Any):
    for extra_properties in (anything, [anything], [{"id": "q", "answer": anything}], [{"answer": [anything]}]):
        for asset in asset_references(extra_properties):
            assert asset.id_hash is not None or asset.place
            assert asset.id_hash is None or 0 <= asset.id_hash < 2**64
            assert asset.place is None or (abs(asset.place[0]) <= 180 and abs(asset.place[1]) <= 90)
