import math

import numpy as np
import pytest
from arrays import column
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.config.layer import Properties
from wfs_proxy.features import Encoding, FeatureBatch
from wfs_proxy.pipeline.output_columns import absent_attributes, kinds_of_fields, project_fields, select


def batch_of(**columns):
    count = len(next(iter(columns.values()), []))
    nothing = np.full(count, None, dtype=object)
    return FeatureBatch(
        ids=nothing,
        type_names=np.full(count, "", dtype=object),
        geometry=nothing,
        geometry_errors=nothing,
        srs_index=np.full(count, -1, dtype=np.int32),
        srs_names=(),
        columns={name: column(values) for name, values in columns.items()},
        encoding=Encoding.GEOJSON,
    )


def properties(**fields):
    return Properties.model_validate({"fields": fields})


def values_of(output, name):
    return output.columns[name].tolist()


# --- select


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        (1, True), (1.0, True), ("1", True), (" 1 ", True), ("1.0", True), (["2", "1"], True),
        (True, False), ("01", False), (None, False), ("", False), ([], False), ([None], False), (math.nan, False),
    ],
)  # fmt: skip
def test_value_is_selected_as_text(value, passes):
    assert select(batch_of(status=[value]), {"status": ("1",)}).tolist() == [passes]


def test_equal_numbers_of_other_types_are_cast_separately():
    batch = batch_of(mark=[1, True, 1.0, "true"] * 5)

    assert select(batch, {"mark": ("true",)}).tolist() == [False, True, False, True] * 5


def test_every_attribute_must_have_one_of_its_values():
    batch = batch_of(soort=["K", "I", "K"], status=["a", "a", "b"])

    assert select(batch, {"soort": ("K",), "status": ("a", "c")}).tolist() == [True, False, False]


def test_no_conditions_select_everything():
    assert select(batch_of(a=[1, None]), {}).tolist() == [True, True]


def test_unknown_attribute_selects_nothing_and_is_reported():
    batch = batch_of(status=["a"])

    assert select(batch, {"Status": ("a",)}).tolist() == [False]
    assert absent_attributes(batch, ["Status", "status", "Status"]) == ("Status",)


def test_conditions_on_no_objects():
    assert select(batch_of(status=[]), {"status": ("a",)}).tolist() == []


# --- output_columns


def test_only_named_fields_leave():
    output = project_fields(batch_of(nummer=["1"], eigenaar=["Jansen"]), properties(nummer="string"))

    assert list(output.columns) == ["nummer"]


def test_no_fields_are_no_columns():
    assert project_fields(batch_of(a=["1"]), Properties()).columns == {}


def test_field_is_renamed_and_keeps_its_place_in_the_layer():
    fields = properties(tekst={"template": "{soort}"}, soort={"from": "s"}, nummer="integer")

    output = project_fields(batch_of(nummer=["3"], s=["K"]), fields)

    assert {name: values.tolist() for name, values in output.columns.items()} == {
        "tekst": ["K"],
        "soort": ["K"],
        "nummer": [3],
    }
    assert list(output.columns) == ["tekst", "soort", "nummer"]


def test_map_and_default():
    soort = {"from": "s", "map": {"K": "kolk", 1: "een", "N": None}, "default": "onbekend"}

    output = project_fields(batch_of(s=["K", " K ", 1.0, "1", "X", None, "", "N"]), properties(soort=soort))

    assert values_of(output, "soort") == ["kolk", "kolk", "een", "een", "onbekend", "onbekend", "onbekend", None]
    assert output.failed_casts == {}


def test_value_outside_the_map_without_a_default_is_null_and_counted():
    output = project_fields(batch_of(s=["K", "X", "X", None]), properties(s={"map": {"K": "kolk"}}))

    assert values_of(output, "s") == ["kolk", None, None, None]
    assert output.failed_casts == {"s": 2}


def test_mapped_values_and_defaults_have_the_type_of_the_field():
    rule = {"type": "integer", "map": {"een": "1"}, "default": "0"}

    assert values_of(project_fields(batch_of(n=["een", None]), properties(n=rule)), "n") == [1, 0]


def test_failed_cast_is_null_and_counted_even_where_there_is_a_default():
    output = project_fields(batch_of(n=["1", "x", None, math.nan]), properties(n={"type": "integer", "default": 7}))

    assert values_of(output, "n") == [1, None, 7, None]
    assert output.failed_casts == {"n": 2}


def test_failures_are_counted_by_object_where_values_repeat():
    output = project_fields(batch_of(n=["x", "1"] * 50), properties(n="integer"))

    assert output.failed_casts == {"n": 50}


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blank_is_null_and_not_a_failure(blank):
    output = project_fields(batch_of(a=[blank], b=[blank]), properties(a="integer", b="string"))

    assert [values_of(output, "a"), values_of(output, "b")] == [[None], [None]]
    assert output.failed_casts == {}


def test_lists_among_repeating_values_are_cast_too():
    output = project_fields(batch_of(a=[*["x"] * 2000, ["a", "b"]]), properties(a="string"))

    assert values_of(output, "a")[-2:] == ["x", "a, b"]


@pytest.mark.parametrize(
    ("template", "soort", "nummer", "expected"),
    [
        ("{soort} {nummer}", "kolk", 7, "kolk 7"),
        ("{soort} {nummer}", "kolk", None, "kolk"),
        ("{soort}, {nummer}", None, 7, "7"),
        ("{soort} - {nummer}", "kolk", None, "kolk"),
        ("{soort} {nummer}", None, None, None),
        ("nr. {nummer} ({soort})", "kolk", 7, "nr. 7 (kolk)"),
        ("{soort} -", "kolk", 7, "kolk -"),
        ("put", "kolk", 7, "put"),
        ("{soort.__class__} {nummer}", "kolk", 7, "7"),
        ("{soort}", "{nummer}", 7, "{nummer}"),
    ],
)
def test_template(template, soort, nummer, expected):
    fields = properties(soort="string", nummer="integer", tekst={"template": template})

    assert values_of(project_fields(batch_of(soort=[soort], nummer=[nummer]), fields), "tekst") == [expected]


def test_template_without_parts_has_the_default():
    fields = properties(a="string", b={"template": "nr. {a}", "default": "zonder nummer"})

    assert values_of(project_fields(batch_of(a=[None, "1"]), fields), "b") == ["zonder nummer", "nr. 1"]


def test_template_of_templates():
    fields = properties(c={"template": "{b}!"}, b={"template": "<{a}>"}, a="string")

    assert values_of(project_fields(batch_of(a=["1"]), fields), "c") == ["<1>!"]


def test_attribute_that_no_object_has_is_reported():
    fields = Properties.model_validate(
        {"id": "nr", "fields": {"a": "string", "b": {"from": "weg"}, "t": {"template": "{a}"}}}
    )

    output = project_fields(batch_of(a=[None, None]), fields)

    assert output.absent_fields == ("nr", "weg")
    assert values_of(output, "b") == [None, None]


def test_nothing_is_absent_from_no_objects():
    output = project_fields(batch_of(), properties(a="string", t={"template": "{a}"}))

    assert output.absent_fields == ()
    assert {name: len(values) for name, values in output.columns.items()} == {"a": 0, "t": 0}


# --- laws

vendor_values = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.sampled_from(["K", "I", "1", "", "x"])
rows = st.lists(st.tuples(vendor_values, vendor_values), max_size=30)
FIELDS = properties(
    a="integer",
    b={"map": {"K": "kolk", 1: "een"}, "default": "onbekend"},
    tekst={"template": "{b} {a}"},
    vlag={"from": "b", "type": "boolean"},
)


@given(rows)
def test_select_then_shape_is_shape_then_select(rows):
    batch = batch_of(a=[a for a, _ in rows], b=[b for _, b in rows])
    chosen = select(batch, {"b": ("K", "1")})

    before, after = project_fields(batch.take(chosen), FIELDS), project_fields(batch, FIELDS)

    for name, values in after.columns.items():
        assert before.columns[name].tolist() == values[chosen].tolist()


@given(rows, st.permutations(range(30)))
def test_each_object_is_projected_alone(rows, order):
    batch = batch_of(a=[a for a, _ in rows], b=[b for _, b in rows])
    shuffle = np.array([row for row in order if row < len(rows)], dtype=np.intp)

    for name, values in project_fields(batch.take(shuffle), FIELDS).columns.items():
        assert values.tolist() == project_fields(batch, FIELDS).columns[name][shuffle].tolist()


# --- kinds_of_fields


def test_the_kind_of_a_field_is_known_without_values_and_dates_are_text():
    fields = properties(
        a="string", b="integer", c="number", d="boolean", e="date", f="datetime", g={"template": "{a} {b}"}
    )

    assert kinds_of_fields(fields) == {
        "a": "string", "b": "integer", "c": "number", "d": "boolean", "e": "string", "f": "string", "g": "string",
    }  # fmt: skip
