"""Answers the requests of a WFS: reads them, and gives each operation to the module that answers it."""

from __future__ import annotations

import re
from functools import lru_cache

from wfs_proxy.errors import WfsProxyError, WfsRequestError
from wfs_proxy.faces.wfs.call_and_answer import ErrorLanguage, WfsAnswer, WfsCall
from wfs_proxy.faces.wfs.capabilities import CAPABILITIES_MEDIA_TYPES, ServiceDescription, capabilities
from wfs_proxy.faces.wfs.feature_schema import json_description, xml_schema
from wfs_proxy.faces.wfs.get_feature import FeatureAnswers, is_for_json
from wfs_proxy.faces.wfs.kvp_request import is_request, read_kvp_request
from wfs_proxy.faces.wfs.namespaces import our_namespace
from wfs_proxy.faces.wfs.offered_types import Offer, Offers
from wfs_proxy.faces.wfs.output_formats import GML_MEDIA_TYPES, JSON_MEDIA_TYPE, read_output_format
from wfs_proxy.faces.wfs.parameters import read_parameters
from wfs_proxy.faces.wfs.requests import (
    DescribeFeatureType,
    DescribeStoredQueries,
    GetCapabilities,
    GetFeature,
    ListStoredQueries,
    WfsRequest,
)
from wfs_proxy.faces.wfs.stored_queries import (
    STORED_QUERIES_MEDIA_TYPE,
    described_stored_queries,
    listed_stored_queries,
)
from wfs_proxy.faces.wfs.versions import LATEST, read_version
from wfs_proxy.faces.wfs.xml_request import is_xml, no_request, read_xml_request
from wfs_proxy.serve import FeatureService, LiveCatalogue, StatusService

__all__ = ["WfsFace"]


class WfsFace:
    """The WFS. For use on one event loop."""

    def __init__(
        self, features: FeatureService, status: StatusService, catalogue: LiveCatalogue, public_url: str = ""
    ) -> None:
        """Offer the layers of a catalogue.

        Args:
            features: finds the features.
            status: knows where the objects of each layer are.
            catalogue: the layers.
            public_url: the public address without a slash at its end, or "".
        """
        self._status = status
        self._catalogue = catalogue
        self._namespace = our_namespace(public_url)
        self._features = FeatureAnswers(features, self._namespace)
        self._offered = catalogue.current
        self._offers = Offers(self._offered)

    def offer_at(self, path: str) -> Offer | None:
        """Return what a path offers; None if it is not a path of the WFS."""
        if self._offered is not self._catalogue.current:
            self._offered = self._catalogue.current
            self._offers = Offers(self._offered)
        return self._offers.at(path)

    async def answer(self, offer: Offer, call: WfsCall) -> WfsAnswer:
        """Answer a request at a path.

        Raises:
            BadRequest: a parameter is wrong.
            RequestTooLarge: the query or the body exceeds its limit.
            NotFound: there is no feature with the id.
            NotReady: there are no data yet.
        """
        request = _read(call)
        match request:
            case GetCapabilities():
                return self._capabilities(offer, call.url, request)
            case DescribeFeatureType():
                return self._description(offer, request)
            case ListStoredQueries():
                content = listed_stored_queries(offer.types, self._namespace)
            case DescribeStoredQueries():
                content = described_stored_queries(request.ids, offer.types, self._namespace)
            case GetFeature():
                return await self._features.answer(offer, request, call)
        return WfsAnswer(content, STORED_QUERIES_MEDIA_TYPE)

    @staticmethod
    def error_language(call: WfsCall) -> ErrorLanguage:
        """Return in which form to write an error, whatever is wrong with the request."""
        try:
            request = _read(call)
        except WfsProxyError:
            return _guessed_language(call)
        for_json = isinstance(request, GetFeature) and is_for_json(request, call)
        return ErrorLanguage(request.version, json=for_json)

    def _capabilities(self, offer: Offer, url: str, request: GetCapabilities) -> WfsAnswer:
        boxes = self._status.extents()
        service = ServiceDescription(url=url, namespace=self._namespace, types=offer.types, boxes=boxes)
        return WfsAnswer(capabilities(service, request.version), CAPABILITIES_MEDIA_TYPES[request.version])

    def _description(self, offer: Offer, request: DescribeFeatureType) -> WfsAnswer:
        alone = len(request.type_names) == 1
        types = [offer.find(name, alone=alone) for name in request.type_names] or offer.types
        text = request.output_format
        if text is None or text.upper() == "XMLSCHEMA":
            return WfsAnswer(xml_schema(types, request.version, self._namespace), GML_MEDIA_TYPES[request.version])
        output_format = read_output_format(text, request.version)
        if output_format == "json":
            return WfsAnswer(json_description(types, self._namespace), JSON_MEDIA_TYPE)
        return WfsAnswer(xml_schema(types, output_format, self._namespace), GML_MEDIA_TYPES[output_format])


def _read(call: WfsCall) -> WfsRequest:
    if call.body is None or not call.body.strip():
        return _read_map_request(call.query) or read_kvp_request(read_parameters(call.query))
    if is_xml(call.body):
        return read_xml_request(call.body)
    form = call.body.decode("utf-8", "replace")
    if not is_request(read_parameters(form)):
        raise no_request()
    return read_kvp_request(read_parameters(call.query, form))


_BOX = re.compile(r"&bbox=([-0-9.,]{7,100})(?=&|$)", re.IGNORECASE | re.ASCII)


_LONGEST_REMEMBERED = 2_000
"""Characters of a query string that is remembered."""


def _read_map_request(query: str) -> GetFeature | None:
    """Return the request of a map, whose box is the only part that changes; None for any other request.

    The rest is read once, so that such a request takes a fifth of the time.
    """
    found = _BOX.search(query) if len(query) <= _LONGEST_REMEMBERED else None
    if found is None:
        return None
    rest = _read_rest(query[: found.start()] + query[found.end() :])
    if not isinstance(rest, GetFeature) or rest.bbox is not None:
        return None
    return rest._replace(bbox=found[1])


@lru_cache(maxsize=256)
def _read_rest(query: str) -> WfsRequest:
    return read_kvp_request(read_parameters(query))


def _guessed_language(call: WfsCall) -> ErrorLanguage:
    """Return the language of a request that cannot be read, by the parameters that can."""
    if call.body is not None:
        return ErrorLanguage(LATEST, json=call.accepts_json)
    given = dict(part.partition("=")[::2] for part in call.query.lower().split("&"))
    for_json = "json" in given.get("outputformat", "json" if call.accepts_json else "")
    try:
        return ErrorLanguage(read_version(given.get("version")), json=for_json)
    except WfsRequestError:
        return ErrorLanguage(LATEST, json=for_json)
