"""`demo` and `replay`: which recordings are served where, and what the user is told.

The demo takes three ports in a row: the proxy, the recorded vendors, and the demo Signalen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.demo.stage import REPORTED_AFTER, Stage, Thing
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings import Recording, Replay, read_recordings
from wfs_proxy.run import LOOPBACK, serve_together

__all__ = ["ProxyFactory", "run_demo", "run_replay", "vendor_addresses"]

ProxyFactory = Callable[[Mapping[str, str]], ASGIApp]
"""Makes the proxy with these values for the ${VAR} of layer files."""

_EXAMPLE = "layers/rioned-putten/features?bbox=4.30,52.06,4.32,52.08"
"""The Hague's Schilderswijk: points and areas in abundance."""

_POLL = "1s"
"""How often the demo asks for reports: nobody wants to watch for a minute."""

_LAST_PORT = 65535


def run_demo(*, port: int, fixtures: Path, environment: Mapping[str, str], proxy: ProxyFactory) -> None:
    """Serve the proxy on `port`, the vendors recorded in `fixtures` and a Signalen on the next two, until a signal.

    Raises:
        ConfigurationError: a port is taken, or there are no recordings.
    """
    if not 0 < port < _LAST_PORT - 1:
        raise ConfigurationError(f"the demo takes three ports in a row: choose one from 1 to {_LAST_PORT - 2}")
    recordings = read_recordings(fixtures)
    vendors, signalen = port + 1, port + 2
    stage = Stage(fixtures, time.time)
    told = {**vendor_addresses(recordings, vendors), **_signalen_variables(stage, signalen)}
    app = proxy({**environment, **told})
    serve_together(
        {port: app, vendors: Replay(recordings), signalen: stage},
        lambda: _tell_demo(port, _addresses(recordings, vendors), stage),
    )


def vendor_addresses(recordings: list[Recording], port: int) -> dict[str, str]:
    """What the variables of the shipped layer files must be: MOON_WFS_URL is the vendor recorded under /moon."""
    paths = {urlsplit(recording.address).path for recording in recordings}
    return {_variable(path): f"http://{LOOPBACK}:{port}{path}" for path in sorted(paths)}


def _variable(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2]
    return f"{name.upper().replace('-', '_')}_WFS_URL"


def _signalen_variables(stage: Stage, port: int) -> dict[str, str]:
    """What layers/signalen.yaml asks for."""
    url = f"http://{LOOPBACK}:{port}"
    return {"SIGNALEN_URL": url, "SIGNALEN_TOKEN": stage.proxy_token, "SIGNALEN_POLL": _POLL}


def run_replay(*, port: int, directory: Path) -> None:
    """Serve the recordings in `directory` as their vendors, until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: the port is taken, or there are no recordings.
    """
    recordings = read_recordings(directory)
    serve_together({port: Replay(recordings)}, lambda: _tell_replay(port, recordings))


def _tell_demo(port: int, vendors: list[str], stage: Stage) -> None:
    base = f"http://{LOOPBACK}:{port}"
    _say(
        "wfs-proxy demo: everything is recorded and invented, nothing leaves this machine",
        f"  layers   {base}/layers",
        f"  API      {base}/docs",
        f"  vendors  {', '.join(vendors)}",
        f"  Signalen http://{LOOPBACK}:{port + 2}/signals/v1",
        "Try (probeer):",
        f"  curl '{base}/{_EXAMPLE}'",
        *_reporting(base, f"http://{LOOPBACK}:{port + 2}/signals/v1", stage),
        "Ctrl-C ends it (Ctrl-C stopt de demo).",
    )


def _reporting(base: str, api: str, stage: Stage) -> Iterator[str]:
    """How to see reports come and go; nothing where there is no object to report."""
    watched, free = stage.watched, stage.free
    if watched is None or free is None:
        return
    as_json = "-H 'Content-Type: application/json'"
    closed = json.dumps({"status": {"state": "o", "text": "Hersteld"}})
    yield f"Reported {REPORTED_AFTER:.0f} seconds from now (wordt zo gemeld):"
    yield f"  curl '{base}/{_feature(watched)}'"
    yield "Report this one (meld deze):"
    yield f"  curl '{base}/{_feature(free)}'"
    yield f"  curl -X POST '{api}/public/signals/' {as_json} -d '{json.dumps(free.report())}'"
    yield "and close the report (en handel de melding af):"
    yield (
        f"  curl -X PATCH '{api}/private/signals/{stage.next_id}' -H 'Authorization: Bearer {stage.handler_token}'"
        f" {as_json} -d '{closed}'"
    )


def _feature(thing: Thing) -> str:
    return f"layers/{thing.layer}/features/{quote(thing.feature_id, safe='')}"


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
