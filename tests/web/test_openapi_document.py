"""The OpenAPI document follows the API Design Rules, checked by the linter Spectral, and is the same under `/v1`."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import needs
import points
import pytest

CONTACT = {"name": "Team Geo", "email": "geo@example.org", "url": "https://example.org/geo"}
RULES = Path(__file__).with_name("design_rules.yaml")
OGC_RULES = Path(__file__).with_name("ogcapi_design_rules.yaml")
LAYER = points.layer(properties={"fields": {"soort_put": "string", "Hoogte": "number", "jaar": "date"}}, reports={})

Change = Callable[[dict], object]


@pytest.fixture
def documented(start) -> Callable[[str], dict]:
    """Return the document at a path of a proxy whose public address and contact are known."""
    proxy = start(layers=(LAYER,), public_url="https://objects.example.org", contact=CONTACT)
    return lambda path: proxy.get(path).json()


@pytest.fixture
def document(documented) -> dict:
    return documented("/v1/openapi.json")


def faults(document: dict, folder: Path, rules: Path = RULES) -> set[str]:
    """Return the names of the rules that the document breaks."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    command = [needs.spectral(), "lint", "--ruleset", rules, "--format", "json", "--quiet", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in (0, 1), done.stderr
    return {fault["code"] for fault in json.loads(done.stdout or "[]")}


@pytest.mark.parametrize(("path", "rules"), [("/v1/openapi.json", RULES), ("/ogc/v1/openapi.json", OGC_RULES)])
def test_every_document_follows_every_rule(documented, path, rules, tmp_path):
    assert faults(documented(path), tmp_path, rules) == set()


def answer(document: dict) -> dict:
    return document["paths"]["/layers"]["get"]["responses"]


BROKEN: dict[str, Change] = {
    "version-header": lambda document: answer(document)["200"]["headers"].pop("API-Version"),
    "major-version-in-url": lambda document: document.update(servers=[{"url": "https://objects.example.org"}]),
    "contact": lambda document: document["info"]["contact"].pop("email"),
    "semantic-version": lambda document: document["info"].update(version="1"),
    "path-segments-kebab-case": lambda document: document["paths"].update({"/allLayers": {}}),
    "no-trailing-slash": lambda document: document["paths"].update({"/layers/": {}}),
    "problem-details": lambda document: answer(document).update({"503": {"description": "No.", "content": {}}}),
    "wrong-input-is-400": lambda document: document["paths"]["/layers/{layer_id}"]["get"]["responses"].pop("400"),
    "query-keys-camel-case": lambda document: document["paths"]["/layers/{layer_id}/question"]["get"][
        "parameters"
    ].append({"name": "public_url", "in": "query", "schema": {"type": "string"}}),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_linter_finds_a_document_that_breaks_a_rule(document, rule, tmp_path):
    broken = copy.deepcopy(document)
    BROKEN[rule](broken)

    assert rule in faults(broken, tmp_path)


def test_the_document_is_the_same_with_and_without_a_version(start):
    proxy = start()

    assert proxy.get("/openapi.json").json() == proxy.get("/v1/openapi.json").json()
    assert proxy.get("/openapi.json").json()["servers"] == [{"url": "/v1"}]


def test_a_document_without_a_contact_says_nothing_of_it(start):
    assert "contact" not in start().get("/v1/openapi.json").json()["info"]
