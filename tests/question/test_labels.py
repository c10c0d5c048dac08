from __future__ import annotations

import points
import pytest

from wfs_proxy.question.labels import form_labels


@pytest.mark.parametrize(
    ("title", "plural", "singular", "icon"),
    [
        ("Lichtmasten", "lichtmasten", "lichtmast", "lamp"),
        ("Lichtpunten Groningen-Noord", "lichtpunten", "lichtpunt", "lamp"),
        ("Openbare verlichting", "objecten", "object", "lamp"),
        ("Rioolputten", "rioolputten", "rioolput", "drain"),
        ("Straatkolken", "straatkolken", "straatkolk", "drain"),
        ("Rioolleidingen", "rioolleidingen", "rioolleiding", "sewer"),
        ("Afvalcontainers (ondergronds)", "afvalcontainers", "afvalcontainer", "container"),
        ("Bomen", "bomen", "boom", "tree"),
        ("Monumentale bomen", "bomen", "boom", "tree"),
        ("Speeltoestellen", "speeltoestellen", "speeltoestel", "object"),
        ("Verkeersborden", "verkeersborden", "verkeersbord", "object"),
        ("Assets 2026", "objecten", "object", "object"),
    ],
)
def test_labels_come_from_the_title(title, plural, singular, icon):
    labels = form_labels(points.layer("laag", title=title))

    assert (labels.plural, labels.singular, labels.icon) == (plural, singular, icon)


def test_the_layer_file_says_otherwise():
    question = {"singular": "lamp", "plural": "lampen", "icon": "object"}
    labels = form_labels(points.layer("masten", title="Lichtmasten", question=question))

    assert (labels.singular, labels.plural, labels.icon) == ("lamp", "lampen", "object")


def test_an_id_that_says_more_than_the_title_chooses_the_picture():
    assert form_labels(points.layer("bomen_noord", title="Assets")).icon == "tree"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [([], "extra_moon_masten_2"), (["extra_lamp", "x"], "extra_lamp")],
)
def test_the_key_is_one_that_the_proxy_reads(keys, expected):
    layer = points.layer("Moon-masten.2", reports={"signalen": "default", "question_keys": keys})

    assert form_labels(layer).key == expected
