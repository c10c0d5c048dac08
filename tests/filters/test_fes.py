"""Filters as clients send them, in every version of FES, and attacks."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, quote_plus

import needs
import owslib.fes
import owslib.fes2
import pytest
from lxml import etree

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.expression import (
    EVERYTHING,
    And,
    Between,
    Comparison,
    HasId,
    Intersects,
    IsNull,
    Like,
    LikePattern,
    Not,
    Or,
    UntypedLiteral,
)
from wfs_proxy.filters.fes import LONGEST_FES, read_fes
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.fes import BoxFilter, filter_document

BOX = Intersects(BBox(4.306585079189341, 52.06765332949572, 4.312415544111649, 52.06974531368218), swappable=True)
ENVELOPE = (
    '<BBOX>{name}<gml:Envelope srsName="{srs}"><lowerCorner>4.306585079189341 52.06765332949572</lowerCorner>'
    "<upperCorner>4.312415544111649 52.06974531368218</upperCorner></gml:Envelope></BBOX>"
)


def documented(language: str) -> str:
    """Return the example in a language of docs/filters.md."""
    text = (needs.ROOT / "docs" / "filters.md").read_text()
    return text.partition(f"```{language}\n")[2].partition("```")[0]


A = "<PropertyIsNull><PropertyName>a</PropertyName></PropertyIsNull>"


def comparison(name: str, literal: str, *, operator: str = "PropertyIsEqualTo", element: str = "ValueReference") -> str:
    return f"<{operator}><{element}>{name}</{element}><Literal>{literal}</Literal></{operator}>"


# -- what is sent in the wild

LIGHTS_OVER_THE_WIRE = (
    "filter=%3CFilter%3E%3CAnd%3E%3CPropertyIsNotEqualTo%3E%3CValueReference%3Eobjecttype_omschrijving%3C%2FValueReferenc"
    "e"
    "%3E%3CLiteral%3EKlok%3C%2FLiteral%3E%3C%2FPropertyIsNotEqualTo%3E%3CBBOX%3E%3Cgml%3AEnvelope+srsName%3D%22EPSG%3A432"
    "6"
    "%22%3E%3ClowerCorner%3E4.306585079189341+52.06765332949572%3C%2FlowerCorner%3E%3CupperCorner%3E4.312415544111649+"
    "52.06974531368218%3C%2FupperCorner%3E%3C%2Fgml%3AEnvelope%3E%3C%2FBBOX%3E%3C%2FAnd%3E%3C%2FFilter%3E"
)
WILD = {
    "lights": (
        (
            f"<Filter><And>{comparison('objecttype_omschrijving', 'Klok', operator='PropertyIsNotEqualTo')}"
            f"{ENVELOPE.format(name='', srs='EPSG:4326')}</And></Filter>"
        ),
        And((Comparison("objecttype_omschrijving", "<>", "Klok"), BOX)),
    ),
    "clocks": (
        (
            f"<Filter><And>{comparison('objecttype_omschrijving', 'Klok')}"
            f"{ENVELOPE.format(name='', srs='EPSG:4326')}</And></Filter>"
        ),
        And((Comparison("objecttype_omschrijving", "=", "Klok"), BOX)),
    ),
    "containers": (
        (
            f"<Filter><And>{comparison('status', '1', element='PropertyName')}"
            f"{ENVELOPE.format(name='<PropertyName>geometrie</PropertyName>', srs='EPSG:4326')}</And></Filter>"
        ),
        And((Comparison("status", "=", "1"), BOX)),
    ),
    "trees": (
        (
            f"<Filter><And>{ENVELOPE.format(name='<PropertyName>geometrie</PropertyName>', srs='EPSG:4326')}"
            f"{comparison('soortnaam_kort', 'Quercus', operator='PropertyIsNotEqualTo', element='PropertyName')}"
            f"</And></Filter>"
        ),
        And((BOX, Comparison("soortnaam_kort", "<>", "Quercus"))),
    ),
    "Meldingen": (
        (
            f"\n  <Filter>\n <And>\n{comparison('status', '1', element='PropertyName')}\n"
            f"{ENVELOPE.format(name='', srs='urn:ogc:def:crs:EPSG::4326')}\n</And>\n</Filter>\n "
        ),
        And(
            (
                Comparison("status", "=", "1"),
                Intersects(BBox(52.06765332949572, 4.306585079189341, 52.06974531368218, 4.312415544111649), True),
            )
        ),
    ),
    "one object of Meldingen": (
        '\n      <Filter>\n        <ResourceId rid="container.123-4" />\n      </Filter>\n    ',
        HasId(("container.123-4",)),
    ),
}


@pytest.mark.parametrize("who", WILD)
def test_filters_of_the_forms(who: str):
    text, expected = WILD[who]

    assert read_fes(text) == expected


@pytest.mark.parametrize("who", WILD)
def test_filters_of_the_forms_through_a_url(who: str):
    text, expected = WILD[who]

    assert read_fes(parse_qs(f"filter={quote_plus(text)}")["filter"][0]) == expected


def test_a_filter_word_for_word():
    assert read_fes(parse_qs(LIGHTS_OVER_THE_WIRE)["filter"][0]) == WILD["lights"][1]


# -- versions and spellings


@pytest.mark.parametrize(
    "text",
    [
        (
            '<ogc:Filter xmlns:ogc="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"><ogc:BBOX>'
            '<ogc:PropertyName>geom</ogc:PropertyName><gml:Box srsName="EPSG:4326"><gml:coordinates>4.1,52 4.2,52.5'
            "</gml:coordinates></gml:Box></ogc:BBOX></ogc:Filter>"
        ),
        (
            '<ogc:Filter xmlns:ogc="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"><ogc:BBOX>'
            '<ogc:PropertyName>geom</ogc:PropertyName><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326">'
            "<gml:lowerCorner>52 4.1</gml:lowerCorner><gml:upperCorner>52.5 4.2</gml:upperCorner></gml:Envelope>"
            "</ogc:BBOX>"
            "</ogc:Filter>"
        ),
        (
            '<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2">'
            "<fes:BBOX>"
            "<fes:ValueReference>geom</fes:ValueReference>"
            '<gml:Envelope srsName="http://www.opengis.net/def/crs/EPSG/0/4326">'
            "<gml:lowerCorner>52 4.1</gml:lowerCorner><gml:upperCorner>52.5 4.2</gml:upperCorner></gml:Envelope>"
            "</fes:BBOX>"
            "</fes:Filter>"
        ),
        (
            '<Filter xmlns="http://www.opengis.net/fes/2.0"><BBOX><ValueReference>geom</ValueReference>'
            '<Envelope xmlns="http://www.opengis.net/gml/3.2" srsName="EPSG:4326"><lowerCorner>4.1 52</lowerCorner>'
            "<upperCorner>4.2 52.5</upperCorner></Envelope></BBOX></Filter>"
        ),
        (
            "<fes:Filter><fes:BBOX><gml:Envelope><gml:lowerCorner>4.2 52</gml:lowerCorner><gml:upperCorner>4.1 52.5"
            "</gml:upperCorner></gml:Envelope></fes:BBOX></fes:Filter>"
        ),
        (
            "<a:Filter xmlns:b='urn:x' z='x>y'><b:BBOX><c:Envelope d:srsName='EPSG:4326'><e:lowerCorner>4.1 52"
            "</e:lowerCorner>"
            "<f-2:upperCorner>4.2 52.5</f-2:upperCorner></c:Envelope></b:BBOX></a:Filter>"
        ),
        (
            '\ufeff<?xml version="1.0" encoding="UTF-16"?><!-- of <Filter> --><!-- QGIS --><Filter><BBOX><gml:Envelope>'
            "<gml:lowerCorner>4.1 52</gml:lowerCorner><gml:upperCorner>4.2 52.5</gml:upperCorner></gml:Envelope>"
            "</BBOX></Filter>"
        ),
    ],
    ids=["1.0", "1.1", "2.0", "2.0 default namespace", "undeclared", "many undeclared", "prolog"],
)
def test_a_box_in_every_version(text: str):
    assert read_fes(text) == Intersects(BBox(4.1, 52, 4.2, 52.5), swappable=True)


@pytest.mark.parametrize(
    ("operator", "sign", "mirrored"),
    [
        ("PropertyIsEqualTo", "=", "="),
        ("PropertyIsNotEqualTo", "<>", "<>"),
        ("PropertyIsLessThan", "<", ">"),
        ("PropertyIsLessThanOrEqualTo", "<=", ">="),
        ("PropertyIsGreaterThan", ">", "<"),
        ("PropertyIsGreaterThanOrEqualTo", ">=", "<="),
    ],
)
def test_comparisons(operator: str, sign, mirrored):
    assert read_fes(f"<Filter>{comparison('a', 'x', operator=operator)}</Filter>") == Comparison("a", sign, "x")
    turned = f"<Filter><{operator}><Literal>x</Literal><PropertyName>a</PropertyName></{operator}></Filter>"
    assert read_fes(turned) == Comparison("a", mirrored, "x")


def test_literals_are_text_without_a_type():
    found = read_fes(
        "<Filter><PropertyIsEqualTo><PropertyName> app:status </PropertyName><Literal type='xs:int'>\n 1 "
        "</Literal></PropertyIsEqualTo></Filter>"
    )

    assert found == Comparison("app:status", "=", "1")
    assert isinstance(found.value, UntypedLiteral)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("", ""),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("<![CDATA[a & b]]>", "a & b"),
        ("&#233;é", "éé"),
        ("it's", "it's"),
    ],
)
def test_characters_in_literals(literal: str, value: str):
    assert read_fes(f"<Filter>{comparison('a', literal)}</Filter>") == Comparison("a", "=", value)


@pytest.mark.parametrize(("flag", "match_case"), [("false", False), ("FALSE", False), ("0", False), ("true", True)])
def test_match_case(flag: str, match_case):
    equal = f'<Filter><PropertyIsEqualTo matchCase="{flag}"><PropertyName>a</PropertyName><Literal>x</Literal>'
    like = f'<Filter><PropertyIsLike matchCase="{flag}"><PropertyName>a</PropertyName><Literal>x</Literal>'

    assert read_fes(f"{equal}</PropertyIsEqualTo></Filter>") == Comparison("a", "=", "x", match_case)
    assert read_fes(f"{like}</PropertyIsLike></Filter>") == Like("a", LikePattern("x"), match_case)


@pytest.mark.parametrize(
    ("attributes", "pattern", "text"),
    [
        ('wildCard="*" singleChar="." escape="!"', "L*mp.!*", r"L%mp_*"),
        ('wildCard="%" singleChar="_" escapeChar="\\"', r"50\%%", r"50\%%"),
        ('wildCard="*" singleChar="#" escapeChar="!"', "50%_#", r"50\%\__"),
        ("", "a*?", "a_%"),
    ],
)
def test_like(attributes: str, pattern: str, text: str):
    found = read_fes(
        f"<Filter><PropertyIsLike {attributes}><ValueReference>a</ValueReference><Literal>{pattern}</Literal>"
        "</PropertyIsLike></Filter>"
    )

    assert found == Like("a", LikePattern(text))


def test_between_null_and_nil():
    between = (
        "<Filter><PropertyIsBetween><PropertyName>jaar</PropertyName><LowerBoundary><Literal>1990</Literal>"
        "</LowerBoundary><UpperBoundary><Literal>2000</Literal></UpperBoundary></PropertyIsBetween></Filter>"
    )

    assert read_fes(between) == Between("jaar", "1990", "2000")
    assert read_fes(f"<Filter>{A}</Filter>") == IsNull("a")
    assert read_fes(f"<Filter>{A.replace('Null', 'Nil')}</Filter>") == IsNull("a")


def test_logical_operators_are_nested():
    found = read_fes(f"<Filter><Or>{A}<Not><And>{A}{comparison('b', '1')}</And></Not></Or></Filter>")

    assert found == Or((IsNull("a"), Not(And((IsNull("a"), Comparison("b", "=", "1"))))))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ('<FeatureId fid="masten.1"/>', ("masten.1",)),
        ('<ogc:FeatureId fid="1"/><ogc:FeatureId fid="2"/>', ("1", "2")),
        ('<GmlObjectId gml:id="x.1"/>', ("x.1",)),
        ('<fes:ResourceId rid=" 1 "/><fes:ResourceId rid="1"/><fes:ResourceId rid="2"/>', ("1", "2")),
    ],
)
def test_ids(ids: str, expected):
    assert read_fes(f"<Filter>{ids}</Filter>") == HasId(expected)


def test_spatial_operators():
    box = "<gml:Envelope><gml:lowerCorner>4 52</gml:lowerCorner><gml:upperCorner>5 53</gml:upperCorner></gml:Envelope>"
    expected = Intersects(BBox(4, 52, 5, 53), swappable=True)
    operand = f"<ValueReference>geom</ValueReference>{box}"

    assert read_fes(f"<Filter><Intersects>{operand}</Intersects></Filter>") == expected
    assert read_fes(f"<Filter><Within>{operand}</Within></Filter>") == expected
    assert read_fes(f"<Filter><Disjoint>{operand}</Disjoint></Filter>") == Not(expected)


def test_an_empty_filter_selects_everything():
    assert read_fes("<Filter/>") == EVERYTHING
    assert read_fes("<fes:Filter>\n</fes:Filter>") == EVERYTHING


def test_the_filter_of_a_query_in_a_post_request():
    query = etree.fromstring(f"<Query><!-- x --><Filter><!-- y -->{A}</Filter></Query>")

    assert read_fes(etree.tostring(query.find("Filter"), encoding="unicode", with_tail=False)) == IsNull("a")


@pytest.mark.parametrize("writer", [owslib.fes, owslib.fes2])
@pytest.mark.parametrize("wrapped", [True, False])
def test_filters_that_owslib_writes(writer, wrapped):
    """Its manual has an operator without a Filter around it."""
    conditions = [
        writer.PropertyIsLike("naam", "Eik%", wildCard="%", singleChar="_", escapeChar="\\"),
        writer.PropertyIsEqualTo("naam", "a & b <c>", matchcase=False),
        writer.BBox([52, 4, 53, 5], crs="urn:ogc:def:crs:EPSG::4326"),
        writer.Or([writer.PropertyIsBetween("jaar", "1990", "2000"), writer.Not([writer.PropertyIsNull("a")])]),
    ]
    written = etree.tostring(writer.And(conditions).toXML()).decode()
    prefix = "ogc" if writer is owslib.fes else "fes"

    assert read_fes(f"<{prefix}:Filter>{written}</{prefix}:Filter>" if wrapped else written) == And(
        (
            Like("naam", LikePattern("Eik%")),
            Comparison("naam", "=", "a & b <c>", match_case=False),
            Intersects(BBox(4, 52, 5, 53), swappable=True),
            Or((Between("jaar", "1990", "2000"), Not(IsNull("a")))),
        )
    )


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_filters_that_the_proxy_sends_to_vendors(version):
    box = BoxFilter(geometry="geom", box=NativeBox(4.0, 52.0, 5.0, 53.0), crs="EPSG:4326")
    written = filter_document({"status": ("a", "b & c"), "x|y": ("1",)}, version, box)

    assert written is not None
    assert read_fes(written) == And(
        (
            Or((Comparison("status", "=", "a"), Comparison("status", "=", "b & c"))),
            Comparison("x/y", "=", "1"),
            Intersects(BBox(4, 52, 5, 53), swappable=True),
        )
    )


def test_the_documented_example_is_read():
    found = read_fes(documented("xml"))

    assert isinstance(found, And)
    assert str(found).startswith("status = '1' AND ")


# -- refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<PropertyIsEqual/>", ["PropertyIsEqual,", "Did you mean PropertyIsEqualTo?"]),
        ("<Beyond/>", ["Beyond", "BBOX", "Intersects"]),
        ("<During/>", ["During", "PropertyIsBetween"]),
        ("<And/>", ["And has no conditions"]),
        (f"<Not>{A}{A}</Not>", ["Not has 2 conditions"]),
        (A + A, ["side by side", "<And>"]),
        (f'<ResourceId rid="1"/>{A}', ["side by side"]),
        ("status = 1", ["'status = 1'"]),
        ("<PropertyIsEqualTo/>", ["PropertyIsEqualTo has 0 operands", "must have 2"]),
        (comparison("", "1"), ["without a name"]),
        (comparison("a", "<gml:Point/>"), ["Literal contains <Point>"]),
        ("<PropertyIsEqualTo><PropertyName>a</PropertyName><PropertyName>b</PropertyName></PropertyIsEqualTo>",
         ["two properties", "'b'"]),
        ("<PropertyIsEqualTo><PropertyName>a</PropertyName><Add><Literal>1</Literal></Add></PropertyIsEqualTo>",
         ["Add", "Literal"]),
        ("<PropertyIsEqualTo><Function name='f'/><Literal>1</Literal></PropertyIsEqualTo>",
         ["Function", "ValueReference"]),
        ("<ResourceId/>", ['rid="..."']),
        ("<FeatureId fid=' '/>", ['fid="..."']),
        ("<BBOX><PropertyName>geom</PropertyName></BBOX>", ["BBOX has 0 geometries"]),
        ("<BBOX><gml:Polygon/></BBOX>", ["Polygon", "Envelope"]),
        ("<Intersects><gml:LineString/></Intersects>", ["LineString", "Polygon"]),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named(content: str, words):
    with pytest.raises(BadRequest) as caught:
        read_fes(f"<Filter>{content}</Filter>")

    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not well-formed"),
        ("status=1", "not well-formed"),
        ("<Filter><And></Filter>", "not well-formed"),
        ("<Filter>&nbsp;</Filter>", "&amp;"),
        ("<Literal/>", "must begin with <Filter>"),
        ("<GetFeature/>", "must begin with <Filter>"),
    ],
)
def test_what_is_no_filter(text: str, words: str):
    with pytest.raises(BadRequest, match=words):
        read_fes(text)


ATTACKS = {
    "entities": '<!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Filter>&b;</Filter>',
    "external entity": '<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><Filter>&a;</Filter>',
    "external DTD": '<!DOCTYPE f SYSTEM "http://127.0.0.1:9/x.dtd"><Filter/>',
    "100,000 operators": f"<Filter>{'<Not>' * 100_000}{A}{'</Not>' * 100_000}</Filter>",
    "3,000 operators": f"<Filter>{'<Not>' * 3_000}{A}{'</Not>' * 3_000}</Filter>",
    "100 operators": f"<Filter>{'<Not>' * 100}{A}{'</Not>' * 100}</Filter>",
    "100 operators without an end": f"<Filter>{'<Not>' * 100}",
    "100,000 conditions": f"<Filter><Or>{A * 100_000}</Or></Filter>",
    "many elements": f"<Filter><Or>{'<a/>' * 15_000}</Or></Filter>",
    "a million vertices": "<Filter><Intersects><Polygon><exterior><LinearRing><posList>" + "4.1 52.1 " * 1_000_000
    + "</posList></LinearRing></exterior></Polygon></Intersects></Filter>",
    "comments": "<!-- -->" * 8_000,
    "unclosed comments": "<!--" * 16_000,
    "unclosed comments, closed once": "<!-- a" * 10_000 + "-->",
    "XML declarations": "<?xml " * 10_000,
    "quotes": "<Filter " + "'\"" * 30_000,
    "prefixes": "<Filter>" + "".join(f"<p{number}:a/>" for number in range(6_000)) + "</Filter>",
    "attributes": "<Filter " + " ".join(f"a{number}='1'" for number in range(5_000)) + "><b/></Filter>",
    "lone surrogate": f"<Filter>{comparison('a', chr(0xD800))}",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_refused_soon(attack: str):
    started = time.process_time()
    with pytest.raises(BadRequest) as caught:
        read_fes(ATTACKS[attack])

    assert time.process_time() - started < 2
    assert "root:" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_long_filter_within_the_bounds_is_read():
    ids = "".join(f'<ResourceId rid="masten.{number}"/>' for number in range(1_500))
    text = f"<Filter>{ids}</Filter>"

    assert len(text) < LONGEST_FES
    assert len(read_fes(text).ids) == 1_500
