"""Choosing the output format; the rest of the negotiation is tested with a vendor, in test_source.py."""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qsl, urlsplit

import pytest

from wfs_proxy.config.source import WfsSource
from wfs_proxy.errors import UpstreamRefused
from wfs_proxy.sources.wfs.capabilities import Capabilities, FeatureType
from wfs_proxy.sources.wfs.kvp import FeatureRequest, feature_url
from wfs_proxy.sources.wfs.negotiation import geojson_format, profile_for


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


SPECIAL = [
    "app:Lichtmasten+armaturen_forêt-50%25é",
    "app:Licht masten",
    "Lichtmasten (oud) & nieuw",
    "app:a/b?c=d#e;f",
    "Bäume 100 %",
]


def chosen(name: str, *offered: str) -> str:
    """Return the name that is requested for a name in a layer file."""
    source = WfsSource(type="wfs", url="http://v.example/wfs", type_names=(name,))
    types = {each: FeatureType(name=each, crs=None) for each in offered}
    return profile_for(source, Capabilities(version="2.0.0", versions=("2.0.0",), types=types)).types[0].name


@pytest.mark.parametrize("name", SPECIAL)
def test_type_name_with_special_characters_is_requested_as_it_is(name):
    request = FeatureRequest(version="2.0.0", type_name=chosen(name, "app:other", name))

    query = urlsplit(feature_url("http://v.example/wfs", request)).query

    assert dict(parse_qsl(query))["typeNames"] == name
    assert query.isascii()
    assert not set(" +#") & set(query)


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        (unicodedata.normalize("NFD", "app:forêt"), "app:forêt"),
        ("app:forêt", unicodedata.normalize("NFD", "app:forêt")),
        ("app:Licht masten", "app:Licht\xa0masten"),
        ("app:Licht masten", "app:Licht  masten"),
        (" app:mast ", "app:mast"),
        ("Licht masten", "app:Licht masten"),
    ],
)
def test_type_name_that_looks_the_same_is_the_same(written, offered):
    assert chosen(written, "app:other", offered) == offered


def test_type_name_that_two_types_look_like_is_unknown():
    with pytest.raises(UpstreamRefused, match="no feature type"):
        chosen("a:licht mast", "b:licht  mast", "c:licht mast")


@pytest.mark.parametrize("name", ["a,b", "a:b c:d", "(a)(b)", "a\nb", " "])
def test_several_type_names_in_one_text_are_refused(name):
    with pytest.raises(ValueError, match=r"type_name|blank"):
        chosen(name, name)
