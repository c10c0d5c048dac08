"""Text in a layer file: whatever it contains, the file is read back as the same text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wfs_proxy.config.placeholders import fill_in
from wfs_proxy.config.yaml12 import read_yaml
from wfs_proxy.config.yaml_text import scalar

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def read(text: str, tmp_path_factory: pytest.TempPathFactory) -> object:
    """Return the values of a layer file, with placeholders replaced."""
    document = read_yaml(text.encode())
    assert document.problems == ()
    filled = fill_in(document.value, {}, tmp_path_factory.getbasetemp())
    assert filled.problems == ()
    return filled.value


@given(TEXTS)
@example("a: b")
@example("a #b")
@example("- a")
@example("null")
@example("NO")
@example("1.0")
@example("0755")
@example("2019-01-02")
@example("'")
@example('"\\')
@example("a\nb")
@example("\ufeffa")
@example("a\u2028b\x85c")
@example("${HOME} $${A} ${file:/etc/passwd}")
@example("!!python/object")
@example("&a *a %a @a `a ?a |a >a")
@example("{a}, [b]")
@example("a ")
@example("a:")
@example("Bomen: gemeente Groningen")
@example("https://x.nl/wfs?map=/a b&c=d#e")
@example("\U0001f600")
def test_text_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str):
    written = f"a: {scalar(text)}\nb: {{c: {scalar(text)}}}\nd: [{scalar(text)}, {scalar(text)}]\n"

    assert read(written, tmp_path_factory) == {"a": text, "b": {"c": text}, "d": [text, text]}


@given(TEXTS.filter(lambda text: "${" not in text))
@example("a: b")
@example("geo-data:Bomen gemeente")
def test_text_can_be_a_key(tmp_path_factory: pytest.TempPathFactory, text: str):
    assert read(f"a:\n  {scalar(text)}: string\n", tmp_path_factory) == {"a": {text: "string"}}


@pytest.mark.parametrize(
    "text",
    ["Lichtmasten", "ms:LICHTMASTEN", "Bomen gemeente Groningen", "https://x.nl/wfs?map=/a.map&b=c", "Café", "a_1"],
)
def test_ordinary_text_needs_no_quotes(text: str):
    assert scalar(text) == text


def test_placeholder_stays_one_where_it_is_meant():
    assert scalar("Bearer ${file:secrets/a}", placeholders=True) == '"Bearer ${file:secrets/a}"'
    assert scalar("Bearer ${file:secrets/a}") == '"Bearer $${file:secrets/a}"'


def test_text_that_no_file_can_contain_is_replaced():
    assert scalar("a\ud800") == '"a?"'
