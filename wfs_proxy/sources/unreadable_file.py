"""The error for a file that cannot be opened."""

from __future__ import annotations

from pathlib import Path

from wfs_proxy.errors import ConfigurationError

__all__ = ["unreadable"]


def unreadable(path: Path, error: OSError | ValueError) -> ConfigurationError:
    """Return the error for a file that cannot be opened. It has the name only: an answer may show it to anybody."""
    if path.is_dir():
        return ConfigurationError(f"{path.name} is a folder: name the file in it")
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(f"the file {path.name} cannot be read: {reason}")
