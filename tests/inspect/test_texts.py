"""Every finding and diagnosis has its sentence in both languages."""

from __future__ import annotations

import ast
import inspect
import re
import string
from typing import get_args

import pytest

from wfs_proxy.inspect import diagnosis, findings, inspector, service_inspection
from wfs_proxy.inspect.report import Diagnosis, Finding, Part
from wfs_proxy.inspect.texts import DIAGNOSES, FINDINGS, PARTS, sentence

MODULES = (diagnosis, findings, inspector, service_inspection)


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
def test_both_languages_have_the_same_details(code: str):
    text = (FINDINGS | DIAGNOSES)[code]
    names = [{name for _, name, _, _ in string.Formatter().parse(each) if name} for each in text]

    assert names[0] == names[1]
    assert text.nl != text.en
    assert not any(each.endswith(".") for each in text)


def test_details_of_a_vendor_cannot_break_the_line():
    found = Diagnosis(code="page", details={"text": "a\n\x1b[31mb\u2028c {x}"})

    assert re.search(r"\(a \[31mb c \{x\}\)", sentence(found, "nl"))
    assert sentence(Finding(code="no_id", severity="warning"), "en").startswith("no field")
