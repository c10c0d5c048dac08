"""The database of the Signalen that was recorded, rebuilt from its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import needs

from wfs_proxy.demo.signalen.app import Signalen
from wfs_proxy.demo.signalen.auth import IdentityProvider
from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.records import (
    Category,
    Department,
    FormQuestion,
    Reporter,
    SignalNote,
    Status,
    StoredSignal,
    User,
)

HOST = "http://127.0.0.1:58000"
"""The address of the recorded backend, which its links contain."""

RECORDED_AT = datetime.fromisoformat("2026-11-23T16:56:00+01:00").timestamp()

ROUTED_FROM = 80
"""From this recording on, signals 1 and 6 were routed to departments."""

FORGIVING = range(84, 88)
"""The recordings of the backend with the other authentication."""

DEPARTMENTS = [
    Department(id=9, code="VOR", name="V&OR"),
    Department(id=13, code="STL", name="Stadsloket"),
    Department(id=5, code="AEG", name="Afval en Grondstoffen"),
    Department(id=6, code="STW", name="Stadswerken"),
    Department(id=7, code="WAT", name="Waternet"),
]

_ROADS = {"main": "Wegen, verkeer, straatmeubilair", "main_slug": "wegen-verkeer-straatmeubilair"}
_WASTE = {"main": "Afval", "main_slug": "afval", "responsible": ("AEG",), "days": 3, "workdays": True}
CATEGORIES = [
    Category(
        id=101,
        **_ROADS,
        name="Straatverlichting",
        slug="lantaarnpaal-straatverlichting",
        handling="LIGHTING",
        handling_message="Het herstellen van problemen met de openbare verlichting lukt doorgaans binnen 21 werkdagen."
        " Bij gevaarlijke situaties wordt de melding meteen opgepakt.",
        responsible=("VOR",),
        public=True,
        days=21,
    ),
    Category(
        id=102,
        **_ROADS,
        name="Put / riolering verstopt",
        slug="put-riolering-verstopt",
        responsible=("STW",),
        days=7,
    ),
    Category(id=103, **_WASTE, name="Container is vol", slug="container-is-vol", public=True),
    Category(id=104, **_WASTE, name="Container glas vol", slug="container-glas-vol", may_view=("WAT",), public=True),
]

USERS = [
    User(email="svc-assetproxy@example.org", all_categories=True),
    User(email="svc-moon@example.org", all_categories=True, write=True, contact=True),
    User(email="svc-afdeling@example.org", departments=("VOR", "WAT", "STL")),
    User(email="geen-rechten@example.org", read=False),
]

TOKENS: dict[str, Callable[[IdentityProvider], str]] = {
    "svc-assetproxy": lambda provider: provider.mint("svc-assetproxy@example.org"),
    "svc-moon": lambda provider: provider.mint("svc-moon@example.org"),
    "svc-afdeling": lambda provider: provider.mint("svc-afdeling@example.org"),
    "geen-rechten": lambda provider: provider.mint("geen-rechten@example.org"),
    "expired": lambda provider: provider.mint("svc-moon@example.org", lifetime=-60),
    "wrong_issuer": lambda provider: provider.mint("svc-moon@example.org", iss="http://127.0.0.1:58002/realms/other"),
    "bad_signature": lambda provider: provider.mint("svc-moon@example.org")[:-4] + "AAAA",
    "unknown_kid": lambda provider: provider.mint("svc-moon@example.org", key_id="other"),
    "unknown_user": lambda provider: provider.mint("nobody@example.org"),
    "no_email": lambda provider: provider.mint(None),
}
"""The name in `<redacted:NAME>` of a recorded header -> such a token."""


@dataclass(frozen=True)
class Recorded:
    """One recording."""

    path: Path
    document: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.path.name[:2])

    @property
    def request(self) -> dict[str, Any]:
        return self.document["request"]

    @property
    def response(self) -> dict[str, Any]:
        return self.document["response"]

    @property
    def body(self) -> Any:
        """The answer: JSON as a value, anything else as text."""
        return self.response.get("body", self.response.get("body_text"))


def recordings() -> Iterator[Recorded]:
    """Iterate over all recordings in order."""
    for path in sorted((needs.corpus() / "signalen").glob("[0-9]*.json")):
        yield Recorded(path, json.loads(path.read_text()))


def recording(number: int) -> Recorded:
    """Return one recording."""
    return next(found for found in recordings() if found.number == number)


def recorded_signalen(number: int = ROUTED_FROM - 1, clock: Callable[[], float] = lambda: RECORDED_AT) -> Signalen:
    """Return the service in the state in which the recording with this number was made."""
    backend = Backend(clock=clock, categories=CATEGORIES, departments=DEPARTMENTS, users=USERS, questions=[_question()])
    rows = {row["id"]: row for row in recording(14).body["results"]}
    if number >= ROUTED_FROM:
        rows.update({row["id"]: row for row in recording(82).body["results"]})
    clear = {row["id"]: row["reporter"] for row in recording(15).body["results"]}
    for _, row in sorted(rows.items()):
        backend.insert(stored_signal(row, clear.get(row["id"], row["reporter"])))
    if number > 50:
        backend.refresh_public_geography()
    provider = IdentityProvider(clock=clock)
    provider.reachable = number != 88
    return Signalen(backend, provider, forgiving=number in FORGIVING)


def _question() -> FormQuestion:
    (row,) = recording(65).body["results"]
    return FormQuestion(main_slug=_ROADS["main_slug"], sub_slug="lantaarnpaal-straatverlichting", **row)


def stored_signal(row: dict[str, Any], reporter: dict[str, Any]) -> StoredSignal:
    """Return the record from which a row of the list was made."""
    moment = datetime.fromisoformat
    status, location, category = row["status"], row["location"], row["category"]
    return StoredSignal(
        id=row["id"],
        signal_id=row["signal_id"],
        text=row["text"],
        text_extra=row["text_extra"],
        source=row["source"],
        place=tuple(location["geometrie"]["coordinates"]),
        address=location["address"],
        category=category["sub_slug"],
        category_by=category["created_by"],
        category_text=category["text"],
        reporter=Reporter(**reporter),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        type_at=moment(row["type"]["created_at"]),
        incident_date_start=moment(row["incident_date_start"]),
        history=[
            Status(
                id=row["id"],
                state=status["state"],
                created_at=moment(status["created_at"]),
                text=status["text"],
                user=status["user"],
                target_api=status["target_api"],
                extra_properties=status["extra_properties"],
                email_override=status["email_override"],
            )
        ],
        extra_properties=row["extra_properties"],
        notes=[SignalNote(**note) for note in row["notes"]],
        routing=tuple(department["code"] for department in row["routing_departments"] or ()) or None,
        parent=16 if row["has_parent"] else None,
        created_by=row["priority"]["created_by"],
    )
