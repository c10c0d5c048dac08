"""A type that an administrator names is the one that a fetch would request."""

from __future__ import annotations

import unicodedata

import pytest

from wfs_proxy.inspect.report import ServiceReport, TypeSummary


@pytest.mark.parametrize(
    ("written", "offered", "found"),
    [
        ("a:mast", ("a:mast", "b:mast"), "a:mast"),
        ("mast", ("a:mast", "a:boom"), "a:mast"),
        ("mast", ("a:mast", "b:mast"), None),
        ("mast", ("a:boom",), None),
        (unicodedata.normalize("NFD", "a:forêt"), ("a:forêt",), "a:forêt"),
        ("Licht masten", ("a:Licht\xa0masten",), "a:Licht\xa0masten"),
    ],
)
def test_type_is_found_by_the_name_that_a_layer_file_may_have(written, offered, found):
    types = tuple(TypeSummary(name=name, title="") for name in offered)
    service = ServiceReport(url="https://x.nl/wfs", shown_url="https://x.nl/wfs", kind="wfs", types=types)

    summary = service.type_named(written)

    assert (summary and summary.name) == found
