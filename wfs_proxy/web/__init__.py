"""HTTP: paths, header fields and status codes."""

from wfs_proxy.web.create_web import create_web

__all__ = [
    "create_web",
]
