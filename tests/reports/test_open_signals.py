"""What is open, by id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from a_signalen import ALL_QUESTIONS
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.marks.reported_objects import AssetReference, Signal
from wfs_proxy.reports.open_signals import AskedQuestions, OpenSignals, SignalFilter
from wfs_proxy.snapshot.names import hash_of_name

SCOPE = SignalFilter(states=frozenset({"m", "i"}), categories=frozenset({"lamp"}), questions=ALL_QUESTIONS)
THEN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def signal(number: int, state: str = "m", category: str = "lamp", asset: str = "") -> Signal:
    assets = (AssetReference(id_hash=hash_of_name(asset), place=None, question_key="q"),) if asset else ()
    return Signal(
        id=number, state=state, category=category, created_at=THEN, updated_at=THEN, place=(4.3, 52.0), assets=assets
    )


def open_signals_of(*signals: Signal) -> OpenSignals:
    open_signals = OpenSignals(SCOPE)
    open_signals.apply(signals)
    return open_signals


@pytest.mark.parametrize(
    "last", [signal(1, state="o"), signal(1, category="put")], ids=["closed", "moved-to-another-category"]
)
def test_signal_leaves_when_it_is_no_longer_in_scope(last: Signal):
    open_signals = open_signals_of(signal(1), signal(2), last)

    assert set(open_signals.reported(0.0).signals) == {2}


def test_last_word_on_a_signal_counts():
    open_signals = open_signals_of(signal(1, state="o"), signal(1, asset="a"), signal(1, asset="b"))

    assert open_signals.reported(0.0).signals[1].assets[0].id_hash == hash_of_name("b")


def test_filter_without_categories_accepts_all():
    open_signals = OpenSignals(SignalFilter(states=frozenset({"m"}), categories=None, questions=ALL_QUESTIONS))
    open_signals.apply([signal(1, category="put"), signal(2, state="i")])

    assert set(open_signals.reported(0.0).signals) == {1}


def test_becoming_another_drops_what_vanished_and_keeps_what_did_not_change():
    open_signals = open_signals_of(signal(1), signal(2), signal(3))
    before = open_signals.reported(1.0)
    open_signals.replace_all(open_signals_of(signal(2), signal(3, state="i"), signal(4)))
    after = open_signals.reported(2.0)

    assert set(after.signals) == {2, 3, 4}
    assert after.signals[2] is before.signals[2]
    assert after.signals[3].state == "i"
    assert set(before.signals) == {1, 2, 3}


def test_nothing_is_copied_while_nothing_changes():
    open_signals = open_signals_of(signal(1))
    first = open_signals.reported(1.0)
    open_signals.apply([signal(1), signal(9, state="o")])
    second = open_signals.reported(2.0)

    assert second.signals is first.signals
    assert (second.as_of, second.version) == (2.0, first.version)


def test_changes_since_the_last_call_are_named():
    open_signals = open_signals_of(signal(1), signal(2), signal(3))
    first = open_signals.reported(1.0)
    open_signals.apply([signal(1, asset="a"), signal(2, state="o"), signal(3), signal(4)])
    second = open_signals.reported(2.0)
    third = open_signals.reported(3.0)

    assert first.changed is None
    assert (second.since, second.changed) == (first.version, {1, 2, 4})
    assert (third.since, third.changed) == (second.version, set())


def test_changes_are_named_after_a_poll_that_found_nothing_open():
    open_signals = open_signals_of()
    first = open_signals.reported(1.0)
    second = open_signals.reported(2.0)
    open_signals.apply([signal(1)])
    third = open_signals.reported(3.0)

    assert second.signals is first.signals
    assert (second.since, second.changed) == (first.version, set())
    assert (third.since, third.changed) == (first.version, {1})


def test_returned_signals_cannot_be_changed():
    handed_over = open_signals_of(signal(1)).reported(0.0)

    with pytest.raises(TypeError):
        handed_over.signals[2] = signal(2)


def asked(layer: str, *categories: str, keys: Iterable[str] = ()) -> AskedQuestions:
    return AskedQuestions(layer=layer, categories=frozenset(categories), keys=frozenset(keys))


def answered(category: str, **answers: str) -> Signal:
    assets = tuple(
        AssetReference(id_hash=hash_of_name(text), place=None, question_key=key) for key, text in answers.items()
    )
    return replace(signal(1, category=category), assets=assets)


def kept(questions: Iterable[AskedQuestions], given: Signal) -> list[tuple[str, int | None]]:
    """The key and the id of each answer that is kept of a signal."""
    scope = SignalFilter(states=frozenset({"m"}), categories=None, questions=frozenset(questions))
    open_signals = OpenSignals(scope)
    open_signals.apply([given])
    return [(asset.question_key, asset.id_hash) for asset in open_signals.reported(0.0).signals[1].assets]


LAMPS, DRAINS = asked("masten", "lamp", keys=["extra_lamp"]), asked("putten", "put", keys=["extra_put"])
PLATE = {"kenteken": "12-ABC-3"}


@pytest.mark.parametrize(
    ("questions", "given", "expected"),
    [
        ([LAMPS], answered("lamp", extra_lamp="1", **PLATE), [("extra_lamp", "1")]),
        ([LAMPS], answered("lamp", **PLATE), []),
        ([LAMPS, DRAINS], answered("lamp", extra_lamp="1", extra_put="2"), [("extra_lamp", "1")]),
        ([LAMPS, DRAINS], answered("put", extra_lamp="1", extra_put="2"), [("extra_put", "2")]),
        (
            [LAMPS, asked("gevel", "lamp", keys=["extra_gevel"])],
            answered("lamp", extra_lamp="1", extra_gevel="2", **PLATE),
            [("extra_lamp", "1"), ("extra_gevel", "2")],
        ),
        ([LAMPS, asked("putten", "put")], answered("lamp", extra_lamp="1", **PLATE), [("extra_lamp", "1")]),
        (
            [LAMPS, asked("gevel", "lamp")],
            answered("lamp", extra_lamp="1", **PLATE),
            [("extra_lamp", "1"), ("", "12-ABC-3")],
        ),
        ([LAMPS, asked("alles")], answered("put", extra_lamp="1"), [("", "1")]),
        ([asked("masten", "lamp")], answered("lamp", **{"jan@example.org": "1"}), [("", "1")]),
        ([asked("masten", "lamp")], answered("lamp", one="1", other="1"), [("", "1")]),
    ],
    ids=[
        "question of the layer",
        "no question of the layer",
        "of two layers by category",
        "of the other layer",
        "of two layers of one category",
        "all questions of another category",
        "all questions of this category",
        "all questions of all categories",
        "key that may be anything",
        "twice the same without its key",
    ],
)
def test_only_answers_to_the_questions_of_the_layers_are_kept(questions, given, expected):
    assert kept(questions, given) == [(key, hash_of_name(text)) for key, text in expected]


def test_a_signal_without_other_answers_is_kept_as_it_is():
    given = answered("lamp", extra_lamp="1")
    scope = SignalFilter(states=frozenset({"m"}), categories=None, questions=frozenset({LAMPS}))

    assert scope.needed(given) is given
    assert scope.needed(signal(2)).assets == ()


changes = st.lists(
    st.builds(
        signal,
        st.integers(1, 5),
        st.sampled_from(["m", "i", "o"]),
        st.sampled_from(["lamp", "put"]),
        st.sampled_from(["", "a", "b"]),
    ),
    max_size=30,
)


@given(changes, changes)
def test_versions_are_equal_exactly_when_contents_are(one: list[Signal], other: list[Signal]):
    left, right = open_signals_of(*one).reported(0.0), open_signals_of(*other).reported(0.0)

    assert (left.version == right.version) == (left.signals == right.signals)


@given(changes, changes)
def test_becoming_another_is_the_same_as_having_been_it(one: list[Signal], other: list[Signal]):
    open_signals, target = open_signals_of(*one), open_signals_of(*other)
    open_signals.replace_all(target)

    assert open_signals.reported(0.0).signals == target.reported(0.0).signals
    assert open_signals.reported(0.0).version == target.reported(0.0).version
