"""From a report to the settings of a layer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from type_reports import SERVICE, field, type_report

from wfs_proxy.bbox import BBox
from wfs_proxy.inspect.proposal import layer_id_of, propose, with_id_field
from wfs_proxy.inspect.report import (
    CrsReport,
    FormatReport,
    MarkCandidate,
    PagingReport,
    ServiceReport,
)


def test_ordinary_type():
    draft = propose(SERVICE, type_report())

    assert (draft.id, draft.title, draft.type_names) == ("lichtmasten", "Lichtmasten", ("app:Lichtmasten",))
    assert (draft.id_field, draft.fields) == ("nummer", ("nummer", "soort"))
    assert (draft.version, draft.output_format, draft.page_size, draft.cells) == ("2.0.0", None, None, False)
    assert draft.attribution == "Vendor B.V."


def test_person_who_runs_a_service_is_not_named():
    assert propose(replace(SERVICE, provider="J. de Vries"), type_report()).attribution == ""


@pytest.mark.parametrize(
    ("text", "layer_id"),
    [
        ("LICHTMASTEN", "lichtmasten"),
        ("Bomen gemeente Groningen", "bomen-gemeente-groningen"),
        ("Café_één", "cafe-een"),
        ("  --a--  ", "a"),
        ("木", "laag"),
        ("", "laag"),
        ("signalen", "signalen-laag"),
        ("x" * 200, "x" * 60),
    ],
)
def test_id_of_a_layer_is_a_file_name(text: str, layer_id: str):
    assert layer_id_of(text) == layer_id


def test_extent_is_around_all_objects_with_a_margin():
    west, south, east, north = propose(SERVICE, type_report()).extent

    assert (west, south, east, north) == (4.18, 51.99, 4.42, 52.11)


@pytest.mark.parametrize(
    ("declared", "known"),
    [
        (BBox(4.0, 51.9, 4.6, 52.2), True),
        (BBox(4.2001, 52.0001, 4.3999, 52.0999), True),
        (BBox(4.3, 51.9, 4.6, 52.2), False),
        (BBox(-180, -90, 180, 90), False),
        (None, False),
    ],
)
def test_extent_of_a_sample_is_the_declared_one_if_it_is_around_it(declared, known):
    extent = propose(SERVICE, type_report(complete=False, declared_extent=declared)).extent

    assert (extent is not None) is known
    assert extent is None or (extent.contains(4.2, 52.0) and extent.contains(4.4, 52.1))


def test_no_place_no_extent():
    assert propose(SERVICE, type_report(crs=None)).extent is None
    assert propose(SERVICE, type_report(crs=CrsReport(reading="", problem="x"))).extent is None


def test_unstated_cap_becomes_the_page_size():
    capped = PagingReport(behaviour="works", cap=512)
    stated = PagingReport(behaviour="works", cap=512, stated_cap=512)

    assert propose(SERVICE, type_report(paging=capped)).page_size == 512
    assert propose(SERVICE, type_report(paging=stated)).page_size is None


def test_broken_geojson_is_replaced_by_a_format_that_works():
    service = ServiceReport(url="u", shown_url="u", kind="wfs", output_formats=("application/json", "gml3"))
    formats = (
        FormatReport(name=None, works=True, encoding="GML 3.2"),
        FormatReport(name="application/json", works=False),
        FormatReport(name="gml3", works=True, encoding="GML 3.1"),
    )

    assert propose(service, type_report(formats=formats)).output_format == "gml3"
    assert propose(service, type_report(output_format="application/json")).output_format is None


def test_many_objects_are_fetched_in_cells_if_they_have_an_id():
    assert propose(SERVICE, type_report(complete=False, at_least=5_000_000)).cells
    assert not propose(SERVICE, type_report(complete=False, at_least=5_000_000, ids=())).cells


@pytest.mark.parametrize("name", ["created_at", "IS_GEMELD", "meldingstatus", "footprint", " ", "${A}", "x" * 300])
def test_name_that_a_field_cannot_have_is_not_proposed(name: str):
    assert propose(SERVICE, type_report(fields=(field(name), field("soort")))).fields == ("soort",)


def test_best_mark_is_proposed():
    marks = (MarkCandidate(field="a", reported=("1",), others=()), MarkCandidate(field="b", reported=("1",), others=()))

    assert propose(SERVICE, type_report(marks=marks)).mark == marks[0]


def test_chosen_id_is_served_too():
    draft = propose(SERVICE, type_report())

    assert with_id_field(draft, "soort").fields == ("nummer", "soort")
    assert with_id_field(draft, "email").fields == ("email", "nummer", "soort")
    assert with_id_field(draft, None) == replace(draft, id_field=None)
