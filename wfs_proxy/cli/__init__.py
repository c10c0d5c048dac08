"""The `wfs-proxy` command."""

from wfs_proxy.cli.main import main

__all__ = [
    "main",
]
