"""OGC API Features: what a service offers, and how all objects of a collection are fetched."""

from wfs_proxy.sources.ogcapi.address import STANDARD_PARAMETERS, ServiceAddress
from wfs_proxy.sources.ogcapi.collection import declared_extent
from wfs_proxy.sources.ogcapi.first_page import open_items
from wfs_proxy.sources.ogcapi.items_client import ItemsClient
from wfs_proxy.sources.ogcapi.service import SERVICE_JSON, landing_page_and_list, read_collection
from wfs_proxy.sources.ogcapi.service_documents import ServiceDocument, ServiceDocuments
from wfs_proxy.sources.ogcapi.source import FEATURES_JSON, OgcApiFeatureSource

__all__ = [
    "FEATURES_JSON",
    "SERVICE_JSON",
    "STANDARD_PARAMETERS",
    "ItemsClient",
    "OgcApiFeatureSource",
    "ServiceAddress",
    "ServiceDocument",
    "ServiceDocuments",
    "declared_extent",
    "landing_page_and_list",
    "open_items",
    "read_collection",
]
