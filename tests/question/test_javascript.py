from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from wfs_proxy.question.javascript import UNDEFINED, chosen_entry, is_truthy, loosely_alike, strictly_equal

VALUES = ["1", 1, 1.0, 0, -0.0, "0", "", True, False, None, "kolk", "Kolk", "1.0", 2**53, [], {}]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_comparisons_are_those_of_javascript():
    scalars = [value for value in VALUES if not isinstance(value, list | dict)]
    script = (
        f"const s = {json.dumps(scalars)}, v = {json.dumps(VALUES)};"
        "console.log(JSON.stringify([s.map(a => s.map(b => a === b)), v.map(Boolean)]))"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [
        [[strictly_equal(one, other) for other in scalars] for one in scalars],
        [is_truthy(value) for value in VALUES],
    ]


def test_what_is_not_there_is_undefined():
    assert strictly_equal(UNDEFINED, UNDEFINED)
    assert not strictly_equal(UNDEFINED, None)
    assert not is_truthy(UNDEFINED)


def test_values_that_a_person_takes_for_equal():
    assert loosely_alike("1", 1)
    assert loosely_alike("Kolk", "kolk ")
    assert loosely_alike(1.0, "1")
    assert not loosely_alike(1, 1.0)
    assert not loosely_alike("kolk", "put")


@pytest.mark.parametrize(
    ("entry", "properties", "matches"),
    [
        ({}, {"a": 1}, True),
        ({"typeField": "a"}, {"a": 1}, False),
        ({"typeField": "a"}, {"b": 1}, True),
        ({"typeValue": 1}, {"a": 1}, False),
        ({"typeField": "a", "typeValue": "1"}, {"a": 1}, False),
        ({"typeField": "a", "typeValue": None}, {"a": None}, True),
        ({"typeField": "a", "typeValue": None}, {}, False),
    ],
)
def test_an_entry_matches_as_in_both_forms(entry, properties, matches):
    assert chosen_entry(properties, [entry]) == (0 if matches else None)
