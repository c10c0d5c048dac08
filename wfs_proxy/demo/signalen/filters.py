"""The filters of the private list and geography: query parameters -> the rows that a user gets.

Values of one parameter are alternatives, except that of `id` the last one counts. Different parameters must all match,
except that the two category slugs are alternatives of each other, and `category_id` overrides both. Unknown parameters
are ignored silently; an unknown value of a known parameter is answered with 400, and so is an empty one of a parameter
that may be repeated. Unless a repeatable filter makes the query DISTINCT, a user of several
departments gets a signal once for every department that it was routed to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.messages import Params, invalid
from wfs_proxy.demo.signalen.records import Category, StoredSignal, User
from wfs_proxy.demo.signalen.states import DISPLAY

__all__ = ["LOCAL", "chosen", "may_see", "number", "ordered", "select"]

LOCAL = ZoneInfo("Europe/Amsterdam")

_SOURCES = ("online", "Telefoon", "Interne melding", "Automatische signalering", "app", "E-mail")
_PRIORITIES = ("low", "normal", "high")
_TYPES = ("SIG", "REQ", "QUE", "COM", "MAI")
_KINDS = ("signal", "parent_signal", "exclude_parent_signal", "child_signal")
_NULL = "null"
"""The value that finds rows in which something is absent."""

_AREAS = {"area_code": (_NULL,), "buurt_code": (), "stadsdeel": (_NULL, *"ABEMNTKFHW")}
"""Parameter -> its choices. No areas are loaded, so they are absent from every row."""

_SINGLE_CHOICES = {
    "area_type_code": (_NULL,),
    "feedback": ("satisfied", "not_satisfied", "not_received"),
    "punctuality": ("on_time", "late", "late_factor_3", _NULL),
}
"""Parameters that cannot be repeated, with their choices."""

_REPEATABLE = frozenset(
    {
        "status", "category_slug", "maincategory_slug", "category_id", "routing_department_code",
        "directing_department", "source", "priority", "type", "kind", "contact_details", *_AREAS,
    }
)  # fmt: skip

_MOMENTS: dict[str, Callable[[StoredSignal], datetime]] = {
    "created": lambda signal: signal.created_at,
    "updated": lambda signal: signal.updated_at,
    "incident_date": lambda signal: signal.incident_date_start,
}

_ORDERINGS: dict[str, Callable[[StoredSignal, Category], Any]] = {
    "id": lambda signal, _: signal.id,
    "created_at": lambda signal, _: signal.created_at,
    "updated_at": lambda signal, _: signal.updated_at,
    "stadsdeel": lambda *_: "",
    "area_name": lambda *_: "",
    "sub_category": lambda _, category: category.name,
    "main_category": lambda _, category: category.main,
    "status": lambda signal, _: signal.state,
    "priority": lambda signal, _: signal.priority,
    "address": lambda signal, _: str((signal.address or {}).get("openbare_ruimte", "")),
    "postcode": lambda signal, _: str((signal.address or {}).get("postcode", "")),
    "assigned_user_email": lambda signal, _: signal.assigned_to or "",
}

Rule = Callable[[StoredSignal], bool]


def select(backend: Backend, user: User, params: Params) -> list[StoredSignal]:
    """Return the rows that the user gets for these parameters, in the requested order.

    Raises:
        Refused: 400, a value is not valid.
    """
    rules = list(_rules(backend, params))
    rows = (signal for signal in backend.signals() if all(rule(signal) for rule in rules))
    distinct = any(any(params.get(name, ())) for name in _REPEATABLE)
    seen = [row for signal in rows for row in _joined(backend, user, signal, distinct=distinct)]
    return ordered(backend, seen, params.get("ordering", [""])[-1])


def may_see(backend: Backend, user: User, signal: StoredSignal) -> bool:
    """Whether the user may see a signal."""
    return bool(_joined(backend, user, signal, distinct=True))


def ordered(backend: Backend, rows: Iterable[StoredSignal], ordering: str) -> list[StoredSignal]:
    """Sort by the names in `ordering`, by default the newest first. Equal rows keep the order of the table."""
    names = [name for name in ordering.split(",") if name.removeprefix("-") in _ORDERINGS] or ["-created_at"]
    result = list(rows)
    for name in reversed(names):
        key = _ORDERINGS[name.removeprefix("-")]
        result.sort(key=lambda signal: key(signal, backend.categories[signal.category]), reverse=name.startswith("-"))
    return result


def chosen(params: Params, name: str, choices: Iterable[str]) -> frozenset[str]:
    """Return the values of a parameter that accepts only certain choices.

    Raises:
        Refused: 400, a value is not one of the choices. The empty text is not one either.
    """
    allowed = frozenset(choices)
    values = params.get(name, ())
    for value in values:
        if value not in allowed:
            raise invalid({name: [f"Selecteer een geldige keuze. {value} is geen beschikbare keuze."]})
    return frozenset(values)


def _joined(backend: Backend, user: User, signal: StoredSignal, *, distinct: bool) -> list[StoredSignal]:
    """Return the signal as many times as the join with its departments returns it for this user."""
    if user.all_categories:
        return [signal]
    category = backend.categories[signal.category]
    own = not {*category.responsible, *category.may_view}.isdisjoint(user.departments)
    routed = [code for code in signal.routing or () if own or code in user.departments]
    times = len(routed) or int(own)
    return [signal] * (min(times, 1) if distinct else times)


def _rules(backend: Backend, params: Params) -> Iterator[Rule]:
    yield from _category_rules(backend, params)
    yield from _moment_rules(params)
    yield from _department_rules(backend, params)
    yield from _choice_rules(params)
    yield from _area_rules(params)
    yield from _text_rules(params)
    yield from _kind_rules(backend, params)


def _not_before(moment_of: Callable[[StoredSignal], datetime], after: datetime) -> Rule:
    return lambda signal: moment_of(signal) >= after


def _not_after(moment_of: Callable[[StoredSignal], datetime], before: datetime) -> Rule:
    return lambda signal: moment_of(signal) <= before


def _one_of(value_of: Callable[[StoredSignal], str], values: frozenset[str]) -> Rule:
    return lambda signal: value_of(signal) in values


def _holding(text_of: Callable[[StoredSignal], str], needle: str) -> Rule:
    return lambda signal: needle in text_of(signal).casefold()


def _category_rules(backend: Backend, params: Params) -> Iterator[Rule]:
    categories = backend.categories
    ids = chosen(params, "category_id", (str(category.id) for category in categories.values()))
    slugs = chosen(params, "category_slug", categories)
    mains = chosen(params, "maincategory_slug", (category.main_slug for category in categories.values()))
    if ids:
        yield lambda signal: str(categories[signal.category].id) in ids
    elif slugs or mains:
        yield lambda signal: signal.category in slugs or categories[signal.category].main_slug in mains


def _moment_rules(params: Params) -> Iterator[Rule]:
    for name, moment_of in _MOMENTS.items():
        after, before = _moment(params, f"{name}_after"), _moment(params, f"{name}_before")
        if after is not None:
            yield _not_before(moment_of, after)
        if before is not None:
            yield _not_after(moment_of, before)


def _moment(params: Params, name: str) -> datetime | None:
    text = params.get(name, [""])[-1].strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid({name: ["Voer een geldige datum/tijd in."]}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def _department_rules(backend: Backend, params: Params) -> Iterator[Rule]:
    routed = chosen(params, "routing_department_code", (*backend.departments, _NULL))
    if routed:
        yield lambda signal: not routed.isdisjoint(signal.routing or (_NULL,))
    directing = chosen(params, "directing_department", (*backend.departments, _NULL))
    if directing:
        yield lambda _: _NULL in directing


def _choice_rules(params: Params) -> Iterator[Rule]:
    for name, choices, value_of in (
        ("status", tuple(DISPLAY), lambda signal: signal.state),
        ("source", _SOURCES, lambda signal: signal.source),
        ("priority", _PRIORITIES, lambda signal: signal.priority),
        ("type", _TYPES, lambda signal: signal.type_code),
    ):
        values = chosen(params, name, choices)
        if values:
            yield _one_of(value_of, values)
    signal_id = number(params, "id")
    if signal_id is not None:
        yield lambda signal: signal.id == signal_id


def _area_rules(params: Params) -> Iterator[Rule]:
    for name, choices in _AREAS.items():
        values = chosen(params, name, choices)
        if values and _NULL not in values:
            yield lambda _: False
    for name, choices in _SINGLE_CHOICES.items():
        value = params.get(name, [""])[-1]
        if value:
            chosen({name: [value]}, name, choices)


def number(params: Params, name: str) -> float | None:
    """Return the last value of a parameter that is a number; None if there is none.

    Raises:
        Refused: 400, it is not a number.
    """
    text = params.get(name, [""])[-1].strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise invalid({name: ["Voer een getal in."]})
    return value


def _text_rules(params: Params) -> Iterator[Rule]:
    for name, text_of in (
        ("address_text", lambda signal: " ".join(map(str, (signal.address or {}).values()))),
        ("note_keyword", lambda signal: "\n".join(note.text for note in signal.notes)),
    ):
        needle = params.get(name, [""])[-1].casefold()
        if needle:
            yield _holding(text_of, needle)
    for name, address_of in (
        ("assigned_user_email", lambda signal: (signal.assigned_to or "").casefold()),
        ("reporter_email", lambda signal: signal.reporter.email.casefold()),
    ):
        email = params.get(name, [""])[-1].casefold()
        if email:
            yield _one_of(address_of, frozenset({email}))


def _kind_rules(backend: Backend, params: Params) -> Iterator[Rule]:
    kinds = chosen(params, "kind", _KINDS)
    if kinds:
        yield lambda signal: not kinds.isdisjoint(_kinds(backend, signal))
    contacts = chosen(params, "contact_details", ("email", "phone", "none"))
    if contacts:
        yield lambda signal: not contacts.isdisjoint(_contacts(signal))


def _kinds(backend: Backend, signal: StoredSignal) -> Iterator[str]:
    is_parent, is_child = bool(backend.children(signal)), signal.parent is not None
    yield from ["parent_signal"] if is_parent else ["exclude_parent_signal"]
    yield from ["child_signal"] if is_child else []
    yield from ["signal"] if not (is_parent or is_child) else []


def _contacts(signal: StoredSignal) -> list[str]:
    reporter = signal.reporter
    found = [name for name, value in (("email", reporter.email), ("phone", reporter.phone)) if value]
    return found or ["none"]
