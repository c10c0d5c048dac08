"""Polls Signalen for open reports."""

from wfs_proxy.reports.catalogue_poller import CataloguePoller
from wfs_proxy.reports.category_check import CategoryTrouble, category_trouble
from wfs_proxy.reports.client import InvalidChoice, SignalenClient
from wfs_proxy.reports.connection_check import SignalenTrouble, public_client, read_categories, trouble_of, try_login
from wfs_proxy.reports.form_content import SignalenCategory
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.published_signals import LayerNames

__all__ = [
    "CataloguePoller",
    "CategoryTrouble",
    "InvalidChoice",
    "LayerNames",
    "PollStatus",
    "SignalenCategory",
    "SignalenClient",
    "SignalenTrouble",
    "category_trouble",
    "public_client",
    "read_categories",
    "trouble_of",
    "try_login",
]
