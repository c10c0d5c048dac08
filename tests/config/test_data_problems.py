"""What objects and a Signalen show about a layer file."""

from __future__ import annotations

import json

import points
import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.config.data_problems import category_problems, data_problems
from wfs_proxy.config.diagnostics import Problem, render
from wfs_proxy.config.layer import Layer
from wfs_proxy.features import FetchReport, PipelineReport

WFS = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"]}
DELFT = BBox(4.3, 52.0, 4.4, 52.1)
FULL = {
    "source": {**WFS, "where": {"status": ["in gebruik", "x"]}},
    "properties": {
        "id": "nr",
        "fields": {"nummer": {"from": "nr"}, "soort": {"map": {"K": "kolk", "I": "put"}}, "hoogte": "number"},
    },
    "reports": {"vendor": {"field": "storing", "values": ["J"]}},
}


def problems_of(layer: Layer, *, complete: bool = True, matched: int | None = None, **report: object) -> list[Problem]:
    pipeline = PipelineReport(**{"received": 10, **report})
    fetch = FetchReport(complete=complete, matched=matched)
    return list(
        data_problems(layer, pipeline, fetch, count=pipeline.received, box=DELFT if pipeline.received else None)
    )


def test_a_layer_that_fits_its_vendor_has_no_problems():
    left_out = {"excluded by where": 5, "merged: same key within 5 m": 2}
    assert problems_of(points.layer(**FULL), skipped=left_out, duplicates=3, set_apart=4) == []


@pytest.mark.parametrize(
    ("report", "code", "key", "says"),
    [
        ({"absent_fields": ("nr",)}, "id_absent", "properties.id", 'no object has the attribute "nr"'),
        ({"absent_fields": ("hoogte",)}, "field_absent", "properties.fields.hoogte", "empty everywhere"),
        ({"absent_fields": ("status",)}, "where_absent", "source.where.status", "leaves out all objects"),
        ({"absent_fields": ("storing",)}, "vendor_absent", "reports.vendor.field", "marks nothing"),
        ({"unused_values": {"source.where.status": ("x",)}}, "where_unused", "source.where.status", '"x"'),
        (
            {"unused_values": {"source.where.status": ("in gebruik", "x")}},
            "where_matches_none", "source.where.status", "the layer is empty",
        ),
        (
            {"unused_values": {"properties.fields.soort.map": ("I",)}},
            "map_unused", "properties.fields.soort.map", '"I"',
        ),
        ({"unused_values": {"reports.vendor": ("J",)}}, "vendor_unused", "reports.vendor", '"storing" now: "J"'),
        ({"failed_casts": {"hoogte": 2}}, "not_a_type", "properties.fields.hoogte", "type number: 2"),
        ({"failed_casts": {"soort": 2}}, "not_in_map", "properties.fields.soort", "add them to `map`"),
        ({"skipped": {"no geometry": 2}}, "left_out_no_geometry", "source", "location: 2"),
        ({"skipped": {"placeholder coordinates": 2}}, "left_out_placeholder", "source", "0,0"),
        ({"skipped": {"outside the area": 2}}, "left_out_outside", "source", "enlarge `extent`"),
        ({"skipped": {"unknown CRS": 2}}, "left_out_crs", "source", "srs_name"),
        ({"skipped": {"too few positions": 2}}, "left_out", "source", "(too few positions)"),
        ({"unreadable_texts": 2}, "unreadable_texts", "source", "UTF-8"),
        ({"renamed": 2}, "shared_key", "properties.id", "2 objects"),
        ({"complete": False, "matched": 12}, "incomplete", "source", "the proxy has 10, the vendor states 12"),
        ({"complete": False}, "incomplete_uncounted", "source", "the proxy has 10, and the vendor does not state"),
        ({"received": 0}, "no_objects", "source", "returns no objects"),
    ],
)  # fmt: skip
def test_each_problem_has_a_key_and_a_remedy(report, code, key, says):
    problem = problems_of(points.layer(**FULL), **report)[0]

    assert (problem.code, ".".join(map(str, problem.keys))) == (code, key)
    assert says in render(problem, "en")
    assert render(problem, "nl") != render(problem, "en")


def test_a_reason_to_leave_out_objects_is_in_the_language_of_the_sentence():
    (problem,) = problems_of(points.layer(**FULL), skipped={"geometry beyond repair": 2})

    assert "(geometry beyond repair)" in render(problem, "en")
    assert "(de vorm is niet te herstellen)" in render(problem, "nl")


def test_a_key_that_is_also_a_field_has_both_problems_and_the_nearest_name():
    found = problems_of(points.layer(**FULL), absent_fields=("nr",), nearest_attributes={"nr": "Nr_"})

    assert [problem.code for problem in found] == ["id_absent", "field_absent"]
    assert all(render(problem, "nl").endswith('bedoelt u "Nr_"?') for problem in found)


def test_many_values_are_not_all_named():
    layer = points.layer(properties={"fields": {"soort": {"map": {str(code): "x" for code in range(100)}}}})
    unused = tuple(map(str, range(100)))
    (problem,) = problems_of(layer, unused_values={"properties.fields.soort.map": unused})

    assert problem.details["values"] == '"0", "1", "2", "3", "4", …'


@pytest.mark.parametrize(
    ("extent", "codes"),
    [
        ([4.2, 51.9, 4.5, 52.2], []),
        ([5.0, 53.0, 5.5, 53.5], ["extent_missed"]),
        ([51.9, 4.2, 52.2, 4.5], []),  # swapped: the file itself has that problem
    ],
)
def test_objects_outside_the_extent_of_the_file(extent, codes):
    layer = points.layer(source={**WFS, "extent": extent})

    found = problems_of(layer)
    assert [problem.code for problem in found] == codes
    for problem in found:
        numbers = json.loads(problem.details["line"])
        assert problems_of(points.layer(source={**WFS, "extent": numbers})) == []


def test_categories_that_signalen_does_not_know_have_the_nearest_that_it_has():
    layer = points.layer(reports={"signalen": "default", "categories": ["lantarenpaal", "wegdek", "geheim"]})
    refused = ("geheim", "lantarenpaal", "m")
    existing = ("geheim", "lantaarnpaal", "wegdek")
    lamp, _ = category_problems(layer, refused, existing, public_only=False)
    _, hidden = category_problems(layer, refused, existing, public_only=True)
    (unread, _) = category_problems(layer, refused, (), public_only=False)

    assert (lamp.code, lamp.keys, lamp.nearest) == ("category_unknown", ("reports", "categories", 0), "lantaarnpaal")
    assert (hidden.code, hidden.keys) == ("category_hidden", ("reports", "categories", 2))
    assert (unread.code, unread.nearest) == ("category_unknown", None)


def test_a_layer_without_reports_has_no_categories():
    assert list(category_problems(points.layer(), ("a",), (), public_only=False)) == []
