"""What filters may name: served fields, marks and the vendor's names."""

from __future__ import annotations

import points
import pytest

from wfs_proxy.marks.layer_target import StateRules
from wfs_proxy.marks.mark_suffixes import MarkSuffixes
from wfs_proxy.serve.layer_schema import schema_of

FIELDS = {
    "nummer": "integer",
    "soort": {"from": "soort_put", "type": "string", "map": {"K": "kolk"}},
    "kort": {"from": "omschrijving", "type": "string"},
    "lang": {"from": "omschrijving", "type": "string"},
}


def test_fields_and_marks_have_their_types():
    layer = points.layer(properties={"fields": FIELDS}, reports={"word": "status", "age": "sinds"})

    assert schema_of(layer).types == {
        "nummer": "integer",
        "soort": "string",
        "kort": "string",
        "lang": "string",
        "IS_GEMELD": "string",
        "meldingstatus": "integer",
        "status": "string",
        "sinds": "string",
    }


@pytest.mark.parametrize(
    ("reported", "otherwise", "kind"),
    [
        (True, False, "boolean"),
        (1, 0, "integer"),
        ("1", 0, "string"),
        ("ja", "nee", "string"),
        (1, "nee", "string"),
        (True, 0, "string"),
        (1, False, "string"),
    ],
)
def test_a_mark_has_the_type_of_both_its_values(reported, otherwise, kind):
    """Its column too, so that both values can be asked for."""
    layer = points.layer(reports={"mark": [{"property": "gemeld", "reported": reported, "otherwise": otherwise}]})
    assert layer.reports is not None
    column = MarkSuffixes(layer.reports, StateRules(open=frozenset(), words={}), only_marks=False).tables["gemeld"]

    assert schema_of(layer).types == {"gemeld": kind}
    assert column.kind == kind
    assert None not in column.to_list()


def test_an_attribute_of_the_vendor_means_the_field_that_is_made_of_it():
    layer = points.layer(properties={"fields": FIELDS}, wfs={"properties": {"SOORT_OBJ": "soort"}})

    assert schema_of(layer).aliases == {"soort_put": "soort", "SOORT_OBJ": "soort"}
    assert schema_of(layer).translations == {"soort_put": {"K": "kolk"}, "SOORT_OBJ": {"K": "kolk"}}


def test_the_geometry_of_the_vendor_is_the_location():
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "geometry": "geometrie"}

    assert "geometrie" in schema_of(points.layer(source=source)).geometries
