"""The `wfs-proxy` command."""

from wfs_proxy.cli.commands import main

__all__ = [
    "main",
]
