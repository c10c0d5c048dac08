"""The marks that are served: exact bytes, words, ages, the vendor's own marks."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from marked_layers import HERE, NOW, asset, marked, north_of, properties, reported, signal, target

from wfs_proxy.marks.marks import LayerMarks, compute_marks, vendor_marks
from wfs_proxy.marks.match_state import MatchState


def test_marks_have_the_exact_types_that_both_frontends_compare_with():
    one = target({"a": HERE, "b": north_of(HERE, 100)}, columns={"nummer": ["1", "2"]})
    marks = marked(one, reported(signal(asset("a"))))
    assert one.snapshot.fragment(0) + marks.full.suffix(0) == (
        b'{"type":"Feature","id":"masten.a","geometry":{"type":"Point","coordinates":[4.3,52.0]},'
        b'"properties":{"nummer":"1","IS_GEMELD":"1","meldingstatus":1}}'
    )
    codes, patches = marks.full.patches
    assert [patches[code] for code in codes] == [
        b',"IS_GEMELD":"1","meldingstatus":1}},\n',
        b',"IS_GEMELD":"0","meldingstatus":0}},\n',
    ]


def test_marks_of_a_layer_without_fields_begin_without_a_comma():
    one = target({"a": HERE})
    assert properties(one, marked(one, reported())) == {"a": {"IS_GEMELD": "0", "meldingstatus": 0}}


def test_a_layer_without_mark_rules_gets_no_property():
    one = target({"a": HERE}, mark=[], columns={"nummer": ["1"]})
    assert properties(one, marked(one, reported(signal(asset("a"))))) == {"a": {"nummer": "1"}}


def test_a_layer_names_its_own_marks():
    rules = [
        {"property": "p", "reported": True, "otherwise": False},
        {"property": "q", "reported": "reported", "otherwise": 10**30},
    ]
    one = target({"a": HERE, "b": north_of(HERE, 9)}, mark=rules)
    assert properties(one, marked(one, reported(signal(asset("a"))))) == {
        "a": {"p": True, "q": "reported"},
        "b": {"p": False, "q": 10**30},
    }


def test_an_empty_layer_has_no_marks():
    one = target({})
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
    one = target({"a": HERE, "b": north_of(HERE, 9)}, age="sinds")
    poll = reported(signal(asset("a"), created_at=dt.datetime.fromisoformat(created)))
    found = properties(one, marked(one, poll))
    assert (found["a"]["sinds"], found["b"]["sinds"]) == (age, None)


def test_ages_change_with_the_date_although_no_report_changed():
    one = target({"a": HERE}, age="sinds")
    state, poll = MatchState([one]), reported(signal(asset("a")))
    state.update(poll)
    today = compute_marks(state, 0, NOW)
    state.update(poll)
    assert properties(one, compute_marks(state, 0, NOW + 86400, today))["a"]["sinds"] == "deze week"


def test_the_oldest_signal_gives_the_age_and_the_last_changed_one_the_word():
    """The signal that changed last was created first: its state is the latest news of the repair."""
    first, second, third = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (1, 20, 22))
    one = target({"a": HERE}, word="status", age="sinds")
    signals = (
        signal(asset("a"), state="i", created_at=first, updated_at=third),
        signal(asset("a"), state="m", created_at=second, updated_at=second),
    )
    for order in itertools.permutations(signals):
        assert properties(one, marked(one, reported(*order)))["a"] == {
            "IS_GEMELD": "1",
            "meldingstatus": 1,
            "status": "in behandeling",
            "sinds": "langer",
        }


def test_of_signals_that_changed_at_the_same_time_the_one_with_the_highest_id_gives_the_word():
    one = target({"a": HERE}, word="status")
    signals = signal(asset("a"), id=8, state="i"), signal(asset("a"), id=7, state="m")
    for order in itertools.permutations(signals):
        assert properties(one, marked(one, reported(*order)))["a"]["status"] == "in behandeling"


def test_the_vendors_own_mark_counts():
    vendor = {"field": "gemeld", "values": ["J", 1]}
    one = target({"a": HERE, "b": north_of(HERE, 9)}, texts=["J", None], vendor=vendor, word="status")
    marks = vendor_marks(one)
    assert (marks.reported, marks.by_vendor, marks.by_signals) == (1, 1, 0)
    assert marks.suffix(0) == b'"IS_GEMELD":"1","meldingstatus":1,"status":"gemeld"}}'
    assert marks.suffix(1) == b'"IS_GEMELD":"0","meldingstatus":0,"status":null}}'


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
    ids=["open", "open without a word", "closed", "closed without a word", "power cut", "open, but not reported"],
)
def test_the_vendors_status_is_read_by_its_text(state, reported_is, word):
    vendor = {"field": "status", "states": [{"text": "Monteur", **state}]}
    one = target({"a": HERE, "b": north_of(HERE, 9)}, texts=["Monteur", None], vendor=vendor, word="word")
    found = properties(one, LayerMarks(full=vendor_marks(one), vendor=vendor_marks(one)))
    assert (found["a"]["IS_GEMELD"], found["a"]["word"]) == (reported_is, word)
    assert found["b"] == {"IS_GEMELD": "0", "meldingstatus": 0, "word": None}


def test_a_text_that_is_a_mark_and_a_status_is_reported_in_its_words():
    vendor = {"field": "s", "values": ["x"], "states": [{"text": "x", "state": "o", "word": "netstoring"}]}
    one = target({"a": HERE}, texts=["x"], vendor=vendor, word="word")
    assert vendor_marks(one).suffix(0) == b'"IS_GEMELD":"1","meldingstatus":1,"word":"netstoring"}}'


def test_an_object_of_vendor_and_signals_counts_once_and_has_the_vendors_word():
    vendor = {"field": "s", "states": [{"text": "x", "state": "i", "word": "monteur"}]}
    places = {"a": HERE, "b": north_of(HERE, 9), "c": north_of(HERE, 18)}
    one = target(places, texts=["x", None, "x"], vendor=vendor, word="word")
    marks = marked(one, reported(signal(asset("a")), signal(asset("b"))))
    assert (marks.full.reported, marks.full.by_signals, marks.full.by_vendor) == (3, 2, 2)
    assert [served["word"] for served in properties(one, marks).values()] == ["monteur", "gemeld", "monteur"]
    assert (marks.vendor.reported, marks.vendor.by_signals) == (2, 0)


def test_marks_of_other_processes_have_the_same_version():
    one = target({"a": HERE, "b": north_of(HERE, 10)}, word="status", age="sinds")
    versions = {marked(one, reported(signal(asset("a"), id=7))).full.version for _ in range(2)}
    assert len(versions) == 1
    assert versions != {marked(one, reported(signal(asset("b"), id=7))).full.version}


def test_marks_that_missed_an_update_are_computed_completely():
    one = target({"a": HERE, "b": north_of(HERE, 10)})
    state = MatchState([one])
    state.update(reported(signal(asset("a"), id=1), version="1"))
    missed = compute_marks(state, 0, NOW)
    state.update(reported(signal(asset("b"), id=1), version="2"))
    state.update(reported(signal(asset("b"), id=1), version="3"))
    assert [served["meldingstatus"] for served in properties(one, compute_marks(state, 0, NOW, missed)).values()] == [
        0,
        1,
    ]
