"""The tables of the backend's database. Categories, departments and users never change; signals do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = [
    "Category",
    "Department",
    "FormQuestion",
    "Place",
    "Reporter",
    "SignalNote",
    "Status",
    "StoredSignal",
    "User",
]

Place = tuple[float, float]
"""Longitude, latitude."""


@dataclass(frozen=True, kw_only=True)
class Department:
    """A department of the municipality."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Category:
    """A sub category and its main category."""

    id: int
    main: str
    main_slug: str
    name: str
    slug: str
    handling: str = "REST"
    handling_message: str = ""
    responsible: tuple[str, ...] = ()
    """Codes of the departments that are responsible."""
    may_view: tuple[str, ...] = ()
    """Codes of the departments that may only read."""
    public: bool = False
    """`is_public_accessible`, which is false by default in the backend."""
    days: int = 5
    workdays: bool = False

    @property
    def path(self) -> str:
        """The path of the category in the API."""
        return f"/signals/v1/public/terms/categories/{self.main_slug}/sub_categories/{self.slug}"


@dataclass(frozen=True, kw_only=True)
class FormQuestion:
    """A question of the report form."""

    main_slug: str
    sub_slug: str
    key: str
    field_type: str
    required: bool
    meta: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class User:
    """A user and their permissions. Without `all_categories` they see signals of, or routed to, their departments."""

    email: str
    read: bool = True
    write: bool = False
    all_categories: bool = False
    contact: bool = False
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Status:
    """One change of the state of a signal."""

    id: int
    state: str
    created_at: datetime
    text: str | None = None
    user: str | None = None
    target_api: str | None = None
    extra_properties: Any = None
    email_override: str | None = None
    """The e-mail address of another organisation that the signal is forwarded to."""


@dataclass(frozen=True, kw_only=True)
class SignalNote:
    """An internal note."""

    text: str
    created_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """The person who reported."""

    email: str = ""
    phone: str = ""
    sharing_allowed: bool = False
    allows_contact: bool = True


@dataclass(kw_only=True)
class StoredSignal:
    """One report."""

    id: int
    signal_id: str
    text: str
    place: Place
    category: str
    """The slug of its sub category."""
    created_at: datetime
    updated_at: datetime
    history: list[Status]
    """Oldest first, never empty."""
    source: str = "online"
    text_extra: str = ""
    address: Mapping[str, Any] | None = None
    reporter: Reporter = Reporter()
    priority: str = "normal"
    type_code: str = "SIG"
    incident_date_start: datetime
    incident_date_end: datetime | None = None
    extra_properties: Any = None
    notes: list[SignalNote] = field(default_factory=list)
    """Newest first."""
    routing: tuple[str, ...] | None = None
    """Codes of the departments that it was routed to by hand."""
    parent: int | None = None
    created_by: str | None = None
    category_by: str | None = None
    category_text: str | None = None
    type_at: datetime
    assigned_to: str | None = None

    @property
    def status(self) -> Status:
        """The latest status."""
        return self.history[-1]

    @property
    def state(self) -> str:
        """The code of its state."""
        return self.status.state
