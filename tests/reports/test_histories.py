"""A thousand random lives of reports: what the poller knows equals what the database says.

Each history is a Signalen of its own, polled while it changes: reports come, close, reopen, move, vanish, many at one
moment, some visible only minutes after their own time, and some between two pages of a poll. After it there is one
quiet poll and, where something was deleted, one full synchronisation.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from a_signalen import READER, ASignalen

from wfs_proxy.reported import Signal
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.register import Scope
from wfs_proxy.reports.states import DEFAULT_OPEN
from wfs_proxy.reports.sync import PrivateFeed

HISTORIES = 1000
A_TEST = 50
"""Histories a test, so that workers can share them."""

WATCHED = ("lantaarnpaal-straatverlichting", "container-is-vol")
CATEGORIES = (*WATCHED, "put-riolering-verstopt")
OPEN = ("m", "i", "b", "ingepland", "closure requested", "sent")
CLOSED = ("o", "a", "done external")
LATEST_COMMIT = 240
"""Seconds; an increment looks back five minutes."""


class History:
    """One Signalen, what happens to it, and who polls it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.signalen = ASignalen()
        self.backend = self.signalen.backend
        self.signalen.before = lambda _: self.under_way()
        self.deleted = False
        self.quiet = False

    def token(self) -> dict[str, str]:
        """A ready-made token that outlives the history."""
        return {"type": "bearer", "token": self.signalen.provider.mint(READER, lifetime=1e6)}

    def under_way(self) -> None:
        """Something may happen between two requests, and time goes on."""
        if not self.quiet and self.dice.random() < 0.4:
            self.signalen.later(self.dice.choice([0, 1, 40]))
            self.happen()

    def happen(self) -> None:
        """One random event."""
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
        """When a transaction began that is visible only now: some began minutes ago."""
        late = self.dice.choice([0, 0, 0, self.dice.uniform(0, LATEST_COMMIT)])
        return datetime.fromtimestamp(self.signalen.clock.now, UTC) - timedelta(seconds=late)

    def create(self, at: datetime | None = None) -> None:
        place = 6.5 + self.dice.random() / 10, 53.2
        item = {"id": f"GR-{self.dice.randrange(50)}", "type": "Lichtmast"}
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
        """Some signal, if there is one."""
        signals = list(self.backend.signals())
        return self.dice.choice(signals) if signals else None

    def truth(self) -> dict[int, tuple[Any, ...]]:
        """What is open in the database."""
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


def known(signal: Signal) -> tuple[Any, ...]:
    """What the poller knows of a signal, to compare with the truth."""
    ids = tuple(asset.id for asset in signal.assets)
    return signal.state, signal.category, signal.created_at, signal.updated_at, signal.place, ids


async def offload(work, *arguments):
    return work(*arguments)


async def live(seed: int) -> str:
    """Live one history; tells where the poller and the database disagree."""
    history = History(seed)
    signalen, dice = history.signalen, history.dice
    scope = Scope(states=DEFAULT_OPEN, categories=frozenset(WATCHED))
    instance = signalen.instance(
        page_size=dice.choice([2, 3, 7, 100]), full_sync=dice.choice([60, 3600]), auth=history.token()
    )
    async with signalen.http() as http:
        feed = PrivateFeed(SignalenClient(instance, http, offload), instance, scope, signalen.clock)
        for _ in range(dice.randrange(1, 6)):
            for _ in range(dice.randrange(4)):
                signalen.later(dice.choice([0, 0, 1, 60, 400]))
                history.happen()
            await feed.refresh()
            signalen.later(instance.poll)
        history.quiet = True
        await feed.refresh()
        if history.deleted:
            signalen.later(instance.full_sync)
            await feed.refresh()
    found = {number: known(signal) for number, signal in feed.reported(0).signals.items()}
    return "" if found == history.truth() else f"history {seed}: {set(found.items()) ^ set(history.truth().items())}"


@pytest.mark.anyio
@pytest.mark.parametrize("first", range(0, HISTORIES, A_TEST))
async def test_poller_knows_what_the_database_says_after_any_history(first):
    faults = [fault for seed in range(first, first + A_TEST) if (fault := await live(seed))]
    assert faults == []


@pytest.mark.anyio
async def test_histories_are_the_same_every_time():
    one, other = History(7), History(7)
    for _ in range(50):
        one.happen()
        other.happen()
    assert one.truth() == other.truth() != {}
