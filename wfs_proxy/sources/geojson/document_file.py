"""A GeoJSON document in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wfs_proxy import __version__
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.features import Payload, Validators

__all__ = ["DocumentFile"]


@dataclass(frozen=True, kw_only=True)
class DocumentFile:
    """Reads a file, and says which version of it is there."""

    path: Path

    def read(self) -> tuple[Payload, Validators]:
        """Return the content and its version.

        Raises:
            ConfigurationError: it cannot be read.
        """
        try:
            # the version first: of a file that is replaced in between, it is too old and not too new
            version = self.version()
            return Payload(body=self.path.read_bytes(), source=self.path.name), version
        except OSError as error:
            raise self._unreadable(error) from error

    def version(self) -> Validators:
        """Return what identifies the content: size, time of modification and identity of the file.

        Raises:
            ConfigurationError: it cannot be read.
        """
        try:
            status = self.path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        return Validators(etag=f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}", reader=__version__)

    def _unreadable(self, error: OSError) -> ConfigurationError:
        # without the folder: public answers quote the message
        return ConfigurationError(f"the file {self.path.name} cannot be read: {error.strerror}")
