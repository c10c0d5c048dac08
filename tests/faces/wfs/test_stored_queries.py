from __future__ import annotations

import pytest
from lxml import etree

from wfs_proxy.errors import WfsRequestError

GET_FEATURE_BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"


def test_the_stored_query_is_listed_with_every_type(ask):
    (query,) = etree.fromstring(ask("request=ListStoredQueries"))

    assert query.get("id") == GET_FEATURE_BY_ID
    assert [each.text for each in query.iter("{*}ReturnFeatureType")] == ["app:klokken", "app:putten"]


@pytest.mark.parametrize("parameters", ["", f"&storedquery_id={GET_FEATURE_BY_ID}"])
def test_the_stored_query_is_described(ask, parameters):
    (query,) = etree.fromstring(ask(f"request=DescribeStoredQueries{parameters}"))

    assert query.get("id") == GET_FEATURE_BY_ID
    assert [each.get("name") for each in query.iter("{*}Parameter")] == ["id"]


def test_another_stored_query_is_refused(ask):
    with pytest.raises(WfsRequestError, match="GetFeatureById"):
        ask("request=DescribeStoredQueries&storedquery_id=mine")
