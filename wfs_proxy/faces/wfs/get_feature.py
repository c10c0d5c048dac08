"""Answers GetFeature: chooses the format and the writer, and asks for the features of each type."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from wfs_proxy.errors import NotFound, WfsRequestError
from wfs_proxy.faces.wfs.call_and_answer import WfsAnswer, WfsCall
from wfs_proxy.faces.wfs.collections import (
    GmlFeatureWriter,
    GmlHitsWriter,
    GmlMembersWriter,
    GmlWriter,
    JsonFeatureWriter,
    JsonHitsWriter,
    JsonMembersWriter,
    JsonWriter,
    PageLinks,
    WrittenMembers,
    gml_of_types,
    json_of_types,
)
from wfs_proxy.faces.wfs.feature_query import feature_query, number_of
from wfs_proxy.faces.wfs.gml_features import GmlStyle
from wfs_proxy.faces.wfs.offered_types import Offer, OfferedType
from wfs_proxy.faces.wfs.output_crs import read_output_crs
from wfs_proxy.faces.wfs.output_formats import GML_MEDIA_TYPES, JSON_MEDIA_TYPE, OutputFormat, read_output_format
from wfs_proxy.faces.wfs.requests import FeatureTypeQuery, GetFeature
from wfs_proxy.faces.wfs.stored_queries import requested_id
from wfs_proxy.serve import MAXIMUM_LIMIT, FeatureQuery, FeatureService, FeatureWriter, Preconditions

__all__ = ["FeatureAnswers", "is_for_json"]

_GML_OFFLOAD_FROM = 1_500
"""Expected objects from which GML is made outside the event loop: they take some 4 milliseconds.

Unlike GeoJSON, GML is not prepared when a layer is fetched.
"""

_LONG_FILTER = 10_000
"""Characters; they take about a millisecond, or a few with coordinates in RD."""

TypedQuery = tuple[FeatureTypeQuery, OfferedType]


def is_for_json(request: GetFeature, call: WfsCall) -> bool:
    """Whether a client reads JSON, so that both features and errors are JSON.

    A request without OUTPUTFORMAT gets GML, as the standard says, except from two kinds of clients: those that prefer
    JSON in Accept, and those that do not name a type either. The latter are report forms, whose questions have
    addresses that consist of little more than a box; every GIS names the type.
    """
    if request.output_format is not None:
        return "json" in request.output_format.lower()
    names_something = request.ids or request.stored_query or any(query.type_name for query in request.queries)
    return call.accepts_json or not names_something


class FeatureAnswers:
    """The answers to GetFeature."""

    def __init__(self, features: FeatureService, namespace: str) -> None:
        """Answer with features.

        Args:
            features: finds them.
            namespace: of our elements.
        """
        self._features = features
        self._namespace = namespace
        # threads compete with the event loop for Python's global lock, so one reads at a time
        self._long_filters = asyncio.Lock()

    async def answer(self, offer: Offer, request: GetFeature, call: WfsCall) -> WfsAnswer:
        """Answer a request for features, their number, or one feature."""
        output_format = _output_format(request, call)
        if request.stored_query is not None:
            return await self._feature(offer, request, output_format, call)
        queries = _with_types(offer, request)
        if len(queries) > 1:
            return await self._of_types(request, queries, output_format)
        links = PageLinks(call.url or offer.path, request)
        return await self._of_type(request, queries[0], output_format, links, call)

    async def _of_type(
        self, request: GetFeature, typed: TypedQuery, output_format: OutputFormat, links: PageLinks, call: WfsCall
    ) -> WfsAnswer:
        query, offered = typed
        count = number_of(request.limit, "count")
        limit = _limit(count, request, output_format)
        writer = self._writer(typed, output_format, links, hits=request.hits or count == 0)
        found = await self._features.answer(
            offered.layer.id,
            await self._feature_query(request, query, offered, limit),
            writer,
            call.preconditions,
            call.codings,
            offload_from=_offload_from(output_format),
        )
        return WfsAnswer(found, writer.media_type, offered.layer.id)

    async def _feature_query(
        self, request: GetFeature, query: FeatureTypeQuery, offered: OfferedType, limit: int | None
    ) -> FeatureQuery:
        """Return the query for features; a long filter is read outside the event loop."""
        if query.filter is None or len(query.filter.text) <= _LONG_FILTER:
            return feature_query(request, query, offered, limit)
        async with self._long_filters:
            return await asyncio.to_thread(feature_query, request, query, offered, limit)

    def _writer(self, typed: TypedQuery, output_format: OutputFormat, links: PageLinks, *, hits: bool) -> FeatureWriter:
        query, offered = typed
        if output_format == "json":
            return JsonHitsWriter() if hits else JsonWriter(links)
        crs = read_output_crs(query.srs_name, output_format)
        if hits:
            return GmlHitsWriter(output_format)
        return GmlWriter(GmlStyle(offered, crs, output_format), links, self._namespace)

    async def _of_types(
        self, request: GetFeature, queries: Sequence[TypedQuery], output_format: OutputFormat
    ) -> WfsAnswer:
        """Answer a request for several types: each is asked for what the ones before have left of the page."""
        count = number_of(request.limit, "count")
        skipped = number_of(request.start_index, "startIndex") or 0
        left = 0 if request.hits else min(MAXIMUM_LIMIT if count is None else count, MAXIMUM_LIMIT)
        written = []
        for query, offered in queries:
            page = request._replace(start_index=str(skipped))
            found = await self._features.answer(
                offered.layer.id,
                await self._feature_query(page, query, offered, max(left, 1)),
                self._members_writer(query, offered, output_format),
                Preconditions(),
                offload_from=_offload_from(output_format),
            )
            members = WrittenMembers(found.body, found.matched or 0, found.returned or 0, found.modified_at)
            written.append(members if left else members._replace(content=b"", returned=0))
            skipped = max(0, skipped - members.matched)
            left -= written[-1].returned
        if output_format == "json":
            return WfsAnswer(json_of_types(written), JSON_MEDIA_TYPE)
        types = [offered for _, offered in queries]
        return WfsAnswer(gml_of_types(written, types, output_format, self._namespace), GML_MEDIA_TYPES[output_format])

    def _members_writer(
        self, query: FeatureTypeQuery, offered: OfferedType, output_format: OutputFormat
    ) -> FeatureWriter:
        if output_format == "json":
            return JsonMembersWriter()
        crs = read_output_crs(query.srs_name, output_format)
        return GmlMembersWriter(GmlStyle(offered, crs, output_format), self._namespace)

    async def _feature(
        self, offer: Offer, request: GetFeature, output_format: OutputFormat, call: WfsCall
    ) -> WfsAnswer:
        """Answer GetFeatureById: the feature is the root of the document (OGC 09-025r2, section 7.9.3.6)."""
        feature_id = requested_id(request)
        offered = offer.of_id(feature_id)
        absent = NotFound(f"There is no object {feature_id[:100]!r}.")
        if offered is None:
            raise absent
        query = feature_query(request._replace(ids=(feature_id,), bbox=None), FeatureTypeQuery(), offered, 1)
        srs_name = request.queries[0].srs_name
        writer: FeatureWriter = JsonFeatureWriter()
        if output_format != "json":
            writer = GmlFeatureWriter(offered, read_output_crs(srs_name, "2.0.0"), self._namespace)
        found = await self._features.answer(offered.layer.id, query, writer, call.preconditions, call.codings)
        if found.matched == 0:
            raise absent
        return WfsAnswer(found, writer.media_type, offered.layer.id)


def _output_format(request: GetFeature, call: WfsCall) -> OutputFormat:
    if request.output_format is not None:
        return read_output_format(request.output_format, request.version)
    return "json" if is_for_json(request, call) else request.version


def _offload_from(output_format: OutputFormat) -> int | None:
    return None if output_format == "json" else _GML_OFFLOAD_FROM


def _limit(count: int | None, request: GetFeature, output_format: OutputFormat) -> int | None:
    """Return how many features an answer has at most.

    A form that asks for a box and sets no limit gets those that a map shows, as from the map endpoint. Everything else
    is in pages, sorted by id.
    """
    if count is not None:
        return max(1, min(count, MAXIMUM_LIMIT))
    for_a_map = output_format == "json" and request.start_index is None and request.queries[0].sort_by is None
    return None if for_a_map and request.bbox is not None else MAXIMUM_LIMIT


def _with_types(offer: Offer, request: GetFeature) -> list[TypedQuery]:
    """Return each query with its type; ids name the types of a query that names none."""
    if request.ids and all(query.type_name is None for query in request.queries):
        found = {each.layer.id: each for each in map(offer.of_id, request.ids) if each is not None}
        if found:
            return [(request.queries[0], each) for each in found.values()]
    try:
        alone = len(request.queries) == 1
        return [(query, offer.find(query.type_name, alone=alone)) for query in request.queries]
    except WfsRequestError as error:
        if request.ids and error.code == "MissingParameterValue":
            raise WfsRequestError(
                f"There is no object with the id {request.ids[0][:100]!r} here.",
                code="InvalidParameterValue",
                locator="resourceId",
            ) from error
        raise
