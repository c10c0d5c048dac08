"""Keeps a vendor's answers as fixtures: harvests a layer and writes down every exchange."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.config import Layer
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.http import HttpClients
from wfs_proxy.recordings.exchanges import refuse_other_folder, write_recording
from wfs_proxy.recordings.transport import Recorder
from wfs_proxy.sources import open_source

__all__ = ["Recorded", "record"]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a recording came to, to be told to the user."""

    directory: Path
    exchanges: int
    objects: int
    complete: bool
    notes: tuple[str, ...]
    """What the fetch noted."""
    redactions: tuple[str, ...]
    """Which credentials were taken out, and where."""


async def record(layer: Layer, directory: Path) -> Recorded:
    """Harvest the layer from its vendor and keep every exchange in `directory`, credentials redacted.

    Raises:
        ConfigurationError: the folder holds something that is not a recording, or the layer comes from a file.
        UpstreamError: the vendor did not give the layer; nothing is written then.
    """
    refuse_other_folder(directory)
    recorder = Recorder()
    async with HttpClients(transport_wrapper=recorder.wrap) as http:
        fetched = await open_source(layer, http, asyncio.to_thread).fetch()
    recording = recorder.recording(layer)
    if not recording.exchanges:
        raise ConfigurationError(f"{layer.id}: nothing was asked over HTTP, so there is nothing to record")
    write_recording(recording, directory)
    return Recorded(
        directory=directory,
        exchanges=len(recording.exchanges),
        objects=len(fetched.batch),
        complete=fetched.report.complete,
        notes=fetched.report.notes,
        redactions=recording.redactions,
    )
