"""What is reported, asked of Signalen."""

from wfs_proxy.reports.catalogue_poller import CataloguePoller
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.public_feed import Box

__all__ = [
    "Box",
    "CataloguePoller",
    "PollStatus",
]
