from __future__ import annotations

import points
import pytest

from wfs_proxy.question.layer_question import FORMS, layer_question, obstacles

LAYER = points.layer(properties={"id": "nummer", "fields": {"nummer": "string"}}, reports={"signalen": "default"})
PUBLIC_URL = "https://wfs-proxy.example.org"


@pytest.mark.parametrize("form", FORMS)
def test_no_form_gets_an_address_of_this_machine(form):
    assert obstacles(LAYER, form, PUBLIC_URL) == ()
    for address in ("", "/proxy", "http://127.0.0.1:8000"):
        (reason,) = obstacles(LAYER, form, address)
        assert "--public-url" in reason.nl


def test_a_layer_without_a_key_has_no_question_for_signalen():
    layer = points.layer(properties={"id": "nummer", "fields": {"straat": "string"}})

    (reason,) = obstacles(layer, "wcag", PUBLIC_URL)
    assert "nummer: string" in reason.en
    assert obstacles(layer, "meldingen", PUBLIC_URL) == ()


def test_a_layer_without_text_has_no_asset_type():
    layer = points.layer(properties={"id": "nummer", "fields": {"nummer": "integer"}})

    (reason,) = obstacles(layer, "meldingen", PUBLIC_URL)
    assert "type: string" in reason.nl


def test_what_is_pasted_is_the_field_meta():
    question = layer_question(LAYER, "signalen", f"{PUBLIC_URL}/")

    assert question.pasted["endpoint"].startswith(f"{PUBLIC_URL}/layers/masten/features?")
    assert question.pasted == question.members["meta"]
    assert question.members["field_type"] == "asset_select"
    assert "extra_masten" in question.instruction.nl


def test_notes_say_what_a_question_cannot_do():
    without_marks = points.layer(properties={"id": "nummer", "fields": {"nummer": "string"}})
    mark = {"property": "gemeld", "reported": "reported", "otherwise": ""}
    blocking = points.layer(properties=without_marks.properties.model_dump(by_alias=True), reports={"mark": [mark]})

    assert "reports" in layer_question(without_marks, "wcag", PUBLIC_URL).notes[0].nl
    assert layer_question(LAYER, "signalen", PUBLIC_URL).notes == ()
    assert "kiezen" in layer_question(blocking, "signalen", PUBLIC_URL).notes[0].nl
    assert "icoon" in layer_question(LAYER, "meldingen", PUBLIC_URL).notes[0].nl
