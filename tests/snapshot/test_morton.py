from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.snapshot.morton import interleaved

coordinates = st.integers(0, 2**32 - 1)


@given(coordinates, coordinates)
def test_bits_of_column_and_row_alternate(column: int, row: int):
    (number,) = interleaved(np.array([[column, row]], dtype=np.uint64)).tolist()

    assert int(f"{number:064b}"[1::2], 2) == column
    assert int(f"{number:064b}"[0::2], 2) == row
