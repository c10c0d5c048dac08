"""Runs the process that reads a file with GDAL, and passes its answers on."""

from __future__ import annotations

import logging
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from wfs_proxy.errors import ConfigurationError, MalformedDocument
from wfs_proxy.gdal import FileDescription, ReadFailure, ReadOrder, RowBatch, has_gdal

__all__ = ["LONGEST", "GdalProcess"]

LOG = logging.getLogger(__name__)

LONGEST = 900.0
"""Seconds that reading one file may take."""

_COMMAND = (sys.executable, "-P", "-m", "wfs_proxy.gdal.reader")
"""-P: modules in the working directory must not replace ours."""

_WORDS = 500
"""Characters of what the process wrote about its failure, in the log."""


class GdalProcess:
    """Reads one file. `stop` may be called from another thread."""

    def __init__(self, order: ReadOrder, name: str) -> None:
        """Start nothing yet.

        Args:
            order: what to read.
            name: of the file, for messages; those of GDAL have the whole path.
        """
        self._order = order
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def stop(self) -> None:
        """End the process; what waits for its answers gets an error."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    @contextmanager
    def answers(self) -> Iterator[Iterator[FileDescription | ReadFailure | RowBatch]]:
        """Start the process, and return what it answers: a description and rows, or a failure at any point.

        Raises:
            ConfigurationError: GDAL is not installed.
            MalformedDocument: the process ended before it was done.
        """
        if not has_gdal():
            raise ConfigurationError(
                f'{self._name} needs GDAL, which is not installed: run pip install "wfs-proxy[files]"'
            )
        with tempfile.TemporaryFile() as words:
            process = subprocess.Popen(  # noqa: S603 - it runs this package
                _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words
            )
            with process:
                self._process = process
                timer = threading.Timer(LONGEST, process.kill)
                timer.start()
                try:
                    yield self._answers(process, words)
                finally:
                    timer.cancel()
                    process.kill()  # does nothing if it has ended

    def _answers(
        self, process: subprocess.Popen[bytes], words: BinaryIO
    ) -> Iterator[FileDescription | ReadFailure | RowBatch]:
        assert process.stdin is not None
        assert process.stdout is not None
        if self._stopped:
            process.kill()
        with suppress(BrokenPipeError), process.stdin as pipe:  # it ended early, and its status says so
            pickle.dump(self._order, pipe)
        while True:
            try:
                answer = pickle.load(process.stdout)  # noqa: S301 - written by the process that was started above
            except (EOFError, pickle.UnpicklingError):
                raise MalformedDocument(self._why(process.wait(), words)) from None
            if answer is None:
                return
            yield self._without_path(answer) if isinstance(answer, ReadFailure) else answer

    def _why(self, status: int, words: BinaryIO) -> str:
        words.seek(0)
        said = words.read().decode("utf-8", "replace").strip()
        LOG.warning("Reading %s with GDAL ended with status %d: %s", self._order.path, status, said[-_WORDS:])
        how = f"it was ended by {signal.Signals(-status).name}" if status < 0 else f"it ended with status {status}"
        return f"GDAL could not read {self._name}, {how}: the file is damaged, or reading it takes too long"

    def _without_path(self, failure: ReadFailure) -> ReadFailure:
        return failure._replace(reason=failure.reason.replace(self._order.path, self._name))
