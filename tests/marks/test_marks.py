from __future__ import annotations

import datetime as dt
import itertools
import json
import math
from collections.abc import Mapping, Sequence

import numpy as np
import points
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.features import PointBatch
from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.marks import LayerMarks, compute_marks, vendor_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import AssetReference, Place, ReportedObjects, Signal
from wfs_proxy.snapshot.snapshot import Snapshot

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC).timestamp()
RULES = StateRules(open=frozenset({"m", "i"}), words={"": "gemeld", "m": "gemeld", "i": "in behandeling", "o": "klaar"})
METRE = 1 / 111_195
"""Of latitude, in degrees."""

HERE = (4.3, 52.0)


def north_of(place: Place, metres: float) -> Place:
    return place[0], round(place[1] + metres * METRE, 7)


def asset(identifier: str = "", place: Place | None = None, question_key: str = "extra_lamp") -> AssetReference:
    return AssetReference(id=identifier, place=place, question_key=question_key)


_numbers = itertools.count(1)


def signal(*assets: AssetReference, place: Place | None = None, **facts: object) -> Signal:
    then = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    given = {"id": next(_numbers), "state": "m", "category": "lamp", "created_at": then, "updated_at": then, **facts}
    return Signal(place=place, assets=assets, **given)


def reported(*signals: Signal, version: str = "1", **facts: object) -> ReportedObjects:
    return ReportedObjects(signals={one.id: one for one in signals}, as_of=NOW, version=version, **facts)


def scope(
    places: Mapping[str, Place],
    *,
    layer_id: str = "masten",
    numbers: Sequence[str | None] | None = None,
    texts: Sequence[str | None] | None = None,
    columns: Mapping[str, Sequence[object]] | None = None,
    **reports: object,
) -> LayerTarget:
    """A layer of objects; `numbers` is what else reports call them, `texts` what their vendor says."""
    made = points.batch(places, columns)
    batch = PointBatch(
        ids=made.ids,
        lonlat=made.lonlat,
        columns=made.columns,
        names=() if numbers is None else (np.array(numbers, dtype=object),),
        vendor=None if texts is None else np.array(texts, dtype=object),
    )
    layer = points.layer(layer_id, reports={"signalen": "default", "categories": ["lamp"], **reports})
    return LayerTarget(layer=layer, snapshot=Snapshot.build(batch, layer_id), states=RULES)


def marked(scopes: LayerTarget | Sequence[LayerTarget], told: ReportedObjects, now: float = NOW) -> LayerMarks:
    ledger = MatchState([scopes] if isinstance(scopes, LayerTarget) else scopes)
    ledger.enter(told)
    return compute_marks(ledger, 0, now)


def properties(of: LayerTarget, marks: LayerMarks) -> dict[str, dict[str, object]]:
    """Id -> the properties that are served."""
    found = {}
    for row in range(len(of.snapshot)):
        feature = json.loads(of.snapshot.fragment(row) + marks.full.end(row))
        found[feature["id"].removeprefix(f"{of.layer.id}.")] = feature["properties"]
    return found


def ids_marked(scopes: LayerTarget | Sequence[LayerTarget], *signals: Signal, **facts: object) -> list[str]:
    """The objects of the first layer that are marked."""
    first = scopes if isinstance(scopes, LayerTarget) else scopes[0]
    marks = marked(scopes, reported(*signals, **facts))
    return [name for name, told in properties(first, marks).items() if told["IS_GEMELD"] == "1"]


# marks


def test_marks_have_the_exact_types_that_both_frontends_compare_with():
    one = scope({"a": HERE, "b": north_of(HERE, 100)}, columns={"nummer": ["1", "2"]})
    marks = marked(one, reported(signal(asset("a"))))
    assert one.snapshot.fragment(0) + marks.full.end(0) == (
        b'{"type":"Feature","id":"masten.a","geometry":{"type":"Point","coordinates":[4.3,52.0]},'
        b'"properties":{"nummer":"1","IS_GEMELD":"1","meldingstatus":1}}'
    )
    codes, patches = marks.full.patching
    assert [patches[code] for code in codes] == [
        b',"IS_GEMELD":"1","meldingstatus":1}},\n',
        b',"IS_GEMELD":"0","meldingstatus":0}},\n',
    ]


def test_marks_of_a_layer_without_fields_begin_without_a_comma():
    one = scope({"a": HERE})
    assert properties(one, marked(one, reported())) == {"a": {"IS_GEMELD": "0", "meldingstatus": 0}}


def test_a_layer_that_wants_no_property_gets_none():
    one = scope({"a": HERE}, mark=[], columns={"nummer": ["1"]})
    assert properties(one, marked(one, reported(signal(asset("a"))))) == {"a": {"nummer": "1"}}


def test_a_layer_names_its_own_marks():
    rules = [
        {"property": "p", "reported": True, "otherwise": False},
        {"property": "q", "reported": "reported", "otherwise": 10**30},
    ]
    one = scope({"a": HERE, "b": north_of(HERE, 9)}, mark=rules)
    assert properties(one, marked(one, reported(signal(asset("a"))))) == {
        "a": {"p": True, "q": "reported"},
        "b": {"p": False, "q": 10**30},
    }


def test_an_empty_layer_has_no_marks():
    one = scope({})
    marks = marked(one, reported(signal(asset("a", HERE), place=HERE)))
    assert (marks.full.reported, len(marks.full.codes)) == (0, 0)


@pytest.mark.parametrize(
    ("created", "age"),
    [
        ("2026-11-23T11:59:00+00:00", "vandaag"),
        ("2026-11-22T23:00:00+00:00", "vandaag"),
        ("2026-11-22T22:59:59+00:00", "deze week"),
        ("2026-11-17T12:00:00+01:00", "deze week"),
        ("2026-11-16T23:59:59+01:00", "langer"),
        ("2019-01-01T00:00:00+00:00", "langer"),
        ("2026-11-24T09:00:00+00:00", "vandaag"),
    ],
    ids=["now", "midnight here", "before midnight here", "six days", "seven days", "years", "a clock ahead"],
)
def test_the_age_is_coarse_and_by_the_calendar_of_the_netherlands(created, age):
    one = scope({"a": HERE, "b": north_of(HERE, 9)}, age="sinds")
    told = reported(signal(asset("a"), created_at=dt.datetime.fromisoformat(created)))
    found = properties(one, marked(one, told))
    assert (found["a"]["sinds"], found["b"]["sinds"]) == (age, None)


def test_the_age_is_told_anew_each_day_though_nothing_was_reported():
    one = scope({"a": HERE}, age="sinds")
    ledger, told = MatchState([one]), reported(signal(asset("a")))
    ledger.enter(told)
    today = compute_marks(ledger, 0, NOW)
    ledger.enter(told)
    assert properties(one, compute_marks(ledger, 0, NOW + 86400, today))["a"]["sinds"] == "deze week"


def test_of_several_signals_the_oldest_tells_the_age_and_the_newest_the_word():
    early, late = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (1, 22))
    one = scope({"a": HERE}, word="status", age="sinds")
    signals = (
        signal(asset("a"), state="m", created_at=early, updated_at=early),
        signal(asset("a"), state="i", created_at=late, updated_at=late),
    )
    for order in itertools.permutations(signals):
        assert properties(one, marked(one, reported(*order)))["a"] == {
            "IS_GEMELD": "1",
            "meldingstatus": 1,
            "status": "in behandeling",
            "sinds": "langer",
        }


# the vendor


def test_the_vendors_own_mark_counts():
    vendor = {"field": "gemeld", "values": ["J", 1]}
    one = scope({"a": HERE, "b": north_of(HERE, 9)}, texts=["J", None], vendor=vendor, word="status")
    marks = vendor_marks(one)
    assert (marks.reported, marks.by_vendor, marks.by_signals) == (1, 1, 0)
    assert marks.end(0) == b'"IS_GEMELD":"1","meldingstatus":1,"status":"gemeld"}}'
    assert marks.end(1) == b'"IS_GEMELD":"0","meldingstatus":0,"status":null}}'


@pytest.mark.parametrize(
    ("state", "reported_is", "word"),
    [
        ({"state": "i", "word": "bezig"}, "1", "bezig"),
        ({"state": "i"}, "1", "in behandeling"),
        ({"state": "o", "word": "hersteld"}, "0", "hersteld"),
        ({"state": "o"}, "0", None),
        ({"state": "o", "reported": True, "word": "netstoring"}, "1", "netstoring"),
        ({"state": "m", "reported": False}, "0", None),
    ],
    ids=["open", "open without a word", "closed", "closed without a word", "grid fault", "open, but not reported"],
)
def test_the_vendors_status_is_read_by_its_text(state, reported_is, word):
    vendor = {"field": "status", "states": [{"text": "Monteur", **state}]}
    one = scope({"a": HERE, "b": north_of(HERE, 9)}, texts=["Monteur", None], vendor=vendor, word="word")
    found = properties(one, LayerMarks(full=vendor_marks(one), vendor=vendor_marks(one)))
    assert (found["a"]["IS_GEMELD"], found["a"]["word"]) == (reported_is, word)
    assert found["b"] == {"IS_GEMELD": "0", "meldingstatus": 0, "word": None}


def test_a_text_that_is_a_mark_and_a_status_is_reported_in_its_words():
    vendor = {"field": "s", "values": ["x"], "states": [{"text": "x", "state": "o", "word": "netstoring"}]}
    one = scope({"a": HERE}, texts=["x"], vendor=vendor, word="word")
    assert vendor_marks(one).end(0) == b'"IS_GEMELD":"1","meldingstatus":1,"word":"netstoring"}}'


def test_vendor_and_signals_together_count_an_object_once_and_the_vendors_word_goes_first():
    vendor = {"field": "s", "states": [{"text": "x", "state": "i", "word": "monteur"}]}
    places = {"a": HERE, "b": north_of(HERE, 9), "c": north_of(HERE, 18)}
    one = scope(places, texts=["x", None, "x"], vendor=vendor, word="word")
    marks = marked(one, reported(signal(asset("a")), signal(asset("b"))))
    assert (marks.full.reported, marks.full.by_signals, marks.full.by_vendor) == (3, 2, 2)
    assert [told["word"] for told in properties(one, marks).values()] == ["monteur", "gemeld", "monteur"]
    assert (marks.vendor.reported, marks.vendor.by_signals) == (2, 0)


# by id


@pytest.mark.parametrize(
    "identifier",
    ["034575", "masten.034575", "LM-9", " LM-9 "],
    ids=["id", "GeoJSON id", "match field", "with blanks"],
)
def test_an_object_is_found_by_any_of_its_names(identifier):
    one = scope({"034575": HERE, "b": HERE}, numbers=["LM-9", None])
    assert ids_marked(one, signal(asset(identifier))) == ["034575"]


@pytest.mark.parametrize("identifier", ["34575", "lm-9", "", "ander.034575", "x" * 10_000, "\ud800"])
def test_another_text_finds_nothing(identifier):
    marks = marked(scope({"034575": HERE}, numbers=["LM-9"]), reported(signal(asset(identifier))))
    assert (marks.full.reported, marks.full.tally.unmatched) == (0, 1)


def test_only_open_signals_of_the_layers_categories_and_questions_count():
    one = scope({"a": HERE}, question_keys=["extra_lamp"])
    assert ids_marked(one, signal(asset("a"))) == ["a"]
    assert ids_marked(one, signal(asset("a"), state="o")) == []
    assert ids_marked(one, signal(asset("a"), state="nieuw")) == []
    assert ids_marked(one, signal(asset("a"), category="boom")) == []
    assert ids_marked(one, signal(asset("a", HERE, question_key="extra_boom"))) == []


def test_without_categories_and_questions_any_counts():
    one = scope({"a": HERE}, categories=[])
    assert ids_marked(one, signal(asset("a", question_key=""), category="boom")) == ["a"]


@pytest.mark.parametrize(("metres", "expected", "void"), [(0, ["a"], 0), (49.9, ["a"], 0), (50.5, [], 1), (1e6, [], 1)])
def test_an_id_far_from_where_the_form_saw_it_is_void(metres, expected, void):
    one = scope({"a": HERE})
    told = signal(asset("a", north_of(HERE, metres)), place=HERE)
    assert ids_marked(one, told) == expected
    assert marked(one, reported(told)).full.tally.void == void


def test_a_void_id_does_not_keep_its_place_from_being_looked_at():
    one = scope({"a": HERE, "b": north_of(HERE, 100)})
    assert ids_marked(one, signal(asset("a", north_of(HERE, 100)))) == ["b"]


def test_an_id_without_coordinates_is_believed_wherever_the_signal_lies():
    assert ids_marked(scope({"a": HERE}), signal(asset("a"), place=north_of(HERE, 900))) == ["a"]


SHARED = {"a": HERE, "b": north_of(HERE, 10), "c": north_of(HERE, 0.3)}


@pytest.mark.parametrize(
    ("told", "expected", "ambiguous"),
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
def test_of_several_objects_with_one_name_the_one_at_the_place_is_meant(told, expected, ambiguous):
    one = scope(SHARED, numbers=["LM-9", "LM-9", "LM-9"])
    assert ids_marked(one, told) == expected
    assert marked(one, reported(told)).full.tally.ambiguous == ambiguous


# by place


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (signal(asset("", HERE)), ["a"]),
        (signal(asset("old", north_of(HERE, 0.4))), ["a"]),
        (signal(asset("old", north_of(HERE, 0.6))), []),
        (signal(asset("old"), place=HERE), ["a"]),
        (signal(asset("old", north_of(HERE, 5)), place=HERE), []),
        (signal(asset("old"), asset("older"), place=HERE), []),
        (signal(asset("old", (52.0, 4.3))), []),
        (signal(asset("old", (0.0, 90.0))), []),
        (signal(asset("old", (1e300, -1e300))), []),
    ],
    ids=["point", "near", "far", "signal", "point first", "two assets", "swapped", "pole", "nowhere"],
)
def test_where_no_id_fits_the_place_does(told, expected):
    assert ids_marked(scope({"a": HERE, "b": north_of(HERE, 10)}), told) == expected


def test_a_distance_of_nothing_takes_the_very_point():
    one = scope({"a": HERE, "b": north_of(HERE, 10)}, match={"within": 0})
    assert ids_marked(one, signal(asset("", HERE)), signal(asset("", north_of(HERE, 9.9)))) == ["a"]


def test_two_objects_at_the_place_are_ambiguous():
    one = scope({"a": HERE, "b": north_of(HERE, 0.2)})
    told = signal(asset("", HERE))
    assert ids_marked(one, told) == []
    assert marked(one, reported(told)).full.tally.ambiguous == 1


@pytest.mark.parametrize(("place_only", "metres", "expected"), [(True, 0.3, ["a"]), (True, 0.7, []), (False, 0.3, [])])
def test_a_report_without_an_object_marks_one_only_where_the_layer_wants_it(place_only, metres, expected):
    one = scope({"a": HERE, "b": north_of(HERE, 10)}, match={"within": 0.5, "place_only": place_only})
    assert ids_marked(one, signal(place=north_of(HERE, metres))) == expected


def test_a_report_without_an_object_marks_none_of_two_and_none_without_a_place():
    one = scope({"a": HERE, "b": north_of(HERE, 1)}, match={"within": 5, "place_only": True})
    marks = marked(one, reported(signal(place=HERE), signal()))
    assert (marks.full.reported, marks.full.tally.ambiguous, marks.full.tally.unmatched) == (0, 1, 1)


def test_the_public_geography_marks_by_place_and_category_whatever_its_state():
    one = scope({"a": HERE, "b": north_of(HERE, 10)}, word="status")
    told = signal(place=HERE, state="", id=-1), signal(place=north_of(HERE, 10), state="", category="boom", id=-2)
    marks = marked(one, reported(*told, public_only=True))
    assert properties(one, marks)["a"] == {"IS_GEMELD": "1", "meldingstatus": 1, "status": "gemeld"}
    assert marks.full.reported == 1


# several layers of one Signalen


def test_an_id_of_two_layers_marks_by_category():
    lamps, drains = scope({"1": HERE}), scope({"1": north_of(HERE, 99)}, layer_id="putten", categories=["put"])
    assert ids_marked([lamps, drains], signal(asset("1"))) == ["1"]
    assert ids_marked([drains, lamps], signal(asset("1"))) == []


def test_an_id_of_two_layers_of_one_category_marks_by_place_or_not_at_all():
    one, other = scope({"1": HERE}), scope({"1": north_of(HERE, 20)}, layer_id="andere")
    by_place, nowhere = signal(asset("1", north_of(HERE, 20.2))), signal(asset("1"))
    assert ids_marked([one, other], by_place) == []
    assert ids_marked([other, one], by_place) == ["1"]
    for layers in ([one, other], [other, one]):
        assert ids_marked(layers, nowhere) == []
        assert marked(layers, reported(nowhere)).full.tally.ambiguous == 1


def test_a_parent_marks_its_own_assets_and_children_theirs_and_nothing_counts_twice():
    places = {name: north_of(HERE, 10 * row) for row, name in enumerate("abcd")}
    family = signal(asset("a"), asset("b")), signal(asset("a")), signal(asset("c"))
    one = scope(places)
    marks = marked(one, reported(*family))
    assert [name for name, told in properties(one, marks).items() if told["meldingstatus"]] == ["a", "b", "c"]
    assert (marks.full.reported, marks.full.by_signals, marks.full.tally.signals) == (3, 3, 3)


# against a slow oracle that does what the contract says, one object after the other


IDS = ["1", "2", "3", "LM-1", "LM-2", "masten.1", "x"]
_places = st.integers(0, 14).map(lambda step: north_of(HERE, step * 7.9)) | st.integers(0, 6).map(
    lambda step: north_of(HERE, step * 0.2)
)
_layers = st.lists(st.tuples(_places, st.sampled_from([None, "LM-1", "LM-2", "2"])), max_size=5)
_rules = st.fixed_dictionaries(
    {
        "categories": st.sampled_from([[], ["lamp"], ["lamp", "boom"]]),
        "question_keys": st.sampled_from([[], ["q"]]),
        "match": st.fixed_dictionaries({"within": st.sampled_from([0, 0.5, 10]), "place_only": st.booleans()}),
        "open_states": st.sampled_from([["m"], ["m", "i"]]),
    }
)
_assets = st.builds(asset, st.sampled_from(["", *IDS]), st.none() | _places, question_key=st.sampled_from(["q", "r"]))
_signals = st.builds(
    lambda identifier, state, category, place, assets: signal(
        *assets, id=identifier, state=state, category=category, place=place
    ),
    st.integers(1, 6),
    st.sampled_from(["m", "i", "o"]),
    st.sampled_from(["lamp", "boom"]),
    st.none() | _places,
    st.lists(_assets, max_size=3),
)
_polls = st.lists(_signals, max_size=6)


def layers_of(drawn: Sequence[tuple]) -> list[LayerTarget]:
    return [
        scope(
            {str(row + 1): place for row, (place, _) in enumerate(objects)},
            layer_id=layer_id,
            numbers=[number for _, number in objects],
            **rules,
        )
        for layer_id, (objects, rules) in zip(("masten", "putten"), drawn, strict=False)
    ]


def metres(one: Place, other: Place) -> float:
    """On a sphere (the haversine formula)."""
    (west, south), (east, north) = (map(math.radians, place) for place in (one, other))
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


class Oracle:
    """Every reference against every object."""

    def __init__(self, layers: Sequence[LayerTarget], drawn: Sequence[tuple], signals: Sequence[Signal]) -> None:
        self.layers = layers
        self.objects = [
            (number, str(row + 1), place, {str(row + 1), f"{layers[number].layer.id}.{row + 1}", text})
            for number, (objects, _) in enumerate(drawn)
            for row, (place, text) in enumerate(objects)
        ]
        self.marked: set[tuple[int, str]] = set()
        for one in signals:
            self.look_at(one)

    def look_at(self, one: Signal) -> None:
        rules = [layer.layer.reports for layer in self.layers]
        open_here = [one.state in layer.states.open for layer in self.layers]
        mine = [
            known
            for known in self.objects
            if open_here[known[0]] and (not rules[known[0]].categories or one.category in rules[known[0]].categories)
        ]
        for reference in one.assets:
            asked = [
                known
                for known in mine
                if not rules[known[0]].question_keys or reference.question_key in rules[known[0]].question_keys
            ]
            place = reference.place or (one.place if len(one.assets) == 1 else None)
            named = [
                known
                for known in asked
                if reference.id
                and reference.id in known[3]
                and (reference.place is None or metres(reference.place, known[2]) <= 50)
            ]
            near = [known for known in named or asked if place and metres(place, known[2]) <= self.within(known)]
            self.take(named if len(named) == 1 else near)
        if not one.assets and one.place:
            wanted = [known for known in mine if rules[known[0]].match.place_only]
            self.take([known for known in wanted if metres(one.place, known[2]) <= self.within(known)])

    def within(self, known: tuple) -> float:
        return self.layers[known[0]].layer.reports.match.within

    def take(self, found: list[tuple]) -> None:
        if len(found) == 1:
            self.marked.add(found[0][:2])


def apart(layers: Sequence[tuple]) -> bool:
    """`points.batch` wants no two objects of a layer on one point, as transcode sees to."""
    return all(len({place for place, _ in objects}) == len(objects) for objects, _ in layers)


_two_layers = st.lists(st.tuples(_layers, _rules), min_size=1, max_size=2).filter(apart)


@given(drawn=_two_layers, polls=st.lists(_polls, min_size=1, max_size=4), hinted=st.booleans())
def test_marks_are_those_of_the_oracle_after_every_poll(drawn, polls, hinted):
    layers = with_states(layers_of(drawn), drawn)
    ledger = MatchState(layers)
    kept: list[LayerMarks | None] = [None] * len(layers)
    known: dict[int, Signal] = {}
    for turn, poll in enumerate(polls):
        now = {one.id: known[one.id] if known.get(one.id) == one else one for one in poll}
        other = frozenset(key for key in now.keys() | known.keys() if now.get(key) != known.get(key))
        hint = {"since": str(turn - 1), "changed": other} if hinted and turn else {}
        told = reported(*now.values(), version=str(turn), **hint)
        ledger.enter(told)
        kept = [compute_marks(ledger, number, NOW, before) for number, before in enumerate(kept)]
        anew = MatchState(layers)
        anew.enter(told)
        oracle = Oracle(layers, drawn, list(now.values()))
        for number, marks in enumerate(kept):
            found = {name for name, given in properties(layers[number], marks).items() if given["meldingstatus"]}
            assert found == {name for layer, name in oracle.marked if layer == number}
            fresh = compute_marks(anew, number, NOW)
            assert (marks.full.version, marks.full.tally) == (fresh.full.version, fresh.full.tally)
            assert marks.full.reported == marks.full.by_signals == len(found)
        known = now


def with_states(layers: list[LayerTarget], drawn: Sequence[tuple]) -> list[LayerTarget]:
    return [
        LayerTarget(layer=one.layer, snapshot=one.snapshot, states=StateRules(open=frozenset(rules["open_states"])))
        for one, (_, rules) in zip(layers, drawn, strict=True)
    ]


# the ledger


def test_a_ledger_is_for_its_layers_and_their_objects_only():
    one, other = scope({"a": HERE}), scope({"a": HERE})
    ledger = MatchState([one])
    assert ledger.covers([LayerTarget(layer=one.layer, snapshot=one.snapshot, states=RULES)])
    assert not ledger.covers([other])
    assert not ledger.covers([one, other])
    assert not ledger.covers([LayerTarget(layer=one.layer, snapshot=one.snapshot, states=StateRules(open=frozenset()))])


def test_a_version_that_is_known_is_not_looked_at_again():
    one = scope({"a": HERE})
    ledger = MatchState([one])
    told = reported(signal(asset("a")))
    ledger.enter(told)
    before = compute_marks(ledger, 0, NOW)
    ledger.enter(ReportedObjects(signals=told.signals, as_of=NOW + 60, version="1"))
    assert [set(rows) for rows in ledger.changed] == [set()]
    assert compute_marks(ledger, 0, NOW, before).full.version == before.full.version


def test_changing_from_the_private_list_to_the_public_map_begins_anew():
    one = scope({"a": HERE, "b": north_of(HERE, 10)})
    ledger = MatchState([one])
    ledger.enter(reported(signal(asset("a"))))
    ledger.enter(reported(signal(place=north_of(HERE, 10), state="", id=-1), version="1", public_only=True))
    assert list(ledger.rows(0)) == [1]
    assert ledger.tallies[0].signals == 1


def test_marks_of_other_processes_have_the_same_version():
    one = scope({"a": HERE, "b": north_of(HERE, 10)}, word="status", age="sinds")
    versions = {marked(one, reported(signal(asset("a"), id=7))).full.version for _ in range(2)}
    assert len(versions) == 1
    assert versions != {marked(one, reported(signal(asset("b"), id=7))).full.version}


def test_marks_that_missed_an_entry_are_made_anew():
    one = scope({"a": HERE, "b": north_of(HERE, 10)})
    ledger = MatchState([one])
    ledger.enter(reported(signal(asset("a"), id=1), version="1"))
    missed = compute_marks(ledger, 0, NOW)
    ledger.enter(reported(signal(asset("b"), id=1), version="2"))
    ledger.enter(reported(signal(asset("b"), id=1), version="3"))
    assert [told["meldingstatus"] for told in properties(one, compute_marks(ledger, 0, NOW, missed)).values()] == [0, 1]


def test_what_changed_since_another_version_is_not_believed():
    one = scope({"a": HERE, "b": north_of(HERE, 10)})
    ledger = MatchState([one])
    ledger.enter(reported(signal(asset("a"), id=1), version="1"))
    ledger.enter(reported(signal(asset("b"), id=1), version="3", since="2", changed=frozenset()))
    assert list(ledger.rows(0)) == [1]
