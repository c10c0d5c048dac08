"""The database of the API, and everything that can happen to signals.

Rows are in the order of their last change, as in PostgreSQL, so rows with equal sort keys change their order between
two requests. The public geography reads a copy that is refreshed every half hour. Nothing is random: identifiers are
counted, and the caller provides the clock.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from wfs_proxy.demo.signalen.records import (
    Category,
    Department,
    FormQuestion,
    Place,
    SignalNote,
    Status,
    StoredSignal,
    User,
)
from wfs_proxy.demo.signalen.states import ENDING, HIDDEN_FROM_PUBLIC

__all__ = ["REFRESH_SECONDS", "Backend"]

REFRESH_SECONDS = 1800.0
"""How often celery refreshes the public geography's materialized view."""

Clock = Callable[[], float]


class Backend:
    """The signals, and the categories, departments, users and questions that they refer to."""

    def __init__(
        self,
        *,
        clock: Clock,
        categories: Iterable[Category],
        departments: Iterable[Department] = (),
        users: Iterable[User] = (),
        questions: Iterable[FormQuestion] = (),
    ) -> None:
        self._clock = clock
        self.categories = {category.slug: category for category in categories}
        self.departments = {department.code: department for department in departments}
        self.users = {user.email.casefold(): user for user in users}
        self.questions = tuple(questions)
        self.maintenance = False
        """Whether all requests except the health check are answered with 503."""
        self._signals: dict[int, StoredSignal] = {}
        self._children: dict[int, set[int]] = {}
        self._last_id = 0
        self._last_status = 0
        self._public: tuple[StoredSignal, ...] = ()
        self._refreshed_at = clock()

    def now(self) -> datetime:
        """Return the clock's time."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def signals(self) -> Iterator[StoredSignal]:
        """Iterate over all signals. The one that changed last comes last."""
        return iter(self._signals.values())

    def find(self, signal_id: int) -> StoredSignal | None:
        """Return a signal by its id."""
        return self._signals.get(signal_id)

    def children(self, signal: StoredSignal) -> list[StoredSignal]:
        """Return the signals that this one was split into, sorted by id."""
        return [self._signals[number] for number in sorted(self._children.get(signal.id, ()))]

    def insert(self, signal: StoredSignal) -> None:
        """Insert a row without changing it."""
        self._tick()
        self._signals[signal.id] = signal
        if signal.parent is not None:
            self._children.setdefault(signal.parent, set()).add(signal.id)
        self._last_id = max(self._last_id, signal.id)
        self._last_status = max(self._last_status, signal.status.id)

    def create(self, place: Place, category: str, *, at: datetime | None = None, **rest: Any) -> StoredSignal:
        """Report something.

        Args:
            place: longitude, latitude.
            category: slug of its sub category.
            at: when the transaction began. The row may become visible much later.
            rest: other fields of `StoredSignal`.
        """
        moment = at or self.now()
        number = rest.get("id", self._last_id + 1)
        fields = {
            "id": number,
            "signal_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"signal {number}")),
            "text": "",
            "created_at": moment,
            "updated_at": moment,
            "type_at": moment,
            "incident_date_start": moment,
            "history": [self._status("m", moment, user=rest.get("created_by"))],
            **rest,
        }
        signal = StoredSignal(place=place, category=category, **fields)
        self.insert(signal)
        return signal

    def set_status(self, signal: StoredSignal, state: str, *, at: datetime | None = None, **rest: Any) -> None:
        """Set the state of a signal; `rest` are other fields of `Status`. Ending a parent cancels its children."""
        moment = self._touch(signal, at)
        signal.history.append(self._status(state, moment, **rest))
        if state in ENDING:
            for child in self.children(signal):
                if child.state not in ENDING:
                    self.set_status(child, "a", at=at, user=rest.get("user"))

    def recategorise(
        self,
        signal: StoredSignal,
        category: str,
        *,
        text: str | None = None,
        user: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Move a signal to another category, which clears its routing."""
        self._touch(signal, at)
        signal.category, signal.category_text, signal.category_by = category, text, user
        signal.routing = None

    def route(self, signal: StoredSignal, departments: Iterable[str], *, at: datetime | None = None) -> None:
        """Route a signal to departments by hand."""
        self._touch(signal, at)
        signal.routing = tuple(departments) or None

    def add_note(self, signal: StoredSignal, text: str, *, user: str | None = None, at: datetime | None = None) -> None:
        """Write an internal note."""
        self._touch(signal, at)
        signal.notes.insert(0, SignalNote(text=text, created_by=user))

    def delete(self, signal: StoredSignal) -> None:
        """Delete a signal without a trace, as the nightly task does with old signals."""
        self._tick()
        del self._signals[signal.id]
        if signal.parent is not None:
            self._children[signal.parent].discard(signal.id)

    def public_geography(self) -> tuple[StoredSignal, ...]:
        """Return the rows of the materialized view, as of its last refresh."""
        self._tick()
        return self._public

    def refresh_public_geography(self) -> None:
        """Refresh the materialized view now."""
        self._refreshed_at = self._clock()
        self._public = tuple(
            sorted(map(_copy, filter(self._is_public, self.signals())), key=lambda signal: signal.place)
        )

    def _is_public(self, signal: StoredSignal) -> bool:
        return self.categories[signal.category].public and signal.state not in HIDDEN_FROM_PUBLIC

    def _tick(self) -> None:
        """Refresh the view if it is due, before anything changes."""
        if self._clock() - self._refreshed_at >= REFRESH_SECONDS:
            self.refresh_public_geography()

    def _touch(self, signal: StoredSignal, at: datetime | None) -> datetime:
        self._tick()
        signal.updated_at = at or self.now()
        self._signals[signal.id] = self._signals.pop(signal.id)
        return signal.updated_at

    def _status(self, state: str, moment: datetime, **rest: Any) -> Status:
        self._last_status += 1
        return Status(id=self._last_status, state=state, created_at=moment, **rest)


def _copy(signal: StoredSignal) -> StoredSignal:
    return StoredSignal(**{**vars(signal), "history": list(signal.history), "notes": list(signal.notes)})
