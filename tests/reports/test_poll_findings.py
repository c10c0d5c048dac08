"""The form in which the process that polls tells the others what it found."""

from __future__ import annotations

import pytest

from wfs_proxy.reports.poll_findings import PollFindings, decode_findings, encode_findings
from wfs_proxy.reports.report_codec import BEGINNING, is_older_format


@pytest.mark.parametrize(
    "findings",
    [PollFindings(), PollFindings(unknown=("weg",), categories=("é", "lamp"), error="away", reading=True)],
)
def test_findings_survive_their_encoding(findings: PollFindings):
    assert decode_findings(encode_findings(findings)) == findings


def test_findings_are_not_taken_for_reports_of_an_older_version():
    assert not is_older_format(encode_findings(PollFindings())[:BEGINNING])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"1",
        b"{}",
        b'{"format":[2],"unknown":[],"categories":[],"error":null,"reading":false}',
        b'{"format":[1],"unknown":null,"categories":[],"error":null,"reading":false}',
        b'{"format":[1],"unknown":[],"categories":[],"reading":false}',
    ],
)
def test_anything_else_is_nothing(body: bytes):
    assert decode_findings(body) is None
