from __future__ import annotations

import pytest

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.versions import negotiated_version, read_version


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2.0.0", "2.0.0"),
        ("1.1.0", "1.1.0"),
        ("1.0.0", "1.0.0"),
        ("2", "2.0.0"),
        ("2.0.2", "2.0.0"),
        ("1.1", "1.1.0"),
        ("1.1.3", "1.1.0"),
        ("1.0", "1.0.0"),
        ("1", "1.1.0"),
        (" 2.0.0 ", "2.0.0"),
        (None, "2.0.0"),
    ],
)
def test_version_in_every_spelling(written, expected):
    assert read_version(written) == expected


@pytest.mark.parametrize("written", ["3.0.0", "1.2.0", "0", "2.1", "two", "-1", "2.0.0.0.0", "9" * 1000, "٢"])
def test_unknown_version_is_refused_with_those_that_there_are(written):
    with pytest.raises(WfsRequestError, match=r"2\.0\.0, 1\.1\.0, 1\.0\.0") as refused:
        read_version(written)

    assert (refused.value.code, refused.value.locator) == ("InvalidParameterValue", "version")


@pytest.mark.parametrize(
    ("accepted", "requested", "expected"),
    [
        (None, None, "2.0.0"),
        (None, "1.1.0", "1.1.0"),
        (None, "3.0.0", "2.0.0"),
        (None, "1.0.20", "1.0.0"),
        (None, "1.5.0", "1.1.0"),
        (None, "0.0.14", "1.0.0"),
        (None, "latest", "2.0.0"),
        ("1.0.0,2.0.0", None, "1.0.0"),
        ("9.9.9, 1.1.0", "2.0.0", "1.1.0"),
    ],
)
def test_version_of_the_capabilities_is_negotiated(accepted, requested, expected):
    assert negotiated_version(accepted, requested) == expected


def test_negotiation_fails_where_no_accepted_version_is_known():
    with pytest.raises(WfsRequestError) as refused:
        negotiated_version("9.9.9,8", None)

    assert refused.value.code == "VersionNegotiationFailed"
