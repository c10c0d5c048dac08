from __future__ import annotations

import re

import points
import pytest
from lxml import etree

from wfs_proxy.question.meldingen import asset_type, icon_property

PUBLIC_URL = "https://wfs-proxy.example.org"


def arguments(**blocks):
    return asset_type(points.layer(**blocks), public_url=PUBLIC_URL)["arguments"]


def test_the_filter_is_a_valid_box_once_the_form_has_put_its_numbers_in():
    given = arguments(properties={"id": "nummer", "fields": {"nummer": "string"}})
    text = given["filter"]
    for name, value in {
        "west": "4.3",
        "south": "52.0",
        "east": "4.4",
        "north": "52.1",
        "srsName": given["srs_name"],
    }.items():
        text = text.replace(f"{{{name}}}", value, 1)
    envelope = etree.fromstring(text).find(".//{http://www.opengis.net/gml/3.2}Envelope")

    assert [corner.text for corner in envelope] == ["4.3 52.0", "4.4 52.1"]
    assert envelope.get("srsName").endswith("CRS84")


def test_the_address_works_without_a_query():
    """Meldingen replaces the query when it checks the address."""
    given = arguments(properties={"id": "nummer", "fields": {"nummer": "string"}})

    assert given["base_url"] == f"{PUBLIC_URL}/layers/masten/wfs"
    assert given["type_names"] == "masten"


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ({"properties": {"fields": {"nummer": "integer"}}}, None),
        ({"properties": {"fields": {"nummer": "integer", "straat": "string"}}}, "straat"),
        ({"properties": {"fields": {"nummer": "string", "soort": "string"}}}, "soort"),
        ({"properties": {"fields": {"nummer": "integer", "soort": "string"}}, "reports": {}}, "IS_GEMELD"),
        ({"title": "Containers", "properties": {"fields": {"fractie": "string"}}, "reports": {}}, "fractie"),
        (
            {
                "properties": {"fields": {"nummer": "integer"}},
                "reports": {"mark": [{"property": "gemeld", "reported": 1, "otherwise": 0}]},
            },
            None,
        ),
    ],
)
def test_the_icon_is_named_by_text(blocks, expected):
    """A number stops the map of Meldingen."""
    assert icon_property(points.layer(**blocks)) == expected


@pytest.mark.parametrize(
    ("properties", "reports", "expected"),
    [
        ({"id": "nr", "fields": {"nr": "string"}}, None, "Mast {{nr}}"),
        ({"id": "nr", "fields": {"nr": "string", "soort": "string"}}, None, "{{soort}} {{nr}}"),
        ({"id": "nr", "fields": {"nr": "string"}}, {"word": "status"}, "Mast {{nr}} {{status}}"),
        ({"id": "mast nr", "fields": {"mast nr": "string"}}, None, "Mast"),
        ({"id": "numméro", "fields": {"numméro": "string"}}, None, "Mast"),
    ],
)
def test_the_label_has_braces_without_spaces(properties, reports, expected):
    label = arguments(title="Masten", properties=properties, reports=reports)["label"]

    assert label == expected
    assert re.sub(r"\{\{\w+\}\}", "", label, flags=re.ASCII).count("{") == 0
