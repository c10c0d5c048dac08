"""What a count proves."""

from __future__ import annotations

import pytest

from wfs_proxy.sources.completeness import RequestBudget, believable_count, looks_like_a_cap


@pytest.mark.parametrize(("claim", "received", "believed"), [(None, 3, None), (0, 3, None), (3, 3, 3), (5, 3, 5)])
def test_count_below_the_number_received_is_not_believed(claim, received, believed):
    assert believable_count(claim, received) == believed


@pytest.mark.parametrize(
    ("received", "stated", "suspect"),
    [
        (0, None, False),
        (1000, None, True),
        (512, None, True),
        (128, None, False),
        (484, None, False),
        (484, 484, True),
        (500, 1000, False),
    ],
)
def test_round_numbers_powers_of_two_and_the_stated_cap_look_like_a_cap(received, stated, suspect):
    assert looks_like_a_cap(received, stated) is suspect


def test_budget_is_exhausted_at_its_limit():
    assert RequestBudget(limit=2, spent=2).exhausted
    assert not RequestBudget(limit=2, spent=1).exhausted
