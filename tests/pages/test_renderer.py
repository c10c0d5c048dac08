from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import jinja2
import pytest

from wfs_proxy.pages.assets import Assets
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.renderer import PageRenderer

RENDERER = PageRenderer(Assets.installed())
FOLDER = Path(str(files("wfs_proxy.pages").joinpath("templates")))
TEMPLATES = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.html")}


def test_the_frame_of_all_pages_is_in_the_language_and_links_to_the_root():
    page = RENDERER.render("base.html", PageRequest(language="en", chosen="en", root="../")).decode()

    assert '<html lang="en">' in page
    assert '<a class="product" href="../?lang=en">' in page
    assert f'href="../{RENDERER.assets.path("page.css")}"' in page


def test_a_value_that_is_not_given_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        RENDERER.render("map.html", PageRequest(language="nl"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_has_inline_style_or_script_or_switches_escaping_off(name):
    text = TEMPLATES[name]

    assert " style=" not in text
    assert "<style" not in text
    assert " on" + "click=" not in text
    assert "| safe" not in text.replace("|safe", "| safe")
    assert all("src=" in tag or "application/json" in tag for tag in text.split("<script")[1:])
