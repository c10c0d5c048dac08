"""What XML does not allow is changed in a document, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from wfs_proxy.decode.xml_text import as_written, literal_entities, repair_text, undeclared_entity

WELL_FORMED = (
    "<?xml version='1.0'?><!-- &#0; <2a:b:c> --><?p &#0; ?><a:b xmlns:a=\"urn:a\" a:c='&#233;&lt;' d = '2a:b:c=\"1\"'>"
    "é &#233;&#x1F4A1; &amp; 2 &gt; 1<![CDATA[&#0; &#xD83D; &nbsp; <2a> <b:c:d>]]>\t\n<a:språk-1.0_x/><c/></a:b>"
)
BULB = "\U0001f4a1"


def test_document_that_is_well_formed_stays_equal():
    as_parsed = [etree.fromstring(text.encode()) for text in (WELL_FORMED, repair_text(WELL_FORMED))]

    assert etree.tostring(as_parsed[0]) == etree.tostring(as_parsed[1])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("\x00\x01\x0b\x1f", "    "),
        ("\ufffe\uffff", "  "),
        ("\x7f\x85\ufffd", "\x7f\x85\ufffd"),
        ("&#0;&#x0B;&#31;", "   "),
        ("&#xFFFE;&#65535;", "  "),
        ("&#xD83D;&#xDCA1;", BULB),
        ("&#55357;&#56481;", BULB),
        ("&#xd83d;&#56481;x", f"{BULB}x"),
        ("&#xD83D;&#xDCA1;&#xD83D;", f"{BULB}\ufffd"),
        ("&#xD83D;", "\ufffd"),
        ("&#xDCA1;&#xD83D;", "\ufffd\ufffd"),
        ("&#xD83D; &#xDCA1;", "\ufffd \ufffd"),
        ("&#xD83D;&#65;", "\ufffdA"),
        ("&#x110000;", "\ufffd"),
        (f"&#{'9' * 10_000};", "\ufffd"),
        ("&#0000000065;&#x0000000041;", "AA"),
        ("&#38;amp;&#60;", "&amp;<"),
    ],
)
@pytest.mark.parametrize("place", ["<a>{}</a>", "<a b='{}'/>", '<a b="{}"/>'])
def test_character_that_xml_does_not_allow_is_changed_alone(written, expected, place):
    root = etree.fromstring(repair_text(place.format(f"é{written}é")).encode())

    assert (root.text or root.get("b")) == f"é{expected}é"


def test_references_are_text_in_cdata_but_characters_are_not():
    root = etree.fromstring(repair_text("<a><![CDATA[\x01&#0;&#xD83D;&nbsp;]]></a>"))

    assert root.text == " &#0;&#xD83D;&nbsp;"


@pytest.mark.parametrize(
    "name",
    [
        "220_1_hsi",
        "app:220_1_hsi",
        "app:test:lijn",
        "a:b:c:d",
        "-x",
        "app:.x",
        "breedte(m)",
        "prijs_€",
        "m²",
        "a%b",
        "2d:a",
    ],
)
def test_name_that_xml_does_not_allow_is_allowed_and_known(name):
    prefix = name.partition(":")[0]
    text = (
        f"<x xmlns:a='urn:a' xmlns:app='urn:app' xmlns:2d='urn:2'><{name}>1</{name}><{name} /><y {name}='<{name}'/></x>"
    )

    root = etree.fromstring(repair_text(text.replace("'<", "'")))

    local = name.removeprefix(f"{prefix}:")
    found = [as_written(child.tag.rpartition("}")[2]) for child in root[:2]]
    assert found == [local, local]
    assert [as_written(key.rpartition("}")[2]) for key in root[2].attrib] == [local]


def test_control_character_in_a_name_is_replaced():
    assert repair_text("<na\x0bam/>") == "<na\ufffdam/>"


def test_control_character_before_an_attribute_is_a_space():
    assert repair_text("<a\x0bfid='1'>") == "<a fid='1'>"


@given(st.text("ab:2 <>/=\"'&#;x!-[]?\x01CDAT", max_size=60))
def test_repair_finishes_and_leaves_nothing_more_to_repair(text):
    once = repair_text(text)

    assert not re.search("[\x00-\x08]", once)
    assert repair_text(once) == once


@pytest.mark.parametrize(
    "piece", ["<a b='", '<a "', "<!--", "<![CDATA[", "&#1", "<a ", "<?", "&#xD83D;", "<a:b:c>", "&a"]
)
def test_repair_takes_time_in_proportion_to_the_length(piece):
    """A pattern that tries again from each place would need hours."""
    text = piece * 30_000

    assert len(repair_text(text)) > 0
    assert undeclared_entity(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a>\n&nbsp;</a>", ("nbsp", 2)),
        ("<a b='&eacute;'/>", ("eacute", 1)),
        ("<a>&amp;&lt;&gt;&quot;&apos;&#233;&#xE9;</a>", None),
        ("<a><![CDATA[&nbsp;]]><!-- &nbsp; --></a>", None),
        ("<a>A & B; AT&T</a>", None),
        ("<a>&AMP;</a>", ("AMP", 1)),
    ],
)
def test_undeclared_entity_is_found(text, expected):
    assert undeclared_entity(text) == expected


def test_undeclared_entity_becomes_text():
    root = etree.fromstring(literal_entities("<a b='&x;'>&lol9; &amp; &#233;<![CDATA[&x;]]></a>"))

    assert (root.text, root.get("b")) == ("&lol9; & é&x;", "&x;")
