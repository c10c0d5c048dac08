"""What is open, by id."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.marks.reported_objects import AssetReference, Signal
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter

SCOPE = SignalFilter(states=frozenset({"m", "i"}), categories=frozenset({"lamp"}))
THEN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def signal(number: int, state: str = "m", category: str = "lamp", asset: str = "") -> Signal:
    assets = (AssetReference(id=asset, place=None, question_key="q"),) if asset else ()
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

    assert open_signals.reported(0.0).signals[1].assets[0].id == "b"


def test_filter_without_categories_accepts_all():
    open_signals = OpenSignals(SignalFilter(states=frozenset({"m"}), categories=None))
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
