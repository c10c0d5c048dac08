"""The grid of tiles, against its definition and against the edges of the cells of the map."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.faces.tiles.mvt import EXTENT
from wfs_proxy.faces.tiles.places import BITS, BUFFER, DEEPEST, OFF_GRID, box_around, in_tile, lonlat_of, places_of
from wfs_proxy.geo.cells import Cell

HIGHEST = 85.0511287798066
"""Degrees; the northern edge of the grid."""

longitudes = st.floats(-180, 180)
latitudes = st.floats(-85.0511, 85.0511)
zooms = st.integers(0, DEEPEST)


def place(longitude: float, latitude: float) -> list[int]:
    return places_of(np.array([[longitude, latitude]])).tolist()[0]


def tile_of(longitude: float, latitude: float, zoom: int) -> Cell:
    return Cell(zoom, *(number >> (BITS - zoom) for number in place(longitude, latitude)))


@given(longitudes, latitudes)
def test_place_is_that_of_web_mercator(longitude: float, latitude: float):
    x = (longitude + 180) / 360
    y = (1 - math.log(math.tan(math.radians(latitude)) + 1 / math.cos(math.radians(latitude))) / math.pi) / 2

    column, row = place(longitude, latitude)

    assert column / 2**BITS == pytest.approx(x, abs=1e-9)
    assert row / 2**BITS == pytest.approx(y, abs=1e-9)


@given(longitudes, latitudes, zooms)
def test_place_is_in_its_tile_and_in_no_other(longitude: float, latitude: float, zoom: int):
    tile = tile_of(longitude, latitude, zoom)
    places = places_of(np.array([[longitude, latitude]]))

    inside = [
        other
        for other in (Cell(zoom, tile.x + dx, tile.y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        if ((in_tile(places, other) >= 0) & (in_tile(places, other) < EXTENT)).all()
    ]

    assert inside == [tile]


@given(longitudes, latitudes, zooms)
def test_box_around_a_tile_has_all_that_is_in_it_or_in_its_buffer(longitude: float, latitude: float, zoom: int):
    near = tile_of(longitude, latitude, zoom)
    places = places_of(np.array([[longitude, latitude]]))
    last = (1 << zoom) - 1

    for x in range(max(near.x - 1, 0), min(near.x + 1, last) + 1):
        for y in range(max(near.y - 1, 0), min(near.y + 1, last) + 1):
            tile = Cell(zoom, x, y)
            around = in_tile(places, tile)
            if ((around >= -BUFFER) & (around < EXTENT + BUFFER)).all():
                assert box_around(tile).contains(longitude, latitude)


@given(st.integers(0, 12), st.data())
def test_corners_of_a_tile_are_where_the_cells_of_the_map_have_them(zoom: int, data: st.DataObject):
    x, y = (data.draw(st.integers(0, (1 << zoom) - 1)) for _ in "xy")
    west, south, east, north = Cell(zoom, x, y).box

    corners = in_tile(places_of(np.array([[west + 1e-7, north - 1e-7], [east - 1e-7, south + 1e-7]])), Cell(zoom, x, y))

    assert corners.min() >= 0
    assert corners.max() < EXTENT


@pytest.mark.parametrize("latitude", [90.0, -90.0, 85.06, -85.06, HIGHEST + 1e-6])
def test_place_near_a_pole_is_on_no_tile(latitude: float):
    assert place(4.3, latitude) == [OFF_GRID, OFF_GRID]


def test_edge_of_the_world_belongs_to_the_outermost_tile():
    assert tile_of(180.0, 0.0, 3) == Cell(3, 7, 4)
    assert tile_of(-180.0, HIGHEST - 1e-9, 3) == Cell(3, 0, 0)


@given(longitudes, latitudes)
def test_place_leads_back_to_longitude_and_latitude(longitude: float, latitude: float):
    back = lonlat_of(places_of(np.array([[longitude, latitude]]))).tolist()[0]

    assert back == pytest.approx([longitude, latitude], abs=2e-7)
