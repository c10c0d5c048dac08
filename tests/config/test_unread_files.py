"""Files that seem to be layers but are not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfs_proxy.config.catalogue import CatalogueError, load_catalogue
from wfs_proxy.config.diagnostics import FileProblem, render

LAYER = """\
title: Lampen
source: {type: wfs, url: "https://x.nl/wfs", type_names: [lamp]}
properties: {id: nr, fields: {nr: string}}
"""


def warnings_of(folder: Path, *files: str, content: str = LAYER) -> list[FileProblem]:
    (folder / "lampen.yaml").write_text(LAYER)
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(content)
    return list(load_catalogue(folder, {}).warnings)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("putten.yaml.txt", "putten.yaml"), ("putten.yml~", "putten.yml"), ("PUTTEN.YAML", "PUTTEN.yaml"),
        ("putten.Yml", "putten.yml"), ("putten.yaml - kopie", "putten.yaml"), ("#putten.yaml#", "putten.yaml"),
        ("putten.txt", "putten.yaml"), ("putten", "putten.yaml"), ("putten.ymal", "putten.yaml"),
        ("signalen.yaml.txt", "signalen.yaml"), (".yaml", "lichtmasten.yaml"),
    ],
)  # fmt: skip
def test_a_file_with_another_suffix_is_named_with_the_name_that_it_needs(tmp_path, name, right):
    (warning,) = warnings_of(tmp_path, name)

    assert (warning.file, warning.details["name"]) == (str(tmp_path / name), right)
    assert right in render(warning, "nl")
    assert "is not read" in render(warning, "en")


def test_a_copy_of_a_file_that_is_read_is_called_one(tmp_path):
    (warning,) = warnings_of(tmp_path, "lampen.yaml.bak")
    assert warning.code == "unread_copy"


@pytest.mark.parametrize("name", ["oud/putten.yaml", "oud/nog/putten.YML"])
def test_a_folder_in_the_folder_is_named(tmp_path, name):
    (warning,) = warnings_of(tmp_path, name)

    assert (warning.code, warning.file) == ("unread_folder", str(tmp_path / "oud"))
    assert f"move the files to {tmp_path}" in render(warning, "en")


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        ".putten.yaml.swp",
        "._lampen.yaml",
        "..data/lampen.yaml",
        "iconen/lamp.svg",
        ".git/a.yml",
        "examples/a.yaml",
    ],
)
def test_files_that_are_not_meant_as_layers_are_not_named(tmp_path, name):
    assert warnings_of(tmp_path, name) == []


@pytest.mark.parametrize("content", ["", '{"type": "FeatureCollection"}', "https://opensource: no\n", "\x00\xff"])
def test_data_beside_the_layers_are_not_named(tmp_path, content):
    assert warnings_of(tmp_path, "lampen.geojson", "notitie.txt", "data", content=content) == []


def test_a_folder_without_layers_says_which_files_it_has_instead(tmp_path):
    (tmp_path / "lampen.yaml.txt").write_text(LAYER)
    (tmp_path / "lagen").mkdir()
    (tmp_path / "lagen" / "putten.yaml").write_text(LAYER)
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(tmp_path, {})

    assert [problem.code for problem in refused.value.problems] == ["no_layers", "unread_folder", "unread_file"]
