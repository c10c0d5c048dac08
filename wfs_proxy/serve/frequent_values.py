"""The most frequent values of a served property, for a legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from wfs_proxy.snapshot import Snapshot, TextColumn

__all__ = ["frequent_values"]


def frequent_values(snapshots: Sequence[Snapshot], name: str, most: int) -> list[str]:
    """Return the texts that most objects have for a property, the most frequent first; of equal ones by name.

    Args:
        snapshots: of a layer.
        name: a served property; one that has no texts has no frequent values.
        most: return at most this many.
    """
    counts: Counter[bytes] = Counter()
    for snapshot in snapshots:
        column = snapshot.columns.get(name)
        if isinstance(column, TextColumn):
            objects = np.bincount(column.codes[column.codes >= 0], minlength=1)
            # a stable sort: codes ascend as their texts do
            codes = np.argsort(-objects, kind="stable")[:most]
            codes = codes[objects[codes] > 0]
            counts.update(dict(zip(column.texts.take(codes), objects[codes].tolist(), strict=True)))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [text.decode() for text, _ in ordered[:most]]
