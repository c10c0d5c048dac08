"""The parts of a layer become one result."""

from __future__ import annotations

import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.features import Payload
from wfs_proxy.sources.completeness import CollectedFeatures
from wfs_proxy.sources.feature_page import FeaturePage, read_page
from wfs_proxy.sources.layer_parts import ReceivedPart, joined, report_of, united_extent


def page_of(*names: str) -> FeaturePage:
    features = ",".join(
        f'{{"type": "Feature", "geometry": null, "properties": {{"name": "{name}"}}}}' for name in names
    )
    return read_page(Payload(body=f'{{"type": "FeatureCollection", "features": [{features}]}}'.encode()))


def part_of(*names: str, matched: int | None, complete: bool = True, notes: tuple[str, ...] = ()) -> ReceivedPart:
    features = CollectedFeatures()
    features.add(page_of(*names))
    features.matched = matched
    return ReceivedPart(features=features, complete=complete, notes=[*notes])


def test_report_is_complete_and_counted_if_every_part_is():
    report = report_of(["trees", "lamps"], [part_of("a", matched=1), part_of("b", "c", matched=2)], requests=7)
    assert (report.complete, report.matched, report.requests, report.notes) == (True, 3, 7, ())


def test_report_names_the_part_that_is_incomplete():
    parts = [part_of("a", matched=1), part_of("b", "c", matched=9, complete=False, notes=("slow",))]
    report = report_of(["trees", "lamps"], parts, requests=7, notes=["old version"])
    assert not report.complete
    assert report.notes == ("old version", "lamps: slow", "lamps: incomplete, 2 of 9 objects")


def test_count_is_unknown_if_that_of_a_part_is():
    report = report_of(["", ""], [part_of("a", matched=1), part_of("b", matched=None, complete=False)], requests=2)
    assert report.matched is None
    assert report.notes == ("incomplete, 1 of an unknown number of objects",)


def test_note_on_several_parts_without_names_is_given_once():
    parts = [part_of("a", matched=1, notes=("slow",)), part_of("b", matched=1, notes=("slow",))]
    assert report_of(["", ""], parts, requests=2).notes == ("slow",)


def test_each_object_has_the_position_of_its_part():
    batch = joined([page_of("a").batch, page_of("b", "c").batch])
    assert batch.column("name").tolist() == ["a", "b", "c"]
    assert batch.type_index is not None
    assert batch.type_index.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("extents", "united"),
    [
        ([BBox(4, 52, 5, 53), BBox(5, 51, 6, 52)], BBox(4, 51, 6, 53)),
        ([BBox(4, 52, 5, 53), None], None),
    ],
)
def test_extent_is_known_if_that_of_every_part_is(extents, united):
    assert united_extent(extents) == united
