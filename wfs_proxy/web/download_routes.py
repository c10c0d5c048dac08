"""Files of a layer at `/layers/{id}/download`."""

# ruff: noqa: A002, ARG002 - the parameters are only described here; `faces.downloads` reads the query string

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic.json_schema import SkipJsonSchema
from starlette.types import Receive, Scope, Send

from wfs_proxy.asgi import Headers
from wfs_proxy.errors import NotReady
from wfs_proxy.faces.downloads import (
    FORMATS,
    SPOOLED_FORMATS,
    DownloadRequest,
    SpooledFiles,
    SpooledFormat,
    TextFormat,
    content_disposition,
    read_download_request,
    require_installed,
    text_format,
)
from wfs_proxy.serve import GEOJSON, FeatureService, Representation, encoded_pieces
from wfs_proxy.web.common_middleware import HEAD_ONLY
from wfs_proxy.web.metrics import Metrics
from wfs_proxy.web.problems import problem_response
from wfs_proxy.web.representations import (
    CRS84,
    accepted_codings,
    fields_of,
    framework_response,
    preconditions,
    response_of,
)

__all__ = ["DownloadRoutes", "add_downloads"]

MOST_AT_ONCE = 50
"""Downloads that a process sends at the same time; each has about 1 MB in memory."""

_PIECE = 1 << 18
"""Bytes of a file that are read at once."""

_RETRY_AFTER = 10
"""Seconds."""

_Absent = SkipJsonSchema[None]
"""The default of an optional parameter, which the OpenAPI document does not list as a value."""


class DownloadRoutes:
    """The function of the route."""

    def __init__(self, features: FeatureService, spooled: SpooledFiles, metrics: Metrics) -> None:
        self._features = features
        self._spooled = spooled
        self._metrics = metrics
        self._sending = _Sending()

    async def download(  # noqa: PLR0913 - the parameters of the address, by name
        self,
        request: Request,
        layer_id: str,
        *,
        f: Annotated[str | _Absent, Query(description="The format.", json_schema_extra={"enum": list(FORMATS)})] = None,
        sep: Annotated[str | _Absent, Query(description="The separator of CSV: ; (the default) or a comma.")] = None,
        bom: Annotated[str | _Absent, Query(description="1: CSV begins with a byte order mark, for Excel.")] = None,
        bbox: Annotated[str | _Absent, Query(description="As for the features of the layer.")] = None,
        filter: Annotated[str | _Absent, Query(description="As for the features of the layer.")] = None,
        filter_crs: Annotated[
            str | _Absent, Query(alias="filter-crs", description="As for the features of the layer.")
        ] = None,
    ) -> Response:
        """All objects of the layer, or those of a box or a filter, as a file. A layer in cells needs a box."""
        asked = read_download_request(request.scope["query_string"].decode("latin-1"))
        kind = SPOOLED_FORMATS.get(asked.format)
        if kind is not None:
            return await self._file(request, layer_id, asked, kind)
        return await self._text(request, layer_id, asked, text_format(asked))

    async def _text(self, request: Request, layer_id: str, asked: DownloadRequest, kind: TextFormat) -> Response:
        """Return a file that is written while it is sent."""
        fields = fields_of(request.scope["headers"])
        representation, selected = await self._features.found(
            layer_id, asked.query, kind.key, preconditions(fields), accepted_codings(fields)
        )
        self._count(layer_id, representation)
        name = content_disposition(layer_id, representation.modified_at, kind.ending, is_part=_is_part(asked))
        more: Headers = [(b"content-disposition", name.encode()), *(CRS84 if kind.media_type == GEOJSON else ())]
        answer = response_of(representation, kind.media_type, more)
        if selected is None:
            return framework_response(answer)
        self._sending.require_room()
        pieces = iter(()) if HEAD_ONLY in request.scope else kind.pieces(selected)
        return _Streamed(encoded_pieces(pieces, representation.coding), answer.headers, self._sending)

    async def _file(self, request: Request, layer_id: str, asked: DownloadRequest, kind: SpooledFormat) -> Response:
        """Return a file that is written before it is sent."""
        require_installed(kind)
        known = preconditions(fields_of(request.scope["headers"]))
        found, selected = await self._features.found(layer_id, asked.query, kind.key, known)
        self._count(layer_id, found)
        # the same objects, but not the same bytes: a GeoPackage contains the time at which it was written
        representation = found._replace(etag=f"W/{found.etag}")
        name = content_disposition(layer_id, representation.modified_at, kind.ending, is_part=_is_part(asked))
        answer = response_of(representation, kind.media_type, [(b"content-disposition", name.encode())])
        if selected is None:
            return framework_response(answer)
        self._sending.require_room()
        if HEAD_ONLY in request.scope:
            return _Streamed(iter(()), answer.headers, self._sending)
        file, size = await self._spooled.made(kind, selected)
        headers = [*answer.headers, (b"content-length", b"%d" % size)]
        return _Streamed(iter(partial(file.read, _PIECE), b""), headers, self._sending, file)

    def _count(self, layer_id: str, found: Representation) -> None:
        if found.swapped:
            self._metrics.swapped_boxes.labels(layer_id).inc()


class _Sending:
    """Counts the downloads that are being sent. For use on one event loop."""

    def __init__(self) -> None:
        self.count = 0

    def require_room(self) -> None:
        """Refuse another one.

        Raises:
            NotReady: there are as many as there may be.
        """
        if self.count >= MOST_AT_ONCE:
            raise NotReady("Too many downloads are being sent; try again in a moment.", retry_after=_RETRY_AFTER)


class _Streamed(StreamingResponse):
    """An answer whose pieces are made in a thread, one after the other, until the client has all or leaves."""

    def __init__(
        self, pieces: Iterator[bytes], headers: Headers, sending: _Sending, file: BinaryIO | None = None
    ) -> None:
        super().__init__(pieces)
        self.raw_headers = list(headers)
        self._sending = sending
        self._file = file
        """Closed at the end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._sending.count += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._sending.count -= 1
            if self._file is not None:
                self._file.close()


def _is_part(asked: DownloadRequest) -> bool:
    return asked.query.box is not None or asked.query.filter is not None


def add_downloads(router: APIRouter, routes: DownloadRoutes) -> None:
    """Add the route."""
    router.add_api_route(
        "/layers/{layer_id}/download",
        routes.download,
        summary="A layer as a file",
        tags=["downloads"],
        response_class=Response,
        responses={
            200: {"description": "The file.", "content": _CONTENT},
            404: problem_response("There is no such layer."),
            501: problem_response("The format needs a library that is not installed."),
            503: problem_response("The layer has no data yet, or too many downloads are being made."),
        },
    )


_CONTENT: dict[str, Any] = {"text/csv": {}, GEOJSON: {}} | {kind.media_type: {} for kind in SPOOLED_FORMATS.values()}
