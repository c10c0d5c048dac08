"""The state of a file changes with everything that may have changed its content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wfs_proxy import file_state as module
from wfs_proxy.file_state import companions, file_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a.gpkg"
    file.write_text("one")
    os.utime(file, (1000, 1000))
    return file


def test_file_that_does_not_change_has_one_state(path):
    assert file_state(path) == file_state(path) is not None


def replaced_by_rename(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("two")
    os.utime(other, (1000, 1000))
    other.rename(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("longer"),
        lambda path: os.utime(path, (1001, 1000)) or path.write_text("two"),
        replaced_by_rename,
        lambda path: path.with_name("a.gpkg-wal").write_text("written by QGIS"),
    ],
    ids=["another size", "another time", "a rename with the same size and time", "a write-ahead log"],
)
def test_change_is_seen(path, change):
    before = file_state(path)
    change(path)

    assert file_state(path) not in {before, None}


def test_swapped_link_of_a_kubernetes_volume_is_seen(tmp_path):
    """A ConfigMap is mounted as `a.csv -> ..data/a.csv`, `..data -> ..2026_1`; an update replaces the second link."""
    for version in ("..2026_1", "..2026_2"):
        folder = tmp_path / version
        folder.mkdir()
        (folder / "a.csv").write_text("same")
        os.utime(folder / "a.csv", (1000, 1000))
    (tmp_path / "..data").symlink_to("..2026_1")
    (tmp_path / "a.csv").symlink_to("..data/a.csv")
    before = file_state(tmp_path / "a.csv")
    (tmp_path / "..new").symlink_to("..2026_2")
    (tmp_path / "..new").rename(tmp_path / "..data")

    assert file_state(tmp_path / "a.csv") not in {before, None}


def test_parts_of_a_shapefile_count(tmp_path):
    path = tmp_path / "a.SHP"
    path.write_text("shapes")
    before = file_state(path)
    (tmp_path / "a.DBF").write_text("table")

    assert file_state(path) != before
    assert [each.name for each in companions(path)] == ["a.SHP", "a.DBF", "a.SHX", "a.PRJ", "a.CPG"]


def test_file_that_is_not_there_has_no_state(tmp_path):
    assert file_state(tmp_path / "a.csv") is None
    assert file_state(tmp_path / "a\0.csv") is None


def test_another_version_reads_the_file_again(path, monkeypatch):
    before = file_state(path)
    monkeypatch.setattr(module, "__version__", "99")

    assert file_state(path) != before
