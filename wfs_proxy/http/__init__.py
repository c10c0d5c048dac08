"""How the proxy behaves as an HTTP client, whatever it asks for."""

from wfs_proxy.http.breaker import CircuitBreaker
from wfs_proxy.http.client import HttpClients, HttpPolicy, VendorClient, Wording
from wfs_proxy.http.urls import looks_secret, redacted, sounds_secret

__all__ = [
    "CircuitBreaker",
    "HttpClients",
    "HttpPolicy",
    "VendorClient",
    "Wording",
    "looks_secret",
    "redacted",
    "sounds_secret",
]
