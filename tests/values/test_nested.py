"""Values inside nested objects, by a path of names."""

from __future__ import annotations

import pytest

from wfs_proxy.values.nested import value_at_path

VALUE = {
    "beheer": {"organisatie": {"naam": "Stad"}, "jaar": 0, "leeg": None},
    "beheer.afdeling": {"naam": "Openbare ruimte"},
    "a.b": "met een punt",
    "a": {"b": "binnenin", "c": "ook"},
    "delen": [{"naam": "mast"}, {"naam": "armatuur"}, {"soort": "x"}],
    "rijen": [[1, 2], [3]],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("beheer.organisatie.naam", "Stad"),
        ("beheer.jaar", 0),
        ("beheer", VALUE["beheer"]),
        ("beheer.afdeling.naam", "Openbare ruimte"),
        ("a.b", "met een punt"),
        ("a.c", "ook"),
        ("delen.naam", ["mast", "armatuur"]),
        ("delen.1.naam", "armatuur"),
        ("delen.2", {"soort": "x"}),
        ("rijen.0.1", 2),
    ],
)
def test_value_is_found_by_its_path(path: str, expected: object):
    assert value_at_path(VALUE, path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "beheer.organisatie.naam.x",
        "beheer.leeg.x",
        "beheer.",
        ".beheer",
        ".",
        "",
        "delen.3.naam",
        "delen.kleur",
        "delen.99999999999999999999",
        "delen.-1",
        "delen.²",
        "Beheer.organisatie",
    ],
)
def test_path_to_nothing_has_no_value(path: str):
    assert value_at_path(VALUE, path) is None


@pytest.mark.parametrize("value", ["tekst", 5, None, True, [], {}])
def test_value_without_members_has_none(value: object):
    assert value_at_path(value, "a.b") is None
