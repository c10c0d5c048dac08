"""The match state after any sequence of polls, against an oracle that compares every reference with every object."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from marked_layers import HERE, NOW, RULES, asset, north_of, properties, reported, signal, target

from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.marks import LayerMarks, compute_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import Place, ReportedObjects, Signal
from wfs_proxy.snapshot.names import hash_of_name

IDS = ["1", "2", "3", "LM-1", "LM-2", "masten.1", "x"]
_places = st.integers(0, 14).map(lambda step: north_of(HERE, step * 7.9)) | st.integers(0, 6).map(
    lambda step: north_of(HERE, step * 0.2)
)
_layers = st.lists(st.tuples(_places, st.sampled_from([None, "LM-1", "LM-2", "2"])), max_size=5)
_rules = st.fixed_dictionaries(
    {
        "categories": st.sampled_from([[], ["lamp"], ["lamp", "boom"]]),
        "question_keys": st.sampled_from([[], ["q"]]),
        "match": st.fixed_dictionaries(
            {
                "within": st.sampled_from([0, 0.5, 10]),
                "id_within": st.sampled_from([0, 20, 1000]),
                "place_only": st.booleans(),
            }
        ),
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
        target(
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
            (
                number,
                str(row + 1),
                place,
                {hash_of_name(name) for name in (str(row + 1), f"{layers[number].layer.id}.{row + 1}", text) if name},
            )
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
        found = False
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
                if reference.id_hash in known[3] and self.is_near_enough(known, reference.place, one.place)
            ]
            found |= self.take(named if len(named) == 1 else self.at(place, named or asked))
        exact = [known for known in mine if known[2] == one.place]
        if one.assets and not found and not any(reference.place for reference in one.assets):
            self.take(exact)
        if not one.assets:
            self.take(exact or self.at(one.place, [known for known in mine if rules[known[0]].match.place_only]))

    def at(self, place: Place | None, objects: Sequence[tuple]) -> list[tuple]:
        exact = [known for known in objects if known[2] == place]
        return exact or [known for known in objects if place and metres(place, known[2]) <= self.within(known)]

    def is_near_enough(self, known: tuple, stored: Place | None, place: Place | None) -> bool:
        if stored:
            return metres(stored, known[2]) <= 50
        return place is None or metres(place, known[2]) <= self.layers[known[0]].layer.reports.match.id_within

    def within(self, known: tuple) -> float:
        return self.layers[known[0]].layer.reports.match.within

    def take(self, found: list[tuple]) -> bool:
        if len(found) == 1:
            self.marked.add(found[0][:2])
        return len(found) == 1


def apart(layers: Sequence[tuple]) -> bool:
    """`points.batch` requires that no two objects of a layer are at the same point, which the pipeline ensures."""
    return all(len({place for place, _ in objects}) == len(objects) for objects, _ in layers)


_two_layers = st.lists(st.tuples(_layers, _rules), min_size=1, max_size=2).filter(apart)


@given(drawn=_two_layers, polls=st.lists(_polls, min_size=1, max_size=4), with_hint=st.booleans())
def test_marks_are_those_of_the_oracle_after_every_poll(drawn, polls, with_hint):
    layers = with_states(layers_of(drawn), drawn)
    state = MatchState(layers)
    kept: list[LayerMarks | None] = [None] * len(layers)
    known: dict[int, Signal] = {}
    for turn, poll in enumerate(polls):
        now = {one.id: known[one.id] if known.get(one.id) == one else one for one in poll}
        other = frozenset(key for key in now.keys() | known.keys() if now.get(key) != known.get(key))
        hint = {"since": str(turn - 1), "changed": other} if with_hint and turn else {}
        poll_result = reported(*now.values(), version=str(turn), **hint)
        state.update(poll_result)
        kept = [compute_marks(state, index, NOW, before) for index, before in enumerate(kept)]
        anew = MatchState(layers)
        anew.update(poll_result)
        oracle = Oracle(layers, drawn, list(now.values()))
        for index, marks in enumerate(kept):
            found = {name for name, given in properties(layers[index], marks).items() if given["meldingstatus"]}
            assert found == {name for layer, name in oracle.marked if layer == index}
            fresh = compute_marks(anew, index, NOW)
            assert (marks.full.version, marks.full.counts) == (fresh.full.version, fresh.full.counts)
            assert marks.full.reported == marks.full.by_signals == len(found)
        known = now


def with_states(layers: list[LayerTarget], drawn: Sequence[tuple]) -> list[LayerTarget]:
    return [
        LayerTarget(layer=one.layer, snapshot=one.snapshot, states=StateRules(open=frozenset(rules["open_states"])))
        for one, (_, rules) in zip(layers, drawn, strict=True)
    ]


def test_a_state_is_for_its_layers_and_their_objects_only():
    one, other = target({"a": HERE}), target({"a": HERE})
    state = MatchState([one])
    assert state.covers([LayerTarget(layer=one.layer, snapshot=one.snapshot, states=RULES)])
    assert not state.covers([other])
    assert not state.covers([one, other])
    assert not state.covers([LayerTarget(layer=one.layer, snapshot=one.snapshot, states=StateRules(open=frozenset()))])


def test_an_update_of_the_same_version_changes_nothing():
    one = target({"a": HERE})
    state = MatchState([one])
    poll_result = reported(signal(asset("a")))
    state.update(poll_result)
    before = compute_marks(state, 0, NOW)
    state.update(ReportedObjects(signals=poll_result.signals, as_of=NOW + 60, version="1"))
    assert [set(rows) for rows in state.changed] == [set()]
    assert compute_marks(state, 0, NOW, before).full.version == before.full.version


def test_a_change_from_the_private_list_to_the_public_geography_starts_afresh():
    one = target({"a": HERE, "b": north_of(HERE, 10)})
    state = MatchState([one])
    state.update(reported(signal(asset("a"))))
    state.update(reported(signal(place=north_of(HERE, 10), state="", id=-1), version="1", public_only=True))
    assert list(state.rows(0)) == [1]
    assert state.counts[0].signals == 1


def test_the_changes_since_another_version_are_ignored():
    one = target({"a": HERE, "b": north_of(HERE, 10)})
    state = MatchState([one])
    state.update(reported(signal(asset("a"), id=1), version="1"))
    state.update(reported(signal(asset("b"), id=1), version="3", since="2", changed=frozenset()))
    assert list(state.rows(0)) == [1]
