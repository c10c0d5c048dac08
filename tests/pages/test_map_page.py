from __future__ import annotations

from collections.abc import Sequence

import orjson
import points
import pytest
from clocks import Clock
from services import new_services

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.pages.assets import Assets
from wfs_proxy.pages.map_page import SYMBOLS, frequent_kinds_of, layer_settings, object_label, object_page

REPORTS = {"signalen": "default", "match": {"fields": ["nummer"]}}


def layer(**fields: object) -> Layer:
    return points.layer(properties={"id": "nummer", "fields": {"nummer": "string", **fields}}, reports=REPORTS)


def settings(of: Layer, frequent: Sequence[str] = ()) -> dict[str, object]:
    services = new_services(Catalogue([of]), None, clock=Clock())
    return layer_settings(of, services.status.description(of.id), frequent)


@pytest.mark.parametrize(
    ("properties", "label"),
    [
        ({"soort": "kolk", "nummer": "034575"}, "Kolk - 034575"),
        ({"soort": "GFT-container", "nummer": "1"}, "GFT-container - 1"),
        ({"soort": None, "nummer": "1"}, "Title of masten - 1"),
        ({"soort": "kolk", "nummer": None}, "Kolk"),
        ({"nummer": ""}, "Title of masten"),
    ],
)
def test_a_label_is_kind_and_name_as_far_as_they_are_known(properties, label):
    assert object_label(layer(soort="string"), properties) == label


def test_kinds_that_the_layer_file_names_keep_its_order():
    named = layer(soort={"map": {"K": "kolk", "I": "inspectieput", "J": "kolk"}, "default": "put"})

    assert settings(named)["kinds"] == ["kolk", "inspectieput", "put"]
    assert settings(layer(soort="string"))["kinds"] == []
    assert settings(named, ["z", "kolk", "a"])["kinds"] == ["kolk", "inspectieput", "put", "a", "z"]


def test_the_most_frequent_kinds_have_a_symbol_of_their_own_as_far_as_there_are():
    named = layer(soort={"map": {"K": "kolk"}})
    frequent = ["kolk", *(f"soort {number}" for number in (9, 8, 7, 6, 5, 4, 3, 2))]

    assert settings(named, frequent)["kinds"] == ["kolk", *(f"soort {number}" for number in (4, 5, 6, 7, 8, 9))]
    assert frequent_kinds_of(named) == ("soort", SYMBOLS + 1)
    assert frequent_kinds_of(points.layer()) is None
    script = Assets.installed().find("map/symbols.js")
    assert script is not None
    assert script.body.decode().partition("SHAPES = [")[2].partition("];")[0].count('"M') == SYMBOLS


def test_the_script_gets_the_entries_of_the_question_without_pictures():
    entries = settings(layer(soort={"map": {"K": "kolk"}}))["question"]

    assert [each["description"] for each in entries["featureTypes"]] == [
        "Mast (al gemeld) - {{ nummer }}",
        "Kolk - {{ nummer }}",
        "Mast - staat niet op de kaart",
        "Mast - {{ nummer }}",
    ]
    assert [each["statusValues"] for each in entries["featureStatusTypes"]] == [[1]]
    assert not any("icon" in each for group in entries.values() for each in group)
    assert settings(points.layer(properties={"id": "oid", "fields": {"nummer": "string"}}))["question"] is None


def test_a_layer_without_data_is_where_its_extent_is():
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4, 51, 5, 53]}

    assert settings(points.layer(source=source))["bbox"] == (4, 51, 5, 53)
    assert settings(points.layer())["bbox"] is None


@pytest.mark.parametrize(
    ("mark", "value", "reported"),
    [("1", "1", True), ("1", 1, False), (1, 1, True), (1, "1", False), (1, True, False), (True, 1, False)],
)
def test_a_mark_is_compared_strictly_as_the_form_does(mark, value, reported):
    rule = {"property": "gemeld", "reported": mark, "otherwise": "no"}
    marked = points.layer(reports={"signalen": "default", "mark": [rule]})
    feature = {"id": "masten.1", "geometry": {"coordinates": [4, 52]}, "properties": {"gemeld": value}}
    body = orjson.dumps({"numberMatched": 1, "features": [feature]})

    (row,) = object_page(marked, body, cursor_offset=0).rows

    assert row.reported is reported
