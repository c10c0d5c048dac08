from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from wfs_proxy.faces.wfs.xml_names import ncname, ncname_rest, original_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nummer", "nummer"),
        ("mast nr", "mast_x0020_nr"),
        ("3d-masten", "_x0033_d-masten"),
        ("beheer:naam", "beheer_x003A_naam"),
        ("hoogte (m)", "hoogte_x0020__x0028_m_x0029_"),
        ("straße", "straße"),
        ("_x0041_", "_x005F_x0041_"),
        ("a_xb", "a_xb"),
        ("😀", "😀"),
        ("\uffff", "_xFFFF_"),
    ],
)
def test_name_in_xml(text, expected):
    assert ncname(text) == expected
    assert original_name(expected) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("_x0041_")
@example("__x0041_")
@example("_x_x0041_")
@example("a\n")
def test_every_text_has_a_name_that_xml_accepts_and_that_leads_back(text):
    name = ncname(text)

    assert original_name(name) == text
    assert original_name(ncname_rest(text)) == text
    assert etree.fromstring(f"<{name}/>".encode()).tag == name
    assert etree.fromstring(f"<a{ncname_rest(text)}/>".encode()).tag == f"a{ncname_rest(text)}"


def test_a_text_that_only_looks_like_a_code_stays():
    assert original_name("_xFFFFFF_") == "_xFFFFFF_"
