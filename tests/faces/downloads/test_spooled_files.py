"""Files that GDAL writes, read again by GDAL."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import sqlite3
import subprocess
from pathlib import Path

import needs
import numpy as np
import points
import pyogrio
import pytest
import shapely

from wfs_proxy.errors import BadRequest, NotReady
from wfs_proxy.faces.downloads import spooled_files
from wfs_proxy.faces.downloads.spooled_files import SPOOLED_FORMATS, SpooledFiles, different
from wfs_proxy.serve.feature_writer import SelectedFeatures
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.query import FeatureQuery
from wfs_proxy.serve.selection import select_all

FORMATS = pytest.mark.parametrize("kind", SPOOLED_FORMATS)

VALUES = {
    "tekst": ("string", ['=1+1"; \n;', "ünïcödé 🦆", None]),
    "geheel": ("integer", [-(2**53), None, 7]),
    "getal": ("number", [0.1, -1e300, None]),
    "ja": ("boolean", [True, False, None]),
    "dag": ("date", ["2026-02-28", None, "1899-12-31"]),
    "moment": ("datetime", ["2026-07-01T12:00:00+02:00", None, "2026-01-01T00:00:00+01:00"]),
    "leeg": ("string", [None, None, None]),
}
AS_READ = {
    "tekst": ['=1+1"; \n;', "ünïcödé 🦆", None],
    "geheel": [-(2**53), None, 7],
    "getal": [0.1, -1e300, None],
    "ja": [True, False, None],
    "dag": [dt.date(2026, 2, 28), None, dt.date(1899, 12, 31)],
    "moment": [dt.datetime(2026, 7, 1, 10), None, dt.datetime(2025, 12, 31, 23)],  # noqa: DTZ001 - in UTC
    "leeg": [None, None, None],
}


def selected(values: dict[str, tuple[str, list[object]]], count: int = 3) -> SelectedFeatures:
    """Return objects of a layer with these fields: name -> type and values."""
    fields = {name: kind for name, (kind, _) in values.items()}
    layer = points.layer(properties={"id": "nummer", "fields": fields})
    places = {f"{i:04d}": (4.3 + i * 1e-4, 52.0) for i in range(count)}
    batch = points.batch(places, {name: column for name, (_, column) in values.items()})
    part, query = MarkedSnapshot(points.snapshot(batch)), FeatureQuery()
    return SelectedFeatures(layer, [part], select_all([part], query), query, "1", 0.0)


def made(kind: str, given: SelectedFeatures, folder: Path) -> Path:
    """Return a copy of the file; the file itself has no name any more."""

    async def make() -> bytes:
        file, size = await SpooledFiles(folder / "spool").made(SPOOLED_FORMATS[kind], given)
        with file:
            content = file.read()
        assert size == len(content)
        return content

    copy = folder / f"copy.{kind}"
    copy.write_bytes(asyncio.run(make()))
    assert list((folder / "spool").iterdir()) == []
    return copy


def columns_of(path: Path) -> dict[str, list[object]]:
    meta, _, _, columns = pyogrio.raw.read(path)
    return {str(name): [plain(value) for value in column.tolist()] for name, column in zip(meta["fields"], columns)}  # noqa: B905 - of one file


def plain(value: object) -> object:
    return None if value is None or value != value else value  # noqa: PLR0124 - NaN


def at_midnight(day: dt.date) -> dt.datetime:
    """FlatGeobuf has no type for days without a time."""
    return dt.datetime.combine(day, dt.time())


@FORMATS
def test_every_type_is_read_as_it_is_served(kind: str, tmp_path: Path):
    path = made(kind, selected(VALUES), tmp_path)
    read = columns_of(path)
    expected = AS_READ if kind == "gpkg" else AS_READ | {"dag": [day and at_midnight(day) for day in AS_READ["dag"]]}
    kinds = dict(zip(pyogrio.read_info(path)["fields"], pyogrio.read_info(path)["ogr_types"], strict=True))

    order = np.argsort(read["id"])
    assert {name: [column[at] for at in order] for name, column in read.items() if name != "id"} == expected
    assert sorted(read["id"]) == ["masten.0000", "masten.0001", "masten.0002"]
    assert kinds == {
        "id": "OFTString", "tekst": "OFTString", "geheel": "OFTInteger64", "getal": "OFTReal", "ja": "OFTInteger",
        "dag": "OFTDate" if kind == "gpkg" else "OFTDateTime", "moment": "OFTDateTime", "leeg": "OFTString",
    }  # fmt: skip


@FORMATS
@pytest.mark.parametrize("count", [0, 1, 25_000])
def test_all_objects_and_their_places_are_in_the_file(kind: str, count: int, tmp_path: Path):
    given = selected({"naam": ("string", [f"naam {i}" for i in range(count)])}, count)
    path = made(kind, given, tmp_path)

    assert pyogrio.read_info(path, force_feature_count=True)["features"] == count
    assert list(pyogrio.read_info(path)["fields"]) == ["id", "naam"]
    _, _, geometry, (ids, names) = pyogrio.raw.read(path)
    places = shapely.get_coordinates(shapely.from_wkb(geometry))
    found = {each: (name, place) for each, name, place in zip(ids, names, places.tolist(), strict=True)}
    assert found == {f"masten.{i:04d}": (f"naam {i}", [round(4.3 + i * 1e-4, 7), 52.0]) for i in range(count)}


@FORMATS
def test_names_that_a_database_does_not_tell_apart_or_needs_itself(kind: str, tmp_path: Path):
    names = ("naam", "Naam", "NAAM", "fid", "geom", "ID", "select", 'a"b', "ogc_fid")
    values = {name: ("integer", [number]) for number, name in enumerate(names)}

    read = columns_of(made(kind, selected(values, 1), tmp_path))

    assert read == {
        "_id": ["masten.0000"], "naam": [0], "Naam_2": [1], "NAAM_3": [2], "fid": [3], "geom": [4], "ID": [5],
        "select": [6], 'a"b': [7], "ogc_fid": [8],
    }  # fmt: skip


def test_names_become_different():
    assert different(("a", "A", "a_2", "B", "b")) == ("a", "A_2", "a_2_2", "B", "b_2")


def test_a_geopackage_has_a_version_that_older_gdal_reads_without_a_warning(tmp_path: Path):
    path = made("gpkg", selected(VALUES), tmp_path)

    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (10300,)
    read = subprocess.run(
        [needs.program("ogrinfo", package="gdal-bin"), "-ro", "-al", path], capture_output=True, text=True, check=True
    )
    assert read.stderr == ""
    assert "Feature Count: 3" in read.stdout


def test_null_characters_do_not_cut_a_text_off(tmp_path: Path):
    read = columns_of(made("gpkg", selected({"naam": ("string", ["a\x00b"])}, 1), tmp_path))

    assert read["naam"] == ["a\ufffdb"]


@FORMATS
def test_more_objects_than_a_file_may_have(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spooled_files, "MOST_OBJECTS", 2)

    with pytest.raises(BadRequest, match=r"can have 2 objects, and these are 3: give bbox= or filter="):
        made(kind, selected(VALUES), tmp_path)


@FORMATS
def test_a_file_that_becomes_too_large_is_deleted(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spooled_files, "MOST_BYTES", 5000)
    given = selected({"naam": ("string", [f"naam {i}" * 20 for i in range(5000)])}, 5000)

    with pytest.raises(NotReady, match="could not be written"):
        made(kind, given, tmp_path)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spooled_files, "LONGEST", 0.0)

    with pytest.raises(NotReady, match="could not be written"):
        made("gpkg", selected(VALUES), tmp_path)
    assert list((tmp_path / "spool").iterdir()) == []


def test_so_many_are_made_at_once_and_so_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spooled_files, "WAITING", 1)
    given, kind = selected(VALUES), SPOOLED_FORMATS["gpkg"]
    started: list[object] = []

    async def scenario() -> None:
        release = asyncio.Event()

        async def hold(work):
            started.append(work)
            await release.wait()
            return work()

        files = SpooledFiles(tmp_path, offload=hold)
        asked = [asyncio.create_task(files.made(kind, given)) for _ in range(spooled_files.AT_ONCE + 1)]
        await asyncio.sleep(0)
        with pytest.raises(NotReady, match="Too many"):
            await files.made(kind, given)
        assert len(started) == spooled_files.AT_ONCE
        release.set()
        for file, _ in await asyncio.gather(*asked):
            file.close()
        file, _ = await files.made(kind, given)
        file.close()

    asyncio.run(scenario())


def test_what_a_killed_process_left_is_removed(tmp_path: Path):
    old, recent = tmp_path / "spool" / "download-old", tmp_path / "spool" / "download-recent"
    for folder in (old, recent):
        folder.mkdir(parents=True)
        (folder / "masten.gpkg").write_bytes(b"x")
    os.utime(old, (0, 0))

    asyncio.run(SpooledFiles(tmp_path / "spool").made(SPOOLED_FORMATS["gpkg"], selected(VALUES)))[0].close()

    assert not old.exists()
    assert recent.exists()


def test_a_folder_that_cannot_be_written_is_no_crash(tmp_path: Path):
    (tmp_path / "spool").write_bytes(b"a file")

    with pytest.raises(NotReady, match="could not be written"):
        asyncio.run(SpooledFiles(tmp_path / "spool").made(SPOOLED_FORMATS["gpkg"], selected(VALUES)))
