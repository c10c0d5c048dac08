"""What is reported, asked of Signalen."""

from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.pollers import Pollers
from wfs_proxy.reports.public import Box

__all__ = [
    "Box",
    "PollStatus",
    "Pollers",
]
