"""Which filters are slow, without measuring time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from wfs_proxy.filters.effort import seconds_to_evaluate
from wfs_proxy.filters.expression import Area, Comparison, In, Intersects, Like, LikePattern, Not, all_of
from wfs_proxy.snapshot import Column, Rows, column_of

COUNT = 20_000


@dataclass
class Lamps:
    """A table with as many names as lamps."""

    names: Column
    lonlat: np.ndarray

    def column(self, _: str, rows: Rows | None = None) -> Column:
        return self.names if rows is None else self.names.take(rows)

    def rows_of_ids(self, _: object) -> Rows:
        return np.empty(0, dtype=np.uint32)


@pytest.fixture(scope="module")
def lamps() -> Lamps:
    names = np.array([f"lamp {number} in the street called {number % 97}" for number in range(COUNT)], dtype=object)
    return Lamps(column_of(names, "string"), np.random.default_rng(1).uniform(0, 1, (COUNT, 2)))


def saw(teeth: int) -> Intersects:
    ring = [(number / teeth, float(number % 2)) for number in range(teeth)]
    return Intersects(Area((((*ring, (1.0, 2.0), (0.0, 2.0), ring[0]),),)))


@pytest.mark.parametrize(
    "expression",
    [
        saw(1_000),
        Not(saw(1_000)),
        all_of([saw(300)] * 3),
        Like("name", LikePattern.of("%a%e%e%")),
        Like("name", LikePattern.of("%" + "_" * 500 + "%")),
        Comparison("name", "<", "Lamp", match_case=False),
        In("name", ("lamp 1", "lamp 2"), match_case=False),
    ],
    ids=range(7),
)
def test_slow_filter_takes_more_than_a_millisecond(lamps, expression):
    assert seconds_to_evaluate(expression, lamps, COUNT) > 0.001


@pytest.mark.parametrize(
    "expression", [Comparison("name", "=", "lamp 1"), In("name", ("a", "b")), saw(3)], ids=range(3)
)
def test_fast_filter_is_estimated_as_fast(lamps, expression):
    assert seconds_to_evaluate(expression, lamps, 100) < 0.001
