"""Which objects a signal marks: by id first, by place second."""

from __future__ import annotations

import json
import math

import needs
import pytest
from marked_layers import HERE, METRE_NORTH, asset, ids_marked, marked, north_of, properties, reported, signal, target

from wfs_proxy.marks.reported_objects import Place
from wfs_proxy.reports.signal_pages import parse_page


@pytest.mark.parametrize(
    "identifier",
    ["034575", "masten.034575", "LM-9", " LM-9 "],
    ids=["id", "GeoJSON id", "match field", "with blanks"],
)
def test_an_object_is_found_by_any_of_its_names(identifier):
    one = target({"034575": HERE, "b": HERE}, numbers=["LM-9", None])
    assert ids_marked(one, signal(asset(identifier))) == ["034575"]


@pytest.mark.parametrize("identifier", ["34575", "lm-9", "", "ander.034575", "x" * 10_000, "\ud800"])
def test_a_text_that_is_not_a_name_matches_nothing(identifier):
    marks = marked(target({"034575": HERE}, numbers=["LM-9"]), reported(signal(asset(identifier))))
    assert (marks.full.reported, marks.full.counts.unmatched) == (0, 1)


def test_only_open_signals_of_the_layers_categories_and_questions_count():
    one = target({"a": HERE}, question_keys=["extra_lamp"])
    assert ids_marked(one, signal(asset("a"))) == ["a"]
    assert ids_marked(one, signal(asset("a"), state="o")) == []
    assert ids_marked(one, signal(asset("a"), state="nieuw")) == []
    assert ids_marked(one, signal(asset("a"), category="boom")) == []
    assert ids_marked(one, signal(asset("a", HERE, question_key="extra_boom"))) == []


def test_without_categories_and_questions_any_counts():
    one = target({"a": HERE}, categories=[])
    assert ids_marked(one, signal(asset("a", question_key=""), category="boom")) == ["a"]


@pytest.mark.parametrize(("metres", "expected", "void"), [(0, ["a"], 0), (49.9, ["a"], 0), (50.5, [], 1), (1e6, [], 1)])
def test_an_id_far_from_where_the_form_saw_it_is_void(metres, expected, void):
    one = target({"a": HERE})
    given = signal(asset("a", north_of(HERE, metres)), place=HERE)
    assert ids_marked(one, given) == expected
    assert marked(one, reported(given)).full.counts.void == void


def test_a_reference_with_a_void_id_is_matched_by_its_place():
    one = target({"a": HERE, "b": north_of(HERE, 100)})
    assert ids_marked(one, signal(asset("a", north_of(HERE, 100)))) == ["b"]


@pytest.mark.parametrize(
    ("match", "metres", "expected", "void"),
    [
        ({}, 0, ["a"], 0),
        ({}, 249, ["a"], 0),
        ({}, 251, [], 1),
        ({}, 1700, [], 1),
        ({}, 1e6, [], 1),
        ({"id_within": "900m"}, 899, ["a"], 0),
        ({"id_within": "900m"}, 901, [], 1),
        ({"id_within": 0}, 0, ["a"], 0),
        ({"id_within": 0}, 1, [], 1),
    ],
)
def test_an_id_without_a_stored_place_is_void_far_from_the_report(match, metres, expected, void):
    one = target({"a": HERE, "b": north_of(HERE, 5000)}, match=match)
    given = signal(asset("a"), place=north_of(HERE, metres))
    assert ids_marked(one, given) == expected
    assert marked(one, reported(given)).full.counts.void == void


def test_each_id_without_a_stored_place_is_held_against_the_report():
    """The report is at the last of several objects."""
    places = {"a": HERE, "b": north_of(HERE, 200), "c": north_of(HERE, 400)}
    assert ids_marked(target(places), signal(asset("a"), asset("b"), asset("c"), place=places["c"])) == ["b", "c"]


def test_an_id_with_a_stored_place_marks_wherever_the_report_is():
    """The newer form leaves the report at an earlier address if the object was chosen in the list."""
    assert ids_marked(target({"a": HERE}), signal(asset("a", HERE), place=north_of(HERE, 9000))) == ["a"]


def test_an_id_without_any_place_marks():
    assert ids_marked(target({"a": HERE}), signal(asset("a"))) == ["a"]


def test_an_id_that_is_void_for_one_layer_may_count_for_another():
    near, far = target({"1": north_of(HERE, 100)}, layer_id="andere"), target({"1": north_of(HERE, 300)})
    given = signal(asset("1"), place=HERE)
    assert ids_marked([near, far], given) == ["1"]
    assert ids_marked([far, near], given) == []
    wide = target({"1": north_of(HERE, 300)}, match={"id_within": "1000m"})
    assert ids_marked([wide, near], given) == []
    assert marked([wide, near], reported(given)).full.counts.ambiguous == 1


def test_a_void_id_marks_the_one_object_at_the_place_of_the_report():
    one = target({"a": HERE, "b": north_of(HERE, 900)})
    assert ids_marked(one, signal(asset("a"), place=north_of(HERE, 900.2))) == ["b"]


SHARED = {"a": HERE, "b": north_of(HERE, 10), "c": north_of(HERE, 0.3)}


@pytest.mark.parametrize(
    ("given", "expected", "ambiguous"),
    [
        (signal(asset("LM-9")), [], 1),
        (signal(asset("LM-9", north_of(HERE, 10.2))), ["b"], 0),
        (signal(asset("LM-9"), place=north_of(HERE, 10.2)), ["b"], 0),
        (signal(asset("LM-9", north_of(HERE, 5))), [], 1),
        (signal(asset("LM-9", north_of(HERE, 0.1))), [], 1),
        (signal(asset("LM-9"), asset("LM-9"), place=north_of(HERE, 10.2)), [], 2),
        (signal(asset("LM-9", north_of(HERE, 59))), ["b"], 0),
    ],
    ids=["no place", "at one", "signal at one", "at none", "at two", "signal of two assets", "one too far"],
)
def test_of_several_objects_with_one_name_the_one_at_the_place_is_marked(given, expected, ambiguous):
    one = target(SHARED, numbers=["LM-9", "LM-9", "LM-9"])
    assert ids_marked(one, given) == expected
    assert marked(one, reported(given)).full.counts.ambiguous == ambiguous


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (signal(asset("", HERE)), ["a"]),
        (signal(asset("old", north_of(HERE, 0.4))), ["a"]),
        (signal(asset("old", north_of(HERE, 0.6))), []),
        (signal(asset("old"), place=HERE), ["a"]),
        (signal(asset("old", north_of(HERE, 5)), place=HERE), []),
        (signal(asset("old"), asset("older"), place=north_of(HERE, 0.1)), []),
        (signal(asset("old", (52.0, 4.3))), []),
        (signal(asset("old", (0.0, 90.0))), []),
        (signal(asset("old", (1e300, -1e300))), []),
    ],
    ids=["point", "near", "far", "signal", "point first", "two assets", "swapped", "pole", "nowhere"],
)
def test_without_an_object_of_that_id_the_place_decides(given, expected):
    assert ids_marked(target({"a": HERE, "b": north_of(HERE, 10)}), given) == expected


@pytest.mark.parametrize("latitude", [-70.0, 0.0, 50.7, 52.0, 53.6, 70.0])
@pytest.mark.parametrize("east", [-1, 0, 1])
@pytest.mark.parametrize("north", [-1, 0, 1])
def test_objects_within_the_distance_match_in_every_direction(latitude, east, north):
    """A degree of longitude is shorter than one of latitude, so a search box that ignores it loses objects east."""
    places = {"a": (4.3, latitude)}
    assert ids_marked(
        target(places, match={"within": 0.5}), signal(asset("", moved(places["a"], east, north, 0.49)))
    ) == ["a"]
    if east or north:
        far = signal(asset("", moved(places["a"], east, north, 0.51)))
        assert ids_marked(target(places, match={"within": 0.5}), far) == []


def moved(place: Place, east: int, north: int, metres: float) -> Place:
    """The place so many metres away in a direction."""
    degrees = metres * METRE_NORTH / (math.hypot(east, north) or 1)
    return place[0] + east * degrees / math.cos(math.radians(place[1])), place[1] + north * degrees


def test_a_distance_of_zero_matches_the_exact_point_only():
    one = target({"a": HERE, "b": north_of(HERE, 10)}, match={"within": 0})
    assert ids_marked(one, signal(asset("", HERE)), signal(asset("", north_of(HERE, 9.9)))) == ["a"]


def test_two_objects_at_the_place_are_ambiguous():
    one = target({"a": HERE, "b": north_of(HERE, 0.2)})
    given = signal(asset("", north_of(HERE, 0.1)))
    assert ids_marked(one, given) == []
    assert marked(one, reported(given)).full.counts.ambiguous == 1


TWO = {"a": HERE, "b": north_of(HERE, 0.2)}


@pytest.mark.parametrize(
    "given",
    [
        signal(asset("", TWO["b"])),
        signal(asset("LM-9", TWO["b"])),
        signal(asset("LM-9"), place=TWO["b"]),
        signal(place=TWO["b"]),
    ],
    ids=["no id", "id of both", "id of both, signal at one", "no answer"],
)
def test_a_place_that_is_an_objects_own_point_to_the_last_digit_names_that_object(given):
    one = target(TWO, numbers=["LM-9", "LM-9"])
    marks = marked(one, reported(given))
    assert ids_marked(one, given) == ["b"]
    assert (marks.full.counts.ambiguous, marks.full.counts.unmatched) == (0, 0)


@pytest.mark.parametrize(
    "others",
    [
        (asset("2weken"), asset("1012AB")),
        (asset("2weken", question_key="andere"),),
        (asset("2weken"), asset("far")),
    ],
    ids=["two texts", "another question's", "a void id"],
)
def test_other_answers_do_not_hide_the_object_whose_own_point_is_the_place(others):
    """The newer form stored no answer for the object, but those to other questions."""
    asked = ["extra"] if others[0].question_key == "andere" else []
    one = target({**TWO, "far": north_of(HERE, 900)}, question_keys=asked)
    assert ids_marked(one, signal(*others, place=TWO["b"])) == ["b"]
    assert ids_marked(one, signal(*others, place=(TWO["b"][0], TWO["b"][1] + 1e-7))) == []


def test_a_report_without_an_answer_marks_nothing_a_digit_away_from_an_object():
    place = HERE[0], HERE[1] + 1e-7
    assert ids_marked(target({"a": HERE}), signal(place=place)) == []


def test_one_point_of_two_layers_names_neither():
    one, other = target({"1": HERE}), target({"2": HERE}, layer_id="andere")
    given = signal(place=HERE)
    assert ids_marked([one, other], given) == []
    assert marked([one, other], reported(given)).full.counts.ambiguous == 1


def test_the_own_point_of_an_object_counts_only_in_the_layers_of_the_report():
    one = target({"a": HERE})
    assert ids_marked(one, signal(place=HERE, category="boom")) == []
    assert ids_marked(one, signal(place=HERE, state="o")) == []


def test_an_id_counts_before_the_own_point_of_another_object():
    one = target({"a": HERE, "b": north_of(HERE, 10)})
    assert ids_marked(one, signal(asset("a", north_of(HERE, 10)))) == ["a"]


def test_a_real_report_at_the_exact_place_of_one_of_two_objects_marks_that_one():
    """The newer form stored no id; another object is 0.3 m away."""
    name = "exact_place_of_one_of_two_objects_set_apart.json"
    recorded = json.loads((needs.corpus() / "signalen" / "second" / name).read_bytes())
    (given,) = parse_page(json.dumps(recorded["response"]["body"]).encode()).signals
    place = (5.658225, 51.475569)
    one = target({"a": place, "b": north_of(place, 0.3)}, categories=[given.category])
    assert ids_marked(one, given) == ["a"]


SAME_KEY = {"7.x": HERE, "7.y": north_of(HERE, 10), "8": north_of(HERE, 10.3)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (signal(asset("7")), ["7.x", "7.y"]),
        (signal(asset("7", north_of(HERE, 5))), ["7.x", "7.y"]),
        (signal(asset("7", north_of(HERE, 0.3))), ["7.x"]),
        (signal(asset("7", HERE)), ["7.x"]),
        (signal(asset("7.y")), ["7.y"]),
        (signal(asset("7", north_of(HERE, 59))), ["7.y"]),
        (signal(asset("LM-9")), []),
        (signal(asset("", north_of(HERE, 10.15))), []),
    ],
    ids=["no place", "at neither", "at one", "exactly at one", "id of one", "one too far", "another name", "no id"],
)
def test_a_key_of_several_objects_marks_all_of_them_that_the_place_does_not_exclude(given, expected):
    one = target(SAME_KEY, numbers=[None, "LM-9", "LM-9"], shared_keys=["7", "7", None])
    marks = marked(one, reported(given))
    assert ids_marked(one, given) == expected
    assert marks.full.counts.ambiguous == (not expected)


def test_a_place_at_two_objects_with_one_key_marks_both():
    one = target({"7.x": HERE, "7.y": north_of(HERE, 0.4)}, shared_keys=["7", "7"])
    assert ids_marked(one, signal(asset("", north_of(HERE, 0.2)))) == ["7.x", "7.y"]


def test_a_key_of_objects_in_two_layers_is_not_one_key():
    one = target({"7.x": HERE, "7.y": north_of(HERE, 10)}, shared_keys=["7", "7"])
    other = target({"7.x": HERE, "7.y": north_of(HERE, 10)}, shared_keys=["7", "7"], layer_id="andere")
    assert ids_marked([one, other], signal(asset("7"))) == []


@pytest.mark.parametrize(("place_only", "metres", "expected"), [(True, 0.3, ["a"]), (True, 0.7, []), (False, 0.3, [])])
def test_a_report_without_an_object_marks_one_only_with_place_only(place_only, metres, expected):
    one = target({"a": HERE, "b": north_of(HERE, 10)}, match={"within": 0.5, "place_only": place_only})
    assert ids_marked(one, signal(place=north_of(HERE, metres))) == expected


def test_a_report_without_an_object_marks_none_of_two_and_none_without_a_place():
    one = target({"a": HERE, "b": north_of(HERE, 1)}, match={"within": 5, "place_only": True})
    marks = marked(one, reported(signal(place=north_of(HERE, 0.5)), signal()))
    assert (marks.full.reported, marks.full.counts.ambiguous, marks.full.counts.unmatched) == (0, 1, 1)


def test_the_public_geography_marks_by_place_and_category_without_a_state():
    one = target({"a": HERE, "b": north_of(HERE, 10)}, word="status")
    given = signal(place=HERE, state="", id=-1), signal(place=north_of(HERE, 10), state="", category="boom", id=-2)
    marks = marked(one, reported(*given, public_only=True))
    assert properties(one, marks)["a"] == {"IS_GEMELD": "1", "meldingstatus": 1, "status": "gemeld"}
    assert marks.full.reported == 1


def test_an_id_of_two_layers_marks_by_category():
    lamps, drains = target({"1": HERE}), target({"1": north_of(HERE, 99)}, layer_id="putten", categories=["put"])
    assert ids_marked([lamps, drains], signal(asset("1"))) == ["1"]
    assert ids_marked([drains, lamps], signal(asset("1"))) == []


def test_an_id_of_two_layers_of_one_category_marks_by_place_or_not_at_all():
    one, other = target({"1": HERE}), target({"1": north_of(HERE, 20)}, layer_id="andere")
    by_place, nowhere = signal(asset("1", north_of(HERE, 20.2))), signal(asset("1"))
    assert ids_marked([one, other], by_place) == []
    assert ids_marked([other, one], by_place) == ["1"]
    for layers in ([one, other], [other, one]):
        assert ids_marked(layers, nowhere) == []
        assert marked(layers, reported(nowhere)).full.counts.ambiguous == 1


def test_a_parent_marks_its_own_assets_and_children_theirs_and_nothing_counts_twice():
    places = {name: north_of(HERE, 10 * row) for row, name in enumerate("abcd")}
    family = signal(asset("a"), asset("b")), signal(asset("a")), signal(asset("c"))
    one = target(places)
    marks = marked(one, reported(*family))
    assert [name for name, served in properties(one, marks).items() if served["meldingstatus"]] == ["a", "b", "c"]
    assert (marks.full.reported, marks.full.by_signals, marks.full.counts.signals) == (3, 3, 3)
