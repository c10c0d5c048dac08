"""nginx with the shipped configuration (`deploy/nginx`) in front of a proxy, and static files beside it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import servers
from bench.missing import program
from bench.ports import free_ports
from wfs_proxy.run.server import LOOPBACK

__all__ = ["Front", "in_front_of"]

SHIPPED = Path(__file__).resolve().parents[1] / "deploy" / "nginx" / "wfs-proxy.conf"

_MAIN = """worker_processes 1;
pid @FOLDER@/nginx.pid;
error_log stderr error;
@USER@
events { worker_connections 4096; }
http {
  client_body_temp_path @FOLDER@/body; proxy_temp_path @FOLDER@/proxy; fastcgi_temp_path @FOLDER@/fastcgi;
  uwsgi_temp_path @FOLDER@/uwsgi; scgi_temp_path @FOLDER@/scgi;
  keepalive_requests 10000000;
  include @FOLDER@/wfs-proxy.conf;
  server {
    listen 127.0.0.1:@STATIC@;
    access_log @FOLDER@/static.access.log wfs_proxy;
    error_log @FOLDER@/static.error.log emerg;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=10000 inactive=1m;
    root @FOLDER@/static;
  }
}
"""


@dataclass(frozen=True, kw_only=True)
class Front:
    """A running nginx."""

    address: str
    """Of the shipped configuration, without a slash at its end."""
    static: str
    """Of the files in `files`."""
    files: Path
    configuration: Path
    """The main file, which includes the shipped one."""
    access_log: Path
    error_log: Path


@contextmanager
def in_front_of(address: str) -> Iterator[Front]:
    """Run nginx in front of the proxy at an address.

    Only addresses and folders of the shipped configuration are replaced.

    Raises:
        MissingProgram: nginx is not installed.
    """
    nginx = program("nginx", package="nginx-light")
    port = free_ports(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # for the workers of nginx, if it is started by root
        front = Front(
            address=f"http://{LOOPBACK}:{port}",
            static=f"http://{LOOPBACK}:{port + 1}",
            files=folder / "static",
            configuration=folder / "nginx.conf",
            access_log=folder / "wfs-proxy.access.log",
            error_log=folder / "wfs-proxy.error.log",
        )
        for made in (front.files, folder / "cache"):
            made.mkdir()
        _write(folder, port, address)
        (front.files / "ready").write_text("ready")
        command = [nginx, "-p", name, "-c", front.configuration, "-e", "stderr", "-g", "daemon off;"]
        with servers.running(command, front.static, ready="/ready"):
            yield front


def _write(folder: Path, port: int, address: str) -> None:
    # otherwise its workers cannot write to this folder; only root can set it
    user = "user root;" if os.geteuid() == 0 else ""
    main = _MAIN.replace("@FOLDER@", str(folder)).replace("@STATIC@", str(port + 1)).replace("@USER@", user)
    (folder / "nginx.conf").write_text(main)
    shipped = SHIPPED.read_text()
    for text, other in (
        ("server 127.0.0.1:8000", f"server {urlsplit(address).netloc}"),
        ("listen 80;", f"listen {LOOPBACK}:{port};"),
        ("/var/cache/nginx/wfs-proxy", f"{folder}/cache"),
        ("/var/log/nginx", str(folder)),
    ):
        if text not in shipped:
            raise AssertionError(f"{SHIPPED} does not contain {text!r}")
        shipped = shipped.replace(text, other)
    (folder / "wfs-proxy.conf").write_text(shipped)
