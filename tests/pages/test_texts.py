from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import needs
import pytest

from wfs_proxy.pages.layer_texts import FAILURES, LAYER
from wfs_proxy.pages.ogcapi_texts import OGCAPI
from wfs_proxy.pages.setup_texts import SETUP
from wfs_proxy.pages.texts import BASE, MAP, SCRIPT, script_texts, text_of

FOLDER = files("wfs_proxy.pages")
TEMPLATES = "".join(path.read_text() for path in sorted(Path(str(FOLDER.joinpath("templates"))).rglob("*.html")))
SCRIPTS = "".join(
    entry.read_text() for entry in FOLDER.joinpath("static", "map").iterdir() if entry.name.endswith(".js")
)

BY_VALUE = {
    "download_csv",
    "download_excel",
    "download_geojson",
    "download_gpkg",
    "fresh",
    "stale",
    "expired",
    "absent",
    "on_demand",
    "unknown_layer",
    "not_ready",
    "refreshed",
    "only_on_map",
}
"""Keys that are values of the data: freshness, and why there is no list."""

FROM_CODE = set(re.findall(r'"(\w+)"', (FOLDER / "layer_page.py").read_text())) | {
    key for key in LAYER if re.match(r"(layer|problem|type|form)_", key)
}
"""Keys that the page's module, or a value of the data, chooses."""

SETUP_CODE = "".join(path.read_text() for path in sorted((needs.ROOT / "wfs_proxy" / "setup").glob("*.py")))
"""Names the sentences about wrong answers."""

PREFIXES = set(re.findall(r't\("(\w+_)" ~', TEMPLATES)) | {
    "categories_hint",
    "mark_as_",
    "categories_label",
    "categories_another",
    "category_",
    "signalen_token_",
    "type_count_",
}
"""Of sentences whose key depends on the data: a step, a type of field, a role, a form, what is wrong."""


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


TEXTS = (BASE, MAP, SCRIPT, LAYER, FAILURES, OGCAPI, SETUP)


@pytest.mark.parametrize(("key", "text"), [item for texts in TEXTS for item in texts.items()])
def test_both_languages_say_the_same_with_the_same_details(key, text):
    assert text.nl.strip()
    assert text.en.strip()
    assert named(text.nl) == named(text.en), key


def test_every_sentence_is_used_by_a_template_and_every_one_used_exists():
    used = set(re.findall(r'\bt\(\s*["\'](\w+)["\']\s*[,)]', TEMPLATES))

    known = {*BASE, *MAP, *LAYER, *OGCAPI, *SETUP}
    assert len(known) == sum(map(len, (BASE, MAP, LAYER, OGCAPI, SETUP)))
    assert used - known == set()
    errors = set(re.findall(r'"(error_\w+)"', SETUP_CODE))
    by_prefix = {key for key in (*SETUP, *OGCAPI) if key.startswith(tuple(PREFIXES))}
    assert known - used - BY_VALUE - FROM_CODE - errors - by_prefix == set()


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
