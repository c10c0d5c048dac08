from __future__ import annotations

import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest, Gone
from wfs_proxy.filters.checking import FilterSchema
from wfs_proxy.filters.expression import And, Comparison, HasId, Intersects, IsNull
from wfs_proxy.serve.query import MAXIMUM_LIMIT, Cursor, FeatureQuery, SortKey, parse_feature_query

BOX = BBox(4.3, 52.06, 4.32, 52.08)


@pytest.mark.parametrize(
    "text",
    [
        "bbox=4.3,52.06,4.32,52.08",
        "bbox=4.3%2C52.06%2C4.32%2C52.08",
        "bbox=4.3, 52.06, 4.32, 52.08",
        "BBOX=4.3,52.06,4.32,52.08",
        "bbox=4.32,52.06,4.3,52.08",
        "bbox=4.32,52.08,4.3,52.06",
        "west=4.3&south=52.06&east=4.32&north=52.08",
        "west=4.32&south=52.08&east=4.3&north=52.06",
        "bbox=43e-1,+52.06,4.32,52.08",
        "service=WFS&request=GetFeature&typeNames=a&bbox=4.3,52.06,4.32,52.08&count=1000&&x",
    ],
)
def test_a_box_is_accepted_in_every_harmless_form(text):
    assert parse_feature_query(text) == FeatureQuery(box=BOX)


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:4326",
        "epsg:4326",
        "urn:ogc:def:crs:EPSG::4326",
        "urn:ogc:def:crs:EPSG:6.9:4326",
        "urn:x-ogc:def:crs:EPSG:4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
        "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "CRS:84",
        "OGC:CRS84",
        "[EPSG:4326]",
        "4326",
    ],
)
@pytest.mark.parametrize("place", ["bbox=4.3,52.06,4.32,52.08,{}", "bbox=4.3,52.06,4.32,52.08&srsName={}"])
def test_wgs84_is_accepted_in_any_spelling_and_never_changes_the_axis_order(crs, place):
    assert parse_feature_query(place.format(quote(crs, safe=""))).box == BOX


EXTENT = BBox(4.18, 52.01, 4.42, 52.13)


@pytest.mark.parametrize("crs", ["", "&srsName=EPSG:4326", "&srsName=urn:ogc:def:crs:EPSG::4326", "&srsName=CRS84"])
@pytest.mark.parametrize("corners", ["52.06,4.3,52.08,4.32", "52.08,4.32,52.06,4.3", "52.08,4.3,52.06,4.32"])
def test_a_box_with_latitude_first_is_swapped_where_only_that_meets_the_layer(corners, crs):
    """Whatever the name of the CRS says: templates write both orders with every name."""
    assert parse_feature_query(f"bbox={corners}{crs}").within(EXTENT) == (FeatureQuery(box=BOX), True)


def test_a_box_with_latitude_first_and_the_name_of_a_crs_is_swapped():
    for crs in ("EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        assert parse_feature_query(f"bbox=52.06,4.3,52.08,4.32,{crs}").within(EXTENT)[0].box == BOX


@pytest.mark.parametrize(
    "text",
    [
        "bbox=4.3,52.06,4.32,52.08",
        "bbox=4.42,52.13,5,53",
        "bbox=5,53,6,54",
        "bbox=53,5,54,6",
        "bbox=-180,-90,180,90",
        "west=52.06&south=4.3&east=52.08&north=4.32",
        "limit=3",
    ],
    ids=["in", "touches", "elsewhere", "elsewhere in both", "the world", "explicit", "no box"],
)
def test_every_other_box_is_literal(text):
    query = parse_feature_query(text)
    assert query.within(EXTENT) == (query, False)


def test_a_layer_on_the_diagonal_is_never_swapped_where_the_box_meets_it():
    query = parse_feature_query("bbox=50,48,51,49")
    assert query.within(BBox(40, 40, 60, 60)) == (query, False)


def test_nothing_is_swapped_where_the_extent_is_not_known():
    query = parse_feature_query("bbox=52.06,4.3,52.08,4.32")
    assert query.within(None) == (query, False)


@given(st.lists(st.floats(-90, 90), min_size=8, max_size=8))
def test_a_swapped_box_meets_the_layer_and_the_written_one_misses_it(numbers):
    west, east, left, right = sorted(numbers[0:2]) + sorted(numbers[2:4])
    south, north, low, high = sorted(numbers[4:6]) + sorted(numbers[6:8])
    extent = BBox(left, low, right, high)
    query = FeatureQuery(box=BBox(west, south, east, north))

    found, was_swapped = query.within(extent)

    literal = query.box.intersection(extent) is not None
    swapped = BBox(south, west, north, east).intersection(extent) is not None
    assert found.box == (BBox(south, west, north, east) if swapped and not literal else query.box)
    assert was_swapped is (swapped and not literal)
    assert found.within(extent) == (found, False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("bbox=", "four numbers"),
        ("bbox=4.3,52.06,4.32", "four numbers"),
        ("bbox=a,52.06,4.32,52.08", "'a'"),
        ("bbox=,52.06,4.32,52.08", "bbox= must contain numbers in degrees, got ''."),
        ("bbox=nan,52.06,4.32,52.08", "'nan'"),
        ("bbox=inf,52.06,4.32,52.08", "'inf'"),
        ("bbox=1e999,52.06,4.32,52.08", "'1e999'"),
        ("bbox=4_3,52.06,4.32,52.08", "'4_3'"),
        ("bbox=٤,52.06,4.32,52.08", "number"),
        ("bbox={west},{south},{east},{north}", "'{west}'"),
        ("bbox=4.3,52.06,0,4.32,52.08,10", "four numbers"),
        ("bbox=80000,450000,81000,451000", "not in metres"),
        ("bbox=4.3,90.1,4.32,52.08", "outside"),
        ("bbox=4.3,52.06,180.0001,52.08", "outside"),
        ("bbox=4.3,52.06,4.32,52.08,EPSG:28992", "EPSG:28992"),
        ("bbox=4.3,52.06,4.32,52.08&srsName=EPSG:28992", "EPSG:28992"),
        ("srsName=EPSG:43260", "EPSG:43260"),
        ("srsName=ESRI:4326", "ESRI:4326"),
        ("srsName=", "EPSG:4326"),
        ("bbox=4.3,52.06,4.32,52.08&west=4", "both"),
        ("bbox=4.3,52.06,4.32,52.08&bbox=4.3,52.06,4.32,52.08", "twice"),
        ("west=4.3&south=52.06", "west= also needs east= and north=."),
        ("filter=%3CFilter%3E", "filter"),
        ("FILTER=x%20y", "filter"),
        ("cql_filter=a=1&filter=a=1", "filter= and cql_filter= are both given"),
        ("limit=0", "limit=0"),
        ("limit=-1", "limit=-1"),
        ("limit=ten", "limit=ten"),
        ("limit=1.5", "limit=1.5"),
        ("limit=", "limit="),
        ("cursor=x", "cursor="),
        ("cursor=abc.-1", "cursor="),
        ("cursor=abc.99999999999", "cursor="),
    ],
)
def test_a_wrong_query_is_refused_with_the_reason(text, says):
    with pytest.raises(BadRequest, match=re.escape(says)):
        parse_feature_query(text)


def test_an_empty_filter_and_an_empty_query_select_everything():
    assert parse_feature_query("filter=") == parse_feature_query("") == FeatureQuery()


@pytest.mark.parametrize(
    ("text", "limit"), [("1", 1), ("007", 7), ("50000", 50_000), ("50001", 50_000), ("9" * 5000, MAXIMUM_LIMIT)]
)
def test_a_limit_over_the_maximum_is_lowered_to_it(text, limit):
    assert parse_feature_query(f"limit={text}").limit == limit


def test_a_number_of_many_digits_is_refused_at_once():
    """A pattern that backtracks over the digits would exceed the time limit of the test."""
    with pytest.raises(BadRequest):
        parse_feature_query(f"bbox={'1' * 200_000}x,1,1,1")


def read(query_string: str) -> tuple[FeatureQuery, str] | str:
    """Return a query with its canonical form, or why it is refused."""
    try:
        query = parse_feature_query(query_string)
    except BadRequest as refusal:
        return str(refusal)
    return query, str(query)


numbers = (
    st.floats(-200, 200).map(repr)
    | st.integers(-181, 181).map(str)
    | st.sampled_from(["-0", "0", "0.0", "-0.0", "4.30", "04.3", "4.", ".5", "+4", "4e0", " 4", "", "4.3.2", "9" * 400])
)


@given(
    st.lists(numbers, min_size=3, max_size=5).map(",".join),
    st.sampled_from(["", "&srsName=EPSG:4326", "&srsName=EPSG:28992", "&srsname=epsg:4326", "&limit=3", "&filter=x"]),
)
@example("4.3,52.0,4.31,52.01", "&srsName=EPSG:4326")
def test_the_fast_and_the_general_parser_agree(bbox, rest):
    # an unknown parameter is ignored, but selects the general parser
    assert read(f"bbox={bbox}{rest}") == read(f"bbox={bbox}{rest}&unknown=1")


@pytest.mark.parametrize(
    "expression",
    [
        None,
        Comparison("soort", "=", "kolk & put'je"),
        And((Comparison("hoogte", ">", 1.5), Intersects(BOX))),
        HasId(("masten.1", "2'3")),
    ],
)
def test_a_query_is_parsed_back_from_its_canonical_form(expression):
    query = FeatureQuery(box=BOX, limit=10, cursor=Cursor(version="abc1", offset=20), filter=expression)
    assert parse_feature_query(str(query)) == query


CLASSIC = (
    "<Filter><And><PropertyIsEqualTo><PropertyName>soort</PropertyName><Literal>kolk</Literal></PropertyIsEqualTo>"
    '<BBOX><gml:Envelope srsName="EPSG:4326"><lowerCorner>4.3 52.06</lowerCorner><upperCorner>4.32 52.08</upperCorner>'
    "</gml:Envelope></BBOX></And></Filter>"
)


@pytest.mark.parametrize("name", ["filter", "Filter", "FILTER"])
def test_the_filter_of_the_classic_frontend_is_read(name):
    query, _ = parse_feature_query(f"{name}={quote_plus(CLASSIC)}").within(EXTENT)

    assert query.filter == And((Comparison("soort", "=", "kolk"), Intersects(BOX)))
    assert query.bounds == BOX


def test_a_box_in_a_filter_with_latitude_first_is_swapped_where_only_that_meets_the_layer():
    written = CLASSIC.replace("4.3 52.06", "52.06 4.3").replace("4.32 52.08", "52.08 4.32")
    query, swapped = parse_feature_query(f"filter={quote_plus(written)}").within(EXTENT)

    assert (query.bounds, swapped) == (BOX, True)


def test_the_bounds_of_a_query_are_what_its_box_and_its_filter_share():
    inner = BBox(4.31, 52.0, 4.5, 52.07)

    assert FeatureQuery(box=BOX, filter=Intersects(inner)).bounds == BBox(4.31, 52.06, 4.32, 52.07)
    assert FeatureQuery(filter=Intersects(inner)).bounds == inner
    assert FeatureQuery(box=BOX).bounds == BOX
    assert FeatureQuery(filter=Comparison("soort", "=", "kolk")).bounds is None


def test_the_names_of_a_query_become_those_that_are_served():
    schema = FilterSchema(types={"soort": "string", "hoogte": "number"}, aliases={"soort_put": "soort"})
    query = FeatureQuery(
        filter=Comparison("soort_put", "=", "kolk"),
        properties=("hoogte", "soort_put", "soort"),
        sort=(SortKey("HOOGTE", descending=True),),
    )

    assert query.checked(schema) == FeatureQuery(
        filter=Comparison("soort", "=", "kolk"),
        properties=("hoogte", "soort"),
        sort=(SortKey("hoogte", descending=True),),
    )


@pytest.mark.parametrize("wrong", [{"properties": ("sort",)}, {"sort": (SortKey("sort"),)}, {"filter": IsNull("sort")}])
def test_a_name_that_is_not_served_is_refused_with_the_nearest(wrong):
    with pytest.raises(BadRequest, match="Did you mean 'soort'"):
        FeatureQuery(**wrong).checked(FilterSchema(types={"soort": "string"}))


def test_a_page_without_a_limit_continues_with_the_default_limit():
    page = FeatureQuery().page_from(Cursor(version="abc1", offset=5000))
    assert str(page) == "limit=5000&cursor=abc1.5000"


def test_a_page_of_another_snapshot_is_gone():
    query = FeatureQuery(cursor=Cursor(version="abc1", offset=0))
    query.require_version("abc1")
    with pytest.raises(Gone, match="The layer was refreshed after the previous page"):
        query.require_version("abc2")


@given(st.text(st.characters(codec="utf-8")) | st.text("% 25,.'()é=/~-_<>&+"))
def test_a_filter_in_a_link_is_percent_encoded(text):
    query = FeatureQuery(filter=Comparison("naam", "=", text))

    assert str(query) == f"filter={quote(str(query.filter))}"
