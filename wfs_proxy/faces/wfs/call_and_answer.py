"""A request as HTTP has it, and its answer."""

from __future__ import annotations

from typing import NamedTuple

from wfs_proxy.faces.wfs.versions import WfsVersion
from wfs_proxy.serve import Codings, ContentCoding, Preconditions, Representation

__all__ = ["ErrorLanguage", "WfsAnswer", "WfsCall"]


class WfsCall(NamedTuple):
    """A request as it was sent."""

    query: str = ""
    """The query string, percent-encoded."""

    body: bytes | None = None
    """Of a POST; None for a GET."""

    accepts_json: bool = False
    """Whether the client names JSON in Accept, and not XML."""

    url: str = ""
    """The absolute URL of the path, without a query; "" if it is not known."""

    preconditions: Preconditions = Preconditions()
    codings: Codings = (ContentCoding.IDENTITY,)


class WfsAnswer(NamedTuple):
    """A document, or features as they are served."""

    content: bytes | Representation
    media_type: str
    layer_id: str | None = None
    """The layer of the features, if it is one."""


class ErrorLanguage(NamedTuple):
    """In which form a client can read errors."""

    version: WfsVersion
    json: bool
    """Whether it reads JSON instead of exception reports."""
