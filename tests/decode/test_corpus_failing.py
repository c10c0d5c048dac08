"""The small documents on which decoding once failed, each for a whole kind of mistake, and what is right for them."""

from __future__ import annotations

import json

import needs
import pytest

from wfs_proxy.cli.convert import Converted, convert
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.errors import MalformedDocument, UpstreamException

CORPUS = needs.corpus() / "failing"


def converted(name: str) -> Converted:
    return convert(load_layer(CORPUS / "layer.yaml", {}), [CORPUS / name])


def names(result: Converted) -> list[str]:
    return [feature["properties"]["naam"] for feature in json.loads(result.geojson)["features"]]


@pytest.mark.parametrize(
    ("name", "expected", "unreadable"),
    [
        ("one_cut_utf8_char.json", ["Groène Straat", "Oranjesingel één", "Caf\ufffd"], 1),
        ("one_cut_utf8_char.gml", ["Groène Straat", "Oranjesingel één", "Caf\ufffd"], 1),
        ("surrogate_char_refs.gml", ["Straat", "Lamp \U0001f4a1"], 0),
        ("noncharacter_fffe.gml", ["Straat", "Straat"], 0),
        ("name_with_two_colons.gml", ["Straat 3"], 0),
        ("name_begins_with_digit.gml", ["Straat 1"], 0),
    ],
)
def test_texts_are_read(name, expected, unreadable):
    result = converted(name)

    assert names(result) == expected
    assert result.report.unreadable_texts == unreadable


@pytest.mark.parametrize(
    ("name", "error", "reason"),
    [
        ("undeclared_entity_nbsp.gml", MalformedDocument, "entity &nbsp;"),
        ("exception_with_doctype.xml", UpstreamException, "masten is switched off for maintenance until Monday"),
    ],
)
def test_document_is_refused_with_the_reason(name, error, reason):
    with pytest.raises(error, match=reason):
        converted(name)
