"""The commands `demo` and `replay`: which recordings are served on which port, and what is printed.

The demo uses three consecutive ports: the proxy, the recorded vendors, and the demo Signalen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.resources.abc import Traversable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.config import Auth, Catalogue, HttpSource, LoginAuth, OAuth2, OidcClient, SignalenAuth, load_catalogue
from wfs_proxy.demo.demo_signalen import REPORTED_AFTER, DemoSignalen, ReportableObject
from wfs_proxy.demo.recorded import LAYERS, shipped_recordings
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.recordings import Recording, Replay, is_wfs, read_recordings
from wfs_proxy.run import LOOPBACK, serve_together

__all__ = ["ProxyFactory", "refuse_other_machines", "run_demo", "run_replay", "vendor_addresses"]

ProxyFactory = Callable[[Path, Mapping[str, str]], ASGIApp]
"""(folder with layer files, the values of their `${VAR}`) -> the proxy."""

_EXAMPLE = "layers/rioned-putten/features?bbox=4.30,52.06,4.32,52.08"
"""A quarter of The Hague with many points and areas."""

_POLL = "1s"
"""How often the demo asks for reports, so that a new report shows at once."""

_LAST_PORT = 65535


def run_demo(
    *, port: int, layers: Path | None, fixtures: Path | None, environment: Mapping[str, str], proxy: ProxyFactory
) -> None:
    """Serve the proxy on `port`, and recorded vendors and a Signalen on the next two, until Ctrl-C or SIGTERM.

    Args:
        port: the first of the three ports.
        layers: the folder with layer files; None: the shipped ones.
        fixtures: the folder with recordings; None: the shipped ones.
        environment: values for `${VAR}` in layer files. The demo's own addresses replace those of vendors and Signalen.
        proxy: makes the proxy.

    Raises:
        ConfigurationError: a port is in use, there are no recordings, or a layer file is wrong or has the address of
            another machine.
    """
    if not 0 < port < _LAST_PORT - 1:
        raise ConfigurationError(f"the demo needs three consecutive ports: choose one from 1 to {_LAST_PORT - 2}")
    folder: Traversable = fixtures or shipped_recordings()
    recordings = read_recordings(folder)
    vendors, signalen = port + 1, port + 2
    demo = DemoSignalen(folder, time.time)
    variables = {**environment, **vendor_addresses(recordings, vendors), **_signalen_variables(demo, signalen)}
    refuse_other_machines(load_catalogue(layers or LAYERS, variables))
    app = proxy(layers or LAYERS, variables)
    serve_together(
        {port: app, vendors: Replay(recordings), signalen: demo},
        lambda: _print_demo(port, _addresses(recordings, vendors), demo),
    )


def refuse_other_machines(catalogue: Catalogue) -> None:
    """Make sure that the demo sends no request to another machine.

    Raises:
        ConfigurationError: a layer or a Signalen instance has an address outside this machine.
    """
    for name, address in _configured_addresses(catalogue):
        if not _is_on_this_machine(address):
            raise ConfigurationError(
                f"{name}: the demo only uses addresses of this machine, not {urlsplit(address).hostname}; "
                "use `wfs-proxy serve` for real services"
            )


def _configured_addresses(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield each URL that is requested for a layer or an instance, with the name of that layer or instance."""
    endpoints = [
        *(
            (layer.id, layer.source.url, layer.source.auth)
            for layer in catalogue.values()
            if isinstance(layer.source, HttpSource)
        ),
        *((f"signalen.yaml, {name}", instance.url, instance.auth) for name, instance in catalogue.instances.items()),
    ]
    for name, url, auth in endpoints:
        yield from ((name, address) for address in (url, *_addresses_for_tokens(auth)))


def _addresses_for_tokens(auth: Auth | SignalenAuth | None) -> tuple[str, ...]:
    match auth:
        case OAuth2():
            return (auth.token_url,)
        case OidcClient():
            return (auth.issuer,)
        case LoginAuth():
            return (auth.url,)
        case _:
            return ()


def _is_on_this_machine(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:  # the path of a file
        return True
    host = parts.hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def vendor_addresses(recordings: list[Recording], port: int) -> dict[str, str]:
    """Return the variables of the shipped layer files.

    MOON_WFS_URL is the WFS that was recorded under /moon, and LITEWEB_URL the service of another kind under /liteweb.
    """
    return {
        _variable(recording): f"http://{LOOPBACK}:{port}{urlsplit(recording.address).path}" for recording in recordings
    }


def _variable(recording: Recording) -> str:
    name = urlsplit(recording.address).path.strip("/").partition("/")[0]
    kind = "_WFS" if any(is_wfs(exchange.request) for exchange in recording.exchanges) else ""
    return f"{name.upper().replace('-', '_')}{kind}_URL"


def _signalen_variables(demo: DemoSignalen, port: int) -> dict[str, str]:
    """Return the variables of the shipped signalen.yaml."""
    url = f"http://{LOOPBACK}:{port}"
    return {"SIGNALEN_URL": url, "SIGNALEN_TOKEN": demo.proxy_token, "SIGNALEN_POLL": _POLL}


def run_replay(*, port: int, directory: Path) -> None:
    """Serve the recordings in `directory` as their vendors, until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: the port is in use, or there are no recordings.
    """
    recordings = read_recordings(directory)
    serve_together({port: Replay(recordings)}, lambda: _print_replay(port, recordings))


def _print_demo(port: int, vendors: list[str], demo: DemoSignalen) -> None:
    base = f"http://{LOOPBACK}:{port}"
    _print_lines(
        "wfs-proxy demo: all data are recorded or invented, and no request leaves this machine",
        f"  map      {base}/",
        f"  layers   {base}/layers",
        f"  API      {base}/docs",
        f"  vendors  {', '.join(vendors)}",
        f"  Signalen http://{LOOPBACK}:{port + 2}/signals/v1",
        "Look at the objects / Bekijk de objecten:",
        f"  curl '{base}/{_EXAMPLE}'",
        *_reporting(base, f"http://{LOOPBACK}:{port + 2}/signals/v1", demo),
        "Press Ctrl-C to stop / Stop met Ctrl-C.",
    )


def _reporting(base: str, api: str, demo: DemoSignalen) -> Iterator[str]:
    """Yield lines that show how to make and close a report; none where no object can be reported."""
    watched, free = demo.watched, demo.free
    if watched is None or free is None:
        return
    as_json = "-H 'Content-Type: application/json'"
    closed = json.dumps({"status": {"state": "o", "text": "Hersteld"}})
    yield f"Reported in {REPORTED_AFTER:.0f} seconds / Wordt over {REPORTED_AFTER:.0f} seconden vanzelf gemeld:"
    yield f"  curl '{base}/{_feature(watched)}'"
    yield "Report this object / Meld dit object:"
    yield f"  curl '{base}/{_feature(free)}'"
    yield f"  curl -X POST '{api}/public/signals/' {as_json} -d '{json.dumps(free.report())}'"
    yield "Close the report / Handel de melding weer af:"
    yield (
        f"  curl -X PATCH '{api}/private/signals/{demo.next_id}' -H 'Authorization: Bearer {demo.handler_token}'"
        f" {as_json} -d '{closed}'"
    )


def _feature(item: ReportableObject) -> str:
    return f"layers/{item.layer}/features/{quote(item.feature_id, safe='')}"


def _print_replay(port: int, recordings: list[Recording]) -> None:
    count = sum(len(recording.exchanges) for recording in recordings)
    _print_lines(
        f"Replaying {count} recorded answers of {', '.join(recording.layer for recording in recordings)}:",
        *(f"  {address}" for address in _addresses(recordings, port)),
        "Press Ctrl-C to stop.",
    )


def _addresses(recordings: list[Recording], port: int) -> list[str]:
    return sorted({f"http://{LOOPBACK}:{port}{urlsplit(recording.address).path}" for recording in recordings})


def _print_lines(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - this is the output of the command
