"""Settings of this machine, from environment variables that start with `WFS_PROXY_`. Those of a layer are in its file.

| variable | meaning | default |
|---|---|---|
| WFS_PROXY_LAYERS | the directory with the layer files | layers |
| WFS_PROXY_HOST | the address to listen on | 127.0.0.1 |
| WFS_PROXY_PORT | the port to listen on | 8000 |
| WFS_PROXY_WORKERS | the number of processes that serve | 1 |
| WFS_PROXY_PUBLIC_URL | the public URL, for links | none: links start with a slash |
| WFS_PROXY_CONTACT | who answers questions about the interface: `Name <email> https://page` | none |
| WFS_PROXY_CORS_ORIGINS | the origins whose pages may read answers, separated by commas | * |
| WFS_PROXY_MAP_TILES | the URL of background tiles for the map, with {z}, {x} and {y}; `none`: no background | PDOK's |
| WFS_PROXY_CACHE_DIR | a directory on a local disk, shared by all processes; `none`: nothing is written | see below |
| WFS_PROXY_CELLS_ON_DISK | the space for cells in that directory, such as 500MiB or 2GiB | 2GiB |
| WFS_PROXY_CELLS_IN_MEMORY | the memory for cells in each process | 256MiB |
| WFS_PROXY_REDIS_URL | a Redis or Valkey that machines share: redis://, rediss:// or unix:// | none: one machine |
| WFS_PROXY_LOG_FORMAT | text or json | text |
| WFS_PROXY_LOG_LEVEL | debug, info, warning or error | info |
| WFS_PROXY_ACCESS_LOG | true or false: a log line for each request, without client address and query | true |

The cache directory is $XDG_CACHE_HOME/wfs-proxy by default, or else $HOME/.cache/wfs-proxy. Without both variables
there is no cache directory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from wfs_proxy.errors import ConfigurationError

__all__ = ["PREFIX", "Settings"]

PREFIX = "WFS_PROXY_"

HIGHEST_PORT = 65535

PDOK_TILES = "https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/standaard/EPSG:3857/{z}/{x}/{y}.png"
"""The BRT background map of the Kadaster in the grid of web maps."""

MOST_WORKERS = 256
"""Far more than the processors of a machine; a larger number is a mistake."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings; each attribute has a variable of the same name."""

    layers: Path = Path("layers")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_url: str = ""
    """Without a slash at its end; "" when unknown."""

    contact: dict[str, str] | None = None
    """name, email and url for the OpenAPI document; None: unknown."""

    cors_origins: tuple[str, ...] = ("*",)
    map_tiles: str | None = PDOK_TILES
    """None: the map offers no background."""

    cache_dir: Path | None = None
    """None: nothing is written."""

    cells_on_disk: int = 2 << 30
    """Bytes."""

    cells_in_memory: int = 256 << 20
    """Bytes, in each process."""

    redis_url: str | None = field(default=None, repr=False)
    """May contain a password. None: this machine shares nothing with others."""

    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    access_log: bool = True
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that layer files may use as ${VAR}; may contain secrets."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the variables; unset and empty ones get their default.

        Raises:
            ConfigurationError: values are wrong; the message names all of them.
        """
        read: dict[str, Any] = {}
        problems = []
        for name, reader in _READERS.items():
            variable = PREFIX + name.upper()
            text = environment.get(variable, "").strip()
            if not text or _set_by_kubernetes(variable, text):
                continue
            try:
                read[name] = reader(text)
            except ValueError as error:
                problems.append(f"{variable}={'...' if name in _SECRET else text}: {error}")
        if problems:
            raise ConfigurationError("; ".join(problems))
        return cls(**{"cache_dir": _cache_dir(environment), **read}, environment=environment)


def _set_by_kubernetes(variable: str, text: str) -> bool:
    """Whether Kubernetes set the variable: for a service named wfs-proxy every pod gets WFS_PROXY_PORT=tcp://10.0.0.1:80."""
    return variable == f"{PREFIX}PORT" and text.startswith("tcp://")


def _cache_dir(environment: Mapping[str, str]) -> Path | None:
    """Return the default cache directory; None for a user without a home directory.

    Paths that are not absolute are ignored (XDG Base Directory Specification, "Environment variables").
    """
    candidates = [Path(environment.get("XDG_CACHE_HOME", "")), Path(environment.get("HOME", "")) / ".cache"]
    return next((folder / "wfs-proxy" for folder in candidates if folder.is_absolute()), None)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST_PORT):
        raise ValueError(f"must be a number up to {HIGHEST_PORT}")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_WORKERS):
        raise ValueError(f"must be a number from 1 to {MOST_WORKERS}")
    return int(text)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be a URL such as https://wfs-proxy.example.org")
    return text.rstrip("/")


def _contact(text: str) -> dict[str, str]:
    parts = re.fullmatch(r"(?P<name>[^<>]*[^<>\s])\s*<(?P<email>[^<>@\s]+@[^<>@\s]+)>\s*(?P<url>https?://\S+)", text)
    if parts is None:
        raise ValueError("must be a name, an email address and a URL: Team Geo <geo@example.org> https://example.org")
    return parts.groupdict()


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip().rstrip("/") for origin in text.split(",") if origin.strip())
    for origin in origins:
        if origin != "*" and (urlsplit(origin).scheme not in ("http", "https") or urlsplit(origin).path):
            raise ValueError("must be * or origins such as https://meldingen.example.org")
    return origins


def _tiles(text: str) -> str | None:
    if text.lower() == "none":
        return None
    try:
        parts = urlsplit(text.format(z=0, x=0, y=0))
    except (KeyError, ValueError, IndexError):
        parts = urlsplit("")
    in_policy = re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc)
    if parts.scheme not in ("http", "https") or not in_policy or not all(f"{{{name}}}" in text for name in "zxy"):
        raise ValueError("must be none or a URL such as https://tiles.example.org/{z}/{x}/{y}.png")
    return text


def _directory(text: str) -> Path | None:
    return None if text.lower() == "none" else Path(text)


def _bytes(text: str) -> int:
    parts = re.fullmatch(r"(\d+)\s*(|kib|mib|gib)", text.lower(), flags=re.ASCII)
    if parts is None:
        raise ValueError("must be a size such as 500MiB or 2GiB")
    return int(parts[1]) << _SHIFTS[parts[2]]


_SHIFTS = {"": 0, "kib": 10, "mib": 20, "gib": 30}


def _redis_url(text: str) -> str | None:
    if text.lower() == "none":
        return None
    parts = urlsplit(text)
    if not (parts.path if parts.scheme == "unix" else parts.hostname and parts.scheme in ("redis", "rediss")):
        raise ValueError(
            "must be a URL such as redis://host:6379/0, rediss://user:password@host or unix:///run/redis.sock"
        )
    return text


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text.lower()

    return read


def _boolean(text: str) -> bool:
    return _one_of("true", "false", "1", "0")(text) in ("true", "1")


_READERS: dict[str, Callable[[str], object]] = {
    "layers": Path,
    "host": str,
    "port": _port,
    "workers": _workers,
    "public_url": _url,
    "contact": _contact,
    "cors_origins": _origins,
    "map_tiles": _tiles,
    "cache_dir": _directory,
    "cells_on_disk": _bytes,
    "cells_in_memory": _bytes,
    "redis_url": _redis_url,
    "log_format": _one_of("text", "json"),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "access_log": _boolean,
}

_SECRET = {"redis_url"}
"""Settings whose value is never shown, even in an error."""
