"""Which validators of a document are reliable, and what a conditional request says."""

from __future__ import annotations

import pytest

from wfs_proxy import __version__
from wfs_proxy.features import Payload, Validators
from wfs_proxy.http.conditions import conditions_of, validators_of

DATE = "Wed, 01 Jan 2025 10:00:00 GMT"
LATER = "Wed, 01 Jan 2025 10:00:01 GMT"


@pytest.mark.parametrize(
    ("headers", "etag", "last_modified"),
    [
        ({"etag": '"a"'}, '"a"', None),
        ({"etag": 'W/"a"'}, 'W/"a"', None),
        ({"etag": ' "a" '}, '"a"', None),
        ({"last_modified": DATE, "date": LATER}, None, DATE),
        ({"etag": '"a"', "last_modified": DATE, "date": LATER}, '"a"', DATE),
        ({"etag": '"a"', "last_modified": DATE, "date": DATE}, '"a"', None),
        ({"etag": "a", "last_modified": DATE, "date": LATER}, None, DATE),
    ],
)
def test_reliable_validators(headers: dict, etag: str | None, last_modified: str | None):
    found = validators_of(Payload(body=b"", **headers))

    assert found == Validators(etag=etag, last_modified=last_modified, reader=__version__)
    sent = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    assert conditions_of(found) == {name: value for name, value in sent.items() if value}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"etag": ""},
        {"etag": "a"},
        {"etag": '"a'},
        {"etag": '"a\r\nHost: x"'},
        {"etag": 'w/"a"'},
        {"etag": '"é"'},
        {"etag": f'"{"x" * 600}"'},
        {"last_modified": DATE},
        {"last_modified": DATE, "date": DATE},
        {"last_modified": LATER, "date": DATE},
        {"last_modified": "1735725600", "date": LATER},
        {"last_modified": DATE, "date": "nu"},
    ],
)
def test_unreliable_validators(headers: dict):
    assert validators_of(Payload(body=b"", **headers)) is None


def test_document_that_another_version_of_the_program_read_has_no_conditions():
    assert conditions_of(Validators(etag='"a"', reader="0.0.0")) == {}
    assert conditions_of(Validators(etag='"a"')) == {}
