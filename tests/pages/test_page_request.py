from __future__ import annotations

from wfs_proxy.pages.page_request import PageRequest


def test_links_keep_the_chosen_language_only():
    chosen = PageRequest.read({"lang": "en", "layer": "a b", "other": "x"}, "nl", known=("layer",))
    found = PageRequest.read({"layer": "a b"}, "en", known=("layer",))

    assert (chosen.language, chosen.query(layer="c"), chosen.query()) == ("en", "?layer=c&lang=en", "?lang=en")
    assert (found.language, found.query(layer="c"), found.query()) == ("en", "?layer=c", "")


def test_the_switch_keeps_the_parameters_that_the_page_understands():
    page = PageRequest.read({"lang": "en", "layer": "a&b", "other": "x", "cursor": ""}, None, known=("layer", "cursor"))

    assert page.in_language("nl") == "?layer=a%26b&lang=nl"
