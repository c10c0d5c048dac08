from __future__ import annotations

import ogc_schemas
import points
import pytest
from lxml import etree

from wfs_proxy.faces.wfs.capabilities import ServiceDescription
from wfs_proxy.faces.wfs.capabilities import capabilities as capabilities_of
from wfs_proxy.faces.wfs.offered_types import OfferedType

OWS = {"1.1.0": "{http://www.opengis.net/ows}", "2.0.0": "{http://www.opengis.net/ows/1.1}"}


def capabilities(ask, version, path="/wfs"):
    return etree.fromstring(ask(f"service=WFS&request=GetCapabilities&version={version}", path=path))


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_every_layer_is_listed_with_its_place(ask, version):
    root = capabilities(ask, version)
    types = list(root.iter("{*}FeatureType"))
    text = etree.tostring(types[1], encoding="unicode")

    assert root.get("version") == version
    assert [next(each.iter("{*}Name")).text for each in types] == ["app:klokken", "app:putten"]
    assert next(types[1].iter("{*}Title")).text == "Putten & kolken"
    assert all(number in text for number in ("4.31", "52.01", "4.35", "52.05"))
    assert root.nsmap["app"] == "https://kaart.example.nl/wfs/features"


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_the_titles_are_those_of_the_types(version):
    types = [OfferedType.of(points.layer("noord", title="Lampen"))._replace(title="Lampen (Den Haag & Delft)")]
    document = capabilities_of(ServiceDescription(url="", namespace="urn:x", types=types, boxes={}), version)

    assert etree.fromstring(document).findtext(".//{*}FeatureType/{*}Title") == "Lampen (Den Haag & Delft)"


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_the_sections_of_all_services_are_valid(ask, version):
    root = capabilities(ask, version)
    sections = [root.find(f"{OWS[version]}{name}") for name in ("ServiceIdentification", "OperationsMetadata")]

    for section in sections:
        assert ogc_schemas.problems(ogc_schemas.ows_schema(version), section) == []
    (filters,) = root.iter("{*}Filter_Capabilities")
    assert ogc_schemas.problems(ogc_schemas.filter_schema(version), filters) == []


@pytest.mark.parametrize(("version", "name"), [("1.1.0", "DefaultMaxFeatures"), ("2.0.0", "CountDefault")])
def test_the_default_limit_is_a_constraint_of_get_feature(ask, version, name):
    operations = capabilities(ask, version).iter(f"{OWS[version]}Operation")
    (get_feature,) = [each for each in operations if each.get("name") == "GetFeature"]
    (constraint,) = [each for each in get_feature if each.get("name") == name]

    assert "50000" in "".join(constraint.itertext())


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_addresses_are_those_of_the_path(ask, version):
    root = capabilities(ask, version, "/layers/putten/wfs")
    addresses = {value for element in root.iter() for value in element.attrib.values() if "kaart.example.nl" in value}

    assert addresses == {"https://kaart.example.nl/layers/putten/wfs"}
    assert len(list(root.iter("{*}FeatureType"))) == 1


def test_only_what_is_true_is_declared(ask):
    declared = {each.get("name"): "".join(each.itertext()) for each in capabilities(ask, "2.0.0").iter("{*}Constraint")}

    assert declared["ImplementsResultPaging"] == declared["KVPEncoding"] == declared["XMLEncoding"] == "TRUE"
    assert declared["ImplementsTransactionalWFS"] == declared["ImplementsBasicWFS"] == "FALSE"
