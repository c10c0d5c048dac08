from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.faces.tiles.feature_ids import numbered


def fnv1a(text: bytes) -> int:
    """The hash as its authors write it, one byte after another."""
    number = 0xCBF29CE484222325
    for byte in text:
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number


def folded(number: int) -> int:
    return (number >> 53) ^ (number & (2**53 - 1))


def numbers_of(ids: list[bytes], prefix: bytes) -> list[int]:
    lengths = np.array([len(each) for each in ids], dtype=np.int64)
    return numbered(np.frombuffer(b"".join(ids), dtype=np.uint8), lengths, prefix).tolist()


def test_hash_has_the_published_values():
    """From the authors' test vectors."""
    assert fnv1a(b"") == 0xCBF29CE484222325
    assert fnv1a(b"a") == 0xAF63DC4C8601EC8C
    assert fnv1a(b"foobar") == 0x85944171F73967E8


@given(st.lists(st.binary(max_size=40)), st.binary(max_size=20))
def test_number_is_the_folded_hash_of_the_whole_id(ids: list[bytes], prefix: bytes):
    assert numbers_of(ids, prefix) == [folded(fnv1a(prefix + each)) for each in ids]


def test_ids_of_a_large_layer_have_different_numbers():
    ids = [b"%06d" % number for number in range(200_000)]

    numbers = numbers_of(ids, b"masten.")

    assert len(set(numbers)) == len(ids)
    assert max(numbers) < 2**53
