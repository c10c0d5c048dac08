"""The cost of a filter over a million objects: of finding the rows, without reading the request or writing the answer.

The reference is SQLite, which scans a table of the same values in memory. All times are processor time.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from rich.console import Console

from bench import objects
from bench.invalid import InvalidMeasurement
from bench.report import Row
from wfs_proxy.filters import EdgeComparisons
from wfs_proxy.filters.evaluation import rows_matching
from wfs_proxy.filters.expression import Area, Comparison, Expression, Intersects, Like, LikePattern
from wfs_proxy.serve import MarkedSnapshot
from wfs_proxy.snapshot import Snapshot

__all__ = ["rows"]

OBJECTS = 1_000_000
KINDS = 500
ROUNDS = 5
VERTICES = 1_000

_GOAL = "<= 20"
"""Milliseconds."""


def rows(console: Console) -> Iterator[Row]:
    """Measure an equality, two patterns and a polygon.

    Raises:
        InvalidMeasurement: SQLite finds another number of rows.
    """
    console.print(f"filters: {OBJECTS:,} objects")
    table = _table()
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        _fill(database, table)
        for name, what, expression in _filters():
            yield _measured(name, what, expression, table, database)
    area = Intersects(Area(((_circle(table),),)))
    value = statistics.median(_timed(area, table)[0] for _ in range(ROUNDS))
    what = f"a polygon with {VERTICES:,} vertices around half of {OBJECTS:,} objects"
    yield Row(id="filter-polygon", what=what, value=value, unit="ms")


def _filters() -> Iterator[tuple[str, str, Expression]]:
    yield "filter-equal", f"a text is one of {KINDS}", Comparison("soort", "=", "soort 007")
    yield "filter-like", f"a text contains another, {KINDS} different texts", Like("soort", LikePattern("%t 00%"))
    yield "filter-like-distinct", "a text contains another, all texts different", Like("nummer", LikePattern("%1234%"))


def _measured(name: str, what: str, expression: Expression, table: MarkedSnapshot, database: sqlite3.Connection) -> Row:
    rounds = [(_timed(expression, table), _timed_in_sql(str(expression), database)) for _ in range(ROUNDS)]
    (_, found), (_, expected) = rounds[0]
    if found != expected:
        raise InvalidMeasurement(f"{name}: {found} rows found, SQLite finds {expected}")
    value = statistics.median(ours for (ours, _), _ in rounds)
    reference = statistics.median(theirs for _, (theirs, _) in rounds)
    return Row(
        id=name,
        what=f"{what}, in {OBJECTS:,} objects; against SQLite in memory; ratio: milliseconds",
        value=value,
        unit="ms",
        reference=reference,
        ratio=value,
        goal=_GOAL,
    )


def _table() -> MarkedSnapshot:
    batch = objects.invented(OBJECTS)
    kinds = np.array([f"soort {number:03d}" for number in range(KINDS)], dtype=object)
    chosen = kinds[np.random.default_rng(3).integers(0, KINDS, OBJECTS)]
    return MarkedSnapshot(Snapshot.build(replace(batch, columns={**batch.columns, "soort": chosen}), "masten"))


def _fill(database: sqlite3.Connection, table: MarkedSnapshot) -> None:
    database.execute("PRAGMA case_sensitive_like = ON")
    database.execute("CREATE TABLE objects (soort TEXT, nummer TEXT)")
    values = zip(table.column("soort").to_list(), table.column("nummer").to_list(), strict=True)
    database.executemany("INSERT INTO objects VALUES (?, ?)", values)


def _circle(table: MarkedSnapshot) -> tuple[tuple[float, float], ...]:
    """Return a ring around half of the objects, which are spread evenly over a square."""
    (west, south), (east, north) = table.lonlat.min(axis=0), table.lonlat.max(axis=0)
    radius = (east - west) * math.sqrt(0.5 / math.pi)
    middle = (west + east) / 2, (south + north) / 2
    angles = np.linspace(0, 2 * math.pi, VERTICES, endpoint=False)
    ring = np.column_stack([middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)]).tolist()
    return tuple((longitude, latitude) for longitude, latitude in [*ring, ring[0]])


def _timed(expression: Expression, table: MarkedSnapshot) -> tuple[float, int]:
    """Return the milliseconds, and how many rows were found."""
    candidates = np.arange(len(table.lonlat), dtype=np.uint32)
    start = time.process_time()
    found = rows_matching(expression, table, candidates, EdgeComparisons())
    return (time.process_time() - start) * 1000, len(found)


def _timed_in_sql(condition: str, database: sqlite3.Connection) -> tuple[float, int]:
    start = time.process_time()
    found = database.execute(f"SELECT rowid FROM objects WHERE {condition}").fetchall()
    return (time.process_time() - start) * 1000, len(found)
