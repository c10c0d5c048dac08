from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from wfs_proxy import settings
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.settings import PREFIX, Settings


def test_unset_and_empty_variables_have_their_defaults():
    assert Settings.from_environment({"PATH": "/bin", "WFS_PROXY_HOST": " "}) == Settings(
        environment={"PATH": "/bin", "WFS_PROXY_HOST": " "}
    )


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("LAYERS", "/etc/wfs-proxy", "layers", Path("/etc/wfs-proxy")),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("PORT", "8080", "port", 8080),
        ("PORT", "tcp://10.0.0.1:80", "port", 8000),
        ("PUBLIC_URL", "https://example.org/kaart/", "public_url", "https://example.org/kaart"),
        (
            "CORS_ORIGINS",
            "https://a.example, http://b.example:3000/",
            "cors_origins",
            ("https://a.example", "http://b.example:3000"),
        ),
        ("MAP_TILES", "none", "map_tiles", None),
        ("MAP_TILES", "https://t.example/{z}/{x}/{y}.png?k=1", "map_tiles", "https://t.example/{z}/{x}/{y}.png?k=1"),
        ("CACHE_DIR", "/var/cache/wfs-proxy", "cache_dir", Path("/var/cache/wfs-proxy")),
        ("CACHE_DIR", "none", "cache_dir", None),
        ("CELLS_ON_DISK", "500MiB", "cells_on_disk", 500 << 20),
        ("CELLS_ON_DISK", "1 gib", "cells_on_disk", 1 << 30),
        ("CELLS_ON_DISK", "0", "cells_on_disk", 0),
        ("CELLS_IN_MEMORY", "64KiB", "cells_in_memory", 64 << 10),
        ("CELLS_IN_MEMORY", "1000", "cells_in_memory", 1000),
        ("REDIS_URL", "rediss://a:b@redis.example:6380/1", "redis_url", "rediss://a:b@redis.example:6380/1"),
        ("REDIS_URL", "unix:///run/redis.sock", "redis_url", "unix:///run/redis.sock"),
        ("REDIS_URL", "None", "redis_url", None),
        ("LOG_FORMAT", "JSON", "log_format", "json"),
        ("LOG_LEVEL", "warning", "log_level", "warning"),
        ("ACCESS_LOG", "False", "access_log", False),
        ("ACCESS_LOG", "1", "access_log", True),
    ],
)
def test_a_variable_sets_the_attribute_of_its_name(variable, text, name, value):
    assert getattr(Settings.from_environment({PREFIX + variable: text}), name) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("MAP_TILES", "https://t.example/{z}/{x}.png"),
        ("MAP_TILES", "t.example/{z}/{x}/{y}.png"),
        ("MAP_TILES", "https://t.example/{z}/{x}/{y}/{s}.png"),
        ("MAP_TILES", "https://t.example/{z}/{x}/{y}/{"),
        ("MAP_TILES", "https://t.example;script-src/{z}/{x}/{y}.png"),
        ("PUBLIC_URL", "example.org"),
        ("PUBLIC_URL", "https://example.org/?a=1"),
        ("CORS_ORIGINS", "meldingen.example"),
        ("CORS_ORIGINS", "https://meldingen.example/path"),
        ("CELLS_ON_DISK", "2GB"),
        ("CELLS_IN_MEMORY", "-1"),
        ("CELLS_IN_MEMORY", "much"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("ACCESS_LOG", "perhaps"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_variable(variable, text):
    with pytest.raises(ConfigurationError, match=f"{PREFIX}{variable}={text}".replace("?", r"\?")):
        Settings.from_environment({PREFIX + variable: text})


@pytest.mark.parametrize(
    ("environment", "cache_dir"),
    [
        ({"HOME": "/home/a"}, Path("/home/a/.cache/wfs-proxy")),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/tmp/c"}, Path("/tmp/c/wfs-proxy")),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "relative"}, Path("/home/a/.cache/wfs-proxy")),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "", "WFS_PROXY_CACHE_DIR": ""}, Path("/home/a/.cache/wfs-proxy")),
        ({"HOME": ""}, None),
        ({}, None),
        ({"HOME": "/home/a", "WFS_PROXY_CACHE_DIR": "none"}, None),
        ({"HOME": "/home/a", "WFS_PROXY_CACHE_DIR": "/var/cache"}, Path("/var/cache")),
    ],
)
def test_the_cache_directory_follows_the_xdg_specification_unless_it_is_set(environment, cache_dir):
    assert Settings.from_environment(environment).cache_dir == cache_dir


def test_all_wrong_values_are_reported_together():
    with pytest.raises(ConfigurationError, match=r"WFS_PROXY_PORT=x: .*; WFS_PROXY_LOG_LEVEL=y: "):
        Settings.from_environment({"WFS_PROXY_PORT": "x", "WFS_PROXY_LOG_LEVEL": "y"})


def test_the_secrets_of_the_environment_are_not_shown():
    assert "geheim" not in repr(Settings.from_environment({"VENDOR_PASSWORD": "geheim"}))


@pytest.mark.parametrize("text", ["http://:geheim@redis", "redis://:geheim@", "geheim", "unix://"])
def test_a_wrong_redis_url_is_an_error_that_does_not_show_it(text):
    with pytest.raises(ConfigurationError, match=r"WFS_PROXY_REDIS_URL=\.\.\.: ") as error:
        Settings.from_environment({"WFS_PROXY_REDIS_URL": text})
    assert "geheim" not in str(error.value)


def test_the_password_of_redis_is_not_shown():
    assert "geheim" not in repr(Settings.from_environment({"WFS_PROXY_REDIS_URL": "redis://:geheim@redis"}))


def test_every_setting_is_in_the_table():
    for field in fields(Settings):
        if field.name != "environment":
            assert f"| {PREFIX}{field.name.upper()} |" in settings.__doc__
