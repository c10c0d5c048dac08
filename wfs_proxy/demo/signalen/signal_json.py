"""Signals as JSON: names, order and formats of the members as recorded from the backend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.filters import LOCAL
from wfs_proxy.demo.signalen.records import Category, StoredSignal, User
from wfs_proxy.demo.signalen.states import CLOSED, DISPLAY

__all__ = [
    "detail",
    "feature",
    "history",
    "local",
    "map_feature",
    "near_feature",
    "public_detail",
    "public_feature",
    "row",
]

_SIGNALS = "/signals/v1/private/signals"
_MASK = "*****"
_SATURDAY = 5


def local(moment: datetime) -> str:
    """Return a time as the serializers write it: with the Dutch offset."""
    return moment.astimezone(LOCAL).isoformat()


def row(backend: Backend, user: User, host: str, signal: StoredSignal) -> dict[str, Any]:
    """Return a row of the private list."""
    own = f"{host}{_SIGNALS}/{signal.id}"
    return {
        "_links": {"self": {"href": own}},
        "_display": _display(signal),
        "id": signal.id,
        "id_display": f"SIG-{signal.id}",
        "signal_id": signal.signal_id,
        "source": signal.source,
        "text": signal.text,
        "text_extra": signal.text_extra,
        **_parts(backend, user, host, signal),
        "created_at": local(signal.created_at),
        "updated_at": local(signal.updated_at),
        **_incident(signal),
        "operational_date": None,
        "has_attachments": False,
        "extra_properties": signal.extra_properties,
        "notes": _notes(signal),
        "routing_departments": _routing(backend, signal),
        "has_parent": signal.parent is not None,
        "has_children": bool(backend.children(signal)),
        "assigned_user_email": signal.assigned_to,
    }


def detail(backend: Backend, user: User, host: str, signal: StoredSignal) -> dict[str, Any]:
    """Return one signal of the private API."""
    return {
        "_links": _links(backend, host, signal),
        "_display": _display(signal),
        "id": signal.id,
        "id_display": f"SIG-{signal.id}",
        "has_attachments": False,
        **_parts(backend, user, host, signal),
        "notes": _notes(signal),
        "source": signal.source,
        "text": signal.text,
        "text_extra": signal.text_extra,
        "extra_properties": signal.extra_properties,
        "created_at": local(signal.created_at),
        "updated_at": local(signal.updated_at),
        **_incident(signal),
        "routing_departments": _routing(backend, signal),
        "attachments": [],
        "assigned_user_email": signal.assigned_to,
    }


def public_detail(signal: StoredSignal) -> dict[str, Any]:
    """Return a signal as anybody who knows its UUID may see it."""
    state = ("CLOSED", "Gesloten") if signal.state in CLOSED else ("OPEN", "Open")
    return {
        "_display": f"SIG-{signal.id}",
        "id": signal.id,
        "id_display": f"SIG-{signal.id}",
        "signal_id": signal.signal_id,
        "status": dict(zip(("state", "state_display"), state, strict=True)),
        "created_at": local(signal.created_at),
        "updated_at": local(signal.updated_at),
        **_incident(signal),
    }


def feature(signal: StoredSignal) -> dict[str, Any]:
    """Return a feature of the private geography."""
    return _feature(signal, {"id": signal.id, "created_at": _utc(signal.created_at)})


def near_feature(signal: StoredSignal) -> dict[str, Any]:
    """Return a feature of the signals near another one."""
    status = {"state": signal.state, "state_display": DISPLAY[signal.state]}
    return _feature(signal, {"id": signal.id, "created_at": local(signal.created_at), "status": status})


def public_feature(backend: Backend, signal: StoredSignal) -> dict[str, Any]:
    """Return a feature of the public geography: without id, state and assets."""
    category = backend.categories[signal.category]
    parent = {"name": category.main, "slug": category.main_slug}
    named = {"name": category.name, "slug": category.slug, "parent": parent}
    return _feature(signal, {"category": named, "created_at": _utc(signal.created_at)})


def map_feature(backend: Backend, signal: StoredSignal) -> dict[str, Any]:
    """Return a feature of the deprecated map signals."""
    category = backend.categories[signal.category]
    named = {"sub": category.name, "main": category.main}
    created_at = _utc(signal.created_at)
    return _feature(signal, {"id": signal.id, "status": signal.state, "category": named, "created_at": created_at})


def history(signal: StoredSignal) -> list[dict[str, Any]]:
    """Return the changes of the status, the latest first."""
    return [
        {
            "identifier": f"UPDATE_STATUS_{status.id}",
            "when": local(status.created_at),
            "what": "UPDATE_STATUS",
            "action": f"Status gewijzigd naar: {DISPLAY[status.state]}",
            "description": status.text,
            "who": status.user or "Signalen systeem",
            "_signal": signal.id,
        }
        for status in reversed(signal.history)
    ]


def _parts(backend: Backend, user: User, host: str, signal: StoredSignal) -> dict[str, Any]:
    return {
        "status": _status(signal),
        "location": _location(signal),
        "category": _category(backend.categories[signal.category], host, signal),
        "reporter": _reporter(signal, user),
        "priority": {"priority": signal.priority, "created_by": signal.created_by},
        "type": {"code": signal.type_code, "created_at": local(signal.type_at), "created_by": signal.created_by},
    }


def _display(signal: StoredSignal) -> str:
    return f"{signal.id} - {signal.state} - None - {local(signal.created_at)}"


def _incident(signal: StoredSignal) -> dict[str, Any]:
    end = signal.incident_date_end
    return {"incident_date_start": local(signal.incident_date_start), "incident_date_end": end and local(end)}


def _status(signal: StoredSignal) -> dict[str, Any]:
    status = signal.status
    return {
        "text": status.text,
        "user": status.user,
        "state": status.state,
        "state_display": DISPLAY[status.state],
        "target_api": status.target_api,
        "extra_properties": status.extra_properties,
        "send_email": status.email_override is not None,
        "created_at": local(status.created_at),
        "email_override": status.email_override,
    }


def _location(signal: StoredSignal) -> dict[str, Any]:
    address = signal.address
    return {
        "id": signal.id,
        "stadsdeel": None,
        "buurt_code": None,
        "area_type_code": None,
        "area_code": None,
        "area_name": None,
        "address": address,
        "address_text": _address_text(address),
        "postcode": (address or {}).get("postcode"),
        "geometrie": {"type": "Point", "coordinates": list(signal.place)},
        "extra_properties": None,
        "created_by": signal.created_by,
        "bag_validated": False,
    }


def _address_text(address: Mapping[str, Any] | None) -> str:
    words = ("openbare_ruimte", "huisnummer", "postcode", "woonplaats")
    return " ".join(str(address[word]) for word in words if address.get(word)) if address else ""


def _category(category: Category, host: str, signal: StoredSignal) -> dict[str, Any]:
    return {
        "sub": category.name,
        "sub_slug": category.slug,
        "main": category.main,
        "main_slug": category.main_slug,
        "category_url": f"{host}{category.path}",
        "departments": ", ".join(category.responsible),
        "created_by": signal.category_by or signal.created_by,
        "text": signal.category_text,
        "deadline": local(_deadline(signal.created_at, category, 1)),
        "deadline_factor_3": local(_deadline(signal.created_at, category, 3)),
    }


def _deadline(begin: datetime, category: Category, factor: int) -> datetime:
    """Return the time that is `days` times `factor` days later. Some categories count working days only."""
    moment, left = begin.astimezone(LOCAL), category.days * factor
    while left:
        moment += timedelta(days=1)
        left -= not (category.workdays and moment.weekday() >= _SATURDAY)
    return moment


def _reporter(signal: StoredSignal, user: User) -> dict[str, Any]:
    reporter = signal.reporter
    return {
        "email": reporter.email if user.contact else reporter.email and _MASK,
        "phone": reporter.phone if user.contact else reporter.phone and _MASK,
        "sharing_allowed": reporter.sharing_allowed,
        "allows_contact": reporter.allows_contact,
    }


def _notes(signal: StoredSignal) -> list[dict[str, Any]]:
    return [{"text": note.text, "created_by": note.created_by} for note in signal.notes]


def _routing(backend: Backend, signal: StoredSignal) -> list[dict[str, Any]] | None:
    if signal.routing is None:
        return None
    departments = [backend.departments[code] for code in signal.routing]
    return [
        {"id": department.id, "code": department.code, "name": department.name, "is_intern": True}
        for department in departments
    ]


def _links(backend: Backend, host: str, signal: StoredSignal) -> dict[str, Any]:
    base = f"{host}{_SIGNALS}"
    own = f"{base}/{signal.id}"
    links: dict[str, Any] = {
        "curies": {"name": "sia", "href": f"{host}/signals/v1/relations"},
        "self": {"href": own},
        "archives": {"href": f"{own}/history"},
        "sia:attachments": {"href": f"{own}/attachments"},
        "sia:pdf": {"href": f"{own}/pdf"},
        "sia:context": {"href": f"{own}/context"},
    }
    if signal.parent is not None:
        links["sia:parent"] = {"href": f"{base}/{signal.parent}"}
    children = backend.children(signal)
    if children:
        links["sia:children"] = [{"href": f"{base}/{child.id}"} for child in children]
    return links


def _feature(signal: StoredSignal, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": list(signal.place)}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _utc(moment: datetime) -> str:
    """Return a time as PostgreSQL writes it in JSON: microseconds without trailing zeros."""
    text = moment.astimezone(UTC).isoformat()
    head, dot, fraction = text.removesuffix("+00:00").partition(".")
    return f"{head}{dot}{fraction.rstrip('0')}+00:00"
