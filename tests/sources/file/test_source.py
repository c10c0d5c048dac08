"""What a layer gets of a file, in every format, and what is said about a file that cannot be used."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import data_files
import needs
import numpy as np
import pytest
import shapely
from data_files import LONLAT, NUMBERS, RD, fetched, served

from wfs_proxy.bbox import BBox
from wfs_proxy.config.source import GeoJsonSource
from wfs_proxy.errors import (
    ConfigurationError,
    DecodeError,
    MalformedDocument,
    NotFeatures,
    UpstreamIncomplete,
    UpstreamTooLarge,
)
from wfs_proxy.http.client import HttpClients
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.snapshot.snapshot import Snapshot
from wfs_proxy.sources.file import gdal_process, limits, source
from wfs_proxy.sources.geojson import GeoJsonFeatureSource

DRIVERS = {"GPKG": "masten.gpkg", "FlatGeobuf": "masten.fgb", "ESRI Shapefile": "masten.shp"}


def csv_file(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "masten.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def places_by_number(points) -> dict[str, tuple[float, float]]:
    return dict(zip(points.columns["nummer"].tolist(), map(tuple, points.lonlat.tolist()), strict=True))


# -- formats


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_format_of_gdal_gives_the_same(tmp_path, driver):
    points = served(data_files.write(tmp_path / DRIVERS[driver], driver=driver))

    places = places_by_number(points)
    assert sorted(places) == sorted(NUMBERS)
    np.testing.assert_allclose([places[number] for number in NUMBERS], LONLAT, atol=2e-6)


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_snapshot_is_that_of_the_same_data_as_geojson(tmp_path, driver):
    """GDAL writes both files; only the way into the program differs."""
    rng = np.random.default_rng(3)
    count = 500
    columns = {
        "nummer": [f"{number:06d}" for number in range(count)],
        "soort": [["led", None, "Café"][number % 3] for number in range(count)],
        "jaar": np.arange(count, dtype=np.int64),
        "hoogte": rng.uniform(3, 9, count).round(2),
    }
    places = np.array([155000, 463000]) + rng.uniform(0, 5000, (count, 2)).round(2)
    path = data_files.write(tmp_path / DRIVERS[driver], columns, driver=driver, places=places)
    same = data_files.write(tmp_path / "masten.geojson", columns, driver="GeoJSON", places=places, RFC7946="NO")
    layer = data_files.layer(path, fields=tuple(columns))

    batch = asyncio.run(document(same))
    expected = Snapshot.build(points_from_features(batch, layer), layer.id)
    found = Snapshot.build(points_from_features(fetched(path, fields=tuple(columns)).batch, layer), layer.id)
    assert found.version == expected.version


async def document(path: Path):
    async with HttpClients() as http:
        return (
            await GeoJsonFeatureSource(GeoJsonSource(type="geojson", url=str(path)), http, asyncio.to_thread).fetch()
        ).batch


def test_values_keep_their_types(tmp_path):
    null = np.array([False, True, False])
    columns = {
        "nummer": NUMBERS,
        "tekst": ["034575", None, ""],
        "datum": np.array(["2020-01-02", "NaT", "2020-01-03"], dtype="datetime64[D]"),
        "tijd": np.array(["2020-01-02T10:00:00", "NaT", "2020-07-03T10:00:00.5"], dtype="datetime64[ms]"),
        "hoogte": np.array([1.5, np.nan, 2.0]),
        "jaar": np.array([1999, 0, 2001], dtype=np.int32),
        "lang": np.array([9007199254740993, 0, -9007199254740995], dtype=np.int64),
        "led": np.array([True, False, False]),
    }
    path = data_files.write(
        tmp_path / "a.gpkg", columns, driver="GPKG", field_mask=[None, None, None, None, None, null, null, null]
    )

    columns = fetched(path, fields=tuple(columns)).batch.columns
    assert {name: columns[name].tolist() for name in columns} == {
        "nummer": list(NUMBERS),
        "tekst": ["034575", None, ""],
        "datum": ["2020-01-02", None, "2020-01-03"],
        "tijd": ["2020-01-02T10:00:00", None, "2020-07-03T10:00:00.500"],
        "hoogte": [1.5, None, 2.0],
        "jaar": [1999, None, 2001],
        "lang": [9007199254740993, None, -9007199254740995],
        "led": [True, None, False],
    }
    assert [type(value) for value in columns["led"].tolist()] == [bool, type(None), bool]


@pytest.mark.parametrize("driver", DRIVERS)
def test_only_columns_that_the_layer_uses_are_read(tmp_path, driver):
    columns = {"nummer": NUMBERS, "bewoner": ["Jansen", "De Vries", "Smit"], "status": ["a", "b", "a"]}
    path = data_files.write(tmp_path / DRIVERS[driver], columns, driver=driver)

    batch = fetched(path, where={"status": ["a"]}).batch
    assert batch.columns["bewoner"].tolist() == [None, None, None]
    assert sorted(batch.columns["status"].tolist()) == ["a", "a", "b"]


def test_primary_key_of_a_geopackage_is_an_attribute_and_the_id(tmp_path):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG", FID="objectnr")

    batch = fetched(path, key="objectnr").batch
    assert batch.ids.tolist() == batch.columns["objectnr"].tolist() == ["1", "2", "3"]


def test_row_numbers_are_no_ids(tmp_path):
    """They change when a row is removed."""
    for driver in ("FlatGeobuf", "ESRI Shapefile"):
        assert fetched(data_files.write(tmp_path / DRIVERS[driver], driver=driver)).batch.ids.tolist() == [None] * 3


def test_geometries_without_a_place_are_counted(tmp_path):
    shapes = [shapely.Point(RD[0]), None, shapely.Point()]
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG", geometry=shapes, geometry_type="Point")

    assert served(path).report.skipped == {"no geometry": 2}


def test_heights_and_measures_are_dropped_and_curves_become_lines(tmp_path):
    wkt = [
        "POINT ZM (155000 463000 1 2)",
        "CURVEPOLYGON (CIRCULARSTRING (155000 463000,155001 463001,155002 463000,155001 462999,155000 463000))",
        "MULTISURFACE (((155000 463000,155000 463001,155001 463000,155000 463000)))",
        "MULTIPOINT (155000 463000,155003 463004)",
    ]
    table = csv_file(
        tmp_path, "nummer;wkt\n" + "".join(f'{row};"{text}"\n' for row, text in enumerate(wkt)), name="a.csv"
    )
    path = tmp_path / "a.gpkg"
    subprocess.run(
        [needs.program("ogr2ogr", package="gdal-bin"), "-f", "GPKG", path, table, "-a_srs", "EPSG:28992",
         "-oo", "GEOM_POSSIBLE_NAMES=wkt", "-oo", "KEEP_GEOM_COLUMNS=NO"],
        check=True,
        capture_output=True,
    )  # fmt: skip

    batch = fetched(path).batch
    assert [shape.geom_type for shape in batch.geometry] == ["Point", "Polygon", "MultiPolygon", "MultiPoint"]
    assert not shapely.has_z(batch.geometry).any()
    assert batch.geometry[1].area == pytest.approx(np.pi, rel=1e-2)
    assert len(served(path)) == 4


def test_curves_in_a_collection_are_left_out_and_counted(tmp_path):
    table = csv_file(
        tmp_path,
        'nummer;wkt\n1;"GEOMETRYCOLLECTION(POINT(155000 463000),CIRCULARSTRING(0 0,1 1,2 0))"\n'
        '2;"POINT (155000 463000)"\n',
        name="a.csv",
    )
    path = tmp_path / "a.gpkg"
    subprocess.run(
        [needs.program("ogr2ogr", package="gdal-bin"), "-f", "GPKG", path, table, "-a_srs", "EPSG:28992",
         "-oo", "GEOM_POSSIBLE_NAMES=wkt"],
        check=True,
        capture_output=True,
    )  # fmt: skip

    points = served(path)
    assert (len(points), points.report.skipped) == (1, {"unsupported geometry": 1})


# -- layers, archives


def two_layers(folder: Path) -> Path:
    path = data_files.write(folder / "a.gpkg", driver="GPKG", layer="masten")
    return data_files.write(path, {"nummer": ["1", "2", "3"]}, driver="GPKG", layer="kasten", append=True)


def test_layer_is_chosen(tmp_path):
    path = two_layers(tmp_path)

    assert fetched(path, layer="kasten").batch.columns["nummer"].tolist() == ["1", "2", "3"]
    with pytest.raises(ConfigurationError, match=r"a\.gpkg has several layers \(masten, kasten\): name one of them"):
        fetched(path)
    with pytest.raises(ConfigurationError, match=r"has no layer 'mast'; it has: masten, kasten"):
        fetched(path, layer="mast")


def test_tables_without_geometry_are_no_choice(tmp_path):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG", layer="masten")
    data_files.write(path, driver="GPKG", layer="codes", append=True, geometry=[None] * 3, geometry_type=None, crs=None)

    assert len(served(path)) == 3


@pytest.mark.parametrize("driver", DRIVERS)
def test_file_may_be_in_an_archive(tmp_path, driver):
    path = data_files.write(tmp_path / DRIVERS[driver], driver=driver)
    archive = shutil.make_archive(str(tmp_path / "export"), "zip", tmp_path, ".")
    for part in tmp_path.glob("masten.*"):
        part.unlink()

    assert not path.exists()
    assert len(served(Path(archive))) == 3


def test_csv_may_be_in_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("map/masten.csv", "nummer;x;y\n034575;155000,5;463000,25\n")
        archive.writestr("__MACOSX/map/._masten.csv", b"\0\1")
        archive.writestr("LEESMIJ.md", "...")

    assert served(tmp_path / "a.zip").columns["nummer"].tolist() == ["034575"]


# -- what cannot be used


def truncated(path: Path, part: float = 0.6) -> Path:
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * part)])
    return path


@pytest.mark.parametrize("driver", DRIVERS)
def test_truncated_file_is_an_error(tmp_path, driver):
    columns = {"nummer": [f"{number:06d}" for number in range(5000)]}
    places = np.array([155000, 463000]) + np.arange(10000.0).reshape(-1, 2)
    path = truncated(data_files.write(tmp_path / DRIVERS[driver], columns, driver=driver, places=places))

    with pytest.raises(DecodeError):
        fetched(path)


@pytest.mark.parametrize(
    ("name", "body", "error", "message"),
    [
        ("none.gpkg", None, ConfigurationError, "the file none.gpkg cannot be read: No such file or directory"),
        ("a.csv", b"", NotFeatures, "a.csv is empty"),
        ("a.csv", b" \r\n\r\n", NotFeatures, "a.csv is empty"),
        ("a.csv", b"<!DOCTYPE html><title>Inloggen</title>", NotFeatures, "a.csv is a web page, not data: Inloggen"),
        ("a.gpkg", b"<html><body>404", NotFeatures, "a.gpkg is a web page, not data: 404"),
        ("a.gpkg", b'{"type": "FeatureCollection"}', NotFeatures, "write `type: geojson`"),
        ("a.gpkg", b"<OGRVRTDataSource></OGRVRTDataSource>", NotFeatures, "a.gpkg is XML"),
        ("a.gpkg", b"%PDF-1.7 ...", NotFeatures, "a.gpkg is a PDF document, not"),
        ("a.csv", b"\x00\x01\x02", NotFeatures, "a.csv is binary data, not"),
        ("a.xlsx", b"PK\x03\x04....", NotFeatures, "a.xlsx is a workbook: save the sheet as CSV"),
        ("a.dbf", b"\x03\x7a", ConfigurationError, "name the file that ends in .shp"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 84, MalformedDocument, "a.gpkg cannot be read as GeoPackage"),
        ("a.fgb", b"fgb\x03fgb\x00" + b"\xff" * 90, MalformedDocument, "a.fgb cannot be read as FlatGeobuf"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\0" * 96, ConfigurationError, "the Shapefile has no a.dbf"),
        ("a.csv", b"nummer;naam\n1;a\n", ConfigurationError, "no columns that are known to be coordinates"),
        ("a.csv", b'nummer;x;y\n1;"a;155000;463000\n2;155000;463000\n', MalformedDocument,
         "quotation mark is not closed"),
        ("a.csv", b"x;y;nummer;nummer\n1;2;3;4\n", ConfigurationError, "a.csv has 2 columns 'nummer'"),
        ("a.csv", b";;\n1;2;3\n", NotFeatures, "no row with the names of its columns"),
    ],
)  # fmt: skip
def test_what_is_no_data_is_said(tmp_path, name, body, error, message):
    path = tmp_path / name
    if body is not None:
        path.write_bytes(body)

    with pytest.raises(error, match=message.replace(".", r"\.").replace("(", r"\(")) as raised:
        fetched(path)
    assert str(tmp_path) not in str(raised.value)


def test_folder_is_an_error_and_so_is_a_file_that_may_not_be_read(tmp_path):
    with pytest.raises(ConfigurationError, match="is a folder: name the file in it"):
        fetched(tmp_path)


def test_paths_of_gdal_are_files_of_ours(tmp_path):
    """GDAL would fetch the first and unpack the second."""
    for path in ("/vsicurl/http://127.0.0.1:9/a.gpkg", f"/vsizip/{tmp_path}/a.zip/a.gpkg"):
        with pytest.raises(ConfigurationError, match=r"the file a\.gpkg cannot be read"):
            fetched(Path(path))


def test_sqlite_that_is_no_geopackage_is_refused(tmp_path):
    path = data_files.write(tmp_path / "a.sqlite", driver="SQLite")

    with pytest.raises(MalformedDocument, match="GDAL reads it as SQLite, not as GPKG"):
        fetched(path)


def test_missing_library_is_said(tmp_path, monkeypatch):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG")
    monkeypatch.setattr(gdal_process, "has_gdal", lambda: False)

    with pytest.raises(ConfigurationError, match=r'pip install "wfs-proxy\[files\]"'):
        fetched(path)
    assert len(served(csv_file(tmp_path, "nummer;x;y\n1;155000;463000\n"))) == 1


def test_crash_of_gdal_is_an_error_of_this_layer_only(tmp_path, monkeypatch):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG")
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(gdal_process, "_COMMAND", (sys.executable, "-c", crash))

    with pytest.raises(MalformedDocument, match=r"could not read a\.gpkg, it was ended by SIGSEGV"):
        fetched(path)


def test_file_beyond_the_bounds_is_refused_before_memory_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_OBJECTS", 2)
    for module in ("csv_batch", "gdal_batch"):
        monkeypatch.setattr(f"wfs_proxy.sources.file.{module}.MOST_OBJECTS", 2)
    table = csv_file(tmp_path, "nummer;x;y\n" + "1;155000;463000\n" * 3)

    for path in (data_files.write(tmp_path / "a.gpkg", driver="GPKG"), table):
        with pytest.raises(UpstreamTooLarge, match=f"{path.name} is too large to be read as a whole"):
            fetched(path)


def test_texts_beyond_the_bounds_are_refused(tmp_path, monkeypatch):
    for module in ("csv_batch", "gdal_batch"):
        monkeypatch.setattr(f"wfs_proxy.sources.file.{module}.MOST_BYTES", 100)
    table = csv_file(tmp_path, f"nummer;x;y\n{'1' * 101};155000;463000\n")

    for path in (data_files.write(tmp_path / "a.gpkg", {"nummer": ["1" * 101, "2", "3"]}, driver="GPKG"), table):
        with pytest.raises(UpstreamTooLarge):
            fetched(path)


def test_cut_off_last_line_is_incomplete(tmp_path):
    whole = fetched(csv_file(tmp_path, "x;y;nummer\n155000;463000;1\n155010;463010;2"))
    cut = fetched(csv_file(tmp_path, "x;y;nummer\n155000;463000;1\n155010;4630"))

    assert (whole.report.complete, cut.report.complete) == (True, False)
    assert cut.report.notes == ("the last line is cut off",)


def test_ids_that_are_missing_or_repeated_are_handled_as_everywhere(tmp_path):
    points = served(csv_file(tmp_path, "x;y;nummer\n155000;463000;1\n155900;463010;1\n155500;463500;\n"))

    assert (len(points), points.report.renamed) == (3, 2)
    assert len(set(points.columns["nummer"].tolist())) == 3


def test_changed_schema_is_said_with_the_nearest_name(tmp_path):
    points = served(data_files.write(tmp_path / "a.gpkg", {"Nummer": NUMBERS}, driver="GPKG"))

    assert points.report.absent_fields == ("nummer",)
    assert points.report.nearest_attributes == {"nummer": "Nummer"}


# -- where, places


def test_where_selects_and_is_counted(tmp_path):
    points = served(data_files.write(tmp_path / "a.gpkg", driver="GPKG"), where={"nummer": ["034576"]})

    assert (points.columns["nummer"].tolist(), points.report.skipped) == (["034576"], {"excluded by where": 2})


@pytest.mark.parametrize(
    ("places", "options"),
    [
        (RD, {}),
        ([place[::-1] for place in RD], {}),
        (LONLAT, {}),
        (LONLAT, {"crs": "EPSG:4326"}),
        ([place[::-1] for place in LONLAT], {"crs": "EPSG:4326"}),
        (RD, {"crs": "EPSG:4326"}),
        (RD, {"crs": None}),
        (LONLAT, {"crs": None}),
    ],
    ids=["RD", "RD, y first", "degrees labelled RD", "degrees", "latitude first", "RD labelled degrees",
         "RD without label", "degrees without label"],
)  # fmt: skip
def test_places_are_found_by_evidence(tmp_path, places, options):
    points = served(data_files.write(tmp_path / "a.gpkg", driver="GPKG", places=places, **options))

    found = places_by_number(points)
    np.testing.assert_allclose([found[number] for number in NUMBERS], LONLAT, atol=2e-6)


def test_srs_name_of_the_layer_file_counts_more_than_that_of_the_file(tmp_path):
    utm = [(663440.0, 5780840.0), (663450.0, 5780850.0), (663460.0, 5780860.0)]
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG", places=utm, crs="EPSG:3857")

    points = served(path, srs_name="EPSG:25831")
    np.testing.assert_allclose(points.lonlat[0], (5.388, 52.155), atol=0.01)


def test_an_old_prj_of_esri_is_recognised(tmp_path):
    path = data_files.write(tmp_path / "masten.shp", driver="ESRI Shapefile")
    path.with_suffix(".prj").write_text(
        'PROJCS["RD_New",GEOGCS["GCS_Amersfoort",DATUM["D_Amersfoort",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Double_Stereographic"],'
        'PARAMETER["False_Easting",155000.0],PARAMETER["False_Northing",463000.0],'
        'PARAMETER["Central_Meridian",5.38763888888889],PARAMETER["Scale_Factor",0.9999079],'
        'PARAMETER["Latitude_Of_Origin",52.15616055555555],UNIT["Meter",1.0]]'
    )

    assert fetched(path).batch.srs_names == ("EPSG:28992",)


@pytest.mark.parametrize("driver", DRIVERS)
def test_area_gives_what_touches_it(tmp_path, driver):
    columns = {"nummer": ["1", "2", "3"]}
    places = ((155000.0, 463000.0), (155500.0, 463000.0), (160000.0, 470000.0))
    path = data_files.write(tmp_path / DRIVERS[driver], columns, driver=driver, places=places)
    around = BBox(5.387, 52.155, 5.388, 52.157)

    batch = asyncio.run(data_files.source(path).fetch(around)).batch
    assert batch.columns["nummer"].tolist() == ["1"]


def test_area_is_in_the_order_of_the_file(tmp_path):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG", places=[place[::-1] for place in RD])

    batch = asyncio.run(data_files.source(path).fetch(BBox(5.3872, 52.15517, 5.38722, 52.15518))).batch
    assert batch.columns["nummer"].tolist() == ["034575"]


def test_sample_has_all_columns_of_the_first_objects(tmp_path):
    path = data_files.write(tmp_path / "a.gpkg", {"nummer": NUMBERS, "soort": ["a", "b", "c"]}, driver="GPKG")
    table = csv_file(tmp_path, "nummer;soort;x;y\n1;a;155000;463000\n2;b;155000;463001\n3;c;155000;463002\n")

    for each in (path, table):
        assert asyncio.run(data_files.source(each).sample(2)).batch.columns["soort"].tolist() == ["a", "b"]


# -- files that change


@pytest.fixture
def pauses(monkeypatch) -> list[Callable[[], object]]:
    """What happens during each pause between two looks at a file; the pauses themselves take no time."""
    left: list[Callable[[], object]] = []

    async def sleep(_: float) -> None:
        if left:
            left.pop(0)()

    monkeypatch.setattr(source.asyncio, "sleep", sleep)
    return left


def add_lamp(path: Path) -> None:
    with path.open("a") as file:
        file.write("2;155010;463010\n")


def test_file_that_is_being_written_is_read_when_it_is_done(tmp_path, pauses):
    path = csv_file(tmp_path, "nummer;x;y\n1;155000;463000\n")
    one = data_files.layer(path)
    pauses += [partial(add_lamp, path), partial(add_lamp, path)]

    reader = source.FileFeatureSource(one, one.source, asyncio.to_thread, settled=60.0)
    assert len(asyncio.run(reader.fetch()).batch) == 3


def test_file_that_is_written_for_ever_is_an_error(tmp_path, pauses, monkeypatch):
    path = csv_file(tmp_path, "nummer;x;y\n1;155000;463000\n")
    one = data_files.layer(path)
    monkeypatch.setattr(source, "LONGEST_COPY", -1.0)
    pauses += [partial(add_lamp, path)]

    with pytest.raises(UpstreamIncomplete, match=r"masten\.csv is still being written"):
        asyncio.run(source.FileFeatureSource(one, one.source, asyncio.to_thread, settled=60.0).fetch())


def test_file_that_changed_while_it_was_read_is_refused(tmp_path):
    path = csv_file(tmp_path, "nummer;x;y\n1;155000;463000\n")
    one = data_files.layer(path)

    async def offload(function, *arguments):
        result = function(*arguments)
        if function.__name__ == "_read_part":
            path.write_text("nummer;x;y\n1;155000;463000\n2;155000;463000\n")
        return result

    with pytest.raises(UpstreamIncomplete, match=r"masten\.csv was changed while it was read"):
        asyncio.run(source.FileFeatureSource(one, one.source, offload, settled=0.0).fetch())


def test_old_file_is_not_waited_for(tmp_path, pauses):
    path = csv_file(tmp_path, "nummer;x;y\n1;155000;463000\n")
    os.utime(path, (1, 1))
    one = data_files.layer(path)
    pauses += [path.unlink]

    assert len(asyncio.run(source.FileFeatureSource(one, one.source, asyncio.to_thread).fetch()).batch) == 1
    assert len(pauses) == 1


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


def test_cancelled_fetch_ends_the_process(tmp_path, monkeypatch):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG")
    started = tmp_path / "started"
    wait = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(60)"
    monkeypatch.setattr(gdal_process, "_COMMAND", (sys.executable, "-c", wait))

    async def scenario() -> None:
        fetching = asyncio.create_task(data_files.source(path).fetch())
        await asyncio.to_thread(wait_for, started)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching

    asyncio.run(scenario())  # waits for the thread, which waits for the process
