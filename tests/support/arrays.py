"""Columns as batches have them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def column(values: Iterable[object]) -> np.ndarray:
    """Return (N,) values of any type; lists among them stay lists."""
    listed = list(values)
    return np.fromiter(listed, dtype=object, count=len(listed))
