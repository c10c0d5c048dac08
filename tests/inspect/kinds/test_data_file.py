"""Files with objects on this machine."""

from __future__ import annotations

from pathlib import Path

import inspecting
import numpy as np
import pyogrio
import pytest
import shapely

from wfs_proxy.inspect.kinds.data_file import path_of_file
from wfs_proxy.inspect.proposal import propose
from wfs_proxy.inspect.texts import sentence, technical

CSV = "nummer;soort;e-mail;x;y\n" + "\n".join(
    f"{row:05d};{'mast' if row % 2 else 'kast'};a{row}@b.nl;{80_000 + 7 * row},5;{455_000 + 3 * row},25"
    for row in range(60)
)


def write_layer_of(path: Path, name: str, count: int) -> None:
    places = np.random.default_rng(3).random((count, 2)) * 5_000 + (80_000, 455_000)
    numbers = np.array([f"{row:06d}" for row in range(count)], dtype=object)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.points(places)),
        [numbers, np.array(["mast"] * count, dtype=object)],
        ["nummer", "soort"],
        layer=name,
        driver="GPKG",
        geometry_type="Point",
        crs="EPSG:28992",
        append=path.exists(),
    )


def test_csv_is_one_layer(tmp_path: Path):
    path = tmp_path / "Lichtmasten 2024.csv"
    path.write_text(CSV)

    service, report, _ = inspecting.inspected(str(path))
    draft = propose(service, report)

    assert (service.kind, service.url, service.requests) == ("file", str(path), 0)
    assert (report.count, report.sample, report.complete) == (60, 60, True)
    assert {each.name: each.role for each in report.fields}["e-mail"] == "personal"
    assert (draft.id, draft.id_field, draft.type_names) == ("lichtmasten-2024", "nummer", ())
    assert draft.extent is not None


def test_layers_of_a_geopackage_are_listed(tmp_path: Path):
    path = tmp_path / "stad.gpkg"
    write_layer_of(path, "masten", 2_500)
    write_layer_of(path, "Alle kolken", 40)

    service, report, _ = inspecting.inspected(str(path), "masten")
    draft = propose(service, report)

    assert sorted(each.name for each in service.types) == ["Alle kolken", "masten"]
    assert (report.count, report.sample, report.complete) == (2_500, 2_000, False)
    assert (draft.id, draft.url, draft.type_names, draft.cells) == ("masten", str(path), ("masten",), False)
    assert draft.extent is not None
    assert report.crs.crs == "EPSG:28992"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.xlsx", b"PK\x03\x04", "save the sheet as CSV"),
        ("a.gpkg", b"SQLite format 3\0", "a.gpkg"),
    ],
)
def test_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, says: str):
    path = tmp_path / name
    path.write_bytes(content)

    found = inspecting.diagnosed(str(path))

    assert found.code == "file"
    assert name in sentence(found, "nl")
    assert says in technical(found)


@pytest.mark.parametrize("text", ["https://x.nl/wfs", "lichtmasten", "", "/", "\0", "x" * 5000])
def test_what_is_no_file(text: str):
    assert path_of_file(text) is None


def test_path_may_be_quoted_and_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.csv").write_text(CSV)
    monkeypatch.chdir(tmp_path)

    assert path_of_file(" 'a.csv' ").url == str(tmp_path / "a.csv")
