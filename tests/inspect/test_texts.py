"""Every finding and diagnosis has its sentence in both languages."""

from __future__ import annotations

import ast
import inspect
import re
import string
from typing import get_args

import pytest

from wfs_proxy.geo.crs import axis_order, evidence
from wfs_proxy.http.connection_failures import ConnectionFailure
from wfs_proxy.inspect import diagnosis, findings, inspector
from wfs_proxy.inspect.kinds import arcgis, counting, data_file, ogcapi, wfs_service
from wfs_proxy.inspect.report import Diagnosis, Finding, Part
from wfs_proxy.inspect.texts import DIAGNOSES, FINDINGS, PARTS, reading_line, sentence, technical

MODULES = (diagnosis, findings, inspector, arcgis, counting, data_file, ogcapi, wfs_service)
ENGLISH = {"lies", "the", "no", "read", "as", "other", "layer", "order", "promises"}


def constants() -> set[str]:
    """Every text in the modules that make findings and diagnoses."""
    trees = [ast.parse(inspect.getsource(module)) for module in MODULES]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_code_has_its_sentence_and_no_sentence_is_idle():
    made = constants() | {f"missing_{part}" for part in get_args(Part)}
    made |= {f"paging_{behaviour}" for behaviour in ("repeats", "ignored", "refused")}
    made |= {f"fields_{role}" for role in ("personal", "internal", "free_text")}
    made |= set(get_args(ConnectionFailure))

    assert {*FINDINGS, *DIAGNOSES} <= made
    codes = {
        keyword.value.value
        for module in MODULES
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Finding", "Diagnosis"}
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    assert codes <= {*FINDINGS, *DIAGNOSES}
    assert set(PARTS) == set(get_args(Part))


@pytest.mark.parametrize("code", [*FINDINGS, *DIAGNOSES])
def test_sentence_is_in_one_language(code: str):
    """The message of an error is English, so it is never a part of a sentence."""
    text = (FINDINGS | DIAGNOSES)[code]

    for said in text:
        assert not {name for _, name, _, _ in string.Formatter().parse(said)} & {"reason", "problem"}
        assert said[0].isupper() or said[0] == "{"


def test_message_of_an_error_is_shown_apart():
    found = Diagnosis(code="unreachable", details={"host": "x.nl", "reason": "no connection to x.nl: \x1b[31mfailed"})

    assert sentence(found, "nl").startswith("Er is geen verbinding met x.nl.")
    assert technical(found) == "no connection to x.nl: [31mfailed"
    assert technical(Finding(code="no_id", severity="warning")) == ""


@pytest.mark.parametrize("code", [*FINDINGS, *DIAGNOSES])
def test_both_languages_have_the_same_details(code: str):
    text = (FINDINGS | DIAGNOSES)[code]
    names = [{name for _, name, _, _ in string.Formatter().parse(each) if name} for each in text]

    assert names[0] == names[1]
    assert text.nl != text.en
    assert not any(each.endswith(".") for each in text)


def test_every_reading_of_coordinates_is_dutch_for_dutch_readers():
    source = inspect.getsource(axis_order) + inspect.getsource(evidence)
    areas = set(re.findall(r'EvidenceArea\("([^"]+)"', source))
    others = set(re.findall(r'return possible\[0\], "([^"]+)"', source))
    orders = {f"the order that {promise} in GML 3.2" for promise in ("this srsName promises", "is customary")}
    assert len(areas) == 4
    assert len(others) == 2

    for why in {f"lies in {area}" for area in areas} | others | orders:
        for start in ("EPSG:28992", "no srsName read as OGC:CRS84", "EPSG:4326 read as EPSG:28992"):
            reading = f"{start} x,y: {why}"
            assert reading_line(reading, "en") == reading
            assert not set(re.findall(r"[a-z_]+", reading_line(reading, "nl"))) & ENGLISH


def test_a_reading_is_one_line_and_keeps_the_names():
    reading = "EPSG:28992 x,y: lies in the layer's extent\nno srsName read as OGC:CRS84 x,y: axis_order of the layer"

    assert reading_line(reading, "nl") == (
        "EPSG:28992 x,y: ligt in `extent` van de laag; "
        "geen srsName, gelezen als OGC:CRS84 x,y: `axis_order` van de laag"
    )


def test_details_of_a_vendor_cannot_break_the_line():
    found = Diagnosis(code="page", details={"text": "a\n\x1b[31mb\u2028c {x}"})

    assert re.search(r"\(a \[31mb c \{x\}\)", sentence(found, "nl"))
    assert sentence(Finding(code="no_id", severity="warning"), "en").startswith("No field")
