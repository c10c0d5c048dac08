"""One file with objects: the file of the layer, or one out of its archive."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from wfs_proxy.config import FileSource
from wfs_proxy.sources.file.file_kind import FileKind

__all__ = ["DataFile"]


class DataFile(NamedTuple):
    """A file, what it is, and how the layer file describes it."""

    path: Path
    kind: FileKind
    source: FileSource
    """Its `layer` is one in this file; its `path` may be that of the archive."""

    @property
    def name(self) -> str:
        """For messages, which anybody may see: without folders."""
        return self.path.name
