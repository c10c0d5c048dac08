"""The signals that may be about the objects of a cell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from marked_layers import asset, ids_marked, reported, signal, target

from wfs_proxy.bbox import BBox
from wfs_proxy.geo.cells import cells_in
from wfs_proxy.marks.reported_objects import Place
from wfs_proxy.marks.signals_by_cell import SignalsByCell

ZOOM = 15
CORNER = cells_in(BBox(4.3, 52.0, 4.3, 52.0), ZOOM)[0].box[:2]
"""West and south of a cell, so that three other cells are near."""


def near_corner(east: int, north: int) -> Place:
    """Steps of some 7 m in longitude and 11 m in latitude."""
    return CORNER[0] + east * 1e-4, CORNER[1] + north * 1e-4


_places = st.builds(near_corner, st.integers(-9, 9), st.integers(-9, 9))
_assets = st.builds(asset, st.sampled_from(["", "a", "x"]), st.none() | _places)
_signals = st.lists(
    st.builds(lambda assets, place: signal(*assets, place=place), st.lists(_assets, max_size=2), st.none() | _places),
    max_size=4,
)


@given(place=_places, signals=_signals, within=st.sampled_from([0.5, 30.0, 80.0]))
def test_the_signals_around_a_cell_mark_the_same_objects_as_all_signals(place, signals, within):
    one = target({"a": place}, match={"within": within, "place_only": True})
    cell = cells_in(BBox(*place, *place), ZOOM)[0]
    by_cell = SignalsByCell(reported(*signals), ZOOM, within)

    assert ids_marked(one, *by_cell.around(cell).signals.values()) == ids_marked(one, *signals)


def test_a_signal_far_from_a_cell_is_left_out_and_one_without_a_place_is_everywhere():
    far, anywhere = signal(place=near_corner(900, 900)), signal(asset("a"))
    cell = cells_in(BBox(*near_corner(1, 1), *near_corner(1, 1)), ZOOM)[0]

    assert set(SignalsByCell(reported(far, anywhere), ZOOM, 0.5).around(cell).signals) == {anywhere.id}


def test_an_id_reaches_fifty_metres_into_another_cell():
    place = near_corner(1, 1)
    named = signal(asset("a", near_corner(-4, -1)))
    cell = cells_in(BBox(*place, *place), ZOOM)[0]
    around = SignalsByCell(reported(named), ZOOM, 0.5).around(cell)

    assert ids_marked(target({"a": place}), *around.signals.values()) == ["a"]
