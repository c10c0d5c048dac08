"""Filters of the three versions, compared with OWSLib's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from owslib import fes as fes1
from owslib import fes2

from wfs_proxy.sources.wfs.fes import BoxFilter, filter_document
from wfs_proxy.sources.wfs.kvp import VERSIONS

OGC = "{http://www.opengis.net/ogc}"
FES = "{http://www.opengis.net/fes/2.0}"
PREFIX = {"1.0.0": OGC, "1.1.0": OGC, "2.0.0": FES}
PROPERTY = {"1.0.0": "PropertyName", "1.1.0": "PropertyName", "2.0.0": "ValueReference"}


def shape(element) -> tuple:
    """Return name, text and children, so that two documents can be compared."""
    return element.tag, (element.text or "").strip(), [shape(child) for child in element]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_to_filter_gives_no_filter(version):
    assert filter_document({}, version) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_one_value_is_one_equality(version):
    root = etree.fromstring(filter_document({"status": ("in gebruik",)}, version))

    prefix = PREFIX[version]
    assert shape(root) == (
        f"{prefix}Filter",
        "",
        [
            (
                f"{prefix}PropertyIsEqualTo",
                "",
                [(f"{prefix}{PROPERTY[version]}", "status", []), (f"{prefix}Literal", "in gebruik", [])],
            )
        ],
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_values_are_alternatives_and_attributes_are_conditions(version):
    root = etree.fromstring(filter_document({"a": ("1", "2"), "b": ("3",)}, version))

    both = root[0]
    assert both.tag == f"{PREFIX[version]}And"
    assert [child.tag for child in both] == [f"{PREFIX[version]}Or", f"{PREFIX[version]}PropertyIsEqualTo"]


def test_filter_agrees_with_owslib_before_2_0():
    theirs = fes1.FilterRequest().setConstraintList([fes1.PropertyIsEqualTo("status", "1 < 2 & 3")], tostring=True)

    ours = filter_document({"status": ("1 < 2 & 3",)}, "1.1.0")

    constraint = etree.fromstring(theirs)
    inner = constraint if constraint.tag.endswith("Filter") else constraint[0]
    assert shape(etree.fromstring(ours)[0]) == shape(inner[0])


def test_filter_agrees_with_owslib_from_2_0_on():
    theirs = fes2.PropertyIsEqualTo("status", "1 < 2 & 3").toXML()

    ours = filter_document({"status": ("1 < 2 & 3",)}, "2.0.0")

    assert shape(etree.fromstring(ours)[0]) == shape(theirs)


@pytest.mark.parametrize(
    ("version", "place"),
    [
        ("1.0.0", ("{http://www.opengis.net/gml}Box", ["1,2 3,4.5"])),
        ("1.1.0", ("{http://www.opengis.net/gml}Envelope", ["1 2", "3 4.5"])),
        ("2.0.0", ("{http://www.opengis.net/gml/3.2}Envelope", ["1 2", "3 4.5"])),
    ],
)
def test_box_in_a_filter_is_written_as_the_version_requires(version, place):
    box = BoxFilter(geometry="geom", box=(1, 2, 3, 4.5), crs="urn:ogc:def:crs:EPSG::28992")

    root = etree.fromstring(filter_document({"a": ("1",)}, version, box))

    name, envelope = root[0][1]
    assert root[0].tag == f"{PREFIX[version]}And"
    assert (name.tag, name.text) == (f"{PREFIX[version]}{PROPERTY[version]}", "geom")
    assert (envelope.tag, [child.text for child in envelope]) == place
    assert envelope.get("srsName") == "urn:ogc:def:crs:EPSG::28992"


def test_nested_attribute_becomes_a_path():
    assert "<fes:ValueReference>a/b</fes:ValueReference>" in filter_document({"a|b": ("1",)}, "2.0.0")


XML_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="|\ufffe\uffff"), min_size=1)


@given(st.sampled_from(VERSIONS), XML_TEXT, XML_TEXT)
def test_any_name_and_value_is_escaped(version, name, value):
    equality = etree.fromstring(filter_document({name: (value,)}, version))[0]

    assert [child.text for child in equality] == [name, value]
