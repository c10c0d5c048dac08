from __future__ import annotations

import re

import points
import pytest

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.offered_types import Offers

OLD = {
    "paths": ["/geoserver/luminizer_317/ows", "/v1/wfs/ovl"],
    "type_names": ["luminizer_317:mast", "openbare_verlichting"],
}
CLOCKS = {"paths": ["/v1/wfs/ovl"], "type_names": ["klokken"]}


@pytest.fixture
def offers():
    return Offers(
        Catalogue(
            [
                points.layer("masten", wfs=OLD),
                points.layer("klokken-2", wfs=CLOCKS),
                points.layer("3d"),
                points.layer("masten.oud", wfs={"paths": ["/oud"]}),
            ]
        )
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/wfs", ["app:_x0033_d", "app:klokken-2", "app:masten", "app:masten.oud"]),
        ("/wfs/", ["app:_x0033_d", "app:klokken-2", "app:masten", "app:masten.oud"]),
        ("/layers/3d/wfs", ["app:_x0033_d"]),
        ("/layers/masten/wfs/", ["app:masten"]),
        ("/geoserver/luminizer_317/ows", ["luminizer_317:mast", "app:openbare_verlichting"]),
        ("/geoserver/luminizer_317/ows/", ["luminizer_317:mast", "app:openbare_verlichting"]),
        ("/v1/wfs/ovl", ["app:klokken", "luminizer_317:mast", "app:openbare_verlichting"]),
        ("/oud", ["app:masten.oud"]),
    ],
)
def test_each_path_offers_its_types(offers, path, expected):
    assert [each.name for each in offers.at(path).types] == expected


@pytest.mark.parametrize(
    "path",
    ["/", "/wfs2", "/layers/wfs", "/layers/x/wfs", "/geoserver", "/geoserver/luminizer_317/ows/x", "/V1/wfs/ovl", ""],
)
def test_other_paths_are_none_of_the_wfs(offers, path):
    assert offers.at(path) is None


@pytest.mark.parametrize(
    ("name", "layer", "expected"),
    [
        ("masten", "masten", "app:masten"),
        ("app:masten", "masten", "app:masten"),
        ("x:masten", "masten", "x:masten"),
        ("gml:masten", "masten", "app:masten"),
        ("luminizer_317:mast", "masten", "luminizer_317:mast"),
        ("mast", "masten", "app:mast"),
        ("other:mast", "masten", "other:mast"),
        ("openbare_verlichting", "masten", "app:openbare_verlichting"),
        ("klokken", "klokken-2", "app:klokken"),
        ("3d", "3d", "app:_x0033_d"),
        ("app:_x0033_d", "3d", "app:_x0033_d"),
        ("masten.oud", "masten.oud", "app:masten.oud"),
    ],
)
def test_a_layer_is_found_under_each_of_its_names(offers, name, layer, expected):
    found = offers.at("/wfs").find(name)

    assert (found.layer.id, found.name) == (layer, expected)


def of_vendors(**type_names):
    """Offers of layers whose vendors have these types."""
    sources = {
        layer: {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": names}
        for layer, names in type_names.items()
    }
    return Offers(Catalogue([points.layer(layer, source=source) for layer, source in sources.items()]))


@pytest.mark.parametrize(
    ("name", "layer", "expected"),
    [
        ("lichtmast", "lampen", "app:lichtmast"),
        ("tv:lichtmast", "lampen", "tv:lichtmast"),
        ("other:lichtmast", "lampen", "other:lichtmast"),
        ("app:container", "bakken", "app:container"),
        ("container", "bakken", "app:container"),
        # ids come before names of vendors
        ("bakken", "bakken", "app:bakken"),
        ("klok", "klok", "app:klok"),
    ],
)
def test_a_layer_is_found_under_the_names_of_its_vendor(name, layer, expected):
    offers = of_vendors(lampen=["tv:lichtmast", "tv:bakken"], bakken=["app:container"], klok=["uur"], uren=["klok"])
    found = offers.at("/wfs").find(name)

    assert (found.layer.id, found.name) == (layer, expected)


def test_a_listed_name_comes_before_the_same_name_of_a_vendor():
    lamps = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["mast"]}
    offers = Offers(Catalogue([points.layer("a", source=lamps), points.layer("b", wfs={"type_names": ["x:mast"]})]))

    assert offers.at("/wfs").find("mast").layer.id == "b"


def test_a_vendors_name_of_two_layers_is_refused():
    offers = of_vendors(noord=["mast"], zuid=["mast"])

    with pytest.raises(WfsRequestError, match="means several types; use one of app:noord, app:zuid"):
        offers.at("/wfs").find("mast")
    assert offers.at("/layers/zuid/wfs").find("mast").layer.id == "zuid"


def test_a_vendors_name_is_in_no_list():
    assert [each.name for each in of_vendors(lampen=["tv:lichtmast"]).at("/wfs").types] == ["app:lampen"]


@pytest.mark.parametrize("name", ["nope", "app:container", "luminizer_317:lantaarn"])
def test_the_path_of_a_layer_means_that_layer_whatever_the_name(offers, name):
    found = offers.at("/layers/masten/wfs").find(name)

    assert found.layer.id == "masten"
    assert found.name in {name, f"app:{name}"}


def test_a_listed_path_with_one_layer_does_not(offers):
    """Its vendor may have had other types there, and lamps are no answer to a question about clocks."""
    with pytest.raises(WfsRequestError, match="There is no type 'klokken' here"):
        offers.at("/oud").find("klokken")


@pytest.mark.parametrize("name", ["klokken-2", "app:klokken-2", "klokken", "3d"])
def test_the_name_of_another_layer_is_refused_at_the_path_of_a_layer(offers, name):
    with pytest.raises(WfsRequestError, match="There is no type"):
        offers.at("/layers/masten/wfs").find(name)


def test_an_unknown_name_is_refused_with_the_nearest(offers):
    with pytest.raises(WfsRequestError, match="Did you mean masten") as refused:
        offers.at("/wfs").find("mastn")

    assert (refused.value.code, refused.value.locator) == ("InvalidParameterValue", "typeName")


def test_a_name_longer_than_any_is_refused(offers):
    """It would be remembered with its prefix."""
    with pytest.raises(WfsRequestError) as refused:
        offers.at("/wfs").find("x" * 100_000 + ":masten")

    assert len(str(refused.value)) < 500


def test_a_name_of_another_path_is_refused(offers):
    with pytest.raises(WfsRequestError, match="app:klokken-2"):
        offers.at("/layers/klokken-2/wfs").find("masten")


def test_without_a_name_the_only_layer_is_meant(offers):
    assert offers.at("/layers/masten/wfs").find(None).layer.id == "masten"
    # two names of one layer
    assert offers.at("/geoserver/luminizer_317/ows").find(None).name == "luminizer_317:mast"


def test_without_a_name_several_layers_are_refused(offers):
    with pytest.raises(WfsRequestError, match="app:klokken") as refused:
        offers.at("/v1/wfs/ovl").find(None)

    assert refused.value.code == "MissingParameterValue"


def test_a_name_of_two_layers_without_its_prefix_is_refused():
    layers = [points.layer("a", wfs={"type_names": ["x:mast"]}), points.layer("b", wfs={"type_names": ["y:mast"]})]
    offer = Offers(Catalogue(layers)).at("/wfs")

    assert offer.find("y:mast").layer.id == "b"
    with pytest.raises(WfsRequestError, match="several"):
        offer.find("mast")


@pytest.mark.parametrize(
    ("feature_id", "expected"),
    [
        ("masten.12", "masten"),
        ("masten.oud.12", "masten.oud"),
        ("3d.1", "3d"),
        ("_x0033_d.1", "3d"),
        ("mast.12", None),
        ("masten", None),
        ("", None),
    ],
)
def test_an_id_names_its_layer(offers, feature_id, expected):
    found = offers.at("/wfs").of_id(feature_id)

    assert (found and found.layer.id) == expected


def test_the_feature_of_an_id_has_the_first_name_of_its_layer(offers):
    assert offers.at("/wfs").of_id("masten.1").name == "app:masten"
    assert offers.at("/geoserver/luminizer_317/ows").of_id("masten.1").name == "luminizer_317:mast"


def test_several_unknown_names_are_not_the_same_layer_twice(offers):
    offer = offers.at("/layers/masten/wfs")

    assert offer.find("masten", alone=False).layer.id == "masten"
    with pytest.raises(WfsRequestError, match="There is no type 'x' here"):
        offer.find("x", alone=False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("app:nope", []),
        ("luminizer_317:nope", []),
        ("app:mastne", ["Did you mean masten?"]),
        ("luminizer_317:mats", ["Did you mean mast?"]),
        ("openbare_verlichtin", ["Did you mean openbare_verlichting?"]),
    ],
)
def test_a_prefix_is_no_likeness(offers, name, words):
    with pytest.raises(WfsRequestError) as refused:
        offers.at("/wfs").find(name)

    assert re.findall(r"Did you mean [^?]*\?", str(refused.value)) == words


def test_layers_with_the_same_title_are_told_apart():
    lamps = {
        "noord": ("Lampen", "Den Haag"),
        "zuid": ("Lampen", "Delft"),
        "oost": ("lampen", "Delft"),
        "west": ("Lampen", ""),
        "bomen": ("Bomen", "Delft"),
    }
    layers = [
        points.layer(name, title=title, organisation=owner, wfs={"paths": ["/ows"], "type_names": [f"old:{name}"]})
        for name, (title, owner) in lamps.items()
    ]
    offers = Offers(Catalogue(layers))
    expected = {
        "noord": "Lampen (Den Haag)",
        "zuid": "Lampen (zuid)",
        "oost": "lampen (oost)",
        "west": "Lampen (west)",
        "bomen": "Bomen",
    }

    for path in ("/wfs", "/ows"):
        assert {each.layer.id: each.title for each in offers.at(path).types} == expected
    assert offers.at("/layers/noord/wfs").find("old:noord").title == "Lampen (Den Haag)"
