"""Polls Signalen for open reports."""

from wfs_proxy.reports.catalogue_poller import CataloguePoller
from wfs_proxy.reports.poll_status import PollStatus

__all__ = [
    "CataloguePoller",
    "PollStatus",
]
