"""Errors that ArcGIS sends with status 200."""

from __future__ import annotations

import pytest

from wfs_proxy.features import Payload
from wfs_proxy.sources.arcgis.token_errors import read_json_error, read_refused_login

SOURCE = "https://gis.example/0/query?token=***"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"error": {"code": 498, "message": "Invalid token.", "details": []}}', 498),
        (b'\xef\xbb\xbf {"error":{"code":499,"message":"Token Required"}}', 499),
        (b'{"error": {"code": 403, "message": "User does not have permissions"}}', 403),
    ],
)
def test_refused_login_is_found(body, status):
    refused = read_refused_login(Payload(body=body, source=SOURCE))

    assert refused.upstream_status == status
    assert str(refused).startswith(f"the vendor's server (gis.example) answered {status} in place of the data: ")


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": 400, "message": "Invalid URL"}}',
        b'{"error": "x"}',
        b'{"error": ',
        b'{"features": [{"attributes": {"error": {"code": 498}}}]}',
        b'{"features": [], "error": {"code": 498, "message": "x"}}',
        b"<html>498</html>",
        b"",
    ],
)
def test_other_answer_is_no_refused_login(body):
    assert read_refused_login(Payload(body=body, source=SOURCE)) is None


def test_error_of_a_status_is_read_from_its_body():
    error = read_json_error(Payload(body=b'{"error": {"code": 500, "message": "Kapot"}}', source=SOURCE))

    assert "Kapot" in str(error)
    assert read_json_error(Payload(body=b"<html>", source=SOURCE)) is None
