from __future__ import annotations

import json

import pytest

from wfs_proxy.cli.question import PrintedQuestion, QuestionRefused, print_question

LAYER = """\
title: Masten
source: {type: geojson, url: masten.geojson}
properties:
  id: nummer
  fields: {nummer: string}
reports: {vendor: {field: gemeld, values: [1]}}
"""
PUBLIC_URL = "https://wfs-proxy.example.org"


@pytest.fixture
def ask(tmp_path):
    (tmp_path / "masten.yaml").write_text(LAYER)

    def ask(layer_id="masten", form="signalen", public_url=PUBLIC_URL, language="nl"):
        return print_question(layer_id, form, public_url=public_url, folder=tmp_path, environment={}, language=language)

    return ask


@pytest.mark.parametrize("form", ["signalen", "wcag", "meldingen"])
def test_what_is_printed_is_json_to_paste(ask, form):
    printed = ask(form=form)

    assert isinstance(printed, PrintedQuestion)
    assert json.loads(printed.pasted) == printed.question.pasted
    assert printed.findings == ()


def test_instructions_are_in_the_language_of_the_reader(ask):
    printed = ask()

    assert "ongewijzigd" in next(printed.lines("nl"))
    assert "unchanged" in next(printed.lines("en"))


def test_an_address_on_http_is_printed_with_a_warning(ask):
    printed = ask(public_url="http://proxy.gemeente.nl")

    assert [finding.code for finding in printed.findings] == ["endpoint_insecure"]
    assert "waarschuwing: meta.endpoint" in list(printed.lines("nl"))[-1]


@pytest.mark.parametrize("public_url", ["", "/", "http://127.0.0.1:8000", "https://localhost"])
def test_an_address_of_this_machine_is_wrong_use(ask, public_url):
    refused = ask(public_url=public_url)

    assert isinstance(refused, QuestionRefused)
    assert refused.exit_code == 2
    assert "--public-url" in refused.reasons[0]


def test_an_unknown_layer_is_wrong_use_with_the_nearest(ask):
    assert ask("mast").reasons[0].endswith("bedoelt u masten?")
    assert ask("zzz", language="en").reasons[0].endswith("there are: masten.")
    assert ask("zzz").exit_code == 2


def test_a_layer_without_a_key_is_a_finding(ask, tmp_path):
    (tmp_path / "masten.yaml").write_text(LAYER.replace("{nummer: string}", "{straat: string}"))
    refused = ask()

    assert refused.exit_code == 1
    assert "nummer: string" in refused.reasons[0]


def test_errors_in_the_files_of_other_layers_do_not_matter(ask, tmp_path):
    (tmp_path / "palen.yaml").write_text("titel: Palen")

    assert isinstance(ask(), PrintedQuestion)


def test_a_layer_whose_file_has_another_name_is_found(ask, tmp_path):
    (tmp_path / "masten.yaml").rename(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").write_text(f"id: masten\n{LAYER}")
    (tmp_path / "masten.yaml").write_text(f"id: palen\n{LAYER}")

    printed = ask()
    assert isinstance(printed, PrintedQuestion)
    assert "/layers/masten/" in printed.question.pasted["endpoint"]
