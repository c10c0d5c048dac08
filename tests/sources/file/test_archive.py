"""Archives, also hostile ones."""

from __future__ import annotations

import zipfile

import pytest

from wfs_proxy.errors import ConfigurationError, MalformedDocument, NotFeatures, UpstreamTooLarge
from wfs_proxy.sources.file import archive
from wfs_proxy.sources.file.archive import unpack


def write(folder, members):
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in members.items():
            file.writestr(name, body)
    return path


def unpacked(folder, members, wanted=None):
    path = write(folder, members)
    target = folder / "unpacked"
    target.mkdir()
    return unpack(path, wanted, target)


def test_parts_of_a_shapefile_get_our_names_whatever_their_case_and_folder(tmp_path):
    data, layer = unpacked(
        tmp_path,
        {"Export/Masten.SHP": "1", "Export/MASTEN.dbf": "2", "Export/masten.Shx": "3", "masten.prj": "elsewhere"},
    )

    assert layer is None
    assert {path.name: path.read_text() for path in data.parent.iterdir()} == {
        "data.shp": "1",
        "data.dbf": "2",
        "data.shx": "3",
    }


def test_archive_cannot_choose_where_its_files_are(tmp_path):
    data, _ = unpacked(tmp_path, {"../../outside.csv": "x"})

    assert data == tmp_path / "unpacked" / "data.csv"
    assert not (tmp_path.parent / "outside.csv").exists()


@pytest.mark.parametrize("wanted", ["b", "b.csv", "map/b.csv"])
def test_one_of_several_files_is_chosen(tmp_path, wanted):
    data, layer = unpacked(tmp_path, {"a.csv": "1", "map/b.csv": "2"}, wanted)

    assert (data.read_text(), layer) == ("2", None)


def test_layer_in_the_only_file_is_still_to_be_chosen(tmp_path):
    assert unpacked(tmp_path, {"a.gpkg": "1"}, "masten")[1] == "masten"


@pytest.mark.parametrize(
    ("members", "error", "message"),
    [
        (
            {"a.csv": "", "b.shp": ""},
            ConfigurationError,
            r"a\.zip has several files \(a\.csv, b\.shp\): name one of them",
        ),
        ({f"{n}.csv": "" for n in range(99)}, ConfigurationError, r"and 89 more\): name one"),
        ({"a.pdf": ""}, NotFeatures, r"a\.zip has no GeoPackage, FlatGeobuf, Shapefile or CSV in it"),
        ({}, NotFeatures, "has no GeoPackage"),
        ({"[Content_Types].xml": "", "xl/a.csv": ""}, NotFeatures, "is a workbook"),
    ],
)
def test_archive_without_one_file_is_an_error(tmp_path, members, error, message):
    with pytest.raises(error, match=message):
        unpacked(tmp_path, members)


def test_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1 << 20)

    with pytest.raises(UpstreamTooLarge, match=r"b\.csv is larger than"):
        unpacked(tmp_path, {"b.csv": bytes(3 << 20)})
    assert sum(path.stat().st_size for path in (tmp_path / "unpacked").iterdir()) <= 1 << 20


def test_bound_is_that_of_all_parts_together(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1 << 20)

    with pytest.raises(UpstreamTooLarge):
        unpacked(tmp_path, {"b.shp": bytes(700_000), "b.dbf": bytes(700_000)})


def test_archive_with_very_many_files_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_MOST_MEMBERS", 3)

    with pytest.raises(UpstreamTooLarge, match="has 4 files"):
        unpacked(tmp_path, dict.fromkeys("abcd", ""))


@pytest.mark.parametrize("damage", [lambda body: body[:40], lambda body: body[:60] + b"\xff" * 30 + body[90:]])
def test_damaged_archive_is_an_error(tmp_path, damage):
    path = write(tmp_path, {"a.csv": "nummer;x;y\n" * 50})
    path.write_bytes(damage(path.read_bytes()))
    (tmp_path / "unpacked").mkdir()

    with pytest.raises(MalformedDocument, match=r"a\.zip cannot be unpacked, it is damaged or encrypted"):
        unpack(path, None, tmp_path / "unpacked")
