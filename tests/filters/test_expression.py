"""The canonical text of expressions, and patterns of other languages."""

from __future__ import annotations

import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.filters.expression import (
    EVERYTHING,
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
    Not,
    Or,
    all_of,
    any_of,
    opposite_of,
)

STATUS = Comparison("status", "=", "1")
SQUARE = ((4.0, 52.0), (5.0, 52.0), (5.0, 53.0), (4.0, 53.0), (4.0, 52.0))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (STATUS, "status = '1'"),
        (Comparison("status", "<>", 1), "status <> 1"),
        (Comparison("hoogte", ">=", 2.50), "hoogte >= 2.5"),
        (Comparison("hoogte", "<", 2.0), "hoogte < 2"),
        (Comparison("aan", "=", True), "aan = TRUE"),
        (Comparison("naam", "=", "it's"), "naam = 'it''s'"),
        (Comparison("naam", "=", "Klok", match_case=False), "CASEI(naam) = CASEI('Klok')"),
        (Comparison("soort boom", "=", "x"), "\"soort boom\" = 'x'"),
        (Comparison('a"b', "=", "x"), '"a""b" = \'x\''),
        (Comparison("AND", "=", "x"), "\"AND\" = 'x'"),
        (In("soort", ("a", 2, False)), "soort IN ('a',2,FALSE)"),
        (In("soort", ("a", "B"), match_case=False), "CASEI(soort) IN (CASEI('a'),CASEI('B'))"),
        (In("soort", ()), "soort IN ()"),
        (Or((And((IsNull("a"), IsNull("b"))), NOTHING)), "a IS NULL AND b IS NULL OR FALSE"),
        (And((EVERYTHING, Not(IsNull("a")))), "TRUE AND NOT a IS NULL"),
        (Between("jaar", 1990, 2000), "jaar BETWEEN 1990 AND 2000"),
        (Like("naam", LikePattern("a%")), "naam LIKE 'a%'"),
        (Like("naam", LikePattern("a%"), match_case=False), "CASEI(naam) LIKE CASEI('a%')"),
        (IsNull("naam"), "naam IS NULL"),
        (Not(STATUS), "NOT status = '1'"),
        (And((STATUS, Or((IsNull("a"), Not(IsNull("b")))))), "status = '1' AND (a IS NULL OR NOT b IS NULL)"),
        (Not(And((STATUS, IsNull("a")))), "NOT (status = '1' AND a IS NULL)"),
        (EVERYTHING, "TRUE"),
        (Not(NOTHING), "NOT FALSE"),
        (HasId(("masten.1", "2")), "HASID('masten.1','2')"),
        (Intersects(BBox(4, 52, 5.5, 53)), "S_INTERSECTS(geometry, BBOX(4, 52, 5.5, 53))"),
        (Intersects(Area(((SQUARE,),))), "S_INTERSECTS(geometry, POLYGON((4 52,5 52,5 53,4 53,4 52)))"),
    ],
)
def test_text(expression, text: str):
    assert str(expression) == text


def test_texts_of_several_polygons():
    square = "(4 52,5 52,5 53,4 53,4 52)"

    assert str(Area(((SQUARE,), (SQUARE, SQUARE)))) == f"MULTIPOLYGON(({square}),({square},{square}))"


def test_a_box_in_unknown_axis_order_has_another_text():
    """It may select other objects, so the two must not share a cache key."""
    box = BBox(4, 52, 5, 53)

    assert str(Intersects(box, swappable=True)) != str(Intersects(box))


def test_box_around_an_area():
    assert Intersects(Area(((SQUARE,), (((1.0, 2.0), (3.0, 2.0), (3.0, 9.0), (1.0, 2.0)),)))).box == (1, 2, 5, 53)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (LikePattern.of("a%_b"), "a_%b"),
        (LikePattern.of("a%%%b"), "a%b"),
        (LikePattern.of("a_%_b"), "a__%b"),
        (LikePattern.of(r"10\%"), r"10\%"),
        (LikePattern.of(r"10\\%_"), r"10\\_%"),
        (LikePattern.of(r"10\%%_"), r"10\%_%"),
        (LikePattern.of(r"\a"), "a"),
        (LikePattern.of("a\\"), r"a\\"),
        (LikePattern.of("*boom.!*", many="*", one=".", escape="!"), "%boom_*"),
        (LikePattern.of("10%_\\*", many="*", one="?", escape="!"), r"10\%\_\\%"),
        (LikePattern.of("a!!*", many="*", one="?", escape="!"), "a!%"),
        (LikePattern.of("xxMANYyMANY", many="MANY", one="y", escape="!"), "xx_%"),
        (LikePattern.of("a*b", many="", one="", escape=""), "a*b"),
        (LikePattern.of("", many="*", one="?", escape="!"), ""),
    ],
)
def test_patterns_have_one_form(pattern: LikePattern, text: str):
    assert pattern.text == text


def test_all_of_and_any_of_add_no_level():
    a, b, c = IsNull("a"), IsNull("b"), IsNull("c")

    assert all_of([And((a, b)), c]) == And((a, b, c))
    assert any_of([a, Or((b, c))]) == Or((a, b, c))
    assert all_of([a]) == a
    assert all_of([]) == EVERYTHING
    assert any_of([]) == NOTHING
    assert all_of([Or((a, b)), c]) == And((Or((a, b)), c))


def test_any_of_joins_ids():
    a = IsNull("a")

    assert any_of([HasId(("1",)), a, HasId(("2", "1"))]) == Or((HasId(("1", "2")), a))
    assert any_of([HasId(("1",)), HasId(("2",))]) == HasId(("1", "2"))


def test_opposite_of_a_negation_is_what_it_negates():
    a = IsNull("a")

    assert opposite_of(a) == Not(a)
    assert opposite_of(Not(a)) == a
