from __future__ import annotations

import pytest

from wfs_proxy.pages.content_policy import content_policy


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (directive.split() for directive in policy.split(";"))}


@pytest.mark.parametrize("tiles", [None, "https://tiles.example:8443/a/{z}/{x}/{y}.png?key=1"])
def test_nothing_inline_and_nothing_evaluated(tiles):
    policy = directives(content_policy(tiles))

    assert "unsafe" not in content_policy(tiles)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]


def test_only_pictures_come_from_another_host_and_only_from_that_of_the_tiles():
    with_tiles = directives(content_policy("https://tiles.example:8443/a/{z}/{x}/{y}.png?key=1"))

    assert directives(content_policy())["img-src"] == ["'self'"]
    assert with_tiles["img-src"] == ["'self'", "https://tiles.example:8443", "data:"]
    assert {name for name, values in with_tiles.items() if any("example" in value for value in values)} == {"img-src"}
