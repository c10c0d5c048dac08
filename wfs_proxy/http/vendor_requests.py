"""What code that fetches objects needs of the HTTP client: an inspection counts and bounds the same requests."""

from __future__ import annotations

from typing import Protocol

from wfs_proxy.features import Payload
from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.client import Endpoint, ReadError

__all__ = ["VendorClients", "VendorRequests"]


class VendorRequests(Protocol):
    """Sends requests to a vendor, as `VendorClient` does."""

    async def get(
        self, url: str, read_error: ReadError = ..., /, *, read_refusal: ReadError = ..., patience: float = ...
    ) -> Payload:
        """Return the body of a successful response. See `VendorClient.get_anew`."""
        ...


class VendorClients(Protocol):
    """Has a client for each origin, as `HttpClients` does."""

    def client(
        self, endpoint: Endpoint, *, accept: str | None = None, limits: BodyLimits | None = None
    ) -> VendorRequests:
        """Return a client for an origin. See `HttpClients.client`."""
        ...
