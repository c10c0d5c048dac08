"""`python -m wfs_proxy` is the `wfs-proxy` command."""

from wfs_proxy.cli import main

main()
