from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.serve.content_coding import SMALLEST, ContentCoding, acceptable, encoded

GZIP, IDENTITY = ContentCoding.GZIP, ContentCoding.IDENTITY
ETAG = '"f56f6603a48215aa69472f14"'


@pytest.mark.parametrize(
    ("accept_encoding", "codings"),
    [
        (None, (IDENTITY, GZIP)),
        ("", (IDENTITY,)),
        (" , ,", (IDENTITY,)),
        ("gzip", (GZIP, IDENTITY)),
        ("GZip", (GZIP, IDENTITY)),
        ("x-gzip", (GZIP, IDENTITY)),
        ("gzip, deflate, br, zstd", (GZIP, IDENTITY)),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", (GZIP, IDENTITY)),
        ("gzip;q=0.001", (GZIP, IDENTITY)),
        ("gzip ; q=0.5 , identity ; q=0.5", (GZIP, IDENTITY)),
        ("gzip;Q=0.5, identity;q=0.4", (GZIP, IDENTITY)),
        ("*", (GZIP, IDENTITY)),
        ("*;q=0.2, identity;q=0.1", (GZIP, IDENTITY)),
        ("gzip;q=0.5, identity", (IDENTITY, GZIP)),
        ("identity;q=0.5, *;q=0.4", (IDENTITY, GZIP)),
        ("br, zstd, deflate", (IDENTITY,)),
        ("gzip;q=0", (IDENTITY,)),
        ("gzip;q=0.000, *", (IDENTITY,)),
        ("identity", (IDENTITY,)),
        ("identity, *;q=0", (IDENTITY,)),
        ("identity;q=0, gzip", (GZIP,)),
        ("gzip, *;q=0", (GZIP,)),
        ("identity;q=0, *", (GZIP,)),
        ("identity;q=0", (GZIP,)),
        ("identity;q=0, br", (GZIP,)),
        # neither is acceptable, and a default is better than 406
        ("*;q=0", (IDENTITY,)),
        ("gzip;q=0, identity;q=0", (IDENTITY,)),
        # weights that are none
        ("gzip;q=2", (IDENTITY,)),
        ("gzip;q=0.1234", (IDENTITY,)),
        ("gzip;q=-1", (IDENTITY,)),
        ("gzip;q=0.5;q=1", (IDENTITY,)),
        ("gzip;level=1", (IDENTITY,)),
        ("gzip;q=\u0660", (IDENTITY,)),
    ],
)
def test_the_preferred_coding_comes_first_and_a_forbidden_one_never(accept_encoding, codings):
    assert acceptable(accept_encoding) == codings


@given(st.text(alphabet="gzipx-*identy;q=0.15, \x00é"))
def test_whatever_a_client_says_there_is_something_to_send_it(accept_encoding):
    codings = acceptable(accept_encoding)
    assert codings
    assert len(set(codings)) == len(codings)


@given(st.binary(max_size=3 * SMALLEST), st.sampled_from([None, "", "gzip", "identity;q=0", "gzip;q=0.5, identity"]))
def test_every_coding_decodes_to_the_body_and_is_the_same_every_time(body, accept_encoding):
    codings = acceptable(accept_encoding)
    content, coding = encoded(body, codings)
    assert coding in codings
    assert (gzip.decompress(content) if coding is GZIP else content) == body
    assert encoded(body, codings) == (content, coding)


def test_a_small_body_is_sent_as_it_is_unless_that_is_forbidden():
    small, large = b"x" * (SMALLEST - 1), b"x" * SMALLEST
    assert encoded(small, (GZIP, IDENTITY)) == (small, IDENTITY)
    assert encoded(large, (GZIP, IDENTITY))[1] is GZIP
    assert encoded(small, (GZIP,))[1] is GZIP


def test_each_coding_has_a_validator_of_its_own():
    assert IDENTITY.etag(ETAG) == ETAG
    assert GZIP.etag(ETAG) == '"f56f6603a48215aa69472f14-gzip"'
