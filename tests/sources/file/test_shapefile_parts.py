"""The files of a Shapefile, written one after the other by programs that label them in many ways."""

from __future__ import annotations

import data_files
import numpy as np
import pytest
from data_files import fetched

from wfs_proxy.errors import ConfigurationError, MalformedDocument, UpstreamIncomplete
from wfs_proxy.sources.file.shapefile_parts import declared_character_set, require_whole


@pytest.fixture
def path(tmp_path):
    return data_files.write(tmp_path / "masten.shp", driver="ESRI Shapefile")


@pytest.mark.parametrize("part", [".dbf", ".shx"])
def test_missing_part_is_said(path, part):
    path.with_suffix(part).unlink()

    with pytest.raises(ConfigurationError, match=rf"the Shapefile has no masten\{part}: put it beside the \.shp"):
        fetched(path)


@pytest.mark.parametrize("part", [".shp", ".dbf"])
def test_part_that_is_cut_off_is_said(path, part):
    one = path.with_suffix(part)
    one.write_bytes(one.read_bytes()[:-20])

    with pytest.raises(MalformedDocument, match=rf"masten\{part} is cut off"):
        fetched(path)


def test_parts_of_different_moments_are_not_read_together(path, tmp_path):
    more = data_files.write(
        tmp_path / "more.shp", {"nummer": ["1", "2", "3", "4"]}, driver="ESRI Shapefile",
        places=np.array([155000, 463000]) + np.arange(8.0).reshape(-1, 2),
    )  # fmt: skip
    for part in (".shp", ".shx"):
        path.with_suffix(part).write_bytes(more.with_suffix(part).read_bytes())

    with pytest.raises(UpstreamIncomplete, match=r"masten\.shx has 4 objects and masten\.dbf has 3"):
        fetched(path)


def test_names_in_capitals_are_read(path):
    for part in (".shp", ".dbf", ".shx", ".prj"):
        path.with_suffix(part).rename(path.with_suffix(part.upper()))

    assert len(fetched(path.with_suffix(".SHP")).batch) == 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("UTF-8", "utf-8"),
        ("utf8\n", "utf-8"),
        ("1252", "cp1252"),
        ("ANSI 1252", "cp1252"),
        ("CP1252", "cp1252"),
        ("windows-1252", "cp1252"),
        ("ISO-8859-1", "iso8859-1"),
        ("ISO 88591", "iso8859-1"),
        ("8859_15", "iso8859-15"),
        ("OEM 850", "cp850"),
        ("whatever", None),
        ("", None),
    ],
)
def test_declared_character_set(path, text, name):
    path.with_suffix(".cpg").write_text(text)

    assert declared_character_set(path) == name


@pytest.mark.parametrize(("driver", "name"), [(0x57, "cp1252"), (0x03, "cp1252"), (0x02, "cp850"), (0x00, None)])
def test_character_set_of_the_table_without_cpg(path, driver, name):
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = path.with_suffix(".dbf")
    body = bytearray(table.read_bytes())
    body[29] = driver
    table.write_bytes(body)

    assert declared_character_set(path) == name
    require_whole(path)


@pytest.mark.parametrize("written", ["UTF-8", "ISO-8859-1", "CP1252", "CP850"])
@pytest.mark.parametrize("label", ["kept", "absent", "UTF-8", "ISO-8859-1"])
def test_texts_are_read_whatever_the_label(tmp_path, written, label):
    texts = ["Café", "Zoë", "IJs"]
    path = data_files.write(tmp_path / "masten.shp", {"nummer": texts}, driver="ESRI Shapefile", encoding=written)
    page, table = path.with_suffix(".cpg"), path.with_suffix(".dbf")
    if label == "absent":
        page.unlink(missing_ok=True)
        body = bytearray(table.read_bytes())
        body[29] = 0
        table.write_bytes(body)
    elif label != "kept":
        page.write_text(label)

    found = fetched(path).batch.columns["nummer"].tolist()
    if written == "CP850" and label != "kept":
        assert fetched(path, encoding="cp850").batch.columns["nummer"].tolist() == texts
    else:
        assert found == texts
