"""`wfs-proxy setup`: a guided page on loopback that inspects a service and writes a layer file."""

from wfs_proxy.setup.setup_app import SetupOptions, create_setup

__all__ = ["SetupOptions", "create_setup"]
