"""Requests that write: anonymous reports, and changes by machine users."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.filters import LOCAL
from wfs_proxy.demo.signalen.messages import invalid
from wfs_proxy.demo.signalen.records import Place, Reporter, StoredSignal, User
from wfs_proxy.demo.signalen.states import APP_ONLY, DISPLAY, NEEDS_TARGET, TARGETS, may_follow

__all__ = ["change", "report"]

_REQUIRED = ("Dit veld is vereist.",)
_EXTRA_KEYS = frozenset({"id", "label", "category_url", "answer"})

_WEST, _SOUTH, _EAST, _NORTH = 3.3, 50.7, 7.3, 53.6
"""The rough extent of the Netherlands in degrees. Reports elsewhere are refused."""


def report(backend: Backend, body: Any) -> StoredSignal:
    """Create a signal for POST /public/signals/. The answers in `extra_properties` may be any JSON.

    Raises:
        Refused: 400, with the errors by field.
    """
    given = _object(body, "non_field_errors")
    missing = [
        name for name in ("text", "location", "category", "reporter", "incident_date_start") if name not in given
    ]
    if missing:
        raise invalid({name: list(_REQUIRED) for name in missing})
    location = _object(given["location"], "location")
    reporter = _object(given["reporter"], "reporter")
    return backend.create(
        text=_text(given["text"], "text"),
        place=_place(location),
        address=location.get("address"),
        category=_category(backend, given["category"]),
        reporter=Reporter(
            email=reporter.get("email") or "",
            phone=reporter.get("phone") or "",
            sharing_allowed=bool(reporter.get("sharing_allowed")),
        ),
        source=_text(given.get("source", "online"), "source"),
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
    state, target = given.get("state"), given.get("target_api")
    if not isinstance(state, str) or state not in DISPLAY or state in APP_ONLY:
        raise invalid({"status": {"state": [f'"{state}" is een ongeldige keuze.']}})
    if not may_follow(signal.state, state):
        raise invalid({"status": {"state": [f"Invalid state transition from `{signal.state}` to `{state}`."]}})
    if state == NEEDS_TARGET and target not in TARGETS:
        raise invalid({"status": {"target_api": list(_REQUIRED)}})
    text = given.get("text")
    return {"state": state, "text": None if text is None else _text(text, "status"), "target_api": target}


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
