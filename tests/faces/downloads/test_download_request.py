from __future__ import annotations

import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.downloads.download_request import read_download_request


def test_defaults_are_those_of_dutch_excel_without_a_mark():
    asked = read_download_request("f=csv")

    assert (asked.format, asked.separator, asked.bom) == ("csv", ";", False)
    assert (asked.query.box, asked.query.filter, asked.query.limit) == (None, None, None)


@pytest.mark.parametrize("query", ["F=CSV&SEP=,&BOM=TRUE", "sep=%2C&bom=1&f=Csv"])
def test_names_and_formats_are_accepted_in_any_case(query):
    asked = read_download_request(query)

    assert (asked.format, asked.separator, asked.bom) == ("csv", ",", True)


def test_box_and_filter_are_those_of_the_map_endpoint():
    asked = read_download_request("f=geojson&west=4.2&south=52&east=4.3&north=52.1&CQL_FILTER=a%3D1")

    assert asked.query.box == BBox(4.2, 52, 4.3, 52.1)
    assert str(asked.query.filter)


@pytest.mark.parametrize("query", ["f=csv&cursor=a.1", "f=csv&x", "f=csv&f=csv", "sep=;", "f=gpkg2", "f=csv&bom=2"])
def test_anything_else_is_refused(query):
    with pytest.raises(BadRequest):
        read_download_request(query)
