"""Names and literals of a filter, compared with what a layer serves."""

from __future__ import annotations

import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.checking import FilterSchema, checked
from wfs_proxy.filters.expression import (
    NOTHING,
    And,
    Area,
    Between,
    Comparison,
    HasId,
    In,
    Intersects,
    IsNull,
    Like,
    LikePattern,
    LocationName,
    Not,
    Or,
    UntypedLiteral,
)

SCHEMA = FilterSchema(
    types={
        "nummer": "string",
        "status": "string",
        "jaar": "integer",
        "hoogte": "number",
        "aan": "boolean",
        "geplaatst": "date",
        "gezien": "datetime",
        "naam:lang": "string",
        "IS_GEMELD": "string",
    },
    aliases={"objecttype_omschrijving": "nummer", "geen": "niets", "Nummer": "status"},
    geometries=("geometry", "geometrie"),
)
X = UntypedLiteral("x")


def value_of(name: str, value):
    found = checked(Comparison(name, "=", value), SCHEMA)
    assert isinstance(found, Comparison)
    return found.value


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("nummer", "nummer"),
        ("Nummer", "status"),
        ("NUMMER", "nummer"),
        ("objecttype_omschrijving", "nummer"),
        ("app:objecttype_omschrijving", "nummer"),
        ("app:status", "status"),
        ("app:container/app:status", "status"),
        ("container/status", "status"),
        ("/status/", "status"),
        ("app:STATUS", "status"),
        ("@status", "status"),
        ("naam:lang", "naam:lang"),
        ("is_gemeld", "IS_GEMELD"),
    ],
)
def test_names_of_a_property(name: str, served: str):
    if name == "NUMMER":
        schema = FilterSchema(types=SCHEMA.types)
        assert checked(IsNull(name), schema) == IsNull(served)
    else:
        assert checked(IsNull(name), SCHEMA) == IsNull(served)


def test_a_name_in_another_case_must_be_the_only_one():
    schema = FilterSchema(types={"Status": "string", "STATUS": "string"})

    assert checked(IsNull("STATUS"), schema) == IsNull("STATUS")
    with pytest.raises(BadRequest, match="status"):
        checked(IsNull("status"), schema)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("statuss", ["'statuss'", "Did you mean 'status'?", "Possible: ", "jaar"]),
        ("app:satus", ["Did you mean 'status'?"]),
        ("geen", ["'geen'"]),
        ("x" * 10_000, ["Possible"]),
        ("geometry", ["location", "BBOX"]),
        ("app:geometrie", ["location", "S_INTERSECTS"]),
    ],
)
def test_unknown_names(name: str, words):
    with pytest.raises(BadRequest) as caught:
        checked(Comparison(name, "=", X), SCHEMA)

    assert [word for word in words if word not in str(caught.value)] == []
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("name", "known", "says"),
    [
        ("nonsense", True, "'geometry'"),
        ("geometri", True, "Did you mean 'geometr"),
        ("nummer", True, "not the location"),
        ("nummer", False, "not the location"),
        ("app:Nummer", False, "not the location"),
        ("footprint", True, "not the location"),
        ("footprint", False, "not the location"),
        ("x" * 1000, True, "x" * 60),
    ],
)
def test_only_the_location_is_compared_with_an_area(name, known, says):
    area = Intersects(BBox(4, 52, 5, 53), location=LocationName(name, known))
    for expression in (area, Not(area), And((Comparison("nummer", "=", X), Or((area,))))):
        with pytest.raises(BadRequest) as refusal:
            checked(expression, SCHEMA)
        assert says in str(refusal.value)
        assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("geometry", True),
        ("GEOMETRIE", True),
        ("app:container/app:geometrie", True),
        ("geometry", False),
        ("wkb_geometry", False),
        ("app:shape", False),
    ],
)
def test_names_of_the_location(name, known):
    area = Intersects(BBox(4, 52, 5, 53), location=LocationName(name, known))
    assert checked(area, SCHEMA).location is None


def test_every_object_has_a_location():
    assert checked(IsNull("geometrie"), SCHEMA) == NOTHING
    assert checked(Not(IsNull("app:geometry")), SCHEMA) == Not(NOTHING)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("status", "1", "1"),
        ("status", "007", "007"),
        ("status", "", ""),
        ("jaar", "1990", 1990),
        ("jaar", "1990.0", 1990),
        ("jaar", "1.5", 1.5),
        ("hoogte", "2", 2.0),
        ("hoogte", "2,5", 2.5),
        ("aan", "true", True),
        ("aan", "0", False),
        ("aan", "nee", False),
        ("geplaatst", "2024-05-01", "2024-05-01"),
        ("geplaatst", "01-05-2024", "2024-05-01"),
        ("geplaatst", "2024-05-01T23:00:00Z", "2024-05-02"),
        ("gezien", "2024-05-01T10:00:00Z", "2024-05-01T12:00:00+02:00"),
        ("gezien", "2024-05-01", "2024-05-01T00:00:00+02:00"),
    ],
)
def test_text_becomes_the_type_of_the_property(name: str, text: str, value):
    found = value_of(name, UntypedLiteral(text))

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "literal", "value"),
    [
        ("status", "1", "1"),
        ("jaar", 1990.0, 1990),
        ("jaar", 1.5, 1.5),
        ("hoogte", 2.0, 2),
        ("aan", True, True),
        ("geplaatst", "2024-05-01", "2024-05-01"),
        ("gezien", "2024-05-01T10:00:00Z", "2024-05-01T12:00:00+02:00"),
    ],
)
def test_literals_with_a_type(name: str, literal, value):
    found = value_of(name, literal)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "literal", "words"),
    [
        ("status", 1, ["'status' has texts, not 1. ", "single quotes"]),
        ("status", True, ["has texts"]),
        ("jaar", "1990", ["whole numbers", "'1990'", "Write numbers without quotes."]),
        ("hoogte", "2.5", ["has numbers", "Write numbers without quotes."]),
        ("jaar", True, ["whole numbers"]),
        ("jaar", float("inf"), ["not inf."]),
        ("hoogte", "x", ["numbers"]),
        ("aan", 1, ["true and false"]),
        ("aan", "true", ["true and false", "Write TRUE or FALSE, without quotes."]),
        ("geplaatst", 2024, ["dates", "2024-05-01"]),
        ("geplaatst", "2024", ["dates"]),
        ("gezien", "gisteren", ["times"]),
        ("jaar", X, ["whole numbers", "'x'"]),
        ("jaar", UntypedLiteral(""), ["whole numbers", "''"]),
        ("hoogte", UntypedLiteral("NaN"), ["numbers"]),
        ("aan", UntypedLiteral("misschien"), ["true and false"]),
        ("geplaatst", UntypedLiteral("31-02-2024"), ["dates"]),
        ("jaar", UntypedLiteral("9" * 60_000), ["whole numbers"]),
    ],
)
def test_a_literal_of_another_type_is_refused(name: str, literal, words):
    with pytest.raises(BadRequest) as caught:
        value_of(name, literal)

    assert [word for word in words if word not in str(caught.value)] == []
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["jaar", "hoogte", "aan"])
def test_quotes_are_no_matter_where_the_language_has_none(name):
    with pytest.raises(BadRequest) as caught:
        value_of(name, UntypedLiteral("x"))

    assert "quotes" not in str(caught.value)


def test_every_condition_is_checked():
    one = UntypedLiteral("1")

    assert checked(In("app:jaar", (one, UntypedLiteral("1.0"), UntypedLiteral("2"))), SCHEMA) == In("jaar", (1, 2))
    assert checked(Between("jaar", one, UntypedLiteral("2")), SCHEMA) == Between("jaar", 1, 2)
    assert checked(Like("app:status", LikePattern("a%"), False), SCHEMA) == Like("status", LikePattern("a%"), False)
    assert checked(Like("geplaatst", LikePattern("2024-%")), SCHEMA) == Like("geplaatst", LikePattern("2024-%"))
    nested = Not(And((Comparison("app:jaar", "=", one), Or((IsNull("app:aan"),)))))
    assert checked(nested, SCHEMA) == Not(And((Comparison("jaar", "=", 1), Or((IsNull("aan"),)))))
    with pytest.raises(BadRequest, match="LIKE is for texts"):
        checked(Like("jaar", LikePattern("1%")), SCHEMA)
    with pytest.raises(BadRequest, match="1000 characters"):
        checked(Like("status", LikePattern("_" * 1_001)), SCHEMA)


def test_the_case_of_numbers_does_not_matter():
    """So that filters with the same meaning have the same text."""
    assert checked(Comparison("jaar", "=", 1, match_case=False), SCHEMA) == Comparison("jaar", "=", 1)
    assert checked(Comparison("status", "=", X, match_case=False), SCHEMA).match_case is False


def test_areas_and_ids_stay_as_they_are():
    for expression in (Intersects(BBox(4, 52, 5, 53), swappable=True), HasId(("1",))):
        assert checked(expression, SCHEMA) == expression


TRANSLATED = FilterSchema(
    types={"soort": "string", "jaar": "integer"},
    aliases={"soort_put": "soort", "bouwjaar": "jaar"},
    translations={
        "soort_put": {"K": "kolk", "1": "put", "2": 5, "0": None},
        "bouwjaar": {"oud": 1900, "nieuw": "2000"},
    },
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Comparison("soort_put", "=", "K"), Comparison("soort", "=", "kolk")),
        (Comparison("app:SOORT_PUT", "<>", UntypedLiteral("K")), Comparison("soort", "<>", "kolk")),
        (Comparison("soort_put", "=", UntypedLiteral("1.0")), Comparison("soort", "=", "put")),
        (Comparison("soort_put", "=", "kolk"), Comparison("soort", "=", "kolk")),
        (Comparison("soort", "=", "K"), Comparison("soort", "=", "K")),
        (Comparison("soort_put", "=", "0"), Comparison("soort", "=", "0")),
        (In("soort_put", ("K", "1", "x")), In("soort", ("kolk", "put", "x"))),
        (Comparison("bouwjaar", "=", "oud"), Comparison("jaar", "=", 1900)),
        # the layer file may have another type than the field
        (Comparison("bouwjaar", "=", "nieuw"), Comparison("jaar", "=", 2000)),
        (Comparison("soort_put", "=", "2"), Comparison("soort", "=", "5")),
        (Not(Comparison("soort_put", "=", "K")), Not(Comparison("soort", "=", "kolk"))),
    ],
)
def test_values_of_the_vendor_become_those_that_are_served(given, expected):
    assert checked(given, TRANSLATED) == expected


def test_the_number_of_conditions_is_limited():
    equal, like = Comparison("status", "=", X), Like("status", LikePattern("%a"))
    area = Intersects(Area(((((4.0, 52.0), (5.0, 52.0), (5.0, 53.0), (4.0, 52.0)),),)))
    without_case = Comparison("status", "=", X, match_case=False)

    checked(Or((equal,) * 125 + (Not(And((equal,) * 125)),)), SCHEMA)
    with pytest.raises(BadRequest, match="250 conditions"):
        checked(Or((equal,) * 126 + (Not(And((equal,) * 125)),)), SCHEMA)
    checked(Or((like,) * 10 + (area,) * 10), SCHEMA)
    with pytest.raises(BadRequest, match="20 patterns"):
        checked(Or((like,) * 10 + (area,) * 10 + (without_case,)), SCHEMA)


MAPPED = FilterSchema(
    types={"soort": "string", "kleur": "string", "jaar": "integer"},
    aliases={"soort_put": "soort", "bouwjaar": "jaar"},
    translations={
        "soort_put": {"KOLK_A": "kolk", "KOLK_B": "kolk", "PUT": "put", "X": None, "5%": "half"},
        "bouwjaar": {"1900": 1900, "1950": 1950},
        # its attribute has its name
        "kleur": {"R": "rood"},
    },
)


@pytest.mark.parametrize(
    ("pattern", "match_case", "expected"),
    [
        ("KOLK%", True, In("soort", ("kolk",))),
        ("%T", True, In("soort", ("put",))),
        ("_UT", True, In("soort", ("put",))),
        ("%", True, In("soort", ("half", "kolk", "put"))),
        ("5\\%", True, In("soort", ("half",))),
        ("kolk%", False, In("soort", ("kolk",))),
        # a value that is served, as with "="
        ("kol%", True, Like("soort", LikePattern("kol%"))),
        ("zz%", True, Like("soort", LikePattern("zz%"))),
    ],
)
def test_a_pattern_for_an_attribute_of_the_vendor_is_for_its_values(pattern, match_case, expected):
    assert checked(Like("app:soort_put", LikePattern(pattern), match_case), MAPPED) == expected


def test_a_pattern_finds_numbers_that_stand_for_texts():
    assert checked(Like("bouwjaar", LikePattern("19%")), MAPPED) == In("jaar", (1900, 1950))


def test_a_pattern_for_the_name_that_is_served_is_for_what_is_served():
    assert checked(Like("soort", LikePattern("KOLK%")), MAPPED) == Like("soort", LikePattern("KOLK%"))
    assert checked(Like("kleur", LikePattern("R%")), MAPPED) == Like("kleur", LikePattern("R%"))


@pytest.mark.parametrize(
    "expression",
    [
        Comparison("app:soort_put", "<", UntypedLiteral("L")),
        Comparison("soort_put", ">=", "L"),
        Between("soort_put", "A", "L"),
        Between("bouwjaar", UntypedLiteral("1900"), UntypedLiteral("1950")),
    ],
)
def test_an_order_of_values_that_are_translated_is_refused(expression):
    with pytest.raises(BadRequest) as refused:
        checked(expression, MAPPED)

    assert "has no order" in str(refused.value)
    assert "use =, IN or LIKE" in str(refused.value)


def test_an_order_of_what_is_served_is_possible():
    assert checked(Comparison("jaar", "<", UntypedLiteral("1950")), MAPPED) == Comparison("jaar", "<", 1950)
    assert checked(Between("kleur", "a", "b"), MAPPED) == Between("kleur", "a", "b")
