"""Koop, an ArcGIS feature service with layers from GeoJSON files, for measurements and for tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.missing import MissingProgram
from bench.ports import free_ports
from wfs_proxy.run.server import LOOPBACK

__all__ = ["modules", "serving"]

_ROOT = Path(__file__).parents[1]
_SERVER = _ROOT / "tests" / "support" / "koop" / "server.js"


def modules() -> Path | None:
    """Return the folder that `make koop` installs; None if it, or Node.js, is missing."""
    folder = _ROOT / ".koop" / "node_modules"
    return folder if (folder / "@koopjs" / "koop-core").is_dir() and shutil.which("node") else None


@contextmanager
def serving(folder: Path, *, ready: str) -> Iterator[str]:
    """Serve the .geojson files in a folder; yield the address below which each has a service of its name.

    Args:
        folder: with at least one file.
        ready: the name of one of the services.

    Raises:
        MissingProgram: Koop is not installed.
    """
    installed = modules()
    if installed is None:
        raise MissingProgram("Koop is not installed; run `make koop` (it needs Debian's npm)")
    port = free_ports()
    command = ["node", _SERVER, folder, str(port)]
    environment = {"NODE_PATH": str(installed), "SUPPRESS_NO_CONFIG_WARNING": "1"}
    services = "/file-geojson/rest/services"
    address = f"http://{LOOPBACK}:{port}"
    with servers.running(command, address, ready=f"{services}/{ready}/FeatureServer/0?f=json", environment=environment):
        yield address + services
