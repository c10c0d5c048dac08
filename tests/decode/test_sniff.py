"""The text of a page, for messages: short, and what a person reads first."""

from __future__ import annotations

import pytest

from wfs_proxy.decode.sniff import page_text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"x" * 200, "x" * 200),
        (b"x" * 201, "x" * 200 + "..."),
        (b" " * 19_990 + b"<b>in time", "in time"),
        (b" " * 20_000 + b"<b>too late</b>", ""),
    ],
    ids=["at most 200 characters", "longer", "in the first 20 000 bytes", "after them"],
)
def test_text_of_a_page_is_an_excerpt(body, expected):
    assert page_text(body)[:205] == expected[:205]
