from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

import pytest

from wfs_proxy.pages.layer_texts import FAILURES, LAYER
from wfs_proxy.pages.texts import BASE, MAP, SCRIPT, script_texts, text_of

FOLDER = files("wfs_proxy.pages")
TEMPLATES = "".join(entry.read_text() for entry in FOLDER.joinpath("templates").iterdir())
SCRIPTS = "".join(
    entry.read_text() for entry in FOLDER.joinpath("static", "map").iterdir() if entry.name.endswith(".js")
)

BY_VALUE = {"fresh", "stale", "expired", "absent", "unknown_layer", "not_ready", "refreshed", "only_on_map"}
"""Keys that are values of the data: freshness, and why there is no list."""

FROM_CODE = set(re.findall(r'"(\w+)"', (FOLDER / "layer_page.py").read_text())) | {
    key for key in LAYER if re.match(r"(layer|problem|type|form)_", key)
}
"""Keys that the page's module, or a value of the data, chooses."""


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("key", "text"), [*BASE.items(), *MAP.items(), *SCRIPT.items(), *LAYER.items(), *FAILURES.items()]
)
def test_both_languages_say_the_same_with_the_same_details(key, text):
    assert text.nl.strip()
    assert text.en.strip()
    assert named(text.nl) == named(text.en), key


def test_every_sentence_is_used_by_a_template_and_every_one_used_exists():
    used = set(re.findall(r'\bt\(\s*["\'](\w+)["\']\s*[,)]', TEMPLATES))

    known = {*BASE, *MAP, *LAYER}
    assert used - known == set()
    assert known - used - BY_VALUE - FROM_CODE == set()


def test_every_sentence_of_the_script_is_used_and_every_one_used_exists():
    said = set(re.findall(r'\bsay\(\s*"(\w+)"', SCRIPTS))
    quoted = set(re.findall(r'"(\w+)"|\bsentences\.(\w+)', SCRIPTS))

    assert said - set(SCRIPT) == set()
    assert set(SCRIPT) - {name for pair in quoted for name in pair} - BY_VALUE == set()


def test_details_are_filled_in():
    assert text_of("nl", "count", count="2.149") == "2.149 objecten"
    assert text_of("en", "layers") == "Layers"
    assert script_texts("en").keys() == SCRIPT.keys()
    with pytest.raises(KeyError):
        text_of("nl", "nothing")
