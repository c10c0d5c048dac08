"""The signals that may be about the objects of a cell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from marked_layers import asset, ids_marked, reported, signal, target

from wfs_proxy.bbox import BBox
from wfs_proxy.config.report_rules import Match
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


_matches = st.builds(Match, within=st.sampled_from([0.5, 30.0, 80.0]), id_within=st.sampled_from([0.0, 60.0, 250.0]))


@given(place=_places, signals=_signals, match=_matches)
def test_the_signals_around_a_cell_mark_the_same_objects_as_all_signals(place, signals, match):
    one = target({"a": place}, match={"within": match.within, "id_within": match.id_within, "place_only": True})
    cell = cells_in(BBox(*place, *place), ZOOM)[0]
    by_cell = SignalsByCell(reported(*signals), ZOOM, match)

    assert ids_marked(one, *by_cell.around(cell).signals.values()) == ids_marked(one, *signals)


def test_a_signal_far_from_a_cell_is_left_out_and_one_without_a_place_is_everywhere():
    away = near_corner(900, 900)
    far, named, anywhere = signal(place=away), signal(asset("a"), place=away), signal(asset("a"))
    cell = cells_in(BBox(*near_corner(1, 1), *near_corner(1, 1)), ZOOM)[0]

    assert set(SignalsByCell(reported(far, named, anywhere), ZOOM, Match()).around(cell).signals) == {anywhere.id}


def test_an_id_reaches_fifty_metres_into_another_cell():
    place = near_corner(1, 1)
    named = signal(asset("a", near_corner(-4, -1)))
    cell = cells_in(BBox(*place, *place), ZOOM)[0]
    around = SignalsByCell(reported(named), ZOOM, Match()).around(cell)

    assert ids_marked(target({"a": place}), *around.signals.values()) == ["a"]


def test_a_report_reaches_as_far_into_another_cell_as_an_id_without_a_place_counts():
    place = near_corner(1, 1)
    named = signal(asset("a"), place=near_corner(-25, -1))
    cell = cells_in(BBox(*place, *place), ZOOM)[0]
    around = SignalsByCell(reported(named), ZOOM, Match()).around(cell)

    assert ids_marked(target({"a": place}), *around.signals.values()) == ["a"]
