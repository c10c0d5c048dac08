"""Writes objects as GeoJSON with the links of OGC API Features (OGC 17-069r4, sections 7.15 and 7.16).

There is no `timeStamp`, which the standard leaves to the server: it would be the time at which the answer was made, so
that equal answers had different bytes and no strong ETag. The header field Date has it.
"""

from __future__ import annotations

import numpy as np
import orjson

from wfs_proxy.faces.ogcapi.addresses import JSON, ApiAddresses, link, links_of
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, CoordinateSystem
from wfs_proxy.faces.ogcapi.items_request import ItemRequest, ItemsRequest
from wfs_proxy.faces.ogcapi.reprojection import reprojected
from wfs_proxy.serve import GEOJSON, Cursor, SelectedFeatures, feature_pieces

__all__ = ["ItemWriter", "ItemsWriter"]

_MANY_TO_RELOCATE = 2_500
"""Expected objects from which other coordinates are written outside the event loop: they take some milliseconds."""

_COLLECTION_START = b'{"type":"FeatureCollection",'
_FEATURE_START = b'{"type":"Feature",'


class ItemsWriter:
    """Writes a page of a collection."""

    media_type = GEOJSON

    def __init__(self, addresses: ApiAddresses, layer_id: str, request: ItemsRequest) -> None:
        """Write the answer to a request.

        Args:
            addresses: for the links.
            layer_id: the collection.
            request: as it was read.
        """
        self._address = addresses.items(layer_id)
        self._collection = addresses.collection(layer_id)
        self.key = f"{request.system.name} {self._address}?{request.parameters} "
        self.offload_from = None if request.system is CRS84 else _MANY_TO_RELOCATE
        self._parameters = request.parameters
        self._system = request.system

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a FeatureCollection (RFC 7946, section 3.3); the counts and links come before the features."""
        selection = selected.selection
        counts = selection.matched, selection.returned
        pieces = [b'%b"numberMatched":%d,"numberReturned":%d,' % (_COLLECTION_START, *counts)]
        pieces.append(b'"links":%b,"features":[' % self._links(selected))
        pieces += _features(selected, self._system)
        pieces.append(b"]}")
        return b"".join(pieces)

    def _links(self, selected: SelectedFeatures) -> bytes:
        following = selected.next_page()
        here = self._page(selected.query.cursor)
        links = links_of(self._address, GEOJSON, "The objects", here)
        links.append(link("collection", JSON, "The collection", self._collection))
        if following is not None:
            href = f"{self._address}?{self._page(following)}&f=json"
            links.append(link("next", GEOJSON, "The next page", href))
        return orjson.dumps(links)

    def _page(self, cursor: Cursor | None) -> str:
        """Return the query string of the page that starts at a cursor."""
        return "&".join(filter(None, (self._parameters, f"cursor={cursor}" if cursor is not None else "")))


class ItemWriter:
    """Writes one object."""

    media_type = GEOJSON

    def __init__(self, addresses: ApiAddresses, layer_id: str, feature_id: str, request: ItemRequest) -> None:
        """Write the answer to a request.

        Args:
            addresses: for the links.
            layer_id: the collection.
            feature_id: the object.
            request: as it was read.
        """
        address = addresses.item(layer_id, feature_id)
        self.key = f"{request.system.name} {address}?{request.parameters} "
        links = links_of(address, GEOJSON, "The object", request.parameters)
        links.append(link("collection", JSON, "The collection", addresses.collection(layer_id)))
        self._links = orjson.dumps(links)
        self._system = request.system

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a Feature (RFC 7946, section 3.2)."""
        feature = b"".join(_features(selected, self._system))
        return b'%b"links":%b,%b' % (_FEATURE_START, self._links, feature.removeprefix(_FEATURE_START))


def _features(selected: SelectedFeatures, system: CoordinateSystem) -> list[bytes]:
    """Return pieces that, joined, are the selected features with separators between them."""
    pieces = feature_pieces(selected.parts, selected.selection)
    if system is CRS84 or not pieces:
        return pieces
    places = [selected.parts[number].lonlat[rows] for number, rows in selected.selection.runs]
    return [reprojected(b"".join(pieces), np.concatenate(places), system)]
