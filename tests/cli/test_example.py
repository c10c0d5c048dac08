"""`wfs-proxy example` and what comes of its copies."""

from __future__ import annotations

import needs
import pytest

from wfs_proxy.cli.example import ExampleRefused, copy_example, list_examples
from wfs_proxy.config.catalogue import load_catalogue, load_layer
from wfs_proxy.demo.examples import shipped_examples
from wfs_proxy.errors import ConfigurationError

IDS = [example.id for example in shipped_examples()]
LAYERS = [example_id for example_id in IDS if example_id != "signalen"]


@pytest.fixture
def copy(tmp_path):
    def copy(name, language="en"):
        return copy_example(name, tmp_path / "layers", "wfs-proxy", language)

    return copy


@pytest.mark.parametrize("language", ["nl", "en"])
def test_all_examples_are_listed_with_the_variables_to_fill_in(tmp_path, language):
    lines = list(list_examples(tmp_path, "wfs-proxy", language))

    rows = {line.split()[0]: line for line in lines[2:-1]}
    assert list(rows) == IDS
    assert rows["moon-lichtmasten"].split()[1] == "wfs"
    assert "Lichtmasten, Gemeente Groningen" in rows["moon-lichtmasten"]
    assert rows["moon-lichtmasten"].endswith("  MOON_WFS_URL")
    assert rows["signalen"].endswith("  SIGNALEN_URL, SIGNALEN_TOKEN")
    assert str(tmp_path) in lines[-1]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("example_id", LAYERS)
def test_every_example_is_a_layer_that_waits_for_the_variables_that_are_named(copy, tmp_path, example_id, language):
    lines = "\n".join(copy(example_id, language))

    (waiting,) = load_catalogue(tmp_path / "layers", {}).unconfigured
    assert waiting.name == example_id
    assert waiting.layer is not None
    assert [name for name in waiting.missing if f"\n  {name} " not in lines] == []
    assert f"wfs-proxy check {tmp_path / 'layers' / example_id}.yaml --live" in lines
    assert f"wfs-proxy serve --layers {tmp_path / 'layers'}" in lines
    assert "$schema" not in (tmp_path / "layers" / f"{example_id}.yaml").read_text()


def test_every_shipped_layer_file_of_the_checkout_is_an_example():
    files = [*(needs.ROOT / "layers").glob("*.yaml"), *(needs.ROOT / "layers" / "examples").glob("*.yaml")]
    shipped = {each.path.name: each for each in shipped_examples()}

    assert {path.name for path in files} >= shipped.keys()
    assert {"moon-lichtmasten.yaml", "moon-statussen.yaml", "signalen.yaml"} <= shipped.keys()


def test_a_filled_in_copy_is_a_layer_with_reports(copy, tmp_path):
    assert "example signalen --layers" in "\n".join(copy("moon-lichtmasten"))
    copy("signalen")
    assert "example signalen" not in "\n".join(copy("rioned-putten"))
    values = {"MOON_WFS_URL": "https://moon.nl/wfs", "SIGNALEN_URL": "https://s.nl", "SIGNALEN_TOKEN": "t"}

    catalogue = load_catalogue(tmp_path / "layers", values)

    assert list(catalogue) == ["moon-lichtmasten"]
    assert list(catalogue.instances) == ["default"]
    assert [each.name for each in catalogue.unconfigured] == ["rioned-putten"]


@pytest.mark.parametrize(
    ("given", "example_id"),
    [
        ("moon", "moon-lichtmasten"),
        ("TechView", "techview-lichtmasten"),
        ("moon-statussen", "moon-statussen"),
        ("Luminizer-Masten.yaml", "luminizer-masten"),
        ("signalen.yml", "signalen"),
    ],
)
def test_the_name_of_a_vendor_is_enough_for_its_only_layer(copy, tmp_path, given, example_id):
    copy(given)

    assert [path.name for path in (tmp_path / "layers").iterdir()] == [f"{example_id}.yaml"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("rioned", "choose one of: rioned-leidingen, rioned-putten"),
        ("techvieuw", "did you mean techview-lichtmasten?"),
        ("rioned-puten", "did you mean rioned-putten"),
        ("zzz", "there are: "),
        ("../moon-lichtmasten", "There is no example ../moon-lichtmasten"),
        ("", "There is no example "),
        ("-", "There is no example -"),
    ],
)
def test_another_name_copies_nothing_and_names_what_there_is(copy, tmp_path, given, says):
    refused = copy(given)

    assert isinstance(refused, ExampleRefused)
    assert says in refused.reason
    assert not (tmp_path / "layers").exists()


@pytest.mark.parametrize("name", ["moon-lichtmasten.yaml", "moon-lichtmasten.yml"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_file_is_never_replaced(copy, tmp_path, name, language):
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / name).write_text("mine")

    refused = copy("moon-lichtmasten", language)

    assert isinstance(refused, ExampleRefused)
    assert name in refused.reason
    assert "--layers" in refused.reason
    assert [path.read_text() for path in (tmp_path / "layers").iterdir()] == ["mine"]


def test_a_link_to_nothing_is_not_replaced_either(copy, tmp_path):
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "moon-lichtmasten.yaml").symlink_to(tmp_path / "absent")

    assert isinstance(copy("moon-lichtmasten"), ExampleRefused)
    assert not (tmp_path / "absent").exists()


def test_a_folder_that_cannot_be_made_is_an_error(copy, tmp_path):
    (tmp_path / "layers").write_text("a file")

    with pytest.raises(ConfigurationError, match="cannot be written"):
        copy("moon")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{type: geojson, url: 'https://x.nl/${KEY}/lampen'}", "a part of the address https://x.nl/${KEY}/lampen"),
        ("{type: wfs, url: 'https://x.nl', auth: {type: basic, password: ${KEY}}}", "the password at the vendor"),
        ("{type: wfs, url: 'https://x.nl', auth: {type: header, value: ${KEY}}}", "the key that the vendor gave"),
        ("{type: wfs, url: 'https://x.nl', auth: {type: login, fields: {code: ${KEY}}}}", "login (source.auth.fields"),
        ("{type: file, path: ${KEY}}", "the path of the file with the objects"),
        ("{type: arcgis, url: ${KEY}}", "/FeatureServer/0"),
        ("{type: new, url: ${KEY}}", "the address of the vendor's service"),
        ("{type: wfs, url: 'https://x.nl', page_size: ${KEY:-10}}", "source.page_size (optional: 10)"),
    ],
)
def test_the_meaning_of_a_variable_comes_from_its_key(copy, tmp_path, monkeypatch, source, says):
    monkeypatch.setattr("wfs_proxy.demo.examples.LAYERS", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "lampen.yaml").write_text(f"title: Lampen\nsource: {source}\n")

    (line,) = [line for line in copy("lampen") if line.startswith("  KEY ")]

    assert says in line


def test_a_copy_is_the_layer_that_was_shipped(copy, tmp_path):
    copy("luminizer")
    values = {"LUMINIZER_WFS_URL": "https://x.nl/wfs"}
    shipped = next(each.path for each in shipped_examples() if each.id == "luminizer-masten")

    assert load_layer(tmp_path / "layers" / "luminizer-masten.yaml", values) == load_layer(
        shipped, {**values, "SIGNALEN_URL": "", "SIGNALEN_TOKEN": ""}
    )
