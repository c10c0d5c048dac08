"""The files that pages load: our style sheets, scripts and pictures, and the library Leaflet.

Leaflet's files come from the installed package `xstatic-leaflet`. All files have one version in their URL, a hash of
all contents, so that browsers keep them for ever and the modules can import each other by relative names.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["Asset", "Assets"]

_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""Suffix -> media type. Files with other suffixes are not served."""

_LEAFLET = ("leaflet.css", "leaflet.js")
"""The pictures of the library belong to controls and markers that the map does not have."""


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file."""

    media_type: str
    body: bytes
    compressed: bytes
    """The body in the coding gzip; made once, so it has the highest level."""


class Assets:
    """All files, by name."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        """Prepare the files.

        Args:
            contents: name, such as `map/main.js` -> content.
        """
        self._assets = {name: _asset(name, body) for name, body in sorted(contents.items())}
        everything = b"".join(name.encode() + b"\0" + asset.body for name, asset in self._assets.items())
        self.version = hashlib.blake2b(everything, digest_size=8).hexdigest()

    @classmethod
    def installed(cls) -> Assets:
        """Return the files of this package and those of the library."""
        library = files("xstatic.pkg.leaflet") / "data"
        contents = {f"leaflet/{name}": library.joinpath(name).read_bytes() for name in _LEAFLET}
        return cls({**contents, **dict(_found(files("wfs_proxy.pages") / "static"))})

    def names(self, folder: str) -> list[str]:
        """Return the names of the scripts in a folder, sorted."""
        return [name for name in self._assets if name.startswith(f"{folder}/") and name.endswith(".js")]

    def path(self, name: str) -> str:
        """Return the path of a file below the root of the pages.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._assets:
            raise KeyError(name)
        return f"assets/{self.version}/{name}"

    def find(self, name: str) -> Asset | None:
        """Return a file; None if there is none with this name."""
        return self._assets.get(name)

    def values(self) -> Iterator[Asset]:
        """Yield all files."""
        yield from self._assets.values()


def _found(folder: Traversable, path: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found(entry, f"{path}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _MEDIA_TYPES:
            yield f"{path}{entry.name}", entry.read_bytes()


def _asset(name: str, body: bytes) -> Asset:
    return Asset(
        media_type=_MEDIA_TYPES[name.rpartition(".")[2]],
        body=body,
        compressed=gzip.compress(body, compresslevel=9, mtime=0),
    )
