from __future__ import annotations

import pytest

from wfs_proxy.errors import BadRequest, NotFound
from wfs_proxy.faces.tiles.tile_address import tile_at, tile_template, version_in_address
from wfs_proxy.geo.cells import Cell


@pytest.mark.parametrize("row", ["10753", "10753.mvt", "10753.pbf", "10753.PBF"])
def test_address_is_a_tile(row: str):
    assert tile_at("15", "16812", row) == Cell(15, 16812, 10753)


@pytest.mark.parametrize(
    "parts",
    [("a", "0", "0"), ("-1", "0", "0"), ("1", "0.5", "0"), ("1", "", "0"), ("1", "0", "0.png"), ("1", "0", "٣"),
     ("{z}", "{x}", "{y}"), ("1", "9" * 5000, "0"), ("1", "0", ".mvt")],
)  # fmt: skip
def test_address_of_other_texts_is_refused(parts: tuple[str, str, str]):
    with pytest.raises(BadRequest, match="whole numbers"):
        tile_at(*parts)


@pytest.mark.parametrize(
    ("parts", "possible"),
    [
        (("21", "0", "0"), "zoom levels are 0 to 20"),
        (("3", "8", "0"), "0 to 7"),
        (("3", "0", "8"), "0 to 7"),
        (("0", "0", "1"), "0 to 0"),
    ],
)
def test_address_outside_the_grid_is_not_found(parts: tuple[str, str, str], possible: str):
    with pytest.raises(NotFound, match=possible):
        tile_at(*parts)


def test_template_has_the_braces_and_the_version():
    version = version_in_address("abc def")

    assert (
        tile_template("https://a.nl", "mast en", "abc def")
        == f"https://a.nl/layers/mast%20en/tiles/{{z}}/{{x}}/{{y}}?v={version}"
    )
    assert tile_template("", "masten", None) == "/layers/masten/tiles/{z}/{x}/{y}"


def test_version_changes_with_the_data_and_with_the_release(monkeypatch):
    before = version_in_address("one")
    monkeypatch.setattr("wfs_proxy.faces.tiles.tile_address.__version__", "999")

    assert len({before, version_in_address("one"), version_in_address("two")}) == 3
