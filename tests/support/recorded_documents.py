"""The recorded documents of the corpus (`needs.corpus()`), and what GDAL and its authors say about each.

`expected.json` of both folders has what GDAL 3.6.2 reads and, under `truth`, what is right where GDAL is wrong.

import recorded_documents

for name in recorded_documents.of_kind("gml"):
    payload = recorded_documents.payload(name)
"""

from __future__ import annotations

import json
from pathlib import Path

import needs

from wfs_proxy.features import Payload

FOLDERS = tuple(needs.corpus() / folder for folder in ("wfs", "wfs2"))

_EXPECTED_BY_FOLDER = {folder: json.loads((folder / "expected.json").read_text("utf-8")) for folder in FOLDERS}

EXPECTED: dict[str, dict] = {name: entry for folder in FOLDERS for name, entry in _EXPECTED_BY_FOLDER[folder].items()}
"""Name of a document ("geoserver/states.xml", unique in all folders) -> its entry."""

_PATHS = {name: folder / name for folder in FOLDERS for name in _EXPECTED_BY_FOLDER[folder]}


def kind_of(name: str) -> str:
    """Return what a document is: gml, json, geometry, exception, dtd, html, capabilities, badxml and so on."""
    return EXPECTED[name]["kind"].partition(":")[0]


def of_kind(*kinds: str) -> list[str]:
    """Return the names of all documents of these kinds."""
    return [name for name in EXPECTED if kind_of(name) in kinds]


def path(name: str) -> Path:
    """Return the path of a document."""
    return _PATHS[name]


def payload(name: str) -> Payload:
    """Return a document as an answer that has its name as source."""
    return Payload(body=_PATHS[name].read_bytes(), source=name)


def layers_of_gdal(name: str) -> list[dict]:
    """Return the layers that GDAL reads: name, number of features, attributes."""
    return EXPECTED[name].get("gdal_3_6_2", {}).get("layers", [])


def truth(name: str) -> dict:
    """Return what is right where GDAL is wrong or cannot know."""
    return EXPECTED[name].get("truth", {})


def names_in_folders() -> set[str]:
    """Return the names of all files in the folders but their descriptions."""
    found = {str(file.relative_to(folder)) for folder in FOLDERS for file in folder.rglob("*") if file.is_file()}
    return found - {"INDEX.md", "expected.json"}
