"""A thousand random histories of reports: the open signals and the marks equal those of the database.

Each history is a Signalen of its own, polled while it changes: reports come, close, reopen, move, vanish, many at one
moment, some visible only minutes after their own time, and some between two pages of a poll. After it there is one
quiet poll and, where something was deleted, one full synchronisation.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import points
import pytest
from a_signalen import ALL_QUESTIONS, READER, ASignalen, poll

from wfs_proxy.config.signalen_states import DEFAULT_OPEN
from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.marks import LayerMarks, compute_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import Signal
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.open_signals import SignalFilter
from wfs_proxy.reports.private_feed import PrivateFeed
from wfs_proxy.snapshot.names import hash_of_name
from wfs_proxy.snapshot.snapshot import Snapshot

HISTORIES = 1000
A_TEST = 50
"""Histories per test, so that test workers can share them."""

WATCHED = ("lantaarnpaal-straatverlichting", "container-is-vol")
CATEGORIES = (*WATCHED, "put-riolering-verstopt")
OPEN = ("m", "i", "b", "ingepland", "closure requested", "sent")
CLOSED = ("o", "a", "done external")
LAMPS = {f"GR-{number}": (6.5 + number / 1000, 53.2) for number in range(50)}
"""The objects that can be reported, about 66 m apart."""

NAMES = {hash_of_name(name): name for name in LAMPS}

LAYER = points.layer("masten", reports={"signalen": "default", "categories": [*WATCHED]})
TARGET = LayerTarget(
    layer=LAYER, snapshot=Snapshot.build(points.batch(LAMPS), "masten"), states=StateRules(open=DEFAULT_OPEN)
)

LATEST_COMMIT = 240
"""Seconds; an increment begins five minutes earlier."""


class History:
    """One Signalen, random events in it, and its poller."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.signalen = ASignalen()
        self.backend = self.signalen.backend
        self.signalen.before = lambda _: self.under_way()
        self.deleted = False
        self.quiet = False

    def token(self) -> dict[str, str]:
        """Return a token that is valid longer than the history."""
        return {"type": "bearer", "token": self.signalen.provider.mint(READER, lifetime=1e6)}

    def under_way(self) -> None:
        """Perhaps let something happen between two requests, and advance the clock."""
        if not self.quiet and self.dice.random() < 0.4:
            self.signalen.later(self.dice.choice([0, 1, 40]))
            self.happen()

    def happen(self) -> None:
        """Let one random event happen."""
        weights = {
            self.create: 6,
            self.create_in_bulk: 1,
            self.close: 4,
            self.close_in_bulk: 1,
            self.reopen: 3,
            self.recategorise: 3,
            self.note: 2,
            self.delete: 1,
        }
        self.dice.choices([*weights], weights=[*weights.values()])[0]()

    def moment(self) -> datetime:
        """Return when a transaction began that becomes visible now; some began minutes ago."""
        late = self.dice.choice([0, 0, 0, self.dice.uniform(0, LATEST_COMMIT)])
        return datetime.fromtimestamp(self.signalen.clock.now, UTC) - timedelta(seconds=late)

    def create(self, at: datetime | None = None) -> None:
        name, place = self.dice.choice([*LAMPS.items()])
        item = {"id": name, "type": "Lichtmast", "coordinates": {"lng": place[0], "lat": place[1]}}
        question = {"id": "extra", "label": "", "category_url": "", "answer": [item]}
        self.backend.create(place, self.dice.choice(CATEGORIES), at=at or self.moment(), extra_properties=[question])

    def create_in_bulk(self) -> None:
        at = self.moment()
        for _ in range(self.dice.randrange(4, 14)):
            self.create(at)

    def close(self, at: datetime | None = None) -> None:
        self.move(CLOSED, at)

    def reopen(self) -> None:
        self.move(OPEN)

    def close_in_bulk(self) -> None:
        at = self.moment()
        for _ in range(self.dice.randrange(4, 14)):
            self.close(at)

    def move(self, states: tuple[str, ...], at: datetime | None = None) -> None:
        if (signal := self.any()) is not None:
            self.backend.set_status(signal, self.dice.choice(states), at=at or self.moment())

    def recategorise(self) -> None:
        if (signal := self.any()) is not None:
            self.backend.recategorise(signal, self.dice.choice(CATEGORIES), at=self.moment())

    def note(self) -> None:
        if (signal := self.any()) is not None:
            self.backend.add_note(signal, "gezien", at=self.moment())

    def delete(self) -> None:
        if (signal := self.any()) is not None:
            self.backend.delete(signal)
            self.deleted = True

    def any(self):
        """Return a random signal, if there is one."""
        signals = list(self.backend.signals())
        return self.dice.choice(signals) if signals else None

    def truth(self) -> dict[int, tuple[Any, ...]]:
        """Return what is open in the database."""
        return {
            signal.id: (
                signal.state,
                signal.category,
                signal.created_at,
                signal.updated_at,
                signal.place,
                (signal.extra_properties[0]["answer"][0]["id"],),
            )
            for signal in self.backend.signals()
            if signal.state not in {"o", "a", "s", "done external"} and signal.category in WATCHED
        }


class Watcher:
    """Marks the lamps after each poll, only those that changed."""

    def __init__(self, feed: PrivateFeed, history: History) -> None:
        self.feed = feed
        self.history = history
        self.match_state = MatchState([TARGET])
        self.marks: LayerMarks | None = None

    async def look(self) -> None:
        """Poll once and mark."""
        await poll(self.feed)
        now = self.history.signalen.clock.now
        self.match_state.update(self.feed.reported(now))
        self.marks = compute_marks(self.match_state, 0, now, self.marks)

    def marked(self) -> set[str]:
        """Return the marked lamps."""
        served = (json.loads(TARGET.snapshot.fragment(row) + self.marks.full.suffix(row)) for row in range(len(LAMPS)))
        return {lamp["id"].removeprefix("masten.") for lamp in served if lamp["properties"]["IS_GEMELD"] == "1"}


def known(signal: Signal) -> tuple[Any, ...]:
    """Return what the poller knows of a signal, to compare it with the database."""
    ids = tuple(NAMES[asset.id_hash] for asset in signal.assets)
    return signal.state, signal.category, signal.created_at, signal.updated_at, signal.place, ids


async def offload(work, *arguments):
    return work(*arguments)


async def live(seed: int) -> str:
    """Run one history. Return where the poller and the database disagree."""
    history = History(seed)
    signalen, dice = history.signalen, history.dice
    scope = SignalFilter(states=DEFAULT_OPEN, categories=frozenset(WATCHED), questions=ALL_QUESTIONS)
    instance = signalen.instance(
        page_size=dice.choice([2, 3, 7, 100]), full_sync=dice.choice([60, 3600]), auth=history.token()
    )
    async with signalen.http() as http:
        feed = PrivateFeed(SignalenClient(instance, http, offload), instance, scope, signalen.clock)
        watcher = Watcher(feed, history)
        for _ in range(dice.randrange(1, 6)):
            for _ in range(dice.randrange(4)):
                signalen.later(dice.choice([0, 0, 1, 60, 400]))
                history.happen()
            await watcher.look()
            signalen.later(instance.poll)
        history.quiet = True
        await watcher.look()
        if history.deleted:
            signalen.later(instance.full_sync)
            await watcher.look()
    found = {number: known(signal) for number, signal in feed.reported(0).signals.items()}
    truth = history.truth()
    if found != truth:
        return f"history {seed}: {set(found.items()) ^ set(truth.items())}"
    wrong = watcher.marked() ^ {name for *_, names in truth.values() for name in names}
    return f"history {seed}: {wrong} marked or not" if wrong else ""


@pytest.mark.anyio
@pytest.mark.parametrize("first", range(0, HISTORIES, A_TEST))
async def test_poller_knows_what_the_database_says_after_any_history(first):
    differences = [difference for seed in range(first, first + A_TEST) if (difference := await live(seed))]
    assert differences == []


@pytest.mark.anyio
async def test_histories_are_the_same_every_time():
    one, other = History(7), History(7)
    for _ in range(50):
        one.happen()
        other.happen()
    assert one.truth() == other.truth() != {}
