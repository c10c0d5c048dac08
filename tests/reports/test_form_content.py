"""What Signalen's report form is made of: categories and questions, whatever else is in the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_signalen import recording

from wfs_proxy.errors import MalformedDocument
from wfs_proxy.reports.form_content import SignalenCategory, parse_categories, parse_questions

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


OUT_OF_USE = {"slug": "weg", "is_active": False}


def body(document: Any) -> bytes:
    return json.dumps(document).encode()


def test_sub_categories_are_read_whatever_else_there_is():
    document = {
        "results": [
            {
                "slug": "wegen",
                "sub_categories": [{"slug": "lamp", "name": "Lamp"}, {"slug": "weg", "is_active": False}],
            },
            {"slug": "water", "sub_categories": [{"slug": "brug", "is_public_accessible": True}, {"slug": 5}, None]},
            {"slug": "leeg", "sub_categories": None},
            "x",
        ]
    }

    assert parse_categories(body(document)) == (
        SignalenCategory(slug="brug", name="", main_slug="water", is_public=True),
        SignalenCategory(slug="lamp", name="Lamp", main_slug="wegen"),
        SignalenCategory(slug="weg", name="", main_slug="wegen", is_active=False),
    )


@pytest.mark.parametrize("parse", [parse_categories, parse_questions])
@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b"{}", b'{"results": null}', b'{"results": {}}'])
def test_what_is_no_list_is_malformed(parse: Any, document: bytes):
    with pytest.raises(MalformedDocument, match="not a list"):
        parse(document)


@given(st.lists(ANY_JSON, max_size=3), st.sampled_from(["slug", "sub_categories", "name"]), ANY_JSON)
def test_no_row_raises(rows: list[Any], member: str, anything: Any):
    sub = {"slug": "lamp", member: anything}
    document = body({"results": [*rows, {"slug": "wegen", "sub_categories": [sub]}]})

    parse_categories(document)
    assert all(isinstance(row, dict) for row in parse_questions(document))


def test_recorded_question_is_read_whole():
    recorded = recording(65).body
    (question,) = parse_questions(body(recorded))

    assert question == recorded["results"][0]
    assert sorted(question) == ["field_type", "key", "meta", "required"]
