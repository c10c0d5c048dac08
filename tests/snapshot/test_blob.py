from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.snapshot.blob import Blob


@given(st.lists(st.binary(max_size=9), min_size=1), st.data())
def test_joined_pieces_are_those_that_are_taken_one_by_one(pieces: list[bytes], data: st.DataObject):
    numbers = np.array(data.draw(st.lists(st.integers(0, len(pieces) - 1))), dtype=np.uint32)
    blob = Blob.of(pieces)

    content, lengths = blob.joined(numbers)

    taken = blob.take(numbers)
    assert content.tobytes() == b"".join(taken)
    assert lengths.tolist() == [len(piece) for piece in taken]


def test_pieces_after_a_header_are_joined():
    blob = Blob(data=b"HEADabcde", offsets=np.array([0, 2, 5]), start=4)

    content, lengths = blob.joined(np.array([1, 0]))

    assert (content.tobytes(), lengths.tolist()) == (b"cdeab", [3, 2])
