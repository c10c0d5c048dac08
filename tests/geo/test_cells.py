"""The grid: each place is in one cell, and every box that holds the place knows that cell."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.geo.cells import Cell, cells_in, count_in, neighbours, owns

ZOOMS = st.integers(0, 22)
STEPS = st.integers(-1_800_000_000, 1_800_000_000), st.integers(-900_000_000, 900_000_000)


@st.composite
def cells(draw, zooms=ZOOMS) -> Cell:
    zoom = draw(zooms)
    index = st.integers(0, 2**zoom - 1)
    return Cell(zoom, draw(index), draw(index))


@st.composite
def places(draw) -> tuple[int, tuple[float, float]]:
    """A zoom and a place of 7 decimals: anywhere, or within two steps of the corner of a cell."""
    zoom = draw(ZOOMS)
    if draw(st.booleans()):
        longitude, latitude = (draw(step) / 1e7 for step in STEPS)
        return zoom, (longitude, latitude)
    west, south, east, north = draw(cells(st.just(zoom))).box
    corner = draw(st.sampled_from([west, east])), draw(st.sampled_from([south, north]))
    longitude, latitude = ((round(each * 1e7) + draw(st.integers(-2, 2))) / 1e7 for each in corner)
    return zoom, (max(-180.0, min(longitude, 180.0)), latitude)


def owned(cell: Cell, *lonlat: tuple[float, float]) -> list[bool]:
    return owns(cell, np.array(lonlat, dtype=np.float64)).tolist()


@given(places(), st.tuples(*[st.one_of(st.just(0.0), st.floats(0, 1e-3))] * 4))
def test_each_place_is_owned_by_one_cell_of_any_box_that_holds_it(place, growth):
    zoom, (longitude, latitude) = place
    scale = 100 / 2**zoom
    west, south, east, north = (each * scale * 100 for each in growth)
    box = (longitude - west, latitude - south, longitude + east, latitude + north)

    asked = cells_in(box, zoom)

    owners = [cell for cell in asked if owned(cell, (longitude, latitude)) == [True]]
    assert len(owners) == 1
    assert not any(owned(cell, (longitude, latitude))[0] for cell in neighbours(owners[0]))
    assert count_in(box, zoom) == len(asked) == len(set(asked))


@given(places())
def test_owner_is_the_tile_of_the_standard_but_for_half_a_step(place):
    zoom, (longitude, latitude) = place
    cell = next(each for each in cells_in((longitude, latitude, longitude, latitude), zoom))
    west, south, east, north = cell.box
    limit = math.degrees(math.atan(math.sinh(math.pi)))

    x = (longitude + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(max(-limit, min(latitude, limit))))) / math.pi) / 2 * 2**zoom

    column_of_a_step, row_of_a_step = 1e-7 / (east - west), 1e-7 / (north - south)
    assert cell.x - column_of_a_step <= x <= cell.x + 1 + column_of_a_step
    assert cell.y - row_of_a_step <= y <= cell.y + 1 + row_of_a_step


@given(cells())
def test_cell_is_found_by_its_key_and_by_nothing_else(cell):
    assert Cell.parse(cell.key) == cell
    assert {Cell.parse(cell.key): 1}[cell] == 1


@pytest.mark.parametrize(
    "key",
    ["", "15", "15-1", "15-1-2-3", "15--1-2", "15-32768-0", "15-0-32768", "015-1-2", "15-01-2", "15-1-2\n", "15-1-2 ",
     "23-1-1", "99-1-1", "../../x", "15-\u0661-2", "a-b-c", "15-999999999-1"],
)  # fmt: skip
def test_other_text_is_not_a_key(key):
    assert Cell.parse(key) is None


def test_key_of_a_cell_in_the_hague_is_that_of_its_tile():
    (cell,) = cells_in((4.3083, 52.0710, 4.3085, 52.0712), 15)

    assert cell.key == "15-16776-10813"
    assert cell.box == pytest.approx((4.3066406, 52.0660003, 4.3176270, 52.0727537), abs=1e-7)


@given(cells())
def test_neighbours_have_an_edge_or_a_corner_of_the_cell(cell):
    west, south, east, north = cell.box
    last = 2**cell.zoom - 1
    across, up = (1 + (each > 0) + (each < last) for each in (cell.x, cell.y))

    around = neighbours(cell)

    assert len(around) == across * up - 1
    for each in around:
        other_west, other_south, other_east, other_north = each.box
        assert other_west in {west, east} or other_east in {west, east}
        assert other_south in {south, north} or other_north in {south, north}


@given(st.integers(1, 22))
def test_cells_of_a_row_and_of_a_column_lie_side_by_side(zoom):
    middle = 2 ** (zoom - 1)
    indices = range(max(middle - 20, 0), min(middle + 20, 2**zoom))

    assert all(Cell(zoom, a, 0).box[2] == Cell(zoom, b, 0).box[0] for a, b in pairwise(indices))
    assert all(Cell(zoom, 0, a).box[1] == Cell(zoom, 0, b).box[3] for a, b in pairwise(indices))


def test_what_lies_beyond_the_grid_belongs_to_its_last_cells():
    size = 2**15
    assert owned(Cell(15, size - 1, 0), (180.0, 90.0), (179.9999999, 85.0512)) == [True, True]
    assert owned(Cell(15, 0, size - 1), (-180.0, -90.0), (-180.0, -85.06)) == [True, True]
    assert cells_in((180.0, 86.0, 180.0, 90.0), 15) == (Cell(15, size - 1, 0),)
    assert owned(Cell(15, 0, 0), (180.0, 90.0)) == [False]


def test_cells_of_a_box_come_row_by_row():
    north_west, *_, south_east = cells = cells_in((4.30, 52.06, 4.33, 52.08), 15)

    assert [(cell.y, cell.x) for cell in cells] == sorted((cell.y, cell.x) for cell in cells)
    assert len(cells) == (south_east.x - north_west.x + 1) * (south_east.y - north_west.y + 1)


def test_box_of_the_world_is_counted_at_once():
    assert count_in((-180.0, -90.0, 180.0, 90.0), 22) == 4**22
