"""Choosing the output format; the rest of the negotiation is tested with a vendor, in test_source.py."""

from __future__ import annotations

import pytest

from wfs_proxy.sources.wfs.negotiation import geojson_format


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("GML2", "application/json"), "application/json"),
        (("application/json; subtype=geojson", "text/xml"), "application/json; subtype=geojson"),
        (('application/json; subtype="geojson"',), 'application/json; subtype="geojson"'),
        (("GML32", "GEOJSON+ZIP", "ESRIGEOJSON", "GEOJSON"), "GEOJSON"),
        (("GML2", "JSONP", "JSON"), "JSON"),
        (("json", "application/json"), "application/json"),
        (("text/javascript", "ESRIGEOJSON", "csv"), None),
        ((), None),
    ],
)
def test_geojson_is_known_by_its_names(offered, chosen):
    assert geojson_format(offered) == chosen
