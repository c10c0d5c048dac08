"""The shipped layer files with a value for each variable that they wait for, as the demo has."""

from __future__ import annotations

import functools

from wfs_proxy.config.catalogue import Catalogue, load_catalogue
from wfs_proxy.demo import recorded
from wfs_proxy.demo.compose import vendor_addresses
from wfs_proxy.recordings.replay import read_recordings

__all__ = ["catalogue", "variables"]

_PORT = 8001
"""The port of the recorded vendors; the recorded documents contain it."""


@functools.cache
def variables() -> dict[str, str]:
    signalen = {"SIGNALEN_URL": "http://127.0.0.1:8002", "SIGNALEN_TOKEN": "token"}
    return {**vendor_addresses(read_recordings(recorded.shipped_recordings()), _PORT), **signalen}


@functools.cache
def catalogue() -> Catalogue:
    return load_catalogue(recorded.LAYERS, variables())
