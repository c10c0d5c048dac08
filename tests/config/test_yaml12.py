"""YAML text -> values with places, by the rules of YAML 1.2 and our own on numbers."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wfs_proxy.config.yaml12 import MAX_BYTES, Mark, read_yaml


def value_of(text: str) -> object:
    document = read_yaml(f"a: {text}\n".encode())

    assert document.problems == ()
    return document.value["a"]


def found_in(body: bytes | str) -> list[tuple[str, int | None, int | None]]:
    """(code, line, column) of every problem."""
    problems = read_yaml(body.encode() if isinstance(body, str) else body).problems
    return [(problem.code, *(problem.mark or (None, None))) for problem in problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # YAML 1.2, section 10.3.2
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("0", 0),
        ("12", 12),
        ("-7", -7),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("1.0", 1.0),
        # 1.1 would make booleans, a date and a sexagesimal number of these
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("2024-05-01", "2024-05-01"),
        ("12:30:00", "12:30:00"),
        # codes of objects
        ("034575", "034575"),
        ("-012", "-012"),
        ("00.5", "00.5"),
        ("12E4", "12E4"),
        ("1e3", "1e3"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("+31", "+31"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".5", ".5"),
        ("5.", "5."),
        ("9" * 101, "9" * 101),
        # quotes
        ('"12"', "12"),
        ("'true'", "true"),
        ('""', ""),
        ('"\\u00e9"', "é"),
    ],
)
def test_scalar_becomes(text: str, expected: object):
    value = value_of(text)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{b: ${X}, c: 1}", {"b": "${X}", "c": 1}),
        ("[${X}, ${Y:-p, [q], {r}]", ["${X}", "${Y:-p, [q], {r}"]),
        ("${X:-{}", "${X:-{}"),
        ('"${X} {}"', "${X} {}"),
    ],
    ids=["mapping", "list", "block", "quoted"],
)
def test_placeholder_needs_no_quotes_where_braces_mean_something(text: str, expected: object):
    assert value_of(text) == expected


def test_keys_are_text_as_written():
    document = read_yaml(b"{1: a, 034: b, True: c, null: d, 1.50: e, 'x y': f}")

    assert list(document.value) == ["1", "034", "true", "null", "1.50", "x y"]


def test_position_of_a_value_is_its_key_or_its_dash():
    document = read_yaml(b"# first\nsource:\n  url: x\n  names:\n    - a\n    -  {deep: 1}\nlast: >\n  text\n")

    assert document.marks == {
        (): Mark(2, 1),
        ("source",): Mark(2, 1),
        ("source", "url"): Mark(3, 3),
        ("source", "names"): Mark(4, 3),
        ("source", "names", 0): Mark(5, 7),
        ("source", "names", 1): Mark(6, 8),
        ("source", "names", 1, "deep"): Mark(6, 9),
        ("last",): Mark(7, 1),
    }


def test_alias_repeats_values_and_their_places():
    document = read_yaml(b"a: &x [1, {b: 2}]\nc: *x\n")

    assert document.problems == ()
    assert document.value == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}
    assert document.marks["c", 1, "b"] == document.marks["a", 1, "b"] == Mark(1, 12)


def test_alias_is_the_last_value_with_its_anchor():
    """YAML 1.2, section 7.1."""
    assert read_yaml(b"a: &x 1\nb: *x\nc: &x 2\nd: *x\n").value == {"a": 1, "b": 1, "c": 2, "d": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [("yaml_duplicate", 3, 1)]),
        ("a: {b: 1, b: 2}\nc: 1\nc: 2", [("yaml_duplicate", 1, 11), ("yaml_duplicate", 3, 1)]),
        ("a: !!python/object/apply:os.system [x]", [("yaml_tag", 1, 4)]),
        ("a: !!str 5\nb: !own x", [("yaml_tag", 1, 4), ("yaml_tag", 2, 4)]),
        ("a: *nothing", [("yaml_alias", 1, 4)]),
        ("a: &x [*x]", [("yaml_alias", 1, 8)]),
        ("a: *x\nb: *y\nc: 1\nc: 2", [("yaml_alias", 1, 4), ("yaml_alias", 2, 4), ("yaml_duplicate", 4, 1)]),
        ("? [a, b]\n: c", [("yaml_key", 1, 3)]),
        ("a: &x b\n*x : c", [("yaml_key", 2, 1)]),
        ("", [("yaml_empty", 1, 1)]),
        ("# only a comment\n", [("yaml_empty", 1, 1)]),
        ("---\n...\n", [("yaml_empty", 1, 1)]),
        ("- a\n- b\n", [("yaml_no_mapping", 1, 1)]),
        ("title:Lichtmasten\nid:x\n", [("yaml_no_mapping", 1, 1)]),
        ("<html><body>Not found</body></html>", [("yaml_no_mapping", 1, 1)]),
        ("a: 1\n---\nb: 2\n", [("yaml_documents", 2, 1)]),
        ("a:\n\tb: 1\n", [("yaml_tab", 2, 1)]),
        ("a: @b\n", [("yaml_start", 1, 4)]),
        ("a: b: c\n", [("yaml_colon", 1, 5)]),
        ("a: 1\n  b: 2\n", [("yaml_colon", 2, 4)]),
        ("a:\n  b: 1\n c: 2\n", [("yaml_indent", 3, 2)]),
        ("a: 1\nb\nc: 2\n", [("yaml_no_colon", 3, 1)]),
        ("a: - b\n", [("yaml_dash", 1, 4)]),
        ("a: 1\nb: 'x\nc: 2\n", [("yaml_quote", 2, 4)]),
        ("a: [1, 2\nb: 3\n", [("yaml_bracket", 1, 4)]),
        ('a: "C:\\data"\n', [("yaml_escape", 1, 7)]),
        ('a: "\\ud800"\n', [("yaml_escape", 1, 7)]),
        ("a: x\x07y\n", [("yaml_control", 1, 5)]),
        ("a: 1\nb: \ufeff\n", [("yaml_control", 2, 4)]),
        ("[" * 100_000, [("yaml_too_deep", 1, 22)]),
        ("%FOO bar\na: 1", [("yaml", 1, 5)]),
    ],
)
def test_problem_has_its_place(text: str, expected: list[tuple[str, int, int]]):
    assert found_in(text) == expected


@pytest.mark.parametrize(
    ("body", "place"),
    [(b"a: 1\nb: caf\xe9\n", (2, 7)), ("a: b".encode("utf-16"), (1, 1)), (b"\xef\xbb\xbfa: \xff", (1, 4))],
    ids=["latin-1", "utf-16", "after a byte order mark"],
)
def test_bytes_that_are_not_utf8_have_their_position(body: bytes, place: tuple[int, int]):
    assert found_in(body) == [("yaml_not_utf8", *place)]


def test_byte_order_mark_is_not_content():
    assert read_yaml(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").value == {"a": 1, "b": 2}


def test_file_too_large_is_not_parsed():
    assert found_in(b"a: " + b"x" * MAX_BYTES) == [("yaml_too_large", None, None)]


def test_repeated_aliases_are_counted():
    """Ten lines that would become a thousand million values ("billion laughs")."""
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]

    assert [code for code, *_ in found_in("\n".join(lines))] == ["yaml_too_many"]


def test_depth_through_aliases_is_bounded():
    lines = ["a0: &a0 [[[[[[[[x]]]]]]]]", *(f"a{n}: &a{n} [[[[[[[[*a{n - 1}]]]]]]]]" for n in range(1, 5))]

    assert [code for code, *_ in found_in("\n".join(lines))] == ["yaml_too_deep"]


TEXT = st.characters(categories=["L", "N", "P", "S", "Zs"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(TEXT, max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé {}$", max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc", max_size=3), JSON, min_size=1, max_size=4))
def test_json_is_yaml(value: dict[str, object]):
    """YAML 1.2, section 1.3: every JSON file is a YAML file; the other parser is the standard library's."""
    document = read_yaml(json.dumps(value, ensure_ascii=False).encode())

    assert document.problems == ()
    assert document.value == value


PIECES = st.sampled_from(
    [
        "a",
        ": ",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "!t ",
        '"',
        "'",
        "|",
        ">",
        "#",
        "?",
        "\t",
        "${A}",
    ]
)


@example(b"\xef\xbb\xbf")
@example(b"a: \x00")
@given(st.binary(max_size=60) | st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode()))
def test_any_bytes_are_read_or_refused(body: bytes):
    document = read_yaml(body)

    assert document.problems or document.value is not None
    assert bool(document.marks) or document.problems
    json.dumps(document.value)
