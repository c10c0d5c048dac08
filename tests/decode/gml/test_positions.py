"""Texts that are parsed together give the numbers that Python reads from each of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.decode.gml.positions import Positions, from_tuples, resolve

NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6)
SEQUENCE = st.lists(st.tuples(NUMBER, NUMBER), max_size=5)
SPACE = st.sampled_from([" ", "  ", "\n", "\t "])
SPELLING = st.sampled_from([repr, "{:+.3f}".format, "{:.0f}.".format, "0{}".format, str])


@given(st.lists(SEQUENCE, max_size=5), SPACE, st.data())
def test_numbers_are_those_that_python_reads(sequences, space, data):
    words = [[data.draw(SPELLING)(n) for pair in sequence for n in pair] for sequence in sequences]
    expected = []
    for sequence in words:
        try:
            expected.append([float(word) for word in sequence])
        except ValueError:
            expected.append([])

    resolved = resolve([Positions(space.join(sequence), 2) for sequence in words])

    assert resolved.xy.ravel().tolist() == [number for numbers in expected for number in numbers]
    assert (2 * resolved.counts).tolist() == [len(numbers) for numbers in expected]


@given(st.lists(st.text('0123456789.,-+eE []{}"truefalsn'), max_size=4))
def test_text_does_not_affect_its_neighbours(texts):
    alone = [resolve([Positions(text, 2)]) for text in texts]

    together = resolve([Positions(text, 2) for text in texts])

    assert together.counts.tolist() == [int(each.counts[0]) for each in alone]
    assert together.xy.tolist() == [pair for each in alone for pair in each.xy.tolist()]
    assert together.errors == {index: each.errors[0] for index, each in enumerate(alone) if each.errors}


@pytest.mark.parametrize("text", ["true false", "null 1", '"1" 2', "{} 1", "[1] 2", "1,2", "1][2", "NaN 1", "1e999 1"])
def test_text_that_is_json_but_not_numbers_is_refused(text):
    resolved = resolve([Positions("1 2", 2), Positions(text, 2), Positions("3 4", 2)])

    assert resolved.xy.tolist() == [[1, 2], [3, 4]]
    assert list(resolved.errors) == [1]


@pytest.mark.parametrize(
    ("text", "dimension", "closed", "expected"),
    [
        ("1 2 3 4", 0, False, [[1, 2], [3, 4]]),
        ("1 2 3", 0, False, [[1, 2]]),
        ("1 2 3 4 5 6", 0, False, [[1, 2], [3, 4], [5, 6]]),
        ("1 2 3 4 5 6", 3, False, [[1, 2], [4, 5]]),
        ("0 0 9 1 0 9 1 1 9 0 0 9", 0, True, [[0, 0], [1, 0], [1, 1], [0, 0]]),
        ("0 0 9 1 0 9 1 1 9 0 0 8", 0, True, [[0, 0], [9, 1], [0, 9], [1, 1], [9, 0], [0, 8]]),
        ("0 0 9 1 0 9 1 1 9 0 0 9", 0, False, [[0, 0], [9, 1], [0, 9], [1, 1], [9, 0], [0, 9]]),
        ("", 0, False, []),
        ("233900 582100 1.3 233910 582104 1.4", 0, False, [[233900, 582100], [233910, 582104]]),
        ("53.2 6.5 1.3 53.3 6.6 -1.4", 0, False, [[53.2, 6.5], [53.3, 6.6]]),
        ("233900 582100 233910 582104 233921 582109", 0, False, [[233900, 582100], [233910, 582104], [233921, 582109]]),
        ("5.2 5.3 5.2 5.4 5.1 5.3", 0, False, [[5.2, 5.3], [5.2, 5.4], [5.1, 5.3]]),
        ("1 2 NaN 4 5 NaN", 0, False, [[1, 2], [4, 5]]),
        ("0 0 NaN 4 0 1 4 4 NaN 0 0 NaN", 0, True, [[0, 0], [4, 0], [4, 4], [0, 0]]),
    ],
)
def test_dimension_that_the_document_does_not_give_is_found(text, dimension, closed, expected):
    resolved = resolve([Positions("7 7", 2), Positions(text, dimension, closed), Positions([8.0, 8.0], 2)])

    assert resolved.xy.tolist() == [[7, 7], *expected, [8, 8]]
    assert resolved.errors == {}


@pytest.mark.parametrize("dimension", [1, 4])
def test_sequence_that_does_not_fit_its_dimension_has_no_positions(dimension):
    resolved = resolve(
        [Positions("1 2", 2), Positions("1 2 3 4 5 6"[: dimension * 2 + 1], dimension), Positions("3 4", 2)]
    )

    assert resolved.xy.tolist()[0] == [1, 2]
    assert resolved.xy.tolist()[-1] == [3, 4]
    assert resolved.errors == {1: "the number of coordinates does not fit their dimension"}


@pytest.mark.parametrize(
    ("text", "decimal", "cs", "ts", "expected"),
    [
        ("1,2 3,4", ".", ",", " ", "1 2 3 4"),
        ("1,2,9 3,4,9", ".", ",", " ", "1 2 9 3 4 9"),
        ("\n1,2\n\t3,4\n", ".", ",", " ", "1 2 3 4"),
        ("1;2:3;4:", ".", ";", ":", "1 2 3 4"),
        ("1,5 2,5;3,5 4,5", ",", " ", ";", "1.5 2.5 3.5 4.5"),
        ("", ".", ",", " ", ""),
    ],
)
def test_tuples_are_split_at_the_separators_of_the_document(text, decimal, cs, ts, expected):
    found = from_tuples(text, decimal=decimal, between_ordinates=cs, between_tuples=ts, closed=False)

    assert found.ordinates.split() == expected.split()
    assert resolve([found]).errors == {}


@pytest.mark.parametrize(
    ("text", "surrounding", "closed", "expected"),
    [
        ("1 2 3 4 5 6", 3, False, [[1, 2], [4, 5]]),
        ("1 2 3 4 5 6", 2, False, [[1, 2], [3, 4], [5, 6]]),
        ("1 2 3 4 5 6 7 8", 3, False, [[1, 2], [3, 4], [5, 6], [7, 8]]),
        ("1 2 3 4 5 6 7 8", 4, False, [[1, 2], [5, 6]]),
        ("1 2 3", 2, False, [[1, 2]]),
        ("0 0 4 0 4 4 1 4 0 3 0 0", 3, True, [[0, 0], [4, 0], [4, 4], [1, 4], [0, 3], [0, 0]]),
        ("233900 582100 233910 582104 233921 582109", 3, False, [[233900, 582100], [233910, 582104], [233921, 582109]]),
        ("233900 582100 1 233910 582104 2", 2, False, [[233900, 582100], [233910, 582104]]),
        ("", 3, False, []),
    ],
)
def test_expected_dimension_holds_unless_the_numbers_show_another(text, surrounding, closed, expected):
    resolved = resolve([Positions(text, 0, closed, surrounding)])

    assert resolved.xy.tolist() == expected
    assert resolved.errors == {}


HEIGHTS = ["NaN", "nan", "INF", "-INF", "+Infinity", "1e400", "-1e400", "null", "-", "n/a", "9999999"]


@pytest.mark.parametrize("height", HEIGHTS)
def test_height_may_be_anything(height):
    measured = f"1 2 {height} {height} 3 4 0 {height}"

    resolved = resolve([Positions(f"1 2 {height} 3 4 0", 3), Positions("5 6", 2), Positions(measured, 4)])

    assert resolved.xy.tolist() == [[1, 2], [3, 4], [5, 6], [1, 2], [3, 4]]
    assert resolved.errors == {}


@pytest.mark.parametrize("ordinate", HEIGHTS[:-1])
@pytest.mark.parametrize("text", ["{} 2 9 3 4 9", "1 2 9 3 {} 9"])
def test_place_needs_two_numbers(text, ordinate):
    resolved = resolve([Positions("5 6", 2), Positions(text.format(ordinate), 3), Positions("7 8", 2)])

    assert resolved.xy.tolist() == [[5, 6], [7, 8]]
    assert resolved.errors == {1: "coordinates are not numbers"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2,", [[1, 2]]),
        ("1,2, 3,4,", [[1, 2], [3, 4]]),
        ("1,2,9 3,4,", [[1, 2], [3, 4]]),
        ("1,2,9 3,4", [[1, 2], [3, 4]]),
        ("1,2,,", [[1, 2]]),
        ("1,2,NaN", [[1, 2]]),
    ],
)
def test_tuple_may_lack_its_height(text, expected):
    found = from_tuples(text, decimal=".", between_ordinates=",", between_tuples=" ", closed=False)

    assert resolve([found]).xy.tolist() == expected


@pytest.mark.parametrize("text", [",,9", "1,,9", ",2,9", "1,", ",2"])
def test_tuple_without_a_place_is_no_position(text):
    found = from_tuples(text, decimal=".", between_ordinates=",", between_tuples=" ", closed=False)

    assert resolve([found]).errors == {0: "coordinates are not numbers"}
