"""Documents -> `FeatureBatch`: one reader a format, chosen by what the document is, never by what it is called."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from wfs_proxy.decode.geojson.reader import read_geojson
from wfs_proxy.decode.gml.reader import read_gml
from wfs_proxy.decode.sniff import Kind, ascii_compatible, page_text, sniff
from wfs_proxy.errors import MalformedDocument, NotFeatures
from wfs_proxy.features import FeatureBatch, Payload

__all__ = ["decode"]


def decode(payload: Payload, *, geometry: str | None = None) -> FeatureBatch:
    """Read the features of one answer. Media type and file name are not believed.

    Args:
        payload: the answer.
        geometry: name of the geometry property to take, where features have several.

    Raises:
        UpstreamException: an exception report.
        UnsafeDocument: XML with a DOCTYPE.
        NotFeatures: HTML, plain text, capabilities, a schema.
        MalformedDocument: empty, truncated or not well-formed.
    """
    try:
        body, _ = ascii_compatible(payload.body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(f"{_named(payload)} begins as {error.encoding}, but is not") from error
    with _cycle_collector_at_rest():
        return _READERS[sniff(body)](payload, geometry)


@contextmanager
def _cycle_collector_at_rest() -> Iterator[None]:
    """Keep Python from looking for cycles, which readers do not make.

    Among the objects of a large document that takes 8 % of the time. It is one switch for all threads: decoding in
    several of them can switch it on early, never leave it off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _gml(payload: Payload, geometry: str | None) -> FeatureBatch:
    return read_gml(payload, geometry=geometry)


def _geojson(payload: Payload, geometry: str | None) -> FeatureBatch:
    return read_geojson(payload, geometry=geometry)


def _refuse_page(payload: Payload, _geometry: str | None) -> NoReturn:
    raise NotFeatures(
        f"{_named(payload)} is an HTML page, not features: {page_text(payload.body)!r}. Often that is a login page, an "
        "error page or the address of a web site instead of its WFS"
    )


def _refuse_text(payload: Payload, _geometry: str | None) -> NoReturn:
    raise NotFeatures(f"{_named(payload)} is neither XML nor JSON; it begins with {page_text(payload.body)!r}")


def _refuse_nothing(payload: Payload, _geometry: str | None) -> NoReturn:
    raise MalformedDocument(f"{_named(payload)} is empty: the server sent no document at all")


def _named(payload: Payload) -> str:
    return payload.source or "the answer"


_READERS: dict[Kind, Callable[[Payload, str | None], FeatureBatch]] = {
    Kind.XML: _gml,
    Kind.JSON: _geojson,
    Kind.HTML: _refuse_page,
    Kind.TEXT: _refuse_text,
    Kind.EMPTY: _refuse_nothing,
}
