"""Which existing names are proposed for a name that does not exist."""

from __future__ import annotations

import pytest

from wfs_proxy.config.similar_names import nearest, nearest_names

LIGHT = "lantaarnpaal-straatverlichting"
SEWER = "put-riolering-verstopt"
CATEGORIES = (
    "boom-dood",
    "container-is-kapot",
    "container-is-vol",
    "graffiti-wildplak",
    LIGHT,
    "overig-afval",
    SEWER,
    "wegdek",
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # contained in a name
        ("lantaarnpaal", LIGHT),
        ("straatverlichting", LIGHT),
        ("verlichting", LIGHT),
        ("put", SEWER),
        ("riolering-verstopt", SEWER),
        ("wildplak", "graffiti-wildplak"),
        # contains a name
        ("wegdek-kapot", "wegdek"),
        ("kapotte-lantaarnpaal-straatverlichting", LIGHT),
        # begins with the same words
        ("lantaarnpaal-kapot", LIGHT),
        ("container-is-verdwenen", "container-is-vol"),
        ("put-stinkt", SEWER),
        # the same in another spelling
        ("Lantaarnpaal", LIGHT),
        ("LANTAARNPAAL_STRAATVERLICHTING", LIGHT),
        ("lantaarn paal", LIGHT),
        ("lantarenpaal", LIGHT),
        ("lantaarnpalen", LIGHT),
        ("lantaarnpaal-straatverlichtin", LIGHT),
        ("straatverlichtng", LIGHT),
    ],
)
def test_name_that_was_probably_meant(given: str, expected: str):
    assert nearest(given, CATEGORIES) == expected


@pytest.mark.parametrize("given", ["", "-", "x", "is", "vo", "fiets", "qwertyuiop", "speeltoestel-kapotgemaakt"])
def test_name_that_resembles_none(given: str):
    assert nearest(given, CATEGORIES) is None


def test_spelling_error_is_nearer_than_a_part_of_a_name():
    assert nearest("lantarnpaal", ["lantaarnpaal-straatverlichting", "lantaarnpaal"]) == "lantaarnpaal"


def test_whole_word_is_nearer_than_a_part_of_a_word():
    assert nearest("put", ["computer-defect", "put-deksel-weg"]) == "put-deksel-weg"


def test_several_are_given_in_the_order_of_their_nearness():
    assert nearest_names("container-is-vol-en-kapot", CATEGORIES) == ("container-is-vol", "container-is-kapot")
    assert nearest_names("container", CATEGORIES, most=1) == ("container-is-vol",)
    assert nearest_names("container", ()) == ()


def test_names_with_another_spelling_are_each_proposed():
    assert nearest_names("masten", ["Masten", "MASTEN", "app:masten"]) == ("Masten", "MASTEN", "app:masten")


def test_long_text_is_compared_in_part():
    assert nearest("a-" * 100_000, CATEGORIES) is None
