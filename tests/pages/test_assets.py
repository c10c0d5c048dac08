from __future__ import annotations

import gzip
import re

import pytest

from wfs_proxy.pages.assets import Assets

INSTALLED = Assets.installed()


def test_a_change_of_any_file_changes_the_version_of_all():
    first = Assets({"a.js": b"1", "b.js": b"2"})

    assert first.version == Assets({"b.js": b"2", "a.js": b"1"}).version
    assert first.version != Assets({"a.js": b"1", "b.js": b"3"}).version
    assert first.version != Assets({"a.js": b"1", "c.js": b"2"}).version
    assert first.path("a.js") == f"assets/{first.version}/a.js"


def test_a_page_cannot_refer_to_a_file_that_does_not_exist():
    with pytest.raises(KeyError):
        INSTALLED.path("nothing.js")
    assert INSTALLED.find("nothing.js") is None


def test_files_are_ours_and_those_of_the_library():
    names = {"page.css", "icon.svg", "leaflet/leaflet.js", "leaflet/leaflet.css", "map/main.js"}

    assert {name for name in names if INSTALLED.find(name) is None} == set()
    assert "map/main.js" in INSTALLED.names("map")
    assert all(name.startswith("map/") and name.endswith(".js") for name in INSTALLED.names("map"))


def test_compressed_files_are_the_same_files():
    assert all(gzip.decompress(asset.compressed) == asset.body for asset in INSTALLED.values())


def test_modules_import_files_that_exist():
    for name in INSTALLED.names("map"):
        imported = re.findall(r'from "\./([^"]+)"', INSTALLED.find(name).body.decode())
        assert [other for other in imported if INSTALLED.find(f"map/{other}") is None] == [], name
