"""The small documents on which decoding once failed, each for a whole kind of mistake, and what is right for them."""

from __future__ import annotations

import json

import needs
import pytest

from wfs_proxy.cli.convert import convert
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.conversion import Converted
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


@pytest.mark.parametrize(
    ("name", "served", "place"),
    [
        ("circle_radius_uom_epsg9001.gml", 1, (6.5686, 53.2197)),
        ("line_3d_epsg7415_no_srsdimension.gml", 1, (6.5687221, 53.2197591)),
        ("line_3d_srsdimension_on_envelope.gml", 1, (6.5687221, 53.2197591)),
        ("property_is_a_line.gml", 4, (6.5714533, 53.219663)),
        ("heights_nan.gml", 5, (6.5686, 53.2197)),
    ],
)
def test_places_are_right(name, served, place):
    """Within 50 m where the object is a circle or the objects differ, else on the spot or set apart on it."""
    result = converted(name)

    found = [feature["geometry"]["coordinates"] for feature in json.loads(result.geojson)["features"]]
    assert len(found) == result.served == served
    tolerance = 4e-4 if place == (6.5686, 53.2197) else 5e-7
    assert all(abs(lon - place[0]) < tolerance and abs(lat - place[1]) < tolerance for lon, lat in found)


def test_object_without_a_geometry_is_the_only_one_without_a_place():
    assert converted("heights_nan.gml").report.skipped == {"no geometry": 1}


def test_topology_is_left_out_and_counted():
    result = converted("toposurface_of_four_edges.gml")

    assert (result.served, dict(result.report.skipped)) == (0, {"TopoSurface is not supported": 1})
