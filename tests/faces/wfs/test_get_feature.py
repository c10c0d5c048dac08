from __future__ import annotations

import json
import threading
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from lxml import etree

from wfs_proxy.errors import BadRequest, NotFound, RequestTooLarge, WfsRequestError
from wfs_proxy.faces.wfs import get_feature
from wfs_proxy.faces.wfs.feature_query import feature_query
from wfs_proxy.serve import MAXIMUM_LIMIT

BY_ID = "version=2.0.0&request=GetFeature&storedquery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById"
EQUAL = "<Filter><PropertyIsEqualTo><PropertyName>{}</PropertyName><Literal>{}</Literal></PropertyIsEqualTo></Filter>"
EVERYTHING = [1, 2, 3, 4, 5]
WFS_20 = "{http://www.opengis.net/wfs/2.0}"


def numbers(root):
    return [int(element.text) for element in root.iter("{*}nr")]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", EVERYTHING),
        ("count=2", [1, 2]),
        ("maxFeatures=2&startIndex=3", [4, 5]),
        ("count=0", []),
        ("startIndex=5", []),
        ("startIndex=99999999999999999999", []),
        (f"count={MAXIMUM_LIMIT * 100}", EVERYTHING),
        ("resultType=hits", []),
        ("sortBy=nr+D", [5, 4, 3, 2, 1]),
        ("sortBy=hoogte", [4, 2, 1, 5, 3]),
        ("sortBy=hoogte+DESC,nr+DESC&count=3", [5, 1, 2]),
        ("sortBy=app:soort_put+ASC&count=2", [1, 3]),
        ("featureID=putten.2,putten.4", [2, 4]),
        ("resourceId=3", [3]),
        ("resourceId=putten.a_x002F_b", [5]),
        ("resourceId=putten.nothing", []),
        # by the standard, by its urn, by a short name, and with latitude and longitude confused
        ("version=2.0.0&bbox=52.0,4.3,52.025,4.325", [1, 2]),
        ("version=2.0.0&bbox=52.0,4.3,52.025,4.325,urn:ogc:def:crs:EPSG::4326", [1, 2]),
        ("version=2.0.0&bbox=4.3,52.0,4.325,52.025,EPSG:4326", [1, 2]),
        ("version=2.0.0&bbox=4.3,52.0,4.325,52.025", [1, 2]),
        ("version=1.0.0&bbox=4.3,52.0,4.325,52.025", [1, 2]),
        ("version=1.0.0&bbox=52.0,4.3,52.025,4.325", [1, 2]),
        ("bbox=4.325,52.025,4.3,52.0,CRS84", [1, 2]),
        ("bbox=80000,446000,82000,448600,EPSG:28992", [1, 2]),
        ("bbox=80000,446000,82000,448600&srsName=EPSG:28992", [1, 2]),
        ("bbox=479000,6796000,481500,6804500,EPSG:3857", [1, 2]),
        ("bbox=4.3,52.0,0,4.325,52.025,9,CRS84", [1, 2]),
        ("bbox=10,10,11,11,CRS84", []),
        (f"filter={EQUAL.format('soort_put', 'K')}", [1, 3]),
        (f"filter={EQUAL.format('app:soort', 'put')}&bbox=4.3,52.0,4.325,52.025,CRS84", [2]),
        # clients of GML know no other name
        (f"filter={EQUAL.format('app:mast_x0020_nr', 'd')}", [3]),
        (f"filter=<Filter><Not>{EQUAL.format('mast_x0020_nr', 'd')[8:-9]}</Not></Filter>", [1, 2, 4, 5]),
        ('filter=<Filter><ResourceId rid="putten.a_x002F_b"/><GmlObjectId gml:id="putten.1"/></Filter>', [1, 5]),
        ("cql_filter=hoogte%20%3E%201", [1, 5]),
        ("cql_filter=soort IS NULL&resourceId=putten.4,putten.1", [4]),
    ],
)
def test_parameters_select_features(features, parameters, expected):
    assert features(parameters) == expected


@pytest.mark.parametrize(
    ("parameters", "locator"),
    [
        ("count=many", "count"),
        ("count=-1", "count"),
        ("startIndex=1.5", "startIndex"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("bbox=1,2,3,4,EPSG:31370", "bbox"),
        ("bbox=1,2,3,nan", "bbox"),
        ("bbox=80000,446000,82000,448600", "bbox"),
        ("filter=<Filter>", "filter"),
        ("cql_filter=nr%20%3D%20", "filter"),
    ],
)
def test_what_is_wrong_is_named(features, parameters, locator):
    with pytest.raises(WfsRequestError) as refused:
        features(parameters)

    assert refused.value.locator == locator


@pytest.mark.parametrize("parameters", ["sortBy=hogte", "propertyName=hogte", "cql_filter=hogte%20%3D%201"])
def test_an_unknown_property_is_refused_with_the_nearest(features, parameters):
    with pytest.raises(BadRequest, match="hoogte"):
        features(parameters)


@pytest.mark.parametrize(
    "attack",
    [
        quote("<Filter>" + "<Not>" * 100_000 + "</Not>" * 100_000 + "</Filter>"),
        quote("<Filter>" + "<And>" * 1_000 + "</And>" * 1_000 + "</Filter>"),
        quote('<!DOCTYPE F [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><Filter>&c;</Filter>'),
        quote("<Filter><PropertyIsEqualTo><PropertyName>nr</PropertyName><Literal>&xxe;</Literal></PropertyIsEqualTo>"),
        quote(
            "<Filter><Intersects><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>"
            + "4.3 52.0 " * 1_000_000
            + "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></Intersects></Filter>"
        ),
    ],
    ids=["operators", "levels", "entities", "entity", "polygon"],
)
def test_attacks_in_a_filter_are_refused(features, attack):
    with pytest.raises((BadRequest, RequestTooLarge)):
        features(f"filter={attack}")


def test_a_like_of_wildcards_is_answered(features):
    pattern = "*a" * 200
    text = (
        '<Filter><PropertyIsLike wildCard="*" singleChar="." escapeChar="!"><PropertyName>mast nr</PropertyName>'
        f"<Literal>{pattern}</Literal></PropertyIsLike></Filter>"
    )

    assert features(f"filter={quote(text)}") == []


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_features_of_several_types_are_in_one_document(gml, version):
    root = gml(f"version={version}&typeNames=putten,klokken&count=6")

    assert numbers(root) == [*EVERYTHING, 9]
    if version == "2.0.0":
        assert root.get("numberMatched") == root.get("numberReturned") == "6"
        assert [each.get("numberMatched") for each in root.iter(f"{WFS_20}FeatureCollection")] == ["6", "5", "1"]


def test_the_limit_is_for_all_types_together(gml, ask):
    assert numbers(gml("typeNames=putten,klokken&count=5")) == EVERYTHING
    root = gml("typeNames=klokken,putten&count=3")
    assert numbers(root) == [9, 1, 2]
    assert root.get("numberMatched") == "6"
    hits = gml("typeNames=klokken,putten&resultType=hits")
    assert (hits.get("numberMatched"), hits.get("numberReturned")) == ("6", "0")
    collection = json.loads(ask("request=GetFeature&typeNames=klokken,putten&outputFormat=json&count=3"))
    assert [each["properties"]["nr"] for each in collection["features"]] == [9, 1, 2]
    assert (collection["numberMatched"], collection["numberReturned"]) == (6, 3)


@pytest.mark.parametrize(("start", "expected"), [(0, [1, 2]), (4, [5, 9]), (5, [9]), (6, []), (99, [])])
def test_pages_of_several_types_count_all_features(gml, start, expected):
    root = gml(f"typeNames=putten,klokken&count=2&startIndex={start}")

    assert numbers(root) == expected
    assert root.get("numberMatched") == "6"


def test_a_collection_within_another_has_no_pages_of_its_own(gml):
    collections = gml("typeNames=putten,klokken&count=2").iter(f"{WFS_20}FeatureCollection")

    assert {each.get(name) for each in collections for name in ("next", "previous")} == {None}


def test_each_type_may_have_its_own_filter(gml):
    text = (
        "<Filter><PropertyIsEqualTo><PropertyName>nr</PropertyName><Literal>{}</Literal></PropertyIsEqualTo></Filter>"
    )
    filters = quote(f"({text.format(2)})({text.format(9)})")

    assert numbers(gml(f"typeNames=putten,klokken&filter={filters}")) == [2, 9]


def test_ids_name_their_types(gml):
    assert numbers(gml("resourceId=putten.3")) == [3]
    assert sorted(numbers(gml("resourceId=klokken.9,putten.3"))) == [3, 9]
    with pytest.raises(WfsRequestError) as refused:
        gml("resourceId=nothing.3")
    assert refused.value.locator == "resourceId"


@pytest.mark.parametrize("feature_id", ["putten.3", "putten.a_x002F_b", "putten.a%2Fb"])
def test_get_feature_by_id_is_the_feature_itself(ask, feature_id):
    root = etree.fromstring(ask(f"{BY_ID}&id={feature_id}"))

    assert root.tag == "{https://kaart.example.nl/wfs/features}putten"
    assert len(numbers(root)) == 1


def test_get_feature_by_id_as_json_and_in_rd(ask):
    assert json.loads(ask(f"{BY_ID}&id=putten.3&outputFormat=json"))["properties"]["nr"] == 3
    position = next(etree.fromstring(ask(f"{BY_ID}&id=putten.3&srsName=EPSG:28992")).iter("{*}pos")).text
    assert float(position.split()[0]) > 80_000


@pytest.mark.parametrize("feature_id", ["putten.77", "nothing.1", "3"])
def test_get_feature_by_id_finds_nothing_else(ask, feature_id):
    with pytest.raises(NotFound):
        ask(f"{BY_ID}&id={feature_id}")


def test_a_stored_query_needs_its_name_and_its_parameter(ask):
    for query, code in ((BY_ID, "MissingParameterValue"), (f"{BY_ID}x&id=putten.3", "InvalidParameterValue")):
        with pytest.raises(WfsRequestError) as refused:
            ask(query)
        assert refused.value.code == code


def test_pages_lead_to_each_other(gml, ask):
    query = "version=2.0.0&typeNames=app:putten&count=2&sortBy=nr+D&cql_filter=nr%20%3C%205&srsName=EPSG:28992"
    first = gml(query)
    assert first.get("previous") is None
    second = etree.fromstring(ask(urlsplit(first.get("next")).query))
    back = etree.fromstring(ask(urlsplit(second.get("previous")).query))

    assert [numbers(each) for each in (first, second, back)] == [[4, 3], [2, 1], [4, 3]]
    assert second.get("next") is None
    assert parse_qs(urlsplit(first.get("next")).query)["srsName"] == ["EPSG:28992"]
    assert first.get("next").startswith("https://kaart.example.nl/wfs?")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("propertyName=nr", {"nr"}),
        ("propertyName=app:nr,geometry", {"nr"}),
        ("propertyName=mast_x0020_nr,soort_put", {"mast nr", "soort"}),
        ("propertyName=geometry", set()),
        ("propertyName=*", {"nr", "soort", "hoogte", "mast nr", "IS_GEMELD", "meldingstatus"}),
    ],
)
def test_only_the_asked_properties_are_returned(ask, gml, parameters, expected):
    collection = json.loads(ask(f"request=GetFeature&typeNames=putten&outputFormat=json&{parameters}"))
    features = next(gml(f"typeNames=putten&count=1&{parameters}").iter("{*}putten"))

    assert {name for each in collection["features"] for name in each["properties"]} == expected
    assert {etree.QName(each).localname.replace("_x0020_", " ") for each in features[1:]} == expected
    assert all(each["geometry"] for each in collection["features"])


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0.0", {"numberOfFeatures": "5"}),
        ("1.1.0", {"numberOfFeatures": "5"}),
        ("2.0.0", {"numberMatched": "5", "numberReturned": "0"}),
    ],
)
def test_hits_are_a_number_without_features(gml, version, expected):
    root = gml(f"version={version}&typeNames=putten&resultType=hits")

    assert {name: root.get(name) for name in expected} == expected
    assert numbers(root) == []


@pytest.mark.parametrize(
    ("query", "json_expected"),
    [
        ("bbox=4.3,52.0,4.4,52.1", True),
        ("version=1.1.0&request=GetFeature&bbox=4.3,52.0,4.4,52.1", True),
        ("request=GetFeature&typeNames=putten", False),
        ("request=GetFeature&resourceId=putten.1", False),
    ],
)
def test_json_is_the_default_where_only_forms_ask_so(ask, query, json_expected):
    body = ask(query, path="/layers/putten/wfs")

    assert body.startswith(b"{") == json_expected
    assert ask(query, path="/layers/putten/wfs", accepts_json=True).startswith(b"{")


@pytest.mark.parametrize(("vertices", "outside"), [(2_000, True), (20, False)])
@pytest.mark.parametrize("more", ["", "<Query typeNames='klokken'/>"])
def test_a_long_filter_is_read_outside_the_event_loop(ask, monkeypatch, vertices, outside, more):
    threads = set()

    def read(*arguments):
        threads.add(threading.current_thread() is threading.main_thread())
        return feature_query(*arguments)

    monkeypatch.setattr(get_feature, "feature_query", read)
    ring = " ".join(f"{4 + number / 10_000} {52.5 if number % 2 else 51.5}" for number in range(vertices))
    body = (
        "<GetFeature outputFormat='application/json'><Query typeNames='putten'><Filter><Intersects><Polygon><exterior>"
        f"<LinearRing><posList>{ring} 4 53 4 51.5</posList></LinearRing></exterior></Polygon></Intersects></Filter>"
        f"</Query>{more}</GetFeature>"
    )

    assert json.loads(ask(body=body.encode()))["type"] == "FeatureCollection"
    assert threads == ({True, not outside} if more else {not outside})
