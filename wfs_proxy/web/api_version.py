"""The version of our own HTTP interface (API Design Rules: /core/uri-version, /core/version-header).

The paths are there twice: under `/v1`, and without a version. Questions in Signalen contain the latter, so they stay.
The version changes with the interface, not with each release of the program.
"""

from __future__ import annotations

__all__ = ["API_VERSION", "VERSION_PREFIX", "unversioned"]

API_VERSION = "1.0.0"
"""Of the interface (semver.org): a new member or parameter raises the second number, and a fix the third."""

VERSION_PREFIX = f"/v{API_VERSION.partition('.')[0]}"


def unversioned(path: str) -> str:
    """Return a path without the version in front; "/" for the version alone."""
    if path == VERSION_PREFIX or path.startswith(f"{VERSION_PREFIX}/"):
        return path.removeprefix(VERSION_PREFIX) or "/"
    return path
