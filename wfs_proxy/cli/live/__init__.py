"""`wfs-proxy check --live`: compare layer files with their vendors and with Signalen."""

from wfs_proxy.cli.live.command import live_report
from wfs_proxy.cli.live.question_check import SIGNALEN_FORMS
from wfs_proxy.cli.live.report import LiveReport

__all__ = ["SIGNALEN_FORMS", "LiveReport", "live_report"]
