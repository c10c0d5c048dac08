"""Record a layer: fetch it from its vendor and write every exchange to a folder."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.config import HttpSource, Layer
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.features import FetchReport
from wfs_proxy.http import HttpClients
from wfs_proxy.recordings.exchanges import refuse_other_folder, write_recording
from wfs_proxy.recordings.transport import Recorder
from wfs_proxy.sources import open_source

__all__ = ["RecordingSummary", "record"]


@dataclass(frozen=True, kw_only=True)
class RecordingSummary:
    """What was recorded, for the user."""

    directory: Path
    exchanges: int
    objects: int
    report: FetchReport
    redactions: tuple[str, ...]
    """Which credentials were removed, and where."""


async def record(layer: Layer, directory: Path) -> RecordingSummary:
    """Fetch the layer from its vendor, and write every exchange to `directory` without credentials.

    Raises:
        ConfigurationError: the folder contains something that is not a recording (then no request is made), or the
            layer comes from a file.
        UpstreamError: the layer could not be fetched; nothing is written.
    """
    refuse_other_folder(directory)
    if not isinstance(layer.source, HttpSource):
        raise ConfigurationError(f"{layer.id}: it comes from a file, so there is nothing to record")
    recorder = Recorder()
    async with HttpClients(transport_wrapper=recorder.wrap) as http:
        fetched = await open_source(layer, http, asyncio.to_thread).fetch()
    recording = recorder.recording(layer)
    if not recording.exchanges:
        raise ConfigurationError(f"{layer.id}: no HTTP request was made, so there is nothing to record")
    write_recording(recording, directory)
    return RecordingSummary(
        directory=directory,
        exchanges=len(recording.exchanges),
        objects=len(fetched.batch),
        report=fetched.report,
        redactions=recording.redactions,
    )
