"""How the polls of one Signalen go: for `/layers/{id}`, `/metrics` and whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PollStatus"]


@dataclass(frozen=True, kw_only=True)
class PollStatus:
    """What an administrator may know; nothing of any signal."""

    instance: str
    """Its name in `signalen.yaml`."""

    public_only: bool
    """Whether only the public geography is read."""

    as_of: float | None
    """When the last good poll was asked for, in seconds since the epoch; None before the first."""

    signals: int
    """How many are open."""

    good: int
    """Polls of this process that succeeded."""

    failed: int
    """Polls of this process that did not."""

    error: str | None
    """Why the last poll failed; None when it did not."""

    unknown: tuple[str, ...]
    """Categories (and states) of the layer files that this Signalen does not know or does not show; in their order."""

    malformed: int
    """Rows that could not be read, since the process began."""
