"""The demo's material, shipped inside the package: the example layers, and the vendors' recorded answers.

`data/README.md` says how these files are made.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["LAYERS", "PACKED", "VARIANTS", "shipped_recordings"]

_DATA = Path(__file__).parent / "data"

VARIANTS = _DATA / "examples"
"""The folder with variants of the example layer files, which the demo does not show."""

LAYERS = _DATA / "layers"
"""The folder with the example layer files and their `signalen.yaml`."""

PACKED = _DATA / "recordings"
"""The folder with one `<layer>.tar.xz` per recording."""


def shipped_recordings() -> Traversable:
    """Return a folder with one folder per recording, like `fixtures/` in the source repository.

    The folder exists in memory only: the demo also runs where nothing can be written.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as folder:
        for archive in sorted(PACKED.glob("*.tar.xz")):
            with tarfile.open(archive) as packed:
                for member in packed:
                    file = packed.extractfile(member)
                    assert file is not None, "an archive of the demo holds regular files only"
                    folder.writestr(f"{archive.name.removesuffix('.tar.xz')}/{member.name}", file.read())
    return zipfile.Path(zipfile.ZipFile(content))
