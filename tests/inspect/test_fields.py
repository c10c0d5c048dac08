"""The attributes of a sample, and which of them may identify objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.inspect.fields import describe_fields, describe_ids, printable
from wfs_proxy.inspect.report import FieldReport, IdCandidate


def batch(rows: Sequence[Mapping[str, object]], *, ids: bool = False, places: bool = True) -> FeatureBatch:
    """Return objects with these properties in a row of places."""
    features = [
        {
            "type": "Feature",
            **({"id": f"lamp.{number}"} if ids else {}),
            "geometry": {"type": "Point", "coordinates": [4.3 + number / 1000, 52.0]} if places else None,
            "properties": row,
        }
        for number, row in enumerate(rows)
    ]
    return decode(Payload(body=json.dumps({"type": "FeatureCollection", "features": features}).encode()))


def field_of(values: Sequence[object], declared: str | None = None, name: str = "kenmerk1") -> FieldReport:
    """Return the report of one field with these values."""
    described = describe_fields(batch([{name: value} for value in values]), {name: declared} if declared else {})
    return next(field for field in described.fields if field.name == name)


@pytest.mark.parametrize(
    ("values", "declared", "expected"),
    [
        ([1, 2], None, "integer"),
        ([1, 2.5], None, "number"),
        ([True, False], None, "boolean"),
        ([True, 1], None, "string"),
        (["1", "2"], None, "string"),
        (["1", "2"], "int", "integer"),
        (["1", "2"], "long", "integer"),
        (["001", "2"], "int", "string"),
        (["1", "x"], "int", "string"),
        (["1.5", "2"], "double", "number"),
        (["true", "false"], "boolean", "boolean"),
        (["2019-01-02", "2020-03-04Z"], None, "date"),
        (["2019-01-02", "vandaag"], None, "string"),
        (["2019-01-02T03:04:05Z"], None, "datetime"),
        (["2019-01-02T03:04:05Z"], "dateTime", "datetime"),
        (["2019"], "date", "string"),
        ([None, "", "x"], "string", "string"),
        ([None, None], "int", "integer"),
        (["1", "2"], "MyCodeType", "string"),
    ],
)
def test_type_is_the_declared_one_if_every_value_fits(values: list[object], declared: str | None, expected: str):
    assert field_of(values, declared).type == expected


def test_share_distinct_values_and_examples():
    field = field_of(["rood", "blauw", "rood", "", None, "groen", "wit", "wit", "wit", "rood"])

    assert (field.filled, field.distinct) == (0.8, 4)
    assert field.examples == ("rood", "wit", "blauw")


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("email", ["a@example.org"], "personal"),
        ("CREATED_USER", ["jansen"], "internal"),
        ("opmerking", ["mevrouw Jansen belt morgen"], "free_text"),
        ("soort", ["mast", "bel jan@example.org"], "personal"),
        ("leeg", ["", None], "empty"),
        ("genest", [{"a": 1}], "nested"),
    ],
)
def test_field_with_a_role_shows_no_values(name: str, values: list[object], role: str):
    field = field_of(values, name=name)

    assert (field.role, field.examples) == (role, ())


def test_personal_value_in_an_ordinary_field_is_no_example():
    field = field_of(["bel 06-12345678", "bel 06-12345678", "kolk", "put", *(f"a{number}" for number in range(20))])

    assert (field.role, field.examples) == (None, ("kolk", "put", "a0"))


def test_mark_is_found_and_its_values_are_shown():
    described = describe_fields(batch([{"status": "Storing"}, {"status": "ok"}, {"status": "ok"}]), {})
    named = describe_fields(batch([{"status": "gemeld", "IS_GEMELD": "0"}, {"status": "ok", "IS_GEMELD": "1"}]), {})

    assert [(mark.field, mark.reported) for mark in described.marks] == [("status", ("Storing",))]
    assert described.fields[0].role == "mark"
    assert described.fields[0].examples == ("ok", "Storing")
    assert [mark.field for mark in named.marks] == ["IS_GEMELD", "status"]


def test_declared_field_that_no_object_has_is_reported_as_empty():
    described = describe_fields(batch([{"a": 1}]), {"a": "int", "b": "string", "boundedBy": "BoundingShapeType"})

    assert [(field.name, field.role) for field in described.fields] == [("a", None), ("b", "empty")]


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31m b", "a\u2028b", "a\x85 b", "a\tb", "a\u202eb", " a  b "])
def test_text_is_made_one_harmless_line(text: str):
    line = printable(text)

    assert line.isprintable()
    assert (line.startswith("a"), line.endswith("b")) == (True, True)


def test_long_example_is_shortened():
    assert field_of(["x" * 500]).examples == (f"{'x' * 57}...",)


# ids


def ids_of(
    rows: Sequence[Mapping[str, object]], again: FeatureBatch | None = None, **options: bool
) -> list[IdCandidate]:
    sample = batch(rows, **options)
    return list(describe_ids(sample, again, describe_fields(sample, {}).fields))


def names(found: list[IdCandidate]) -> list[str | None]:
    return [each.name for each in found if each.usable]


def test_number_on_the_object_comes_before_ids_and_row_numbers():
    rows = [
        {
            "OBJECTID": number,
            "soort": "mast",
            "omschrijving": f"o{number}",
            "LumiId": number,
            "MASTNUMMER": f"{number:05}",
        }
        for number in range(30)
    ]

    assert names(ids_of(rows, ids=True)) == ["MASTNUMMER", "LumiId", None, "OBJECTID", "omschrijving"]


def test_field_with_duplicates_or_blanks_is_not_usable():
    rows: list[dict[str, object]] = [{"nummer": number, "code": number or None, "id": number} for number in range(30)]
    rows[3]["nummer"] = 4

    found = ids_of(rows)

    assert names(found) == ["id"]
    assert [(each.name, each.distinct) for each in found] == [("id", 30), ("nummer", 29)]


@pytest.mark.parametrize("name", ["email", "x", "lengte", "Shape_Length", "hoogte", "geplaatst"])
def test_measures_dates_and_personal_fields_are_no_ids(name: str):
    rows = [{name: f"2019-01-{number:02}" if name == "geplaatst" else f"{number}"} for number in range(1, 29)]

    assert ids_of(rows) == []


def test_equal_numbers_in_two_spellings_are_one_value():
    assert [
        each.distinct for each in ids_of([{"nummer": value} for value in ["12", "12.0", *map(str, range(13, 40))]])
    ] == [28]


def test_id_that_changes_between_two_answers_is_not_usable():
    before = [{"nummer": f"a{number}", "id": f"x{number}"} for number in range(30)]
    after = batch([{"nummer": f"a{number}", "id": f"y{number}"} for number in range(30)])

    found = ids_of(before, after)

    assert names(found) == ["nummer"]
    assert {each.name: each.stable for each in found} == {"nummer": True, "id": False}


def test_order_and_number_of_the_second_answer_do_not_matter():
    rows = [{"nummer": f"a{number}"} for number in range(30)]
    shuffled = batch(rows)
    after = shuffled.take(np.array([9, 3, 20]))

    assert [each.stable for each in ids_of(rows, after)] == [True]


def test_stability_is_unknown_without_a_common_object():
    rows = [{"nummer": f"a{number}"} for number in range(30)]
    elsewhere = batch([{}] * 30 + rows).take(np.arange(30, 60))

    assert [each.stable for each in ids_of(rows, elsewhere)] == [None]
    assert names(ids_of(rows, elsewhere)) == ["nummer"]


def test_objects_without_places_are_recognised_by_their_other_attributes():
    before = [{"nummer": f"a{number}", "straat": f"s{number}"} for number in range(30)]
    after = batch([{"nummer": f"b{number}", "straat": f"s{number}"} for number in range(30)], places=False)

    assert {each.name: each.stable for each in ids_of(before, after, places=False)}["nummer"] is False


def test_empty_sample_has_no_ids():
    assert ids_of([]) == []
