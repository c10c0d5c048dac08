"""Ids in JSON formats: numbers or text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["texts_of_ids"]


def texts_of_ids(values: Sequence[Any] | NDArray[np.object_]) -> NDArray[np.object_]:
    """Return (N,) ids as text, a whole number without ".0"; None where there is none."""
    return np.fromiter(map(_text_of_id, values), dtype=object, count=len(values))


def _text_of_id(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else str(value)
