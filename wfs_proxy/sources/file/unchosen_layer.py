"""The error that a file has several layers, and the layer file names none of them."""

from __future__ import annotations

from wfs_proxy.errors import ConfigurationError

__all__ = ["UnchosenLayer"]


class UnchosenLayer(ConfigurationError):
    """A file or an archive has several parts with objects; one has to be chosen."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names
        """What can be chosen by `layer`."""
