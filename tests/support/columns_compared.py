"""Compares the columns of a snapshot with the properties of its features."""

from __future__ import annotations

import json
from collections.abc import Sequence

from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.snapshot.snapshot import Snapshot


def typed(values: Sequence[object]) -> list[tuple[type, object]]:
    """Return values that are equal only if their types are: 1, 1.0 and True differ."""
    return [(type(value), value) for value in values]


def assert_columns_are_the_properties(snapshot: Snapshot | MarkedSnapshot) -> None:
    """Check name, order, type and value of every property of every row but the footprint."""
    marked = MarkedSnapshot(snapshot) if isinstance(snapshot, Snapshot) else snapshot
    served = [json.loads(marked.feature(row))["properties"] for row in range(len(marked.snapshot))]
    columns = {name: marked.column(name).to_list() for name in marked.column_names}
    for row, properties in enumerate(served):
        properties.pop("footprint", None)
        assert list(properties) == list(columns)
        assert typed(list(properties.values())) == typed([values[row] for values in columns.values()])
