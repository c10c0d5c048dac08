"""A GeoJSON document in a file."""

from __future__ import annotations

from pathlib import Path

from wfs_proxy import __version__
from wfs_proxy.features import Payload, Validators
from wfs_proxy.file_state import file_state
from wfs_proxy.sources.unreadable_file import unreadable

__all__ = ["read_file", "version_of_file"]


def read_file(path: Path) -> tuple[Payload, Validators | None]:
    """Return the content of a file and its version.

    Raises:
        ConfigurationError: it cannot be read.
    """
    # the version first: of a file that is replaced in between, it is too old and not too new
    version = version_of_file(path)
    try:
        return Payload(body=path.read_bytes(), source=path.name), version
    except OSError as error:
        raise unreadable(path, error) from error


def version_of_file(path: Path) -> Validators | None:
    """Return what identifies the content of a file; None if it cannot be looked at."""
    state = file_state(path)
    return None if state is None else Validators(etag=state, reader=__version__)
