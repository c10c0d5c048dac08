from __future__ import annotations

import re
from typing import get_args

from lxml import etree

from wfs_proxy.config.question_rules import IconName
from wfs_proxy.question.icons import icons


def test_every_picture_that_a_layer_can_have_exists():
    assert set(icons()) == {*get_args(IconName), "reported"}


def test_pictures_are_forty_pixels_square_and_load_nothing():
    """The newer form shows a picture at its own size; the first one at 40 by 40 or 20 by 20."""
    for body in icons().values():
        root = etree.fromstring(body)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("40", "40", "0 0 40 40")
        assert re.findall(rb"href|script|style|url\(|<text|@import", body) == []
        assert len(body) < 1000
