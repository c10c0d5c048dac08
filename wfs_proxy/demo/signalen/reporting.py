"""Requests that write: anonymous reports, and changes by machine users."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.filters import LOCAL
from wfs_proxy.demo.signalen.messages import invalid
from wfs_proxy.demo.signalen.records import Place, Reporter, StoredSignal, User
from wfs_proxy.demo.signalen.states import APP_ONLY, DISPLAY, NEEDS_TARGET, NEEDS_TEXT, TARGETS, may_follow

__all__ = ["change", "report"]

_REQUIRED = ("Dit veld is vereist.",)

_FIELDS = frozenset(
    {
        "source", "text", "text_extra", "location", "category", "reporter", "incident_date_start",
        "incident_date_end", "extra_properties", "session",
    }
)  # fmt: skip
"""The members of a public report. Any other is refused."""

PUBLIC_SOURCE = "online"

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}", re.ASCII
)
"""An e-mail address, roughly as Django's validator accepts it."""

_LONGEST_PHONE = 17
"""Characters."""

_EXTRA_KEYS = frozenset({"id", "label", "category_url", "answer"})

_WEST, _SOUTH, _EAST, _NORTH = 3.3, 50.7, 7.3, 53.6
"""The rough extent of the Netherlands in degrees. Reports elsewhere are refused."""


def report(backend: Backend, body: Any) -> StoredSignal:
    """Create a signal for POST /public/signals/. The answers in `extra_properties` may be any JSON.

    Raises:
        Refused: 400, with the errors by field.
    """
    given = _object(body, "non_field_errors")
    unknown = given.keys() - _FIELDS
    missing = [
        name for name in ("text", "location", "category", "reporter", "incident_date_start") if name not in given
    ]
    if missing:
        raise invalid({name: list(_REQUIRED) for name in missing})
    if unknown:
        raise invalid({"non_field_errors": [f"Extra properties present: {', '.join(sorted(unknown))}"]})
    location = _object(given["location"], "location")
    reporter = _object(given["reporter"], "reporter")
    return backend.create(
        text=_text(given["text"], "text"),
        place=_place(location),
        address=location.get("address"),
        category=_category(backend, given["category"]),
        reporter=Reporter(
            email=_email(reporter),
            phone=_phone(reporter),
            sharing_allowed=bool(reporter.get("sharing_allowed")),
        ),
        source=_source(given.get("source", PUBLIC_SOURCE)),
        incident_date_start=_moment(given["incident_date_start"]),
        extra_properties=_extra_properties(given.get("extra_properties")),
    )


def change(backend: Backend, user: User, signal: StoredSignal, body: Any) -> None:
    """Change a signal for PATCH /private/signals/{id}: status, category, notes, routing, but not `extra_properties`.

    Raises:
        Refused: 400, with the errors by field. Nothing was changed.
    """
    given = _object(body, "non_field_errors")
    status = _status(signal, _object(given["status"], "status")) if "status" in given else None
    category = _category(backend, given["category"]) if "category" in given else None
    routing = _departments(backend, given["routing_departments"]) if "routing_departments" in given else None
    notes = [_text(_object(note, "notes").get("text"), "notes") for note in given.get("notes") or ()]
    if category is not None and category != signal.category:
        text = _object(given["category"], "category").get("text")
        backend.recategorise(signal, category, text=text, user=user.email)
    if routing is not None:
        backend.route(signal, routing)
    if status is not None:
        backend.set_status(signal, **status, user=user.email)
    for note in notes:
        backend.add_note(signal, note, user=user.email)


def _status(signal: StoredSignal, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the new status.

    Raises:
        Refused: 400. A wrong value is named under `status`, a rule of the workflow at the top, as the backend does.
    """
    state, target, text = given.get("state"), given.get("target_api"), given.get("text")
    if not isinstance(state, str) or state not in DISPLAY or state in APP_ONLY:
        raise invalid({"status": {"state": [f'"{state}" is een ongeldige keuze.']}})
    if target is not None and target not in TARGETS:
        raise invalid({"status": {"target_api": [f'"{target}" is een ongeldige keuze.']}})
    if text is not None and not isinstance(text, str):
        raise invalid({"status": {"text": ["Geen geldige string."]}})
    broken = dict(_broken_rules(signal, state, target, text))
    if broken:
        raise invalid(broken)
    return {"state": state, "text": text, "target_api": target}


def _broken_rules(
    signal: StoredSignal, state: str, target: str | None, text: str | None
) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a new status that break a rule of the workflow."""
    needed = f"This field is required when changing `state` to `{DISPLAY[state]}`."
    if not may_follow(signal.state, state):
        before, after = DISPLAY[signal.state], DISPLAY[state]
        yield "state", [f"Invalid state transition from `{before}` to `{after}`."]
    if state == NEEDS_TARGET and not target:
        yield "target_api", [needed]
    if state != NEEDS_TARGET and target:
        yield "target_api", [f"This field can only be set when changing `state` to `{NEEDS_TARGET}`."]
    if state in NEEDS_TEXT and not text:
        yield "text", [needed]


def _source(given: Any) -> str:
    """Return the source of a public report. The backend knows one, in any case; its table of others is empty."""
    source = _text(given, "source")
    if source.lower() != PUBLIC_SOURCE:
        raise invalid({"source": ["Invalid source given, value not known"]})
    return source


def _email(reporter: Mapping[str, Any]) -> str:
    email = reporter.get("email") or ""
    if not isinstance(email, str) or (email and not _EMAIL.fullmatch(email)):
        raise invalid({"reporter": {"email": ["Voer een geldig e-mailadres in."]}})
    return email


def _phone(reporter: Mapping[str, Any]) -> str:
    phone = reporter.get("phone") or ""
    if not isinstance(phone, str):
        raise invalid({"reporter": {"phone": ["Geen geldige string."]}})
    if len(phone) > _LONGEST_PHONE:
        raise invalid(
            {"reporter": {"phone": [f"Zorg ervoor dat dit veld niet meer dan {_LONGEST_PHONE} karakters bevat."]}}
        )
    return phone


def _category(backend: Backend, given: Any) -> str:
    """Return the slug from the URL of a category, which may be relative."""
    address = _object(given, "category").get("sub_category") or given.get("category_url")
    path = urlsplit(address).path if isinstance(address, str) else ""
    for category in backend.categories.values():
        if category.path == path.rstrip("/"):
            return category.slug
    raise invalid({"category": {"sub_category": ["Ongeldige hyperlink - geen overeenkomende URL."]}})


def _departments(backend: Backend, given: Any) -> list[str]:
    by_id = {department.id: department.code for department in backend.departments.values()}
    if not isinstance(given, list) or any(not isinstance(item, dict) or item.get("id") not in by_id for item in given):
        raise invalid({"routing_departments": ["Ongeldige afdeling."]})
    return [by_id[item["id"]] for item in given]


def _place(location: Mapping[str, Any]) -> Place:
    geometry = location.get("geometrie")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    match coordinates:
        case [int() | float() as longitude, int() | float() as latitude] if math.isfinite(longitude + latitude):
            if _WEST <= longitude <= _EAST and _SOUTH <= latitude <= _NORTH:
                return float(longitude), float(latitude)
    raise invalid({"location": {"geometrie": ["Location coordinates not anywhere in the Netherlands"]}})


def _extra_properties(given: Any) -> Any:
    if given is None:
        return None
    if not isinstance(given, list) or any(
        not isinstance(item, dict) or not item.keys() >= _EXTRA_KEYS for item in given
    ):
        raise invalid({"extra_properties": ["Invalid input."]})
    return given


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise invalid({"incident_date_start": ["Datetime heeft een ongeldig formaat."]}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise invalid({name: ["Ongeldige data. Verwacht een dictionary."]})
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid({name: ["Dit veld mag niet leeg zijn."]})
    return value
