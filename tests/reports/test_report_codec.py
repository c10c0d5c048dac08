"""The published form of reports, written and read back."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.marks.reported_objects import AssetReference, ReportedObjects, Signal
from wfs_proxy.reports.report_codec import BEGINNING, decode_reports, encode_reports, is_older_format

places = st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90))
hashes = st.none() | st.integers(0, 2**64 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(timezones=st.just(UTC))
signals = st.builds(
    Signal,
    id=st.integers(-(2**56), 2**53),
    state=texts,
    category=texts,
    created_at=times,
    updated_at=times,
    place=places,
    assets=st.lists(st.builds(AssetReference, id_hash=hashes, place=places, question_key=texts), max_size=3).map(tuple),
)


@given(st.lists(signals, max_size=5), st.booleans())
def test_what_is_published_is_read_back(rows: list[Signal], public_only: bool):  # noqa: FBT001 - generated
    given_ = ReportedObjects(signals={row.id: row for row in rows}, as_of=0.0, version="ab", public_only=public_only)
    read = decode_reports(encode_reports(given_))

    assert (read.signals, read.version, read.public_only) == (given_.signals, "ab", public_only)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":1,"version":"","public_only":false,"signals":[]}',
        b'{"format":2,"version":"","public_only":false,"signals":[]}',
        b'{"format":3,"version":"","public_only":false,"signals":[[1]]}',
        b'{"format":4,"version":"","public_only":false,"signals":[]}',
        b"{",
    ],
)
def test_other_content_is_ignored(body: bytes):
    assert decode_reports(body) is None


@pytest.mark.parametrize(
    ("body", "older"),
    [
        (b'{"format":1,"version":"","public_only":false,"signals":[]}', True),
        (b'{"format":2,"version":"', True),
        (encode_reports(ReportedObjects(signals={}, as_of=0.0, version="")), False),
        (b'{"format":4,"version":"', False),
        (b'{"format":', False),
        (b'{"format":"2"', False),
        (b"", False),
    ],
)
def test_older_formats_are_recognised_by_their_beginning(body: bytes, older: bool):  # noqa: FBT001 - a result
    assert is_older_format(body[:BEGINNING]) is older
