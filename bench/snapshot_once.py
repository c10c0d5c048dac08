"""One run of one candidate in a process of its own; prints its time and peak memory as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from wfs_proxy.config.layer import Layer
from wfs_proxy.config.source import FileSource
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.snapshot.snapshot import Snapshot
from wfs_proxy.sources.file.source import FileFeatureSource

LAYER = Layer.model_validate(
    {
        "id": "put",
        "title": "Invented drains",
        "source": {"type": "wfs", "url": "http://127.0.0.1/wfs", "type_names": ["put"]},
        "properties": {
            "id": "objectid",
            "fields": {"nummer": "string", "soort": "string", "materiaal": "string", "bouwjaar": "integer"},
        },
    }
)


def snapshot(path: Path) -> object:
    """Convert the document to a snapshot."""
    payload = Payload(body=path.read_bytes(), wfs_version="2.0.0", source=path.name)
    return Snapshot.build(points_from_features(decode(payload), LAYER), LAYER.id)


def file(path: Path) -> object:
    """Read a file as a layer from a file does, and convert it to a snapshot."""
    layer = LAYER.model_copy(update={"source": FileSource(type="file", path=str(path))})
    fetched = asyncio.run(FileFeatureSource(layer, layer.source, asyncio.to_thread).fetch())
    return Snapshot.build(points_from_features(fetched.batch, layer), layer.id)


def parse(path: Path) -> object:
    """Parse the XML only."""
    return etree.parse(path)


CANDIDATES: dict[str, Callable[[Path], object]] = {"snapshot": snapshot, "file": file, "parse": parse}


def _peak_bytes() -> int:
    """Return the peak of this program according to Linux; ru_maxrss would include the parent process's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024


if __name__ == "__main__":
    candidate, document = CANDIDATES[sys.argv[1]], Path(sys.argv[2])
    imports, start = _peak_bytes(), time.perf_counter()
    result = candidate(document)
    print(json.dumps({"seconds": time.perf_counter() - start, "peak_bytes": _peak_bytes() - imports}))
