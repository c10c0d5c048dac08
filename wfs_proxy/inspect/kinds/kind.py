"""What every kind of service has in common: it can be found at an address, described, and its types inspected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.report import Diagnosis, Part, ServiceReport, TypeReport, TypeSummary
from wfs_proxy.inspect.vendor_access import InspectionClients
from wfs_proxy.offload import Offload

__all__ = ["MOST_COUNTED", "Inquiry", "InspectedType", "ServiceKind"]

MOST_COUNTED = 20
"""Types that are counted; a portal may have thousands."""


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """What an inspection works with."""

    clients: InspectionClients
    offload: Offload
    report: Callable[[Part], None]
    """Called when a part begins."""

    with_login: bool
    """Whether the requests have credentials."""

    documents: dict[str, Payload] = field(default_factory=dict)
    """URL -> document, where a document is the whole service."""


@dataclass(frozen=True, kw_only=True)
class InspectedType:
    """The result of the inspection of one type."""

    report: TypeReport
    sample: FeatureBatch | None
    """The objects that were looked at, as the fetch path has them before it finds their points; None without."""


class ServiceKind(Protocol):
    """One kind of service."""

    def suits(self, pasted: PastedAddress) -> bool:
        """Whether an address looks like one of such a service."""
        ...

    def recognises(self, payload: Payload) -> bool:
        """Whether a document comes from such a service, or from its pages for people."""
        ...

    async def find(self, inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        """Return the description of the service that an address means; else why there is none.

        Raises:
            ConfigurationError: the address is invalid.
        """
        ...

    async def inspect(self, inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> InspectedType:
        """Inspect a type of a service by a sample. A part that fails is missing in the report.

        Raises:
            UpstreamError, DecodeError: a service that is one document could not be fetched again.
        """
        ...
