"""Whole documents: which elements are features, where the srsName comes from, what attributes are called."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import DecodeError, MalformedDocument, UpstreamException
from wfs_proxy.features import Claims, Encoding, FeatureBatch, Payload

NAMESPACES = (
    'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:app="urn:app" '
    'xmlns:other="urn:other" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)
POINT = "<gml:Point><gml:pos>1 2</gml:pos></gml:Point>"


def document(*members: str, head: str = "", attributes: str = "", root: str = "wfs:FeatureCollection") -> bytes:
    body = "\n".join(members)
    return f'<?xml version="1.0"?>\n<{root} {NAMESPACES} {attributes}>{head}\n{body}\n</{root}>\n'.encode()


def member(*properties: str, name: str = "app:pole", attributes: str = "") -> str:
    return f"<wfs:member><{name} {attributes}>{''.join(properties)}</{name}></wfs:member>"


def read(*members: str, geometry: str | None = None, **keywords) -> FeatureBatch:
    return decode(Payload(body=document(*members, **keywords)), geometry=geometry)


def columns(batch: FeatureBatch) -> dict:
    return {name: list(values) for name, values in batch.columns.items()}


def wkt(batch: FeatureBatch) -> list:
    return [each and each.wkt for each in batch.geometry]


def srs(batch: FeatureBatch) -> list:
    return [None if index < 0 else batch.srs_names[index] for index in batch.srs_index]


# -- which elements are features


FEATURE = '<app:pole gml:id="p.{}"><app:number>{}</app:number></app:pole>'
ONE, TWO = FEATURE.format(1, 1), FEATURE.format(2, 2)

HOLDERS = {
    "member": f"<wfs:member>{ONE}</wfs:member><wfs:member>{TWO}</wfs:member>",
    "featureMember": f"<gml:featureMember>{ONE}</gml:featureMember><gml:featureMember>{TWO}</gml:featureMember>",
    "featureMembers": f"<gml:featureMembers>{ONE}{TWO}</gml:featureMembers>",
    "cityObjectMember": f"<app:cityObjectMember>{ONE}</app:cityObjectMember><app:cityObjectMember>{TWO}"
    "</app:cityObjectMember>",
    "nested collections": f"<wfs:member><wfs:FeatureCollection><wfs:member>{ONE}</wfs:member></wfs:FeatureCollection>"
    f"</wfs:member><wfs:member><wfs:FeatureCollection><wfs:member>{TWO}</wfs:member></wfs:FeatureCollection>"
    "</wfs:member>",
    "tuple": f"<wfs:member><wfs:Tuple><wfs:member>{ONE}</wfs:member><wfs:member>{TWO}</wfs:member></wfs:Tuple>"
    "</wfs:member>",
    "additional objects": f"<wfs:member>{ONE}</wfs:member><wfs:member>{TWO}</wfs:member><wfs:additionalObjects>"
    f"<wfs:SimpleFeatureCollection><wfs:member>{FEATURE.format(3, 3)}</wfs:member></wfs:SimpleFeatureCollection>"
    "</wfs:additionalObjects>",
}


@pytest.mark.parametrize("members", HOLDERS.values(), ids=HOLDERS)
def test_features_are_found_in_every_kind_of_holder(members):
    batch = read(members)

    assert list(batch.ids) == ["p.1", "p.2"]
    assert list(batch.type_names) == ["pole", "pole"]
    assert columns(batch) == {"number": ["1", "2"]}


@pytest.mark.parametrize("members", HOLDERS.values(), ids=HOLDERS)
def test_features_of_a_long_document_are_all_found(members):
    """The parser gets a document in pieces of 64 kB, and features are removed while it grows."""
    filler = f"<app:text>{'x' * 1000}</app:text></app:pole>"
    many = members.replace("</app:pole>", filler)

    batch = read(many * 200)

    assert list(batch.ids) == ["p.1", "p.2"] * 200
    assert list(batch.columns["number"]) == ["1", "2"] * 200


def test_features_in_one_long_holder_are_all_found():
    count = 3000
    features = "".join(FEATURE.format(i, "x" * 100) for i in range(count))

    batch = read(f"<gml:featureMembers>{features}</gml:featureMembers>")

    assert [f"p.{i}" for i in range(count)] == list(batch.ids)


def test_document_without_namespaces_is_read():
    body = (
        b'<FeatureCollection><featureMember><pole fid="7"><number>1</number><geom><Polygon srsName="EPSG:28992">'
        b"<outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs>"
        b"</Polygon></geom></pole></featureMember></FeatureCollection>"
    )

    batch = decode(Payload(body=body))

    assert list(batch.ids) == ["7"]
    assert wkt(batch) == ["POLYGON ((0 0, 1 0, 1 1, 0 0))"]
    assert srs(batch) == ["EPSG:28992"]
    assert columns(batch) == {"number": ["1"]}


def test_answer_to_get_feature_by_id_is_one_feature():
    batch = decode(Payload(body=FEATURE.format(1, 5).replace("<app:pole", f"<app:pole {NAMESPACES}").encode()))

    assert list(batch.ids) == ["p.1"]
    assert columns(batch) == {"number": ["5"]}


@pytest.mark.parametrize("root", ["wfs:FeatureCollection", "gml:FeatureCollection", "app:CityModel"])
def test_collection_without_members_is_an_empty_batch(root):
    batch = read(head="<gml:boundedBy><gml:Null>missing</gml:Null></gml:boundedBy>", root=root)

    assert len(batch) == len(batch.geometry) == len(batch.srs_index) == 0
    assert columns(batch) == {}


REPORT = (
    "<ows:ExceptionReport xmlns:ows='http://www.opengis.net/ows/1.1'><ows:Exception exceptionCode='NoApplicableCode'>"
    "<ows:ExceptionText>database gone</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
)


@pytest.mark.parametrize("ending", [REPORT, f"<wfs:truncatedResponse>{REPORT}</wfs:truncatedResponse>"])
def test_answer_that_the_server_could_not_finish_raises_its_report(ending):
    with pytest.raises(UpstreamException, match="database gone"):
        read(member(POINT), ending)


# -- what the document says about itself


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('numberMatched="21" numberReturned="1"', Claims(matched=21, returned=1)),
        ('numberMatched="unknown" numberReturned="0"', Claims(matched=None, returned=0)),
        ('numberOfFeatures="123"', Claims(returned=123)),
        ('numberMatched="-1"', Claims()),
        (f'numberMatched="{"9" * 5000}"', Claims()),
        ("", Claims()),
    ],
)  # fmt: skip
def test_counts_are_claims(attributes, expected):
    batch = read(member(POINT), attributes=attributes)

    assert expected == batch.claims
    assert len(batch) == 1


GML_NAMESPACE = "http://www.opengis.net/gml"


@pytest.mark.parametrize(
    ("root", "gml", "point", "expected"),
    [
        ("http://www.opengis.net/wfs/2.0", f"{GML_NAMESPACE}/3.2", "pos", (Encoding.GML32, "2.0.0")),
        ("http://www.opengis.net/wfs/2.0", GML_NAMESPACE, "coordinates", (Encoding.GML2, "2.0.0")),
        ("http://www.opengis.net/wfs", GML_NAMESPACE, "pos", (Encoding.GML31, "1.1.0")),
        ("http://www.opengis.net/wfs", GML_NAMESPACE, "coordinates", (Encoding.GML2, "1.0.0")),
        ("urn:ogr", GML_NAMESPACE, "coordinates", (Encoding.GML2, None)),
    ],
)
def test_encoding_and_version_come_from_the_elements(root, gml, point, expected):
    body = (
        f'<w:FeatureCollection xmlns:w="{root}" xmlns:g="{gml}"><w:member><f><g:Point><g:{point}>1,2</g:{point}>'
        "</g:Point></f></w:member></w:FeatureCollection>"
    )

    batch = decode(Payload(body=body.encode()))

    assert expected == (batch.encoding, batch.wfs_version)


@pytest.mark.parametrize(("attributes", "expected"), [("", False), ('xmlns:fme="http://www.safe.com/gml/fme"', True)])
def test_documents_of_fme_have_the_axis_order_of_the_authority(attributes, expected):
    assert read(member(POINT), attributes=attributes).authority_order is expected


def test_version_that_was_asked_for_is_preferred():
    assert decode(Payload(body=document(), wfs_version="1.0.0")).wfs_version == "1.0.0"


# -- the innermost srsName


def nested_srs(*levels: str) -> str:
    """A point in a collection, with an srsName on each of the given levels: the name of the level."""

    def at(level: str) -> str:
        return f'srsName="{level}"' if level in levels else ""

    bounds = "<gml:boundedBy><gml:Envelope {}><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope></gml:boundedBy>"
    head = bounds.format(at("extent"))
    feature = (
        f"<wfs:member><app:pole {at('feature')}>{bounds.format(at('own extent'))}"
        f"<app:label><gml:Point {at('geometry beside it')}><gml:pos>3 4</gml:pos></gml:Point></app:label>"
        f"<app:geom {at('property')}>"
        f"<gml:MultiPoint {at('geometry')}><gml:pointMember><gml:Point {at('part')}><gml:pos {at('position')}>1 2"
        "</gml:pos></gml:Point></gml:pointMember></gml:MultiPoint></app:geom></app:pole></wfs:member>"
    )  # fmt: skip
    return head + feature


LEVELS = ["extent", "geometry beside it", "own extent", "feature", "property", "geometry", "part", "position"]


@pytest.mark.parametrize("inner", range(len(LEVELS)), ids=LEVELS)
def test_innermost_srs_name_wins(inner):
    batch = read(head=nested_srs(*LEVELS[: inner + 1]))

    assert [LEVELS[inner]] == srs(batch)


ENVELOPE = (
    "<gml:boundedBy><gml:Envelope srsName='outer'><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope></gml:boundedBy>"
)


@pytest.mark.parametrize("head", ["", ENVELOPE], ids=["no extent", "extent"])
@pytest.mark.parametrize("beside", ["before", "after", "nested"])
@pytest.mark.parametrize("part", [False, True], ids=["on the geometry", "on a position"])
def test_geometry_without_an_srs_name_has_that_of_the_other_geometry_of_its_feature(head, beside, part):
    other = POINT.replace("<gml:pos>" if part else "<gml:Point>", f"<gml:{'pos' if part else 'Point'} srsName='other'>")
    label = f"<app:label>{other}</app:label>"
    properties = {
        "before": f"{label}<app:geom>{POINT}</app:geom>",
        "after": f"<app:geom>{POINT}</app:geom>{label}",
        "nested": f"<app:geom>{POINT}</app:geom><app:sign><app:Sign>{label}</app:Sign></app:sign>",
    }

    batch = read(member(properties[beside]), member(f"<app:geom>{POINT}</app:geom>"), head=head, geometry="geom")

    assert srs(batch) == ["other", "outer" if head else None]


@pytest.mark.parametrize(("second", "expected"), [("first", "first"), ("second", "outer")])
def test_other_geometries_of_a_feature_say_nothing_where_they_differ(second, expected):
    others = [POINT.replace("<gml:Point>", f"<gml:Point srsName='{name}'>") for name in ("first", second)]

    batch = read(
        member(*(f"<app:label>{each}</app:label>" for each in others), f"<app:geom>{POINT}</app:geom>"), head=ENVELOPE
    )

    assert srs(batch) == [expected]


def test_extent_of_a_feature_goes_before_its_other_geometries():
    other = POINT.replace("<gml:Point>", "<gml:Point srsName='other'>")

    assert srs(read(member(ENVELOPE, f"<app:label>{other}</app:label>", f"<app:geom>{POINT}</app:geom>"))) == ["outer"]


# -- the dimension of positions


def nested_dimension(*levels: str, srs: str = "EPSG:28992") -> str:
    """A line in a collection, with an srsDimension of 3 on each of the given levels."""

    def at(level: str) -> str:
        return 'srsDimension="3"' if level in levels else ""

    bounds = "<gml:boundedBy><gml:Envelope {}><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope></gml:boundedBy>"
    return bounds.format(at("extent")) + (
        f"<wfs:member><app:pole {at('feature')}>{bounds.format(at('own extent'))}<app:geom {at('property')}>"
        f'<gml:MultiLineString srsName="{srs}" {at("geometry")}><gml:lineStringMember><gml:LineString {at("part")}>'
        f"<gml:posList {at('position')}>1 2 3 4 5 6</gml:posList></gml:LineString></gml:lineStringMember>"
        "</gml:MultiLineString></app:geom></app:pole></wfs:member>"
    )


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "geometry beside it"])
@pytest.mark.parametrize("description", ["", "<gml:name>n</gml:name>"], ids=["fast", "general"])
def test_dimension_is_found_on_every_level(level, description):
    text = nested_dimension(level).replace("<gml:posList", f"{description}<gml:posList")
    members = text[text.index("<wfs:member>") :]

    batch = read(text + members * 3)

    assert wkt(batch) == ["MULTILINESTRING ((1 2, 4 5))"] * 4


COMPOUND = "http://www.opengis.net/def/crs-compound?" + "&amp;".join(
    f"{number}=http://www.opengis.net/def/crs/EPSG/0/{code}" for number, code in enumerate((28992, 5709), 1)
)


@pytest.mark.parametrize("description", ["", "<gml:name>n</gml:name>"], ids=["fast", "general"])
@pytest.mark.parametrize(
    ("srs", "line"),
    [
        ("EPSG:28992", "1 2, 3 4, 5 6"),
        ("urn:ogc:def:crs:EPSG::7415", "1 2, 4 5"),
        ("EPSG:4979", "1 2, 4 5"),
        ("urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709", "1 2, 4 5"),
        (COMPOUND, "1 2, 4 5"),
        ("EPSG:28992+5709", "1 2, 4 5"),
        ("EPSG:999999", "1 2, 3 4, 5 6"),
    ],
)  # fmt: skip
def test_crs_with_three_axes_says_the_dimension(srs, line, description):
    text = nested_dimension(srs=srs).replace("<gml:posList", f"{description}<gml:posList")

    assert wkt(read(text + text[text.index("<wfs:member>") :] * 2)) == [f"MULTILINESTRING (({line}))"] * 3


def test_dimension_of_the_geometry_is_preferred_to_that_around_it():
    text = nested_dimension("extent", srs="EPSG:7415").replace("<gml:LineString ", '<gml:LineString srsDimension="2" ')

    assert wkt(read(text)) == ["MULTILINESTRING ((1 2, 3 4, 5 6))"]


def test_dimension_of_a_nested_collection_holds_for_its_own_features():
    """The features have the same markup, but the extents of their collections have different dimensions."""
    outer = nested_dimension()
    member_ = outer[outer.index("<wfs:member>") :]
    inner = nested_dimension("extent")
    nested = f"<wfs:member><wfs:FeatureCollection>{inner}{member_}</wfs:FeatureCollection></wfs:member>"

    batch = read(outer + member_ + nested + member_)

    plane, space = "MULTILINESTRING ((1 2, 3 4, 5 6))", "MULTILINESTRING ((1 2, 4 5))"
    assert wkt(batch) == [plane, plane, space, space, plane]


def test_dimension_around_a_curve_holds_for_its_segments():
    segment = "<gml:LineStringSegment><gml:posList>{}</gml:posList></gml:LineStringSegment>"
    curve = "".join(segment.format(text) for text in ("1 2 9 4 5 9", "4 5 9 7 8 9"))

    batch = read(member(f'<gml:Curve srsName="EPSG:7415"><gml:segments>{curve}</gml:segments></gml:Curve>'))

    assert wkt(batch) == ["LINESTRING (1 2, 4 5, 7 8)"]


def test_srs_name_of_the_collections_extent_holds_for_nested_collections():
    batch = read(
        "<wfs:member><wfs:FeatureCollection><gml:boundedBy><gml:Envelope srsName='inner'><gml:lowerCorner>0 0"
        f"</gml:lowerCorner></gml:Envelope></gml:boundedBy>{member(POINT)}</wfs:FeatureCollection></wfs:member>",
        head="<gml:boundedBy><gml:Envelope srsName='outer'><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope>"
        "</gml:boundedBy>",
    )

    assert srs(batch) == ["inner"]


def test_document_without_srs_name_has_none():
    assert srs(read(member(POINT))) == [None]


def test_srs_names_of_a_batch_are_kept_by_row():
    one, two = (POINT.replace("<gml:Point>", f'<gml:Point srsName="EPSG:{code}">') for code in (28992, 4326))

    batch = read(member(one), member(two), member("<app:number>1</app:number>"), member(one))

    assert batch.srs_names == ("EPSG:28992", "EPSG:4326")
    assert np.array_equal([0, 1, -1, 0], batch.srs_index)
    assert batch.srs_index.dtype == np.int32


# -- geometry properties

TWO_GEOMETRIES = member(
    f"<app:area>{POINT.replace('1 2', '3 4')}</app:area>",
    f"<app:label>{POINT.replace('1 2', '5 6')}</app:label>",
    f"<app:sign><app:Sign><app:place>{POINT.replace('1 2', '7 8')}</app:place></app:Sign></app:sign>",
)


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (None, "POINT (5 6)"),
        ("area", "POINT (3 4)"),
        ("app:area", "POINT (3 4)"),
        ("label", "POINT (5 6)"),
        ("place", "POINT (7 8)"),
        ("sign|Sign|place", "POINT (7 8)"),
    ],
)
def test_geometry_property_is_the_one_that_is_named(geometry, expected):
    batch = read(TWO_GEOMETRIES, geometry=geometry)

    assert [expected] == wkt(batch)
    assert columns(batch) == {}


def test_geometry_property_that_a_feature_lacks_is_counted():
    batch = read(TWO_GEOMETRIES, member("<app:number>1</app:number>"), geometry="gone")

    assert wkt(batch) == [None, None]
    assert batch.skipped == {"the chosen geometry property is absent": 1}


def test_nested_geometry_is_taken_if_there_is_no_other():
    batch = read(member(f"<app:sign><app:Sign><app:place>{POINT}</app:place></app:Sign></app:sign>"))

    assert wkt(batch) == ["POINT (1 2)"]


@pytest.mark.parametrize(
    "noise",
    [
        "<gml:boundedBy/>",
        "<gml:boundedBy><gml:Null>unknown</gml:Null></gml:boundedBy>",
        "<gml:boundedBy><gml:Box><gml:coordinates>0,1 2,3</gml:coordinates></gml:Box></gml:boundedBy>",
        "<app:extent><gml:Envelope><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope></app:extent>",
        '<app:geom xlink:href="#other"/>',
    ],
)
def test_extents_and_references_are_neither_geometry_nor_attribute(noise):
    batch = read(member(noise))

    assert wkt(batch) == [None]
    assert columns(batch) == {}
    assert batch.skipped == {}


# -- attributes


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("<app:a>text</app:a>", {"a": ["text"]}),
        ("<app:a>\n  007 \t</app:a>", {"a": ["007"]}),
        ("<app:a>33513.</app:a>", {"a": ["33513."]}),
        ("<app:a>A &amp; B &#233;</app:a>", {"a": ["A & B é"]}),
        ("<app:a><![CDATA[05 <b>]]></app:a>", {"a": ["05 <b>"]}),
        ("<app:a>x<!-- no -->y</app:a>", {"a": ["xy"]}),
        ("<app:a/>", {"a": [""]}),
        ("<app:a></app:a>", {"a": [""]}),
        ('<app:a xsi:nil="true"/>', {"a": [None]}),
        ('<app:a xsi:nil="1" nilReason="unknown"/>', {"a": [None]}),
        ('<app:a xsi:nil="false">x</app:a>', {"a": ["x"]}),
        ('<app:a xlink:href="http://list/1"/>', {}),
        ('<app:a codeSpace="http://list">x</app:a>', {"a": ["x"]}),
        ('<app:a uom="m">5</app:a>', {"a": ["5"], "a_uom": ["m"]}),
        ('<app:a value="7"/>', {"a": ["7"]}),
        ('<app:a value="7">8</app:a>', {"a": ["8"]}),
        ("<app:a>1</app:a><app:a>2</app:a><app:a>3</app:a>", {"a": [["1", "2", "3"]]}),
        ('<app:a>1</app:a><app:a xsi:nil="true"/>', {"a": ["1"]}),
        ("<app:a>1</app:a><other:a>2</other:a>", {"a": [["1", "2"]]}),
        ("<gml:name>n</gml:name><gml:description>d</gml:description>", {"name": ["n"], "description": ["d"]}),
        ("<app:x><app:X><app:a>1</app:a></app:X></app:x>", {"a": ["1"]}),
        ("<app:x><app:a>1</app:a></app:x><app:y><app:a>2</app:a></app:y>", {"a": ["1"], "y|a": ["2"]}),
        ("<app:x><app:a>1</app:a></app:x><app:a>2</app:a>", {"x|a": ["1"], "a": ["2"]}),
        ("<app:x><app:a>1</app:a></app:x><app:x><app:a>2</app:a></app:x>", {"a": [["1", "2"]]}),
        ("<app:bgt-status>b</app:bgt-status><app:språk>s</app:språk>", {"bgt-status": ["b"], "språk": ["s"]}),
    ],
)
def test_attribute_becomes_a_column(properties, expected):
    assert expected == columns(read(member(properties)))


def test_attributes_stay_in_their_rows():
    batch = read(
        member("<app:a>1</app:a>"),
        member("<app:b>2</app:b>"),
        member("<app:a>3</app:a><app:a>4</app:a>"),
        member("<app:a>5</app:a><app:a>6</app:a>"),
        member(POINT),
    )

    assert columns(batch) == {"a": ["1", None, ["3", "4"], ["5", "6"], None], "b": [None, "2", None, None, None]}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [('gml:id="a"', "a"), ('fid="b"', "b"), ('id="c"', "c"), ('id="c" fid="b" gml:id="a"', "a"), ("", None)],
)
def test_gml_id_is_preferred_to_fid_and_that_to_id(attributes, expected):
    assert [expected] == list(read(member(POINT, attributes=attributes)).ids)


# -- encodings, truncation


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"a\x0bb", "a b"),
        (b"a\x00b", "a b"),
        (b"a&#x0B;b", "a b"),
        (b"a&#11;b", "a b"),
        (b"Cura\xe7ao", "Curaçao"),
        (b"a\xef\xbf\xbeb", "a b"),
        (b"a&#xFFFF;b", "a b"),
        (b"&#xD83D;&#xDCA1;", "\U0001f4a1"),
        (b"&#55357;&#xDCA1;", "\U0001f4a1"),
        (b"\xed\xa0\xbd\xed\xb2\xa1", "\U0001f4a1"),
        (b"&#xD83D;", "\ufffd"),
        (b"<![CDATA[\x0b&#0;]]>", "&#0;"),
        (b"5 \x80", "5 €"),
    ],
    ids=[
        "control",
        "null",
        "hexadecimal reference",
        "decimal reference",
        "Latin-1 in UTF-8",
        "noncharacter",
        "reference to a noncharacter",
        "references to a surrogate pair",
        "references in two notations",
        "a surrogate pair in UTF-8",
        "half a surrogate pair",
        "control in CDATA",
        "windows-1252 in UTF-8",
    ],
)
def test_character_that_xml_forbids_affects_nothing_else(written, meant):
    body = document(member("<app:naam>@</app:naam>")).replace(b"@", written)

    assert decode(Payload(body=body)).columns["naam"][0] == meant


@pytest.mark.parametrize("declared", ["UTF-8", "us-ascii"])
@pytest.mark.parametrize("invalid", [b"Caf\xc3", b"Caf\xe9", b"\xff\xfe", b"\xed\xa0\xbd", b"5 \xe2\x82"])
def test_byte_outside_the_encoding_costs_one_character_and_its_object_is_counted(invalid, declared):
    """The texts of a thousand other objects stay, also where templates read them."""
    point = '<app:geom><gml:Point srsName="EPSG:28992"><gml:pos>1 2</gml:pos></gml:Point></app:geom>'
    texts = [f"Groène straat {number}" for number in range(1_000)]
    body = document(*(member(f"<app:naam>{text}</app:naam>", point) for text in texts))
    body = body.replace(b"?>", f' encoding="{declared}"?>'.encode(), 1).replace(b" 500<", invalid + b"<")

    batch = decode(Payload(body=body))

    texts[500] = "Groène straat" + invalid.decode("ascii", "ignore") + "\ufffd"
    assert [re.sub("\ufffd+", "\ufffd", text) for text in batch.columns["naam"]] == texts
    assert batch.unreadable_texts == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_half_a_surrogate_pair_in_utf_16_costs_one_character(encoding):
    text = document(member("<app:naam>Café @</app:naam>")).decode()

    batch = decode(
        Payload(body=text.encode(encoding).replace("@".encode(encoding), "\ud83d".encode(encoding, "surrogatepass")))
    )

    assert columns(batch) == {"naam": ["Café \ufffd"]}
    assert batch.unreadable_texts == 1


def test_document_without_unreadable_texts_counts_none():
    assert decode(Payload(body=WHOLE)).unreadable_texts == 0
    assert decode(Payload(body=WHOLE.replace("é".encode(), b"\x0b"))).unreadable_texts == 0


# -- names that XML does not allow


@pytest.mark.parametrize("name", ["220_1_hsi", "test:lijn", "breedte(m)", "m²"])
def test_name_that_xml_does_not_allow_is_the_name_of_a_column(name):
    batch = read(member(f"<app:{name}>1</app:{name}><app:naam>x</app:naam>", POINT, attributes='2d="x" gml:id="p"'))

    assert columns(batch) == {name: ["1"], "naam": ["x"]}
    assert (list(batch.ids), wkt(batch)) == (["p"], ["POINT (1 2)"])


def test_feature_type_may_have_a_name_with_two_colons():
    batch = read(*[member(f"<app:naam>{row}</app:naam>", POINT, name="app:test:lijn") for row in range(100)])

    assert set(batch.type_names) == {"test:lijn"}
    assert columns(batch) == {"naam": [str(row) for row in range(100)]}


@pytest.mark.parametrize("geometry", [None, "my:geom", "app:my:geom", "geom"])
def test_geometry_property_may_have_a_name_with_two_colons(geometry):
    batch = read(member(f"<app:my:geom>{POINT}</app:my:geom>"), geometry=geometry)

    assert wkt(batch) == ["POINT (1 2)"]
    assert columns(batch) == {}


@pytest.mark.parametrize("holder", ["gml:feature:Member", "wfs:2:member"])
def test_member_may_have_a_name_with_two_colons(holder):
    batch = read(f"<{holder}>{ONE}</{holder}><{holder}>{TWO}</{holder}>".replace("2:member", "2:Member"))

    assert list(batch.ids) == ["p.1", "p.2"]


def test_feature_whose_name_has_two_colons_may_be_the_whole_document():
    batch = decode(Payload(body=f'<app:test:lijn {NAMESPACES} gml:id="p.1"><app:a>1</app:a></app:test:lijn>'.encode()))

    assert (list(batch.ids), columns(batch)) == (["p.1"], {"a": ["1"]})


def test_blank_lines_before_the_declaration_are_skipped():
    assert len(decode(Payload(body=b"\r\n " + document(member(""))))) == 1


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_encoding_is_read(encoding):
    declared = encoding.removesuffix("-sig")
    text = document(member("<app:naam>Café</app:naam>")).decode().replace("?>", f' encoding="{declared}"?>', 1)

    assert columns(decode(Payload(body=text.encode(encoding)))) == {"naam": ["Café"]}


def test_windows_1250_is_read():
    text = document(member("<app:naam>Škoda</app:naam>")).decode().replace("?>", ' encoding="windows-1250"?>', 1)

    assert columns(decode(Payload(body=text.encode("windows-1250")))) == {"naam": ["Škoda"]}


def test_comments_around_the_root_do_not_matter():
    body = document(member("<app:a>1</app:a>")).replace(b"?>\n", b"?>\n<!-- ArcGIS <!DOCTYPE -->\n<?pi?>", 1)

    assert columns(decode(Payload(body=body + b"<!-- end -->\n"))) == {"a": ["1"]}


WHOLE = document(
    member("<app:naam>Café</app:naam>", f"<app:geom>{POINT}</app:geom>", attributes='gml:id="p.1"'),
    member("<app:len uom='m'>5</app:len>", "<app:geom><gml:LineString><gml:posList>1 2 3 4</gml:posList>"
           "</gml:LineString></app:geom>", attributes='gml:id="p.2"'),
    attributes='numberMatched="2"',
)  # fmt: skip


@given(st.integers(0, len(WHOLE)))
@settings(max_examples=300)
def test_truncated_document_is_equal_or_refused(length):
    try:
        batch = decode(Payload(body=WHOLE[:length]))
    except DecodeError:
        return

    whole = decode(Payload(body=WHOLE))
    assert columns(whole) == columns(batch)
    assert wkt(whole) == wkt(batch)


@pytest.mark.parametrize("junk", [b"x", b"<error/>", b"<ServiceExceptionReport/>", b"\0x", b"</wfs:FeatureCollection>"])
def test_anything_after_the_root_element_is_refused(junk):
    with pytest.raises(MalformedDocument, match="not well-formed"):
        decode(Payload(body=WHOLE + junk))


def test_message_of_a_truncated_document_has_line_and_cause():
    with pytest.raises(MalformedDocument) as refused:
        decode(Payload(body=WHOLE[:-40], source="https://vendor/wfs"))

    assert "https://vendor/wfs, line 4: the XML is not well-formed" in str(refused.value)
    assert "truncated" in str(refused.value)


# -- documents that are huge in one dimension

LONG = "1 2 " * 2_600_000
"""Longer than the parser allows."""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize(
    ("content", "skipped", "unreadable"),
    [
        (
            f"<app:geom><gml:LineString><gml:posList>{LONG}</gml:posList></gml:LineString></app:geom>",
            {"more coordinates than can be read": 1},
            0,
        ),
        (
            f"<app:geom><gml:LineString><gml:coordinates>{LONG}</gml:coordinates></gml:LineString></app:geom>",
            {"more coordinates than can be read": 1},
            0,
        ),
        (f"<app:text>{LONG}</app:text>{POINT}", {}, 1),
    ],
    ids=["posList", "coordinates", "text"],
)
def test_text_that_is_too_long_costs_one_object_or_value(content, skipped, unreadable, encoding):
    small = member("<app:text>Café</app:text>", POINT)
    text = document(small, member(content), small).decode().replace("?>", f' encoding="{encoding}"?>', 1)

    batch = decode(Payload(body=text.encode(encoding)))

    assert [wkt(batch)[row] for row in (0, 2)] == ["POINT (1 2)"] * 2
    assert [batch.columns["text"][row] for row in (0, 2)] == ["Café"] * 2
    assert batch.skipped == skipped
    assert batch.unreadable_texts == unreadable


def test_thousands_of_attributes_are_read_in_every_feature():
    names = [[f"a{number}" for number in range(5_000) if number % 7 != row] for row in range(7)]

    batch = read(*(member("".join(f"<app:{name}>{name}</app:{name}>" for name in each), POINT) for each in names))

    assert len(batch.columns) == 5_000
    for row, each in enumerate(names):
        assert {name for name, values in batch.columns.items() if values[row] == name} == set(each)


def test_feature_of_many_points_takes_no_time():
    """The last finished feature must not be held while it is removed: lxml then repairs each element in it."""
    points = "<gml:pointMember><gml:Point><gml:pos>1 2</gml:pos></gml:Point></gml:pointMember>" * 300_000

    batch = read(member(f"<app:geom><gml:MultiPoint>{points}</gml:MultiPoint></app:geom>"), member(POINT))

    assert wkt(batch)[1] == "POINT (1 2)"
    assert batch.geometry[0].geom_type == "MultiPoint"
