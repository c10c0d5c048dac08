"""The report as lines and as JSON."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from live_checks import lamps

from wfs_proxy.cli.live.findings import finding, of_problem
from wfs_proxy.cli.live.report import LayerCheck, LiveReport
from wfs_proxy.cli.live.signalen_check import SignalenCheck
from wfs_proxy.cli.live.texts import LINES, TEXTS, VARIANTS
from wfs_proxy.cli.live.vendor_check import VendorCheck
from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.config.layer_messages import LAYER_TEXTS

NEVER = finding("notice", "leading_zeros", "vendor", "properties.fields.a", count="2", field="a")
WRONG = of_problem(
    Problem(keys=("properties", "id"), code="id_absent", details={"given": "numbr"}, nearest="number"), "vendor"
)


def report(*findings, **changes) -> LiveReport:
    vendor = VendorCheck(findings=(), objects=12, complete=True, requests=3, reading="EPSG:28992 x,y: evidence")
    return LiveReport(layers=(LayerCheck(layer=lamps(), vendor=vendor, findings=findings),), **changes)


def test_lines_begin_with_the_most_severe_finding():
    english = list(report(NEVER, WRONG).lines("en"))

    assert english[0] == "lampen (Lampen): objects: 12, requests: 3; EPSG:28992 x,y: evidence"
    assert english[1] == (
        '  error: properties.id: No object has the attribute "numbr", so the objects have no permanent number.'
        ' Correct the name; did you mean "number"?'
    )
    assert english[2].startswith("  notice: properties.fields.a: ")
    assert english[-1] == "errors: 1, warnings: 0, notices: 1"


def test_lines_are_in_the_language_of_the_reader():
    dutch = list(report(WRONG).lines("nl"))

    assert dutch[1].startswith('  fout: properties.id: Geen enkel object heeft het kenmerk "numbr"')
    assert dutch[1].endswith('Verbeter de naam; bedoelt u "number"?')
    assert dutch[-1] == "fouten: 1, waarschuwingen: 0, opmerkingen: 0"


@pytest.mark.parametrize(
    ("signalen", "expected"),
    [
        (SignalenCheck(name="a", parts="private", requests=3), "Signalen a: logged in; requests: 3"),
        (SignalenCheck(name="a", requests=2), "only the public parts, because signalen.yaml has no `auth`"),
        (SignalenCheck(name="a", has_login=True, findings=(NEVER,)), "only the public parts, because the login fails"),
        (SignalenCheck(name="a", parts="none", findings=(NEVER,)), "Signalen a: not compared"),
        (None, "Signalen: not compared, because no layer names one"),
    ],
)
def test_which_parts_of_signalen_were_compared_is_said(signalen: SignalenCheck | None, expected: str):
    lines = report(signalens=() if signalen is None else (signalen,)).lines("en")

    assert any(expected in line for line in lines)


def test_only_errors_and_warnings_are_something_to_change():
    assert report(WRONG).has_findings
    assert not report(NEVER).has_findings
    assert LiveReport(files=(WRONG,)).has_findings
    assert report(signalens=(SignalenCheck(name="a", findings=(WRONG,)),)).has_findings


def test_json_has_the_documented_members():
    document = report(WRONG, signalens=(SignalenCheck(name="a", requests=2),)).as_json()

    (layer,) = document["layers"]
    (found,) = layer["findings"]
    assert found == {
        "severity": "error",
        "code": "id_absent",
        "about": "vendor",
        "where": "properties.id",
        "question": None,
        "forms": [],
        "nearest": "number",
        "reason": {
            "nl": 'Geen enkel object heeft het kenmerk "numbr", dus de objecten hebben geen vast nummer.',
            "en": 'No object has the attribute "numbr", so the objects have no permanent number.',
        },
        "remedy": {
            "nl": 'Verbeter de naam; bedoelt u "number"?',
            "en": 'Correct the name; did you mean "number"?',
        },
    }
    assert (layer["layer"], layer["objects"], layer["complete"], layer["requests"]) == ("lampen", 12, True, 3)
    assert document["signalen"] == [{"name": "a", "parts": "public", "requests": 2, "findings": []}]
    assert document["counts"] == {"error": 1, "warning": 0, "notice": 0}
    assert document["files"] == []


def test_no_text_of_a_vendor_commands_the_terminal():
    bad = finding("error", "vendor_exception", "vendor", "source", reason="\x1b[2J\nnext")

    (_, line, *_) = report(bad).lines("en")
    assert line.isprintable()


@pytest.mark.parametrize("code", [*TEXTS, *VARIANTS])
def test_both_languages_have_the_same_details(code: str):
    for text in {**TEXTS, **VARIANTS}[code]:
        assert {name.removesuffix("_nl") for name in fields(text.nl)} == fields(text.en)
        assert text.nl.strip() == text.nl
        assert re.search(r"[.?}]$|signalen$", text.nl), text.nl


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", LINES)
def test_both_languages_of_a_line_have_the_same_details(code: str):
    assert fields(LINES[code].nl) == fields(LINES[code].en)


@pytest.mark.parametrize("code", LAYER_TEXTS)
def test_each_problem_of_a_layer_has_a_reason_and_a_remedy(code: str):
    details = {name: "1" for text in LAYER_TEXTS[code] for name in fields(text) if name}
    found = of_problem(Problem(code=code, details=details), "vendor")

    for text in (*found.reason, *found.remedy):
        assert text
        assert text[0].isupper() or not text[0].isalpha() or text[0] == "`"
