"""The error that a service lacks a feature type or collection of a layer."""

from __future__ import annotations

from collections.abc import Collection

from wfs_proxy.config import nearest_names
from wfs_proxy.errors import UpstreamRefused

__all__ = ["UnknownFeatureType", "most_similar"]

_SUGGESTIONS = 3
"""Names in a message about an unknown one."""


class UnknownFeatureType(UpstreamRefused):
    """The service lacks a type of the layer, for instance because the vendor renamed it."""

    def __init__(self, message: str, *, name: str = "", nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.unknown_type = name
        self.nearest_types = nearest


def most_similar(name: str, offered: Collection[str]) -> tuple[str, ...]:
    """Return a few of the names that a service offers, for a message: the most similar ones, else the first ones."""
    return tuple(nearest_names(name, offered, most=_SUGGESTIONS) or tuple(offered)[:_SUGGESTIONS])
