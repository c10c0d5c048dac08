"""The JSON documents of a server that have no features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfs_proxy.decode import json_report, parse_json
from wfs_proxy.errors import NotFeatures
from wfs_proxy.features import Payload

__all__ = ["objects_in", "read_members"]


def read_members(payload: Payload) -> Mapping[str, Any]:
    """Return the members of a JSON object.

    Raises:
        UpstreamException: an error object.
        MalformedDocument: it is no JSON.
        NotFeatures: it is JSON, but no object.
    """
    document = parse_json(payload.body, payload.source).document
    report = json_report(document, payload.source)
    if report is not None:
        raise report
    if not isinstance(document, dict):
        raise NotFeatures(
            f"{payload.source or 'the answer'} is JSON, but describes no layer or service: {document!r:.200}"
        )
    return document


def objects_in(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list; none if it is not a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
