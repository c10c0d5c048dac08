from __future__ import annotations

import points
import pytest
import shipped

from wfs_proxy.config.object_labels import name_field, type_field


def layer(fields: dict[str, object], *, key: str | None = None, match: list[str] | None = None):
    reports = {} if match is None else {"reports": {"signalen": "default", "match": {"fields": match}}}
    return points.layer(properties={"id": key, "fields": fields}, **reports)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"nummer": "string", "straat": "string"}, None),
        ({"nummer": "string", "SOORTOBJECT": "string"}, "SOORTOBJECT"),
        ({"status": {"map": {"a": "b"}}, "objecttype": "string"}, "objecttype"),
        ({"nummer": "string", "status": {"map": {"a": "b"}}}, "status"),
        ({"type": "integer", "nummer": "string"}, None),
        ({"nummer": "string", "soort": {"template": "lamp {nummer}"}}, None),
    ],
)
def test_the_kind_is_a_text_with_such_a_name_or_a_translated_one(fields, expected):
    assert type_field(layer(fields)) == expected


@pytest.mark.parametrize(
    ("fields", "key", "match", "expected"),
    [
        ({}, None, None, None),
        ({"nummer": "string"}, None, None, None),
        ({"nummer": "string"}, "nummer", None, "nummer"),
        ({"nr": {"from": "nummer"}}, "nummer", None, "nr"),
        ({"a": "string", "nummer": "string"}, "a", ["a", "nummer"], "nummer"),
        ({"nummer": "string"}, "oid", ["nummer", "oid"], "nummer"),
        ({"a": "string"}, "a", [], "a"),
    ],
)
def test_the_name_is_what_reports_are_matched_with_or_else_the_key(fields, key, match, expected):
    assert name_field(layer(fields, key=key, match=match)) == expected


def test_shipped_layers_have_the_names_that_the_report_form_stores():
    catalogue = shipped.catalogue()

    assert {layer.id: (type_field(layer), name_field(layer)) for layer in catalogue.values()} == {
        "amsterdam-containers": ("soort", "id_nummer"),
        "amsterdam-verlichting": ("soort", "objectnummer"),
        "cityview-lichtmasten": ("soort", "lichtpuntnummer"),
        "groningen-bomen": ("soort", "boomnummer"),
        "liteweb-lichtmasten": (None, "MastNummer"),
        "luminizer-masten": ("ObjectType", "MastCode"),
        "moon-lichtmasten": ("SOORTOBJECT", "MASTNUMMER"),
        "pdok-palen": ("soort", "lokaal_id"),
        "pdok-putten": ("soort", "naam"),
        "qubz-containers": ("soort", "container_nummer"),
        "rioned-leidingen": ("soort", "naam"),
        "rioned-putten": ("soort", "naam"),
        "saver-containers": ("soort", "NUMMER"),
        "sigmax-kolken": (None, "naam"),
        "tilburg-containers": ("soort", "nummer"),
        "techview-lichtmasten": ("soort", "objectnummer"),
    }
