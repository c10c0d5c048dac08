"""Choose the reader of a document by its content, not by its media type or file name."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from wfs_proxy.decode.charset import in_utf8
from wfs_proxy.decode.esri_json.reader import is_esri_json, read_esri_json
from wfs_proxy.decode.geojson.reader import read_geojson
from wfs_proxy.decode.gml.reader import read_gml
from wfs_proxy.decode.lenient_json import parse_json
from wfs_proxy.decode.sniff import DocumentKind, binary_kind, page_text, sniff, to_ascii_markup
from wfs_proxy.errors import MalformedDocument, NotFeatures
from wfs_proxy.features import FeatureBatch, Payload

__all__ = ["decode"]


def decode(payload: Payload, *, geometry: str | None = None) -> FeatureBatch:
    """Read the features of one answer.

    Args:
        payload: the answer.
        geometry: name of the geometry property to take, where features have several.

    Raises:
        UpstreamException: an exception report.
        UnsafeDocument: XML with a DOCTYPE.
        NotFeatures: HTML, plain text, capabilities, a schema.
        MalformedDocument: empty, truncated or not well-formed.
    """
    payload = in_utf8(payload)
    try:
        body, _ = to_ascii_markup(payload.body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(
            f"{_source(payload)} begins in {error.encoding}, but has bytes that are invalid in it"
        ) from error
    with _garbage_collector_paused():
        return _READERS[sniff(body)](payload, geometry)


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    """Pause Python's search for reference cycles. The readers make none, and searching takes 8 % of the time.

    The switch holds for all threads. If several decode at once, the first to finish switches the search on again; it is
    never left off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_gml(payload: Payload, geometry: str | None) -> FeatureBatch:
    return read_gml(payload, geometry=geometry)


def _read_json(payload: Payload, geometry: str | None) -> FeatureBatch:
    parsed = parse_json(payload.body, payload.source)
    if is_esri_json(parsed.document):
        return read_esri_json(parsed)
    return read_geojson(parsed, payload, geometry=geometry)


def _refuse_page(payload: Payload, _geometry: str | None) -> NoReturn:
    raise NotFeatures(
        f"{_source(payload)} is an HTML page, not features: {page_text(payload.body)!r}. Usually it is a login page, "
        "an error page, or a web site whose URL was given instead of that of the service"
    )


def _refuse_text(payload: Payload, _geometry: str | None) -> NoReturn:
    binary = binary_kind(payload.body)
    if binary is not None:
        raise NotFeatures(
            f"{_source(payload)} is neither XML nor JSON but {binary}; if the layer file sets `output_format`, choose "
            "GML or GeoJSON"
        )
    raise NotFeatures(f"{_source(payload)} is neither XML nor JSON; it begins with {page_text(payload.body)!r}")


def _refuse_empty(payload: Payload, _geometry: str | None) -> NoReturn:
    raise MalformedDocument(f"{_source(payload)} is empty: the server sent no document")


def _source(payload: Payload) -> str:
    return payload.source or "the answer"


_READERS: dict[DocumentKind, Callable[[Payload, str | None], FeatureBatch]] = {
    DocumentKind.XML: _read_gml,
    DocumentKind.JSON: _read_json,
    DocumentKind.HTML: _refuse_page,
    DocumentKind.TEXT: _refuse_text,
    DocumentKind.EMPTY: _refuse_empty,
}
