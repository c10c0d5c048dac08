"""Files beside the layer files that look like one but are not read: `lichtmasten.yaml.txt`, a folder in the folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from wfs_proxy.config.diagnostics import FileProblem

__all__ = ["LAYER_SUFFIXES", "unread_files"]

LAYER_SUFFIXES = (".yaml", ".yml")
"""Of the files that are read."""

_SUFFIX_IN_NAME = re.compile(r"\.ya?ml", re.IGNORECASE)

_LAYER_LIKE = re.compile(rb"^(?:source|instances)[ \t]*:", re.MULTILINE)
"""A block that every layer file has, or that of `signalen.yaml`."""

_PROSE = frozenset({".md", ".rst", ".html"})
"""Suffixes of files that may show an example of a layer file."""

_EXAMPLES = "examples"
"""A folder for files to copy from."""

_BYTES = 8192
"""From the start of a file whose name says nothing; the blocks are near it."""

_MOST_ENTRIES = 1000
"""Of a folder in the folder."""


def unread_files(directory: Path, read: Collection[Path]) -> Iterator[FileProblem]:
    """Yield a problem, which is a warning, for each file or folder that seems to contain a layer but is not read.

    Args:
        directory: the folder with the layer files.
        read: the files that are read. Other hidden files are ignored.
    """
    for path in sorted(set(directory.iterdir()).difference(read)):
        with suppress(OSError):
            if path.is_dir() and not path.name.startswith(".") and path.name != _EXAMPLES:
                yield from _unread_folder(path)
            elif path.is_file() and _is_meant_as_layer(path):
                yield _unread_file(path, {other.name for other in read})


def _unread_folder(folder: Path) -> Iterator[FileProblem]:
    entries = islice(folder.rglob("*"), _MOST_ENTRIES)
    names = sorted(
        path.name for path in entries if path.suffix.lower() in LAYER_SUFFIXES and not path.name.startswith(".")
    )
    if names:
        details = {"count": str(len(names)), "example": names[0], "target": str(folder.parent)}
        yield FileProblem(file=str(folder), code="unread_folder", details=details)


def _unread_file(path: Path, read: Collection[str]) -> FileProblem:
    name = _name_to_read(path)
    code = "unread_copy" if name in read else "unread_file"
    return FileProblem(file=str(path), code=code, details={"name": name})


def _is_meant_as_layer(path: Path) -> bool:
    if path.name.startswith("."):
        return path.name in LAYER_SUFFIXES
    if _SUFFIX_IN_NAME.search(path.name):
        return True
    if path.suffix.lower() in _PROSE:
        return False
    with path.open("rb") as file:
        return _LAYER_LIKE.search(file.read(_BYTES)) is not None


def _name_to_read(path: Path) -> str:
    """Return the name under which the file would be read."""
    found = _SUFFIX_IN_NAME.search(path.name)
    if found is None:
        return f"{path.stem}.yaml"
    stem = path.name[: found.start()].strip("#") or "lichtmasten"
    return f"{stem}{found[0].lower()}"
