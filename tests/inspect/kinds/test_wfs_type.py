"""One type: paging, caps, formats, ids and places, of vendors that a test scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import inspecting
import pytest
import vendor
from scripted_wfs import ScriptedWfs, Thing, things
from vendor import Answer, Seen, exception_report

from wfs_proxy.inspect.report import TypeReport

MANY = things(2_700)


def report_of(scenario: Callable[[Seen], Answer]) -> TypeReport:
    with vendor.serving(scenario) as server:
        return inspecting.inspected(server.url)[1]


def codes(report: TypeReport) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("pages", "behaviour", "sort_by"),
    [
        ("honest", "works", None),
        ("ignored", "ignored", None),
        ("refused", "refused", None),
        ("shuffled", "repeats", None),
    ],
)
def test_behaviour_of_paging(pages: str, behaviour: str, sort_by: str | None):
    report = report_of(ScriptedWfs(things=MANY, pages=pages))

    assert (report.paging.behaviour, report.paging.sort_by) == (behaviour, sort_by)
    assert (report.count, report.complete) == (2_700, False)
    assert report.sample == (2_500 if behaviour == "works" else 2_000)


def test_paging_that_works_only_sorted_names_the_attribute():
    sorted_pages, refusing = ScriptedWfs(things=MANY), ScriptedWfs(things=MANY, pages="refused")

    report = report_of(lambda seen: (sorted_pages if "sortby" in seen.query else refusing)(seen))

    assert (report.paging.behaviour, report.paging.sort_by) == ("works", "number")


@pytest.mark.parametrize(
    ("count", "cap", "counts", "expected"),
    [
        (57, None, "honest", (57, 57, True, None)),
        (57, None, "unknown", (57, 57, True, None)),
        (60, None, "unknown", (60, 60, True, None)),
        (60, None, "zero", (60, 60, True, None)),
        (2_700, 512, "honest", (2_700, 1_012, False, 512)),
        (2_700, 512, "unknown", (None, 1_012, False, 512)),
        (2_700, 512, "capped", (None, 1_012, False, 512)),
        (900, 500, "capped", (None, 900, False, 500)),
    ],
)
def test_count_cap_and_completeness(count: int, cap: int | None, counts: str, expected: tuple):
    report = report_of(ScriptedWfs(things=MANY[:count], cap=cap, counts=counts))

    assert (report.count, report.sample, report.complete, report.paging.cap) == expected
    assert ("cap" in codes(report)) == (expected[3] is not None)


def test_five_million_objects_are_sampled_and_fetched_in_cells():
    """The vendor says how many there are, and is never asked for all of them."""
    small = ScriptedWfs(things=MANY)

    def scenario(seen: Seen) -> Answer:
        answer = small(seen)
        return replace(answer, body=answer.body.replace(b'numberMatched="2700"', b'numberMatched="5000000"'))

    with vendor.serving(scenario) as server:
        _, report, _ = inspecting.inspected(server.url)

    assert (report.count, report.at_least, report.sample, report.complete) == (5_000_000, 5_000_000, 2_500, False)
    assert {"sampled", "huge"} <= codes(report)
    asked = [
        seen.query for seen in server.seen if seen.query["request"] == "GetFeature" and "resulttype" not in seen.query
    ]
    assert max(int(query["count"]) for query in asked) == 2_000


def test_huge_type_of_a_vendor_that_does_not_count_is_noticed():
    small = ScriptedWfs(things=MANY, counts="unknown")

    def endless(seen: Seen) -> Answer:
        return small(
            replace(seen, query={**seen.query, "startindex": str(int(seen.query.get("startindex", 0)) % 2_100)})
        )

    report = report_of(endless)

    assert (report.count, report.at_least) == (None, 250_001)
    assert {"sampled_of_unknown", "huge"} <= codes(report)


@pytest.mark.parametrize(
    ("ids", "best", "feature_ids"),
    [
        ("honest", "number", {True}),
        ("volatile", "number", {False}),
        ("equal", "number", set()),
        ("absent", "number", set()),
    ],
)
def test_stability_of_feature_ids(ids: str, best: str, feature_ids: set[bool]):
    report = report_of(ScriptedWfs(ids=ids))

    assert report.best_id.name == best
    assert {each.stable for each in report.ids if each.name is None} == feature_ids


def test_type_without_usable_ids_is_reported_as_such():
    report = report_of(ScriptedWfs(things=[Thing(1, each.place, each.kind) for each in things(30)], ids="equal"))

    assert report.best_id is None
    assert "no_id" in codes(report)


def test_id_that_changes_is_named():
    report = report_of(ScriptedWfs(ids="volatile"))

    assert [each.details["names"] for each in report.findings if each.code == "id_changes"] == ["id"]


def test_format_that_is_offered_and_does_not_work_is_reported():
    wfs = ScriptedWfs(formats=("application/json", "text/xml; subtype=gml/3.1.1", "csv"))

    def scenario(seen: Seen) -> Answer:
        broken = seen.query.get("outputformat") == "application/json"
        return exception_report("outputFormat", locator="outputformat") if broken else wfs(seen)

    report = report_of(scenario)

    assert (report.output_format, report.encoding) == (None, "GML 3.2")
    assert [(each.name, each.works) for each in report.formats] == [
        (None, True),
        ("application/json", False),
        ("text/xml; subtype=gml/3.1.1", True),
    ]
    assert "broken_formats" in codes(report)


def test_version_whose_objects_do_not_come_is_replaced_by_another():
    wfs = ScriptedWfs()

    def scenario(seen: Seen) -> Answer:
        refused = seen.query["request"] == "GetFeature" and seen.query["version"] == "2.0.0"
        return exception_report("not today") if refused else wfs(seen)

    report = report_of(scenario)

    assert (report.version, report.sample) == ("1.1.0", 100)


def test_no_version_works():
    wfs = ScriptedWfs()
    report = report_of(lambda seen: exception_report("kapot") if "GetFeature" in seen.query["request"] else wfs(seen))

    assert [(each.part, "kapot" in each.reason) for each in report.missing] == [("sample", True)]
    assert report.findings[0].code == "missing_sample"


def test_reading_of_the_coordinates_has_its_evidence():
    report = report_of(ScriptedWfs())

    assert report.crs.reading == "EPSG:28992 x,y: lies in the declared extent"
    assert (report.crs.crs, report.crs.axis_order, report.crs.placed) == ("EPSG:28992", "x,y", 100)
    assert 4.2 < report.crs.bbox.west < report.crs.bbox.east < 4.5


def test_uncertain_place_is_reported_with_its_reason():
    far = [Thing(number, (9e6 + number, 9e6), "mast") for number in range(30)]

    report = report_of(ScriptedWfs(things=far))

    assert (report.crs.bbox, report.crs.placed) == (None, 0)
    assert "no reading puts" in report.crs.problem
    assert report.findings[0].code == "place_uncertain"


def test_placeholders_do_not_widen_the_area():
    some = [Thing(each.number, (0.0, 0.0)) if each.number < 3 else each for each in MANY[:157]]

    report = report_of(ScriptedWfs(things=some, extent="3 47 5 53"))

    assert (report.complete, report.crs.far + sum(report.crs.skipped.values())) == (True, 3)
    assert 52.0 < report.crs.bbox.south < report.crs.bbox.north < 52.2
    assert {each.code: each.details for each in report.findings}["misplaced"] == {"count": "3"}


def test_objects_far_from_all_others_do_not_widen_the_area():
    some = [Thing(each.number, (200_000.0, 560_000.0)) if each.number < 3 else each for each in MANY[:157]]

    report = report_of(ScriptedWfs(things=some, extent="3 50 8 54"))

    assert (report.complete, report.crs.far, report.crs.placed) == (True, 3, 157)
    assert 52.0 < report.crs.bbox.south < report.crs.bbox.north < 52.2
    assert {each.code: each.details for each in report.findings}["misplaced"] == {"count": "3"}


def test_objects_without_places_are_counted():
    some = [replace(each, place=None) if each.number < 5 else each for each in things(57)]

    report = report_of(ScriptedWfs(things=some))

    assert (report.without_geometry, report.geometry_kinds) == (5, {"Point": 52})
    assert "some_without_geometry" in codes(report)


def test_absent_schema_leaves_the_rest_complete():
    wfs = ScriptedWfs()
    report = report_of(lambda seen: Answer(status=404) if "Describe" in seen.query["request"] else wfs(seen))

    assert [each.part for each in report.missing] == ["schema"]
    assert [field.name for field in report.fields] == ["number", "kind"]
