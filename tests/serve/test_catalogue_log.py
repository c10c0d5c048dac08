"""What the log says about layer files."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from wfs_proxy.config.catalogue import load_catalogue
from wfs_proxy.serve.catalogue_log import log_catalogue

WAITING = "title: L\nsource: {type: geojson, url: ${LAMPEN_URL}, auth: {type: header, value: ${LAMPEN_KEY}}}\n"
SIGNALEN = "instances: {default: {url: ${SIGNALEN_URL}}, stad: {url: ${STAD_URL}}}\n"


@pytest.fixture
def lines(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    def lines(**files: str) -> list[tuple[str, str]]:
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        with caplog.at_level(logging.INFO, "wfs_proxy.serve"):
            log_catalogue(load_catalogue(tmp_path, {}, may_be_empty=True), tmp_path)
        return [(record.levelname, record.getMessage()) for record in caplog.records]

    return lines


def test_one_line_names_all_files_that_wait_and_their_variables(lines):
    said = lines(
        lampen=WAITING, palen=WAITING, signalen=SIGNALEN, vast="title: L\nsource: {type: geojson, url: a.json}\n"
    )

    (line,) = [text for level, text in said if level == "INFO"]
    assert line == (
        "Not configured, so not served: lampen.yaml (set LAMPEN_URL, LAMPEN_KEY), palen.yaml (set LAMPEN_URL, "
        "LAMPEN_KEY). Not configured, so no reports are read: signalen.yaml (set SIGNALEN_URL, "
        "STAD_URL)"
    )
    assert not any("There is no layer" in text for _, text in said)


@pytest.mark.parametrize("waiting", [True, False])
def test_without_a_layer_it_says_what_to_do(lines, tmp_path, waiting):
    said = lines(**({"lampen": WAITING} if waiting else {}))

    (line,) = [text for level, text in said if level == "WARNING"]
    assert f"in the folder {tmp_path}" in line
    assert ("Set the variables" in line) == waiting
    for command in ("wfs-proxy init URL", f"wfs-proxy setup --layers {tmp_path}", "wfs-proxy example VENDOR"):
        assert command in line


def test_nothing_is_said_about_files_that_are_right(lines):
    text = "title: L\nsource: {type: geojson, url: a.json}\nproperties: {id: nr, fields: {nr: string}}\n"
    assert lines(lampen=text) == []
