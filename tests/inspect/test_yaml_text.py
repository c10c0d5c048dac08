"""Texts of a vendor in a layer file: whatever they contain, lists stay lists and comments stay comments."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from wfs_proxy.config.yaml12 import read_yaml
from wfs_proxy.inspect.yaml_text import comment, flow_list

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(st.lists(TEXTS.filter(lambda text: "${" not in text)))
@example(["a, b", "[c]"])
def test_list_is_read_back_as_it_was(texts: list[str]):
    document = read_yaml(f"a: {flow_list(texts)}\n".encode())

    assert (document.problems, document.value) == ((), {"a": texts})


@given(TEXTS)
@example("a\nb: c")
@example("a\x85b: c\u2028d: e")
def test_comment_stays_a_comment(text: str):
    document = read_yaml(f"a: b\n{comment(text, '  ')}c: d\n".encode())

    assert (document.problems, document.value) == ((), {"a": "b", "c": "d"})


def test_long_comment_is_wrapped():
    lines = comment("woord " * 60, "  ").splitlines()

    assert len(lines) > 2
    assert all(line.startswith("  # ") and len(line) < 120 for line in lines)
