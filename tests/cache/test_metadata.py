from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wfs_proxy.cache.metadata import FORMAT, EntryMetadata, Failure, FetchSummary, Quarantined
from wfs_proxy.features import FetchReport, PipelineReport
from wfs_proxy.snapshot.checksummed import verified_content, with_checksum

RECORD = EntryMetadata(
    version="0123456789abcdef01234567",
    fetched_at=1_800_000_000.25,
    modified_at=1_700_000_000.5,
    summary=FetchSummary(
        count=11,
        report=FetchReport(
            complete=False,
            matched=12,
            requests=3,
            notes=("fetched in quadrants",),
            last_modified=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
        pipeline=PipelineReport(absent_fields=("soort",), skipped={"no geometry": 1}),
    ),
    failure=Failure(title="Unreachable", detail="no answer", failed_at=1.5, in_a_row=2),
    quarantined=Quarantined(
        summary=FetchSummary(count=3, pipeline=PipelineReport(absent_fields=("a",))), reason="less", fetched_at=2.5
    ),
    not_before=1_800_000_060.0,
)


@pytest.mark.parametrize("record", [RECORD, EntryMetadata()])
def test_metadata_is_read_as_it_was_written(record):
    assert EntryMetadata.decoded(record.encoded()) == record


def test_any_changed_byte_makes_it_none():
    whole = RECORD.encoded()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        assert EntryMetadata.decoded(bytes(changed)) is None


def test_any_beginning_of_it_is_none():
    whole = RECORD.encoded()
    assert [EntryMetadata.decoded(whole[:end]) for end in range(len(whole))] == [None] * len(whole)
    assert EntryMetadata.decoded(whole + b"\n") is None


def test_metadata_of_another_format_is_ignored():
    assert EntryMetadata.decoded(replace(RECORD, format=FORMAT + 1).encoded()) is None


@pytest.mark.parametrize("content", [b"[1]", b"null", b"{", b"", b'{"fetched_at": "soon"}'])
def test_json_with_a_checksum_that_is_not_metadata_is_none(content):
    assert EntryMetadata.decoded(with_checksum(content)) is None


def test_json_with_a_checksum_is_json_and_gives_back_its_content():
    assert json.loads(with_checksum(b'{"a": 1}'))["content"] == {"a": 1}
    assert verified_content(with_checksum(b'{"a": 1}')) == b'{"a": 1}'


@pytest.mark.parametrize(
    "document", [b"", b"{", b"{}\n", with_checksum(b"1").replace(b"1}", b"2}"), with_checksum(b"1").upper()]
)
def test_document_with_another_checksum_is_not_believed(document):
    assert verified_content(document) is None
