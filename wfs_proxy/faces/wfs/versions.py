"""The versions of WFS, and which one a request means."""

from __future__ import annotations

import re
from typing import Literal, get_args

from wfs_proxy.errors import WfsRequestError

__all__ = ["LATEST", "VERSIONS", "WfsVersion", "negotiated_version", "read_version"]

WfsVersion = Literal["2.0.0", "1.1.0", "1.0.0"]
"""OGC 09-025r2, 04-094 and 02-058."""

VERSIONS: tuple[WfsVersion, ...] = get_args(WfsVersion)
"""The newest first."""

LATEST: WfsVersion = VERSIONS[0]
"""The version of a request that names none."""

_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,3}", re.ASCII)


def read_version(text: str | None) -> WfsVersion:
    """Return the version that a request names; incomplete ("2") and corrected ones ("2.0.2") count as their version.

    Raises:
        WfsRequestError: there is no such version.
    """
    if text is None:
        return LATEST
    known = _known_version(text)
    if known is None:
        raise WfsRequestError(
            f"version={text[:50]} is not supported; use {', '.join(VERSIONS)}.",
            code="InvalidParameterValue",
            locator="version",
        )
    return known


def negotiated_version(accepted: str | None, requested: str | None) -> WfsVersion:
    """Return the version of a capabilities document.

    Args:
        accepted: AcceptVersions, the preferred one first (OGC 06-121r3, section 7.3.2); None without it.
        requested: VERSION, as in WFS 1.0.0: a version that we do not have stands for the next lower one that we have,
            or else for the lowest (OGC 02-058, section 6.2.4).

    Raises:
        WfsRequestError: we have none of the accepted versions.
    """
    if accepted is not None:
        found = next((known for text in accepted.split(",") if (known := _known_version(text))), None)
        if found is None:
            raise WfsRequestError(
                f"AcceptVersions={accepted[:100]} has no supported version; there are {', '.join(VERSIONS)}.",
                code="VersionNegotiationFailed",
            )
        return found
    if requested is None or not _VERSION.fullmatch(requested):
        return LATEST
    lower = [version for version in VERSIONS if _numbers(version) <= _numbers(requested)]
    return _known_version(requested) or (lower or VERSIONS[-1:])[0]


def _known_version(text: str) -> WfsVersion | None:
    if not _VERSION.fullmatch(text.strip()):
        return None
    asked = _numbers(text.strip())[:2]
    return next((version for version in VERSIONS if _numbers(version)[: len(asked)] == asked), None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
