from __future__ import annotations

import points
import pytest

from wfs_proxy.serve.frequent_values import frequent_values


def snapshot_of(*kinds: str | None):
    places = {f"{number}": (4.3 + number / 1e4, 52.0) for number in range(len(kinds))}
    return points.fetched(points.batch(places, {"soort": list(kinds)})).snapshot


@pytest.mark.parametrize(
    ("kinds", "most", "found"),
    [
        (["b", "a", "b", "c", "c", "b"], 2, ["b", "c"]),
        (["b", "a", None, None, None], 5, ["a", "b"]),
        ([None], 5, []),
        (["é", "é", "a"], 1, ["é"]),
    ],
)
def test_the_most_frequent_are_first_and_of_equal_ones_by_name(kinds, most, found):
    assert frequent_values([snapshot_of(*kinds)], "soort", most) == found


def test_counts_of_several_snapshots_add_up_and_a_property_that_is_absent_has_none():
    snapshots = [snapshot_of("a", "a", "b"), snapshot_of("b", "b", "c")]

    assert frequent_values(snapshots, "soort", 2) == ["b", "a"]
    assert frequent_values(snapshots, "hoogte", 2) == []
    assert frequent_values([], "soort", 2) == []
