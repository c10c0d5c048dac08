"""Numbers as spreadsheets write them."""

from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.geo import are_plausible
from wfs_proxy.sources.file.decimal_numbers import sign_of, to_numbers

NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "with_comma", "with_point"),
    [
        ("155000", 155000, 155000),
        ("155000,5", 155000.5, 155000.5),
        ("155000.5", 155000.5, 155000.5),
        (" 155 000,5 ", 155000.5, 155000.5),
        ("155\u00a0000", 155000, 155000),
        ("155.000,5", 155000.5, 155000.5),
        ("155,000.5", 155000.5, 155000.5),
        ("1.155.000", 1155000, 1155000),
        ("155.123", 155123, 155.123),
        ("155,123", 155.123, 155123),
        ("0.123", 0.123, 0.123),
        ("5,38763888", 5.38763888, 5.38763888),
        ("-5.5", -5.5, -5.5),
        ("1,55E5", 155000, 155000),
        ("155000,", 155000, 155000),
        (",5", 0.5, 0.5),
        ("", NAN, NAN),
        (None, NAN, NAN),
        (",", NAN, NAN),
        ("abc", NAN, NAN),
        ("155.0.5", NAN, NAN),
        ("15.5000,5", NAN, NAN),
        ("1,5,5", NAN, NAN),
        ("nan", NAN, NAN),
        ("inf", NAN, NAN),
        ("1e999", NAN, NAN),
        ("52°09'", NAN, NAN),
    ],
)
def test_number_is_read(text, with_comma, with_point):
    found = [to_numbers([text], sign)[0] for sign in ",."]

    np.testing.assert_equal(found, [with_comma, with_point])


@pytest.mark.parametrize(
    ("x", "y", "sign"),
    [
        (["155.001"], ["463.002,5"], ","),
        (["155,001"], ["463,002.5"], "."),
        (["5.387"], ["52.155"], "."),
        (["5,387"], ["52,155"], ","),
        (["155.001", "155000,5", "155000.5"], ["463.001", "463000,5", "463000.5"], ","),
        (["155,001", "155000,5", "155000.5"], ["463,001", "463000,5", "463000.5"], "."),
        (["155000"], ["463000"], "."),
        ([], [], "."),
        ([None, ""], ["x", ""], "."),
    ],
)
def test_decimal_sign_is_that_of_clear_numbers_or_of_plausible_places(x, y, sign):
    def plausible(numbers) -> int:
        return int(are_plausible(*numbers).sum())

    assert sign_of([x, y], plausible) == sign


def test_numbers_of_a_column_are_those_of_its_texts():
    """The fast way for a column that numpy can read gives what the other one gives."""
    texts = ["155000.5", " 463000 ", "1e3", "5.387", "0.5"]

    assert to_numbers(texts, ".").tolist() == [to_numbers([text, "x"], ".")[0] for text in texts]
