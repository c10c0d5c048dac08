"""A real MapServer on loopback, its data and cap chosen by the test: FastCGI behind a small HTTP server.

    with mapserver.running(directory, objects=50_000, cap=1_000) as url: ...

The map has one type, `lamp`, in RD New: points with a number and a kind. GML has ids, GeoJSON has none.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, urlencode, urlsplit

import needs
import numpy as np
import pyogrio
import shapely

EXTENT = (80_000.0, 450_000.0, 90_000.0, 460_000.0)
"""Where the lamps are: easting and northing in metres, in and around Den Haag."""

_MAP = """MAP
  NAME "lamps"
  EXTENT 80000 450000 90000 460000
  PROJECTION "init=epsg:28992" END
  WEB METADATA
    "ows_enable_request" "*"
    "wfs_title" "Lamps"
    "wfs_onlineresource" "{address}"
    "wfs_srs" "EPSG:28992 EPSG:4326"
    "wfs_getfeature_formatlist" "{formats}"
    {cap}
  END END
  OUTPUTFORMAT
    NAME "geojson" DRIVER "OGR/GEOJSON" MIMETYPE "application/json; subtype=geojson"
    FORMATOPTION "STORAGE=stream" FORMATOPTION "FORM=simple"
  END
  LAYER
    NAME "lamp" TYPE POINT STATUS ON TEMPLATE "x"
    CONNECTIONTYPE OGR CONNECTION "{data}" DATA "lamp"
    PROJECTION "init=epsg:28992" END
    METADATA
      "wfs_title" "lamp" "gml_include_items" "all" "gml_featureid" "number" "gml_types" "auto"
      "wfs_extent" "80000 450000 90000 460000"
    END
  END
END
"""


def write_lamps(path: Path, objects: int) -> None:
    """Random places, the same ones every time."""
    places = np.random.default_rng(7).random((objects, 2)) * 10_000 + EXTENT[:2]
    numbers = np.arange(objects)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.points(places)),
        [numbers, np.array(["lamp", "mast", "paal"], dtype=object)[numbers % 3]],
        ["number", "kind"],
        geometry_type="Point",
        crs="EPSG:28992",
        driver="FlatGeobuf",
        layer="lamp",
    )


@contextmanager
def running(
    directory: Path, *, objects: int, cap: int | None = None, formats: str = "", deaf_to: tuple[str, ...] = ()
) -> Iterator[str]:
    """Serve `objects` lamps, at most `cap` in an answer, and yield the address.

    Parameters in `deaf_to` (lower case) do not reach MapServer: so it becomes a server without paging.
    """
    program = needs.program("mapserv", package="cgi-mapserver")
    data = directory / "lamp.fgb"
    write_lamps(data, objects)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bridge)
    url = f"http://127.0.0.1:{server.server_port}/wfs"
    limit = f'"wfs_maxfeatures" "{cap}"' if cap else ""
    mapfile = directory / "lamps.map"
    mapfile.write_text(_MAP.format(address=url, formats=formats, cap=limit, data=data))
    configuration = directory / "mapserver.conf"
    configuration.write_text("CONFIG\n ENV\n END\n MAPS\n END\nEND\n")
    server.deaf_to = deaf_to
    server.fastcgi = directory / "mapserver.sock"
    server.mapfile = mapfile
    with _fastcgi(program, server.fastcgi, {"MAPSERVER_CONFIG_FILE": str(configuration)}):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield url
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@contextmanager
def _fastcgi(program: Path, address: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run two processes that take requests from a socket, their standard input (FastCGI 1.0, section 2.2)."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        processes = [
            subprocess.Popen([program], stdin=listener, env={"PATH": os.environ["PATH"], **environment}) for _ in "ab"
        ]
        try:
            yield
        finally:
            for process in processes:
                process.kill()
                process.wait()


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _ask(address: Path, parameters: dict[str, str]) -> bytes:
    """One request as a FastCGI responder gets it: begin (1), parameters (4), standard input (5)."""
    pairs = b"".join(
        struct.pack(">II", len(name) | 1 << 31, len(value.encode()) | 1 << 31) + name.encode() + value.encode()
        for name, value in parameters.items()
    )
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(address))
        begin = _record(1, struct.pack(">HB5x", 1, 0))
        connection.sendall(begin + _record(4, pairs) + _record(4, b"") + _record(5, b""))
        with connection.makefile("rb") as records:
            return b"".join(_outputs(records))


def _outputs(records: BinaryIO) -> Iterator[bytes]:
    """What the program writes to its standard output (6), until the end."""
    while header := records.read(8):
        _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
        content = records.read(length + padding)[:length]
        if kind == 6:
            yield content


class _Bridge(BaseHTTPRequestHandler):
    """HTTP in, FastCGI out."""

    def do_GET(self) -> None:
        query = parse_qsl(urlsplit(self.path).query, keep_blank_values=True)
        parameters = {
            "REQUEST_METHOD": "GET",
            "QUERY_STRING": urlencode([(key, value) for key, value in query if key.lower() not in self.server.deaf_to]),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_port),
            "SCRIPT_NAME": "/wfs",
            "MS_MAPFILE": str(self.server.mapfile),
        }
        head, body = _ask(self.server.fastcgi, parameters).split(b"\r\n\r\n", 1)
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""
