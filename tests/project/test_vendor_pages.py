"""The pages of `docs/vendors/`: each shipped layer is on one of them, and none claims more than is known."""

from __future__ import annotations

import re
from pathlib import Path

import needs
import pytest

from fixtures.shipped import WHO

FOLDER = needs.ROOT / "docs" / "vendors"
INDEX = FOLDER / "README.md"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path != INDEX)
PARTS = [
    "Wat u vraagt",
    "Zo begint u",
    "Wat bekend is",
    "Wat is aangenomen",
    "Wat een object markeert",
    "Zo controleert u het",
]


def layers_of(page: Path) -> list[str]:
    """Return the layers in the head of a page."""
    return re.findall(r"\(\.\./\.\./layers/([\w-]+)\.yaml\)", page.read_text().partition("\n## ")[0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_to_ask_what_is_known_and_what_is_assumed(page: Path):
    text = page.read_text()

    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == PARTS
    assert "| gecontroleerd bij de leverancier | nee |" in text
    assert "niet gecontroleerd bij de leverancier" in text
    assert "check " in text
    assert "--live" in text
    assert all(f"wfs-proxy example {layer}" in text for layer in layers_of(page))


def test_each_shipped_layer_is_on_one_page_and_in_the_index():
    index = INDEX.read_text()

    assert sorted(layer for page in PAGES for layer in layers_of(page)) == sorted(WHO)
    assert all(f"`{layer}`" in index for layer in WHO)
    assert all(f"({page.name})" in index for page in PAGES)


@pytest.mark.parametrize("layer", sorted(WHO))
def test_each_file_and_each_recording_says_what_is_public_and_what_is_assumed(layer: str):
    comments = (needs.ROOT / "layers" / f"{layer}.yaml").read_text().partition("\ntitle:")[0]
    source = (needs.ROOT / "fixtures" / layer / "SOURCE.md").read_text()

    assert "# Public: " in comments or " Public: " in comments
    assert "# Assumed: " in comments
    assert "Objects: invented" in source
