from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from type_reports import SERVICE, type_report

from wfs_proxy.config.catalogue import CatalogueError
from wfs_proxy.inspect.composed_layer import ComposedLayer, check_layer, compose_layer, write_layer
from wfs_proxy.inspect.login import new_login
from wfs_proxy.inspect.proposal import propose

REPORT = type_report()
DRAFT = replace(propose(SERVICE, REPORT), id="masten", url="https://x.nl/wfs?apikey=sleutel")


def composed(**changes: object) -> ComposedLayer:
    login = new_login("basic", "geheim", user="jan")
    return compose_layer(replace(DRAFT, **changes), REPORT, "https://x.nl/wfs", login, "nl")


def test_written_files_are_what_was_checked(tmp_path: Path):
    path = tmp_path / "layers" / "masten.yaml"

    layer = check_layer(composed(), path, {})["masten"]

    assert list(tmp_path.iterdir()) == []
    write_layer(path, composed())
    assert check_layer(composed(), path, {})["masten"] == layer
    assert (layer.source.url, layer.source.auth.password.get_secret_value()) == (
        "https://x.nl/wfs?apikey=sleutel",
        "geheim",
    )
    text = path.read_text()
    assert "geheim" not in text
    assert "sleutel" not in text
    secrets = sorted(path.parent.joinpath("secrets").glob("masten-*"))
    assert [each.name for each in secrets] == ["masten-key", "masten-password"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in secrets} == {0o600}


def test_layer_that_cannot_be_served_is_refused_before_it_is_written(tmp_path: Path):
    with pytest.raises(CatalogueError):
        check_layer(composed(title=""), tmp_path / "masten.yaml", {})

    assert list(tmp_path.iterdir()) == []


def test_new_signalen_file_is_checked_and_written_with_the_layer(tmp_path: Path):
    path = tmp_path / "masten.yaml"
    connected = composed(signalen="default", categories=("lantaarnpaal-straatverlichting",))
    signalen = "instances:\n  default:\n    url: https://signalen.example\n"

    catalogue = check_layer(replace(connected, signalen_text=signalen), path, {})
    with pytest.raises(CatalogueError, match="signalen"):
        check_layer(replace(connected, signalen_text=signalen.replace("default", "other")), path, {})
    write_layer(path, replace(connected, signalen_text=signalen))

    assert catalogue["masten"].reports.signalen == "default"
    assert catalogue.instances["default"].url == "https://signalen.example"
    assert path.with_name("signalen.yaml").read_text() == signalen
