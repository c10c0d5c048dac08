"""Secrets beside layer files, and keys in addresses."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from wfs_proxy.config.placeholders import fill_in
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.inspect.secret_files import FOLDER, reference_to, secrets_in_address, write_secrets


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secret_is_readable_by_its_owner_only(tmp_path: Path):
    write_secrets(tmp_path, {"masten-password": "gehéim"})

    assert mode(tmp_path / FOLDER) == 0o700
    assert mode(tmp_path / FOLDER / "masten-password") == 0o600
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"
    assert fill_in({"a": reference_to("masten-password")}, {}, tmp_path).value == {"a": "gehéim"}


def test_secret_is_replaced_and_stays_private(tmp_path: Path):
    write_secrets(tmp_path, {"a": "oud"})
    (tmp_path / FOLDER / "a").chmod(0o644)
    write_secrets(tmp_path, {"a": "nieuw"})

    assert (tmp_path / FOLDER / "a").read_text() == "nieuw\n"
    assert mode(tmp_path / FOLDER / "a") == 0o600
    assert sorted(path.name for path in (tmp_path / FOLDER).iterdir()) == [".gitignore", "a"]


def test_folder_that_cannot_be_made_is_an_error(tmp_path: Path):
    (tmp_path / FOLDER).write_text("a file")

    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_secrets(tmp_path, {"a": "b"})


@pytest.mark.parametrize(
    ("url", "without", "secrets"),
    [
        ("https://x.nl/wfs?map=/a b.map", "https://x.nl/wfs?map=/a%20b.map", {}),
        (
            "https://x.nl/wfs?apikey=s3cr3t",
            "https://x.nl/wfs?apikey=${file:secrets/masten-key}",
            {"masten-key": "s3cr3t"},
        ),
        (
            "https://x.nl/geojson/0123456789abcdef?a=b",
            "https://x.nl/geojson/${file:secrets/masten-token}?a=b",
            {"masten-token": "0123456789abcdef"},
        ),
        (
            "https://x.nl/wfs?token=a%2Fb&authkey=c",
            "https://x.nl/wfs?token=${file:secrets/masten-key}&authkey=${file:secrets/masten-key-2}",
            {"masten-key": "a%2Fb", "masten-key-2": "c"},
        ),
    ],
)
def test_keys_in_an_address_become_references(url: str, without: str, secrets: dict[str, str]):
    found = secrets_in_address(url, "masten")

    assert (found.url, found.secrets) == (without, secrets)
    assert not any(secret in repr(found) for secret in secrets.values() if len(secret) > 3)


def test_address_is_the_same_once_its_references_are_filled_in(tmp_path: Path):
    url = "https://x.nl/geojson/0123456789abcdef?token=a%2Fb%20c&map=/a.map"
    found = secrets_in_address(url, "masten")
    write_secrets(tmp_path, found.secrets)

    assert fill_in({"url": found.url}, {}, tmp_path).value == {"url": url}
