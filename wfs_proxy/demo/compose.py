"""`demo` and `replay`: which recordings are served where, and what the user is told.

The demo takes three ports in a row: the proxy, the recorded vendors, and the place of the demo Signalen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from wfs_proxy.demo.replay import Replay, read_recordings
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.ports import LOOPBACK, ASGIApp, serve_together
from wfs_proxy.sources.exchanges import Recording

__all__ = ["ProxyFactory", "run_demo", "run_replay", "vendor_addresses"]

ProxyFactory = Callable[[Mapping[str, str]], ASGIApp]
"""Makes the proxy with these values for the ${VAR} of layer files."""

_EXAMPLE = "layers/rioned-putten/features?bbox=4.30,52.06,4.32,52.08"
"""The Hague's Schilderswijk: points and areas in abundance."""

_LAST_PORT = 65535


def run_demo(*, port: int, fixtures: Path, environment: Mapping[str, str], proxy: ProxyFactory) -> None:
    """Serve the proxy on `port` and the vendors recorded in `fixtures` on the next one, until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: a port is taken, or there are no recordings.
    """
    if not 0 < port < _LAST_PORT - 1:
        raise ConfigurationError(f"the demo takes three ports in a row: choose one from 1 to {_LAST_PORT - 2}")
    recordings = read_recordings(fixtures)
    vendors = port + 1
    app = proxy({**environment, **vendor_addresses(recordings, vendors)})
    serve_together({port: app, vendors: Replay(recordings)}, lambda: _tell_demo(port, vendors, recordings))


def vendor_addresses(recordings: list[Recording], port: int) -> dict[str, str]:
    """What the variables of the shipped layer files must be: MOON_WFS_URL is the vendor recorded under /moon."""
    paths = {urlsplit(recording.address).path for recording in recordings}
    return {_variable(path): f"http://{LOOPBACK}:{port}{path}" for path in sorted(paths)}


def _variable(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2]
    return f"{name.upper().replace('-', '_')}_WFS_URL"


def run_replay(*, port: int, directory: Path) -> None:
    """Serve the recordings in `directory` as their vendors, until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: the port is taken, or there are no recordings.
    """
    recordings = read_recordings(directory)
    serve_together({port: Replay(recordings)}, lambda: _tell_replay(port, recordings))


def _tell_demo(port: int, vendors: int, recordings: list[Recording]) -> None:
    base = f"http://{LOOPBACK}:{port}"
    _say(
        "wfs-proxy demo: everything is recorded and invented, nothing leaves this machine",
        f"  layers   {base}/layers",
        f"  API      {base}/docs",
        f"  vendors  {', '.join(_addresses(recordings, vendors))}",
        "Try (probeer):",
        f"  curl '{base}/{_EXAMPLE}'",
        "Ctrl-C ends it (Ctrl-C stopt de demo).",
    )


def _tell_replay(port: int, recordings: list[Recording]) -> None:
    count = sum(len(recording.exchanges) for recording in recordings)
    _say(
        f"Replaying {count} recorded answers of {', '.join(recording.layer for recording in recordings)}:",
        *(f"  {address}" for address in _addresses(recordings, port)),
        "Ctrl-C ends it.",
    )


def _addresses(recordings: list[Recording], port: int) -> list[str]:
    return sorted({f"http://{LOOPBACK}:{port}{urlsplit(recording.address).path}" for recording in recordings})


def _say(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - the command's own words to its user
