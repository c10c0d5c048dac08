"""A feature that fits a template has the same row as when it is read alone, without templates."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.gml.templates import FeatureTemplates
from wfs_proxy.features import FeatureBatch, Payload

HEAD = (
    '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:app="urn:app" xmlns:other="urn:other" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
GEOMETRIES = (
    '<gml:Point srsName="EPSG:28992"><gml:pos>1 2</gml:pos></gml:Point>',
    '<gml:Point srsName="EPSG:28992"><gml:pos> 3 4 5 </gml:pos></gml:Point>',
    '<gml:Point srsName="EPSG:28992"><gml:pos/></gml:Point>',
    '<gml:Point srsName="EPSG:28992"><gml:pos>a b</gml:pos></gml:Point>',
    '<gml:Point srsName="EPSG:4326"><gml:pos>1 2</gml:pos></gml:Point>',
    "<gml:Point><gml:pos>1 2</gml:pos></gml:Point>",
    '<gml:Point srsName="EPSG:28992"><gml:coordinates>1,2</gml:coordinates></gml:Point>',
    '<gml:Point srsName="EPSG:28992"><gml:coordinates>1,2 3,4,5</gml:coordinates></gml:Point>',
    (
        '<gml:LineString gml:id="g&amp;1" srsName="EPSG:28992"><gml:posList srsDimension="2">1 2 3 4 5 6</gml:posList>'
        "</gml:LineString>"
    ),
    (
        '<gml:LineString gml:id="g2" srsName="EPSG:28992"><gml:posList srsDimension="3">1 2 3 4 5 6</gml:posList>'
        "</gml:LineString>"
    ),
    '<gml:LineString srsName="EPSG:28992"><gml:posList>1 2 3 4 5 6</gml:posList></gml:LineString>',
    '<gml:LineString srsName="EPSG:7415"><gml:posList>1 2 3 4 5 6</gml:posList></gml:LineString>',
    '<gml:LineString srsName="EPSG:28992"><gml:posList>80000 450000 1 80001 450001 NaN</gml:posList></gml:LineString>',
    '<gml:Point srsName="EPSG:28992"><gml:pos>1 2 NaN</gml:pos></gml:Point>',
    '<gml:Point srsName="EPSG:28992"><gml:coordinates>1,2,</gml:coordinates></gml:Point>',
    '<gml:Point srsName="EPSG:28992"><gml:coordinates>,,3</gml:coordinates></gml:Point>',
    (
        '<gml:TopoCurve><gml:directedEdge><gml:Edge><gml:curveProperty><gml:LineString srsName="EPSG:28992">'
        "<gml:posList>1 2 3 4</gml:posList></gml:LineString></gml:curveProperty></gml:Edge></gml:directedEdge>"
        "</gml:TopoCurve>"
    ),
    (
        '<gml:Polygon srsName="EPSG:28992"><gml:exterior><gml:LinearRing><gml:posList>0 0 4 0 0 4 0 0</gml:posList>'
        "</gml:LinearRing></gml:exterior></gml:Polygon>"
    ),
    (
        '<gml:Polygon srsName="EPSG:28992"><gml:exterior><gml:LinearRing><gml:posList>0 0 9 0 0 9 0 0</gml:posList>'
        "</gml:LinearRing></gml:exterior><gml:interior><gml:LinearRing><gml:posList>1 1 2 1 1 2 1 1</gml:posList>"
        "</gml:LinearRing></gml:interior></gml:Polygon>"
    ),
)
PROPERTIES = (
    "",
    "<app:a>1</app:a>",
    "<app:a> &lt;2&gt; &amp;amp; </app:a>",
    "<app:a/>",
    "<app:a><!-- nothing -->x<![CDATA[<b>]]>\n</app:a>",
    "<app:b>é</app:b>",
    "<app:b>1</app:b><app:b>2</app:b>",
    "<other:b>3</other:b>",
    '<app:b xsi:nil="true"/>',
    '<app:b xmlns:app="urn:other">4</app:b>',
    '<app:c uom="m">5</app:c>',
    "<app:d><app:e>6</app:e></app:d>",
    "<app:f>7</app:f>loose text",
    '<gml:boundedBy><gml:Envelope srsName="EPSG:1"><gml:pos>1 2</gml:pos></gml:Envelope></gml:boundedBy>',
    '<gml:boundedBy><gml:Envelope srsDimension="3"><gml:pos>1 2 3</gml:pos></gml:Envelope></gml:boundedBy>',
    f"<app:other>{GEOMETRIES[0]}</app:other>",
)
ATTRIBUTES = (
    "",
    'gml:id="p.1"',
    'gml:id="p.2"',
    'gml:id="p&quot;&amp;3"',
    'gml:id=""',
    'fid="4"',
    'fid="5" gml:id="6"',
)


def feature(name: str, attributes: str, before: list[str], geometry: str, after: str) -> str:
    held = geometry and f"<app:geom>{geometry}</app:geom>"
    return f"<app:{name} {attributes}>{''.join(before)}{held}{after}</app:{name}>"


features = st.builds(
    feature,
    st.sampled_from(["pole", "tree"]),
    st.sampled_from(ATTRIBUTES),
    st.lists(st.sampled_from(PROPERTIES), max_size=4),
    st.sampled_from(["", *GEOMETRIES]),
    st.sampled_from(PROPERTIES),
)


def read(*found: str) -> FeatureBatch:
    members = "\n".join(f"<wfs:member>{each}</wfs:member>" for each in found)
    return decode(Payload(body=f"{HEAD}{members}</wfs:FeatureCollection>".encode()))


def rows(batch: FeatureBatch) -> list[tuple]:
    """Return each row, without the attributes that it lacks."""
    return [
        (
            batch.ids[row],
            batch.type_names[row],
            batch.geometry[row] and batch.geometry[row].wkt,
            batch.geometry_errors[row],
            batch.srs_names[batch.srs_index[row]] if batch.srs_index[row] >= 0 else None,
            {name: values[row] for name, values in batch.columns.items() if values[row] is not None},
        )
        for row in range(len(batch))
    ]


@settings(max_examples=150)
@given(found=st.lists(features, min_size=1, max_size=4), times=st.integers(1, 2))
def test_feature_among_others_is_read_as_if_alone(found, times):
    alone = {each: rows(read(each))[0] for each in found}
    assert rows(read(*found * times)) == [alone[each] for each in found * times]


@pytest.mark.parametrize("count", [3, 2_500])
def test_attribute_that_some_features_leave_out_stays_in_its_rows(count):
    found = [
        f'<app:pole gml:id="p.{row}">{f"<app:a>{row}</app:a>" if row % 3 else ""}<app:geom>{GEOMETRIES[0]}</app:geom>'
        f"{f'<app:z>{row}</app:z>' if row % 2 else ''}</app:pole>"
        for row in range(count)
    ]
    batch = read(*found)
    assert list(batch.ids) == [f"p.{row}" for row in range(count)]
    assert list(batch.columns["a"]) == [str(row) if row % 3 else None for row in range(count)]
    assert list(batch.columns["z"]) == [str(row) if row % 2 else None for row in range(count)]


def test_geometry_property_that_all_features_lack_is_counted_for_each():
    pole = f"<wfs:member><app:pole><app:geom>{GEOMETRIES[0]}</app:geom></app:pole></wfs:member>"

    batch = decode(Payload(body=f"{HEAD}{pole * 3}</wfs:FeatureCollection>".encode()), geometry="gone")

    assert list(batch.geometry) == [None] * 3
    assert batch.skipped == {"the chosen geometry property is absent": 3}


def test_srs_name_that_features_inherit_is_not_that_of_a_template():
    """The features have the same markup, but the extents of their collections have different srsNames."""
    bounds = '<gml:boundedBy><gml:Envelope srsName="{}"><gml:pos>1 2</gml:pos></gml:Envelope></gml:boundedBy>'
    pole = f"<app:pole><app:geom>{GEOMETRIES[5]}</app:geom></app:pole>"
    collections = [
        f"<wfs:FeatureCollection>{bounds.format(srs)}<wfs:member>{pole}</wfs:member></wfs:FeatureCollection>"
        for srs in ("EPSG:28992", "EPSG:4326")
    ]

    batch = read(*collections)

    assert [batch.srs_names[index] for index in batch.srs_index] == ["EPSG:28992", "EPSG:4326"]


def test_attributes_of_one_local_name_in_two_namespaces_are_a_list_if_a_feature_has_both():
    attributes = ["<app:b>1</app:b>", "<other:b>2</other:b>", "<app:b>3</app:b><other:b>4</other:b>"]
    attributes.append("<other:b>5</other:b><app:b>6</app:b>")

    batch = read(*(f"<app:pole>{each}<app:geom>{GEOMETRIES[0]}</app:geom></app:pole>" for each in attributes))

    assert list(batch.columns["b"]) == ["1", "2", ["3", "4"], ["5", "6"]]


# -- which features get a template


def element(attributes: str, srs: str = "EPSG:28992", inside: str = "") -> etree._Element:
    pole = f'<app:pole {attributes}>{inside}<app:geom><gml:Point srsName="{srs}"><gml:pos>1 2</gml:pos></gml:Point>'
    return etree.fromstring(f"{HEAD}{pole}</app:geom></app:pole></wfs:FeatureCollection>")[0]


def add(templates: FeatureTemplates, feature: etree._Element, identifier: str | None = None) -> None:
    templates.add(feature, feature[-1][0], identifier)


def test_each_way_of_writing_a_feature_has_a_template_of_its_own():
    templates = FeatureTemplates()
    add(templates, element('gml:id="a"'), "a")
    add(templates, element('fid="b"'), "b")
    add(templates, element(""))

    found = [templates.match(element(attributes)) for attributes in ('gml:id="1"', 'fid="2"', "")]

    assert [match and match.identifier for match in found] == ["1", "2", None]
    assert None not in found


def test_feature_type_has_at_most_four_templates():
    templates = FeatureTemplates()
    for number in range(5):
        add(templates, element("", srs=f"EPSG:{number}"))

    found = [templates.match(element("", srs=f"EPSG:{number}")) is not None for number in range(5)]

    assert found == [True] * 4 + [False]


@pytest.mark.parametrize(("count", "fits"), [(198, True), (200, False)])
def test_feature_with_very_many_attributes_has_no_template(count, fits):
    """Making and merging their regular expressions would take minutes."""
    templates = FeatureTemplates()
    many = element("", inside="".join(f"<app:a{number}>1</app:a{number}>" for number in range(count)))
    add(templates, many)

    assert (templates.match(many) is not None) is fits


def test_template_does_not_grow_beyond_that():
    templates = FeatureTemplates()
    halves = [
        element("", inside="".join(f"<app:a{number}>1</app:a{number}>" for number in range(first, first + 150)))
        for first in (0, 150)
    ]
    for half in halves:
        add(templates, half)

    assert all(templates.match(half) is not None for half in halves)
    both = element("", inside="".join(f"<app:a{number}>1</app:a{number}>" for number in range(300)))
    assert templates.match(both) is None


@pytest.mark.parametrize(
    ("matches", "mismatches", "tried"), [(0, 50, True), (0, 51, False), (60, 60, True), (60, 61, False)]
)
def test_templates_are_given_up_once_more_features_differ_than_fit(matches, mismatches, tried):
    templates = FeatureTemplates()
    add(templates, element(""))
    for _ in range(matches):
        assert templates.match(element("")) is not None
    for _ in range(mismatches - 1):
        add(templates, element("", inside="<app:d><app:e>6</app:e></app:d>"))

    assert (templates.match(element("")) is not None) is tried
