from __future__ import annotations

import points
import pytest

from wfs_proxy.config.vendor_names import VendorName, vendor_names

PIPES = {"K": "kolk", "1": "put"}


@pytest.mark.parametrize(
    ("fields", "properties", "expected"),
    [
        ({"nummer": "string"}, {}, {}),
        ({"nummer": {"from": "NR"}}, {}, {"NR": VendorName("nummer", {})}),
        ({"soort": {"from": "soort_put", "map": PIPES}}, {}, {"soort_put": VendorName("soort", PIPES)}),
        # several fields have the attribute
        ({"a": {"from": "x"}, "b": {"from": "x"}}, {}, {}),
        ({"a": {"from": "x"}, "b": {"from": "x"}}, {"x": "b"}, {"x": VendorName("b", {})}),
        # another field has the name of the attribute
        ({"a": {"from": "b"}, "b": {"from": "c"}}, {}, {"c": VendorName("b", {})}),
        ({"soort": {"map": PIPES}}, {}, {"soort": VendorName("soort", PIPES)}),
        ({"soort": {"map": {"a": "b", "b": "a", "c": "d"}}}, {}, {"soort": VendorName("soort", {"c": "d"})}),
        ({"a": {"template": "vast"}, "b": {"from": "x", "template": None}}, {}, {"x": VendorName("b", {})}),
        ({"beheerder": {"from": "beheer.naam"}}, {}, {"beheer.naam": VendorName("beheerder", {})}),
        (
            {"soort": {"map": PIPES}},
            {"type": "soort"},
            {"type": VendorName("soort", PIPES), "soort": VendorName("soort", PIPES)},
        ),
    ],
)
def test_names_of_the_vendor(fields, properties, expected):
    layer = points.layer(properties={"fields": fields}, wfs={"properties": properties})

    assert vendor_names(layer) == expected


def test_a_mark_may_have_another_name():
    layer = points.layer(reports={}, wfs={"properties": {"gemeld": "IS_GEMELD"}})

    assert vendor_names(layer) == {"gemeld": VendorName("IS_GEMELD", {})}
