"""CQL2 text: examples of each conformance class that is read, errors, and texts at the bounds of the parser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.cql2 import DEEPEST_CQL2, LONGEST_CQL2, MOST_OPERATORS, MOST_PREFIXES, read_cql2
from wfs_proxy.filters.expression import (
    EVERYTHING,
    NOTHING,
    And,
    Area,
    Between,
    Comparison,
    In,
    Intersects,
    IsNull,
    Like,
    LikePattern,
    Not,
    Or,
    all_of,
    any_of,
    opposite_of,
)

TRIANGLE = ((4.0, 52.0), (5.0, 52.0), (5.0, 53.0), (4.0, 52.0))
A, B = Comparison("a", "=", 1), Comparison("b", "=", 2)

BASIC = {
    "status = 'open'": Comparison("status", "=", "open"),
    "status <> 'open'": Comparison("status", "<>", "open"),
    "jaar > 1990": Comparison("jaar", ">", 1990),
    "jaar >= -1.5e3": Comparison("jaar", ">=", -1500),
    "jaar < 1990 and jaar <= 2": And((Comparison("jaar", "<", 1990), Comparison("jaar", "<=", 2))),
    "1990 < jaar": Comparison("jaar", ">", 1990),
    "'x' = a": Comparison("a", "=", "x"),
    "aan = TRUE": Comparison("aan", "=", True),
    "aan = false": Comparison("aan", "=", False),
    "naam = 'it''s'": Comparison("naam", "=", "it's"),
    "\"soort boom\" = 'é(('": Comparison("soort boom", "=", "é(("),
    "naam = ')))'": Comparison("naam", "=", ")))"),
    "app:status = 1": Comparison("app:status", "=", 1),
    "naam IS NULL": IsNull("naam"),
    "naam IS NOT NULL": Not(IsNull("naam")),
    "a=1 AND b=2 OR a=1": Or((And((A, B)), A)),
    "a=1 AND (b=2 OR a=1)": And((A, Or((B, A)))),
    "NOT (a=1 AND b=2)": Not(And((A, B))),
    "NOT a=1 AND b=2": And((Not(A), B)),
    "NOT NOT a=1": A,
    "NOT NOT NOT (a=1 OR b=2)": Not(Or((A, B))),
    "TRUE": EVERYTHING,
    "false": NOTHING,
    "geplaatst >= DATE('2024-05-01')": Comparison("geplaatst", ">=", "2024-05-01"),
    "geplaatst < TIMESTAMP('2024-05-01T12:00:00Z')": Comparison("geplaatst", "<", "2024-05-01T12:00:00Z"),
}
ADVANCED = {
    "naam LIKE 'L%'": Like("naam", LikePattern("L%")),
    r"naam LIKE '50\% _'": Like("naam", LikePattern(r"50\% _")),
    "naam NOT LIKE 'L%'": Not(Like("naam", LikePattern("L%"))),
    "jaar BETWEEN 1990 AND 2000": Between("jaar", 1990, 2000),
    "jaar NOT BETWEEN 1990 AND 2000": Not(Between("jaar", 1990, 2000)),
    "d BETWEEN DATE('2024-01-01') AND DATE('2024-02-01')": Between("d", "2024-01-01", "2024-02-01"),
    "soort IN ('a', 'b')": In("soort", ("a", "b")),
    "soort NOT IN (1, 2.5)": Not(In("soort", (1, 2.5))),
}
CASE_INSENSITIVE = {
    "CASEI(naam) = CASEI('Klok')": Comparison("naam", "=", "klok", match_case=False),
    "casei(naam) <> 'x'": Comparison("naam", "<>", "x", match_case=False),
    "naam = CASEI('X')": Comparison("naam", "=", "x"),
    "CASEI(naam) LIKE CASEI('L%')": Like("naam", LikePattern("l%"), match_case=False),
    "CASEI(naam) IN (CASEI('a'), CASEI('b'))": In("naam", ("a", "b"), match_case=False),
    "CASEI(naam) BETWEEN 'a' AND 'b'": And(
        (Comparison("naam", ">=", "a", match_case=False), Comparison("naam", "<=", "b", match_case=False))
    ),
}
SPATIAL = {
    "S_INTERSECTS(geom, BBOX(4, 52, 5, 53))": Intersects(BBox(4, 52, 5, 53)),
    "S_INTERSECTS(BBOX(4, 52, 5, 53), geom)": Intersects(BBox(4, 52, 5, 53)),
    "S_INTERSECTS(geom, BBOX(4, 52, -1, 5, 53, 9))": Intersects(BBox(4, 52, 5, 53)),
    # of GeoServer
    "BBOX(geom, 4, 52, 5, 53)": Intersects(BBox(4, 52, 5, 53)),
    "bbox(geometrie,4,52,5,53)": Intersects(BBox(4, 52, 5, 53)),
    "BBOX(geom, 4, 52, 5, 53, 'EPSG:4326')": Intersects(BBox(4, 52, 5, 53)),
    "BBOX(geom, 52, 4, 53, 5, 'urn:ogc:def:crs:EPSG::4326')": Intersects(BBox(4, 52, 5, 53)),
    "NOT BBOX(geom, 4, 52, 5, 53)": Not(Intersects(BBox(4, 52, 5, 53))),
    "S_INTERSECTS(geom, POINT(4 52))": Intersects(BBox(4, 52, 4, 52)),
    "S_INTERSECTS(geom, POLYGON((4 52, 5 52, 5 53, 4 52)))": Intersects(Area(((TRIANGLE,),))),
    "S_INTERSECTS(geom, POLYGON Z((4 52 1, 5 52 1, 5 53 1, 4 52 1)))": Intersects(Area(((TRIANGLE,),))),
    "S_WITHIN(geom, MULTIPOLYGON(((4 52, 5 52, 5 53, 4 52)), ((4 52, 5 52, 5 53, 4 52))))": Intersects(
        Area(((TRIANGLE,), (TRIANGLE,)))
    ),
    "S_DISJOINT(geom, BBOX(4, 52, 5, 53))": Not(Intersects(BBox(4, 52, 5, 53))),
    "NOT S_INTERSECTS(geom, BBOX(4, 52, 5, 53))": Not(Intersects(BBox(4, 52, 5, 53))),
}


@pytest.mark.parametrize("text", [*BASIC, *ADVANCED, *CASE_INSENSITIVE, *SPATIAL])
def test_examples(text: str):
    expected = {**BASIC, **ADVANCED, **CASE_INSENSITIVE, **SPATIAL}[text]

    assert read_cql2(text) == expected
    assert read_cql2(str(expected)) == expected


def test_the_documented_examples_are_read():
    text = (needs.ROOT / "docs" / "filters.md").read_text()
    example = text.partition("```sql\n")[2].partition("```")[0]
    rows = text.partition("## Filters in OGC API")[2].partition("```")[0].splitlines()
    cells = [row.split("|")[2] for row in rows if row.startswith(("| comparisons", "| capitals", "| no value"))]

    assert isinstance(read_cql2(example), And)
    for filter_text in re.findall("`([^`]+)`", " ".join(cells)):
        read_cql2(filter_text)


def test_coordinates_in_the_system_of_filter_crs():
    rd = "http://www.opengis.net/def/crs/EPSG/0/28992"

    assert read_cql2(
        "S_INTERSECTS(geom, BBOX(52, 4, 53, 5))", filter_crs="http://www.opengis.net/def/crs/EPSG/0/4326"
    ) == (Intersects(BBox(4, 52, 5, 53)))
    found = read_cql2("S_INTERSECTS(geom, BBOX(80000, 455000, 81000, 456000))", filter_crs=rd)
    assert isinstance(found.area, Area)
    with pytest.raises(BadRequest, match="31370"):
        read_cql2("TRUE", filter_crs="http://www.opengis.net/def/crs/EPSG/0/31370")


# -- the canonical text


names = st.text("aZ_é \"'(1", min_size=1, max_size=5)
texts = st.text("aé'\"%_\\ (", max_size=6)
scalars = st.one_of(
    texts, st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32)
)
degrees = st.floats(-90, 90)
leaves = st.one_of(
    st.builds(Comparison, names, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), scalars),
    st.builds(In, names, st.lists(scalars, min_size=1, max_size=3).map(tuple)),
    st.builds(In, names, st.lists(texts.map(str.casefold), min_size=1, max_size=3).map(tuple), st.just(False)),
    st.builds(Between, names, scalars, scalars),
    st.builds(Like, names, texts.map(LikePattern.of)),
    st.builds(IsNull, names),
    st.tuples(degrees, degrees).map(lambda at: Intersects(BBox(at[0], at[1], at[0], at[1]))),
)
expressions = st.recursive(
    leaves,
    lambda parts: st.one_of(
        parts.map(opposite_of), st.lists(parts, max_size=3).map(all_of), st.lists(parts, max_size=3).map(any_of)
    ),
    max_leaves=8,
)


@given(expressions)
def test_the_canonical_text_is_read_again(expression):
    assert read_cql2(str(expression)) == expression


# -- refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["not CQL2 text"]),
        (f"S_INTERSECTS(geom, POINT(4 {'9' * 400}))", ["not CQL2 text"]),
        ("S_INTERSECTS(geom, MULTIPOLYGON(((4 52, 5 52, 5 53, 4-52))))", ["not CQL2 text"]),
        ("S_INTERSECTS(geom, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(4 52))))", ["not CQL2 text"]),
        ("S_INTERSECTS(geom, BBOX(4, 52, other, 53))", ["BBOX", "numbers"]),
        ("BBOX(geom, 4, 52, 5)", ["BBOX", "four numbers"]),
        ("BBOX(geom)", ["BBOX", "four numbers"]),
        ("BBOX()", ["BBOX without a geometry"]),
        ("S_INTERSECTS(geom, BBOX())", ["BBOX", "four numbers"]),
        ("BBOX(geom, 4, 52, 5, 53, 'EPSG:31370')", ["EPSG:31370", "not supported"]),
        ("BBOX(geom, 'EPSG:4326')", ["BBOX", "four numbers"]),
        ("BBOX(4, 52, 5, 53)", ["S_INTERSECTS(geometry, BBOX"]),
        ("BBOX(geom, other, 52, 5, 53)", ["BBOX", "four numbers"]),
        ("BBOX(geom, 80000, 455000, 81000, 456000)", ["EPSG:28992"]),
        ("S_INTERSECTS(geom, BBOX(4, 52, '5', 53))", ["BBOX", "numbers"]),
        ("S_INTERSECTS(geom, BBOX(4, 52, TRUE, 53))", ["BBOX", "numbers"]),
        ("S_INTERSECTS(geom, BBOX(4, 52, 5 + 1, 53))", ["BBOX", "numbers"]),
        ("S_INTERSECTS(geom, BBOX(4, 52, 5))", ["BBOX"]),
        ("S_INTERSECTS(geom, BBOX(4, 52, 5, 53, 6))", ["BBOX"]),
        (f"a = {'9' * 400}", ["too large"]),
        ("status = 'open' OR", ["not CQL2 text", "line 1, character 19"]),
        ("status == 1", ["not CQL2 text"]),
        ("status = 'open", ["' without an end", "character 10"]),
        ("status", ["'status'", "compare it"]),
        ("1", ["has 1 where", "condition"]),
        ("status = NULL", ["IS NULL"]),
        ('status = "open"', ["two properties", "single quotes"]),
        ("status IN (naam)", ["two properties"]),
        ("1 = 1", ["not a property"]),
        ("upper(status) = 'A'", ["upper", "CASEI"]),
        ("CASE(status) = 'a'", ["CASE", "Did you mean CASEI?"]),
        ("ACCENTI(naam) = ACCENTI('e')", ["accenti", "CASEI"]),
        ("jaar = 1 + 1", ["calculates (+)"]),
        ("jaar + 1 = 2", ["calculates (+)"]),
        ("jaar div 2 = 1", ["calculates (div)"]),
        ("T_AFTER(d, DATE('2024-01-01'))", ["t_after", ">="]),
        ("T_DURING(d, INTERVAL('2024-01-01', '..'))", ["t_during"]),
        ("A_CONTAINS(a, ('x'))", ["a_contains"]),
        ("S_TOUCHES(geom, POINT(4 52))", ["s_touches", "S_INTERSECTS"]),
        ("S_INTERSECTS(geom, LINESTRING(4 52, 5 53))", ["LineString", "POLYGON"]),
        ("S_INTERSECTS(geom, other)", ["geometry property"]),
        ("S_INTERSECTS(geom)", ["s_intersects"]),
        ("S_INTERSECTS(geom, POLYGON EMPTY)", ["outer ring"]),
        ("S_INTERSECTS(geom, BBOX(80000, 455000, 81000, 456000))", ["EPSG:28992", "filter-crs"]),
        ("naam LIKE 5", ["LIKE 5;"]),
        ("naam LIKE other", ["two properties"]),
        ("a IN b", ["two properties"]),
        ("between()", ["between"]),
        ("NOT ()", ["not CQL2 text"]),
        ("a = (1, 2)", ["a list", "literal"]),
        ("(a = 1) = TRUE", ["not supported"]),
    ],
)
def test_what_is_not_supported_is_named(text: str, words):
    with pytest.raises(BadRequest) as caught:
        read_cql2(text)

    assert [word for word in words if word not in str(caught.value)] == []


# -- the bounds of the parser


def nested(opening: str, core: str, closing: str, depth: int) -> str:
    return opening * depth + core + closing * depth


D, N, P = DEEPEST_CQL2, MOST_OPERATORS, MOST_PREFIXES
AT_THE_BOUNDS = {
    "parentheses": nested("(", "a=1", ")", D),
    "parentheses around operands": "a=" + nested("(", "1", ")", D),
    "parentheses and AND": nested("(a=1 AND ", "a=1", ")", D),
    "parentheses and OR": nested("(", "a=1", " OR a=1)", D),
    "NOT": "NOT " * P + "a=1",
    "NOT and parentheses": nested("NOT (", "a=1", ")", D),
    "functions": nested("f(", "a", ")", D) + "=1",
    "functions with several arguments": nested("f(1,", "a", ",2)", D) + "=1",
    "functions of conditions": nested("f(a=1 AND ", "a=1", ")", D),
    "CASEI": nested("CASEI(", "a", ")", D) + "='x'",
    "CASE": nested("CASE(", "a", ")", D) + "='x'",
    "arrays": "A_CONTAINS(a," + nested("(", "1", ")", D - 1) + ")",
    "arrays in IN": "a IN " + nested("(1,", "1", ")", D),
    "IN": nested("a IN (", "1", ")", D),
    "plus": "a=1" + "+1" * (N - 1),
    "minus": "a=1" + "-1" * (N - 1),
    "minus signs": "a=" + "-" * P + "1",
    "arithmetic of all levels": "a=1" + "+2*3^4" * ((N - 1) // 3),
    "powers": "a=2" + "^2" * (N - 1),
    "comparisons": "=".join("a" * N),
    "AND": " AND ".join(["a=1"] * (N // 2)),
    "OR": " OR ".join(["a=1"] * (N // 2)),
    "AND and OR": " OR ".join(["a=1 AND b=2"] * (N // 4)),
    "AND between properties": " AND ".join("a" * N),
    "LIKE": " LIKE ".join("a" * N),
    "BETWEEN": "a BETWEEN 1 AND 2" + " AND a BETWEEN 1 AND 2" * (N // 4),
    "IS NULL": " AND ".join(["a IS NULL"] * (N // 2)),
    "values": "a IN (" + ",".join(["1"] * 4_000) + ")",
    "vertices": "S_INTERSECTS(g,POLYGON((" + ",".join(["4 52"] * 1_600) + ")))",
    "polygons": "S_INTERSECTS(g,MULTIPOLYGON(" + ",".join(["((4 52,5 52,5 53,4 52))"] * 300) + "))",
    "a long text": "a='" + "(" * (LONGEST_CQL2 - 4) + "'",
    "a long name": "a" * (LONGEST_CQL2 - 2) + "=1",
    "spaces": "a=1" + " " * (LONGEST_CQL2 - 3),
    "collections": "S_INTERSECTS(g," + nested("GEOMETRYCOLLECTION(", "POINT(4 52)", ")", D - 2) + ")",
    "intervals": nested("INTERVAL(", "a,b", ")", D),
}
# the same with an error at the end of the innermost parentheses, where the parser tries all alternatives
AT_THE_BOUNDS |= {f"{name}, wrong": text.replace("1)", "1!)", 1) + "!" for name, text in AT_THE_BOUNDS.items()}
AT_THE_BOUNDS |= {f"only {opening}": opening * D for opening in ("(", "f(", "((", "NOT (", "CASEI((", "a=(")}
AT_THE_BOUNDS |= {
    f"wrong in {depth} parentheses": nested("(", " AND ".join(["a=1"] * 120) + " AND", ")", depth) for depth in range(9)
}

READ_IN_A_SMALL_STACK = """
import json, sys, threading, time
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.cql2 import read_cql2

def read_all(texts):
    for name, text in texts.items():
        started = time.process_time()
        try:
            read_cql2(text)
        except BadRequest as error:
            outcome = str(error)
        else:
            outcome = "read"
        print(json.dumps([name, outcome, time.process_time() - started]), flush=True)

threading.stack_size(1024 * 1024)
thread = threading.Thread(target=read_all, args=(json.load(sys.stdin),))
thread.start()
thread.join()
"""
"""A stack of 1 MiB is an eighth of that of the threads of a server on Linux."""


def test_nothing_within_the_bounds_ends_the_process():
    done = subprocess.run(
        [sys.executable, "-c", READ_IN_A_SMALL_STACK],
        input=json.dumps(AT_THE_BOUNDS),
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, f"ended after {outcomes[-1:]}: {done.stderr}"
    assert [name for name, _, _ in outcomes] == list(AT_THE_BOUNDS)
    assert {name: seconds for name, _, seconds in outcomes if seconds > 1} == {}
    # the bounds leave room for all of these
    read = {name for name, outcome, _ in outcomes if outcome == "read"}
    assert {"parentheses", "NOT", "AND", "OR", "AND and OR", "IS NULL", "values", "vertices", "polygons"} <= read


LONG = (
    "parentheses", "parentheses and AND", "parentheses and OR", "NOT", "NOT and parentheses", "AND", "OR", "AND and OR",
    "BETWEEN", "IS NULL", "values", "vertices", "polygons",
)  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_the_canonical_text_is_within_the_bounds_too(name: str):
    """It is in the links between pages."""
    found = read_cql2(AT_THE_BOUNDS[name])

    assert read_cql2(str(found)) == found


BEYOND = {
    "parentheses": nested("(", "a=1", ")", D + 1),
    "parentheses after a text": "a=')))))))' AND " + nested("(", "a=1", ")", D + 1),
    "parentheses after a name": '")))))))"=1 AND ' + nested("(", "a=1", ")", D + 1),
    "parentheses after closed ones": ")" * 20 + nested("(", "a=1", ")", D + 1),
    "only opened": "(" * 50,
    "NOT": "NOT " * (P + 1) + "a=1",
    "plus": "a=1" + "+1" * N,
    "minus signs": "a=" + "- " * (P + 2) + "1",
    "operators": " AND ".join(["a=1"] * N),
    "100,000 parentheses": "(" * 100_000 + "a=1" + ")" * 100_000,
    "100,000 operators": "NOT " * 100_000 + "a=1",
    "a million vertices": "S_INTERSECTS(g,POLYGON((" + ",".join(["4 52"] * 1_000_000) + ")))",
    "work": nested("(", "a='" + "x" * 7_000 + "'", ")", 9),
    "quotes": "'" * 8_191,
    "half a text": "a='" + "x" * 8_000,
}


@pytest.mark.parametrize("kind", BEYOND)
def test_beyond_the_bounds_the_parser_is_not_called(kind: str, monkeypatch):
    monkeypatch.setattr("cql2.parse_text", lambda _: pytest.fail("the parser was called"))
    started = time.process_time()
    with pytest.raises(BadRequest, match=r"shorter|simpler|without an end|parentheses"):
        read_cql2(BEYOND[kind])

    assert time.process_time() - started < 1
