from __future__ import annotations

import numpy as np
import pyproj
import pytest
from pyrdnap import RDNAP2018v1

from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, RD, SYSTEMS, positions, system_named

AMERSFOORT = np.array([[5.3872042, 52.1551729]])
BY_NAME = {system.name: system for system in SYSTEMS}


def test_crs84_comes_first():
    assert [system.name for system in SYSTEMS] == [
        "OGC:CRS84",
        "EPSG:28992",
        "EPSG:4258",
        "EPSG:9067",
        "EPSG:3857",
        "EPSG:4326",
    ]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_the_axis_order_is_that_of_the_authority(system):
    first = pyproj.CRS.from_user_input(system.name).axis_info[0].direction
    assert system.latitude_first == (first == "north")


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize(
    "spelling",
    ["{uri}", "{name}", "[{name}]", "urn:ogc:def:crs:{authority}::{code}"],
    ids=["uri", "name", "curie", "urn"],
)
def test_a_system_has_several_spellings(system, spelling):
    authority, code = system.name.split(":")
    text = spelling.format(uri=system.uri, name=system.name, authority=authority, code=code)
    assert system_named(text, "crs") is system


@pytest.mark.parametrize(
    "text", ["", "EPSG:31370", "28992", "RD", "EPSG:", "OGC:28992", "EPSG:28992x", "EPSG:28992/../x", "x" * 10_000]
)
def test_another_system_is_refused_with_those_that_there_are(text):
    with pytest.raises(BadRequest, match=r"crs=.* is not .* Use http://www.opengis.net/def/crs/OGC/1.3/CRS84, "):
        system_named(text, "crs")


def test_rd_is_that_of_the_official_procedure_in_millimetres():
    lonlat = np.random.default_rng(11).uniform((3.4, 50.8), (7.2, 53.5), (500, 2)).round(7)
    found = [RDNAP2018v1().forward(latitude, longitude) for longitude, latitude in lonlat]
    official = np.array([(place.RDx, place.RDy) for place in found])

    ours = RD.from_lonlat(lonlat)
    assert np.abs(ours - official).max() < 0.001
    assert (ours == ours.round(3)).all()
    assert np.abs(RD.to_lonlat(ours) - lonlat).max() < 1e-8


def test_web_mercator_is_that_of_proj():
    expected = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True).transform(*AMERSFOORT[0])
    assert BY_NAME["EPSG:3857"].from_lonlat(AMERSFOORT)[0] == pytest.approx(expected, abs=0.0006)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("OGC:CRS84", b"5.3872042,52.1551729"),
        ("EPSG:4326", b"52.1551729,5.3872042"),
        ("EPSG:4258", b"52.1551729,5.3872042"),
        ("EPSG:9067", b"52.1551729,5.3872042"),
    ],
)
def test_positions_are_text_in_the_order_of_the_authority(name, text):
    assert positions(AMERSFOORT, BY_NAME[name]) == [text]


def test_positions_in_rd_have_three_decimals():
    (position,) = positions(AMERSFOORT, RD)

    assert [float(part) for part in position.split(b",")] == pytest.approx([155_000, 463_000], abs=0.1)
    assert all(len(part.partition(b".")[2]) <= 3 for part in position.split(b","))


def test_positions_of_nothing_are_nothing():
    assert positions(np.empty((0, 2)), RD) == []
    assert positions(np.empty((0, 2)), CRS84) == []
