"""The state of the polls of one Signalen instance, for `/layers/{id}` and `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PollStatus"]


@dataclass(frozen=True, kw_only=True)
class PollStatus:
    """What an administrator may see. Contains nothing of any signal."""

    instance: str
    """Its name in `signalen.yaml`."""

    public_only: bool
    """Whether only the public geography is read."""

    as_of: float | None
    """When the last successful poll began, in seconds since the epoch; None before the first."""

    signals: int
    """How many signals are open."""

    reading: bool
    """Whether a poll of this process takes so long that it is saved in parts, as after many changes."""

    good: int
    """Polls of this process that succeeded."""

    failed: int
    """Polls of this process that failed."""

    error: str | None
    """Why the last poll failed, or what else does not work although it succeeded; None if there is nothing."""

    unknown: tuple[str, ...]
    """Categories and states of the layer files that this Signalen does not know, or does not publish; sorted."""

    categories: tuple[str, ...] = ()
    """The slugs of the categories that this Signalen has, sorted; read only if it does not know one of the layers'."""

    malformed: int
    """Rows that could not be read since the process started."""
