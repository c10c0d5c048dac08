from __future__ import annotations

import pytest

from wfs_proxy.pages.weights import weights


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, {}),
        ("", {}),
        (" , ", {}),
        ("text/html", {"text/html": 1.0}),
        ("Text/HTML;charset=utf-8, */*;q=0.8", {"text/html": 1.0, "*/*": 0.8}),
        ("application/signed-exchange;v=b3;q=0.7", {"application/signed-exchange": 0.7}),
        ("nl;q=0.9, nl;q=0.1", {"nl": 0.9}),
        ("nl ; Q = 0.5", {"nl": 0.5}),
        ("nl;q=2", {"nl": 1.0}),
        ("nl;q=0", {"nl": 0.0}),
    ],
)
def test_each_name_has_its_weight(field, expected):
    assert weights(field) == expected
