"""Codes become what they mean."""

from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.sources.arcgis.coded_values import read_coded_values


def domain(**names: str) -> dict:
    return {
        "type": "codedValue",
        "codedValues": [{"code": int(code[1:]), "name": name} for code, name in names.items()],
    }


def column(*values: object) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))


KIND = {"name": "KIND", "type": "esriFieldTypeInteger", "domain": domain(_1="Mast", _2="Kast")}


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "Mast"), (1.0, "Mast"), ("1", "Mast"), (" 2 ", "Kast"), (9, 9), ("Mast", "Mast"), (None, None), ([1], [1])],
)
def test_code_becomes_text(value, text):
    columns = read_coded_values({"fields": [KIND]}).readable({"KIND": column(value), "A": column(1)})

    assert (columns["KIND"].tolist(), columns["A"].tolist()) == ([text], [1])


@pytest.mark.parametrize(
    "description",
    [
        {},
        {"fields": None},
        {"fields": ["KIND", None, {"domain": domain(_1="a")}]},
        {"fields": [{"name": "KIND", "domain": None}]},
        {"fields": [{"name": "KIND", "domain": {"type": "range", "range": [1, 5]}}]},
        {"fields": [{"name": "KIND", "domain": {"codedValues": [None, {"code": None, "name": "a"}, {"code": 1}]}}]},
        {"typeIdField": "", "types": []},
        {"typeIdField": "KIND", "types": [{"name": "a"}, None]},
    ],
)
def test_nothing_is_coded(description):
    coded = read_coded_values(description)

    assert coded.readable({"KIND": column(1, "1")})["KIND"].tolist() == [1, "1"]


@pytest.mark.parametrize(
    "subtypes",
    [
        {"typeIdField": "SOORT", "types": [{"id": 1, "name": "Paal"}, {"id": 2, "name": "Bak"}]},
        {"subtypeField": "SOORT", "subtypes": [{"code": 1, "name": "Paal"}, {"code": 2, "name": "Bak"}]},
    ],
    ids=["types", "subtypes"],
)
def test_meaning_depends_on_the_subtype(subtypes):
    (first, second) = subtypes.get("types") or subtypes["subtypes"]
    first["domains"] = {"MATERIAAL": domain(_1="Staal")}
    second["domains"] = {"MATERIAAL": domain(_1="Kunststof"), "KIND": {"type": "inherited"}}
    coded = read_coded_values({"fields": [KIND], **subtypes})

    columns = coded.readable({"SOORT": column(1, 2, 3), "MATERIAAL": column(1, 1, 1), "KIND": column(1, 1, 1)})

    assert columns["SOORT"].tolist() == ["Paal", "Bak", 3]
    assert columns["MATERIAAL"].tolist() == ["Staal", "Kunststof", 1]
    assert columns["KIND"].tolist() == ["Mast"] * 3


def test_text_has_all_codes_that_mean_it():
    coded = read_coded_values({"fields": [{"name": "KIND", "domain": domain(_1="Mast", _2="Kast", _3="Mast ")}]})

    assert list(coded.codes_of("KIND", "Mast")) == ["1", "3"]
    assert list(coded.codes_of("ANDERS", "Mast")) == []
