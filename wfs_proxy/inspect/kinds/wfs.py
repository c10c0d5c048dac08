"""A Web Feature Service."""

from __future__ import annotations

from wfs_proxy.features import Payload
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.kinds.kind import Inquiry, InspectedType
from wfs_proxy.inspect.kinds.wfs_service import describe_service, find_service
from wfs_proxy.inspect.kinds.wfs_type import inspect_type
from wfs_proxy.inspect.report import Diagnosis, ServiceReport, TypeSummary

__all__ = ["WfsKind"]


class WfsKind:
    """A WFS in any version. It is looked for at any address, so no address and no document is needed to suggest it."""

    def suits(self, pasted: PastedAddress) -> bool:
        """Whether an address looks like one of such a service."""
        del pasted
        return True

    def recognises(self, payload: Payload) -> bool:
        """Whether a document comes from such a service."""
        del payload
        return False

    async def find(self, inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        """Return the description of the service that an address means; else why there is none."""
        vendor = inquiry.clients.to(pasted.base)
        found = await find_service(vendor, pasted, inquiry.offload, with_login=inquiry.with_login)
        if isinstance(found, Diagnosis):
            return found
        return await describe_service(vendor, found, pasted, inquiry.offload, inquiry.report)

    async def inspect(self, inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> InspectedType:
        """Inspect a type."""
        return await inspect_type(inquiry.clients.to(service.url), service, summary, inquiry.offload, inquiry.report)
