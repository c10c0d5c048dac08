"""The content of a document decides which reader reads it; a page or a text is refused with its first words."""

from __future__ import annotations

import gc

import pytest
from refusals import refusal

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import MalformedDocument, NotFeatures
from wfs_proxy.features import Payload


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<html><head><title>Log\n in</title><style>a</style></head><body>Hallo</body></html>", "Log in Hallo"),
        ("<!DOCTYPE html>\n<HTML LANG='nl'><p>Niet &eacute;&eacute;n</p></HTML>", "Niet één"),
        ("\ufeff<!doctype HTML PUBLIC '-//W3C//DTD'><title>404</title>", "404"),
        ("<?xml version='1.0'?><!DOCTYPE html><html xmlns='urn:xhtml'><title>t</title></html>", "'t'"),
        ("<h1>Service Unavailable</h1>", "Service Unavailable"),
        (f"<body>{'lang ' * 1000}</body>", "lang..."),
    ],
)  # fmt: skip
def test_html_page_is_refused_with_its_text(body, text):
    message = refusal(body, NotFeatures)

    assert "HTML page" in message
    assert text in message


@pytest.mark.parametrize("body", ["msLoadMap(): Unable to access file.", "404 page not found", "null"])
def test_text_is_refused_with_its_beginning(body):
    assert repr(body)[:10] in refusal(body, NotFeatures)


@pytest.mark.parametrize(
    ("body", "error", "reason"),
    [
        (b"\x00", NotFeatures, "neither XML nor JSON"),
        (b"\xff\xfe", MalformedDocument, "is empty"),
        (b"\xff\xfe\x00", MalformedDocument, "begins in utf-16-le, but has bytes that are invalid in it"),
        (b"\x00<", MalformedDocument, "ends before its first element"),
        (b"<\x00\x00\x00", MalformedDocument, "ends before its first element"),
        (b"\xef\xbb\xbf", MalformedDocument, "is empty"),
        (bytes(range(256)), NotFeatures, "neither XML nor JSON"),
    ],
)
def test_bytes_that_are_not_text_are_refused(body, error, reason):
    assert reason in refusal(body, error)


MANY = b"[%b]" % b",".join([b'{"type": "Feature", "properties": {"a": [[1], [2]]}, "geometry": null}'] * 5_000)


def test_garbage_collector_rests_while_a_document_is_read():
    """Its search takes time and finds nothing: the readers make no cycles."""
    collections = []
    gc.callbacks.append(lambda phase, _: collections.append(phase))
    try:
        batch = decode(Payload(body=MANY))
        during = len(collections)
    finally:
        gc.callbacks.pop()

    assert len(batch) == 5_000
    # one search, its start and its end, when the collector is switched on again
    assert during <= 2


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("body", [b"[]", b"<html>"], ids=["read", "refused"])
def test_garbage_collector_is_as_before_after_a_document(body, was_on):
    if not was_on:
        gc.disable()
    try:
        try:
            decode(Payload(body=body))
        except NotFeatures:
            assert body == b"<html>"
        assert gc.isenabled() is was_on
    finally:
        gc.enable()
