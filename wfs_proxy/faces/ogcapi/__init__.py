"""OGC API Features: Parts 1 (core), 2 (coordinate reference systems), 3 (filtering) and 5 (schemas).

A collection is a layer. The face reads requests and writes answers; `web` sends them.
"""

from wfs_proxy.faces.ogcapi.addresses import API_PATH, JSON, OPENAPI, SCHEMA_JSON, ApiAddresses
from wfs_proxy.faces.ogcapi.conformance import CONFORMANCE_CLASSES
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, CoordinateSystem
from wfs_proxy.faces.ogcapi.documents import QUERYABLES, ApiDocuments, Collected
from wfs_proxy.faces.ogcapi.formats import Format, chosen_format
from wfs_proxy.faces.ogcapi.items_request import (
    read_item_request,
    read_items_request,
    read_parameters,
)
from wfs_proxy.faces.ogcapi.openapi import openapi_document
from wfs_proxy.faces.ogcapi.schemas import collection_schema, queryables_schema
from wfs_proxy.faces.ogcapi.writers import ItemsWriter, ItemWriter

__all__ = [
    "API_PATH",
    "CONFORMANCE_CLASSES",
    "CRS84",
    "JSON",
    "OPENAPI",
    "QUERYABLES",
    "SCHEMA_JSON",
    "ApiAddresses",
    "ApiDocuments",
    "Collected",
    "CoordinateSystem",
    "Format",
    "ItemWriter",
    "ItemsWriter",
    "chosen_format",
    "collection_schema",
    "openapi_document",
    "queryables_schema",
    "read_item_request",
    "read_items_request",
    "read_parameters",
]
