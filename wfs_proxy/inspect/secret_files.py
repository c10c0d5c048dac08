"""Secrets beside the layer files: one file each, readable by its owner only, referenced as `${file:secrets/name}`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.http import looks_secret, sounds_secret

__all__ = ["FOLDER", "AddressSecrets", "reference_to", "secrets_in_address", "write_secrets"]

FOLDER = "secrets"
"""In the folder of the layer file, whose subfolders are not read as layers."""


def reference_to(name: str) -> str:
    """Return the text for a layer file that stands for a secret in `FOLDER`."""
    return f"${{file:{FOLDER}/{name}}}"


@dataclass(frozen=True, kw_only=True)
class AddressSecrets:
    """An address whose keys were taken out."""

    url: str
    """With a reference in place of each key."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name of the file -> key."""


def secrets_in_address(url: str, layer_id: str) -> AddressSecrets:
    """Take the keys out of an address: parameters such as `apikey`, and tokens in the path (Liteweb)."""
    parts = urlsplit(url)
    secrets: dict[str, str] = {}

    def taken(value: str, what: str) -> str:
        name = f"{layer_id}-{what}" if f"{layer_id}-{what}" not in secrets else f"{layer_id}-{what}-{len(secrets) + 1}"
        secrets[name] = value
        return reference_to(name)

    segments = [taken(each, "token") if looks_secret(each) else each for each in parts.path.split("/")]
    pairs = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        secret = value and (sounds_secret(name) or looks_secret(value))
        # what is in the file goes into the address as it is, so it is encoded there
        written = taken(quote(value, safe=""), "key") if secret else quote(value, safe=":,/")
        pairs.append(f"{urlencode({name: ''}, quote_via=quote)}{written}")
    without = urlunsplit((parts.scheme, parts.netloc, "/".join(segments), "&".join(pairs), ""))
    return AddressSecrets(url=without, secrets=secrets)


def write_secrets(folder: Path, secrets: Mapping[str, str]) -> None:
    """Write secrets to files that only their owner can read (mode 0600), in a folder of which the same holds.

    A `.gitignore` keeps them out of version control.

    Args:
        folder: of the layer file.
        secrets: name of the file -> secret.

    Raises:
        ConfigurationError: the files cannot be written.
    """
    directory = folder / FOLDER
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignored = directory / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
        for name, secret in secrets.items():
            _replace(directory / name, secret)
    except OSError as error:
        raise ConfigurationError(f"{directory} cannot be written: {error.strerror or error}") from error


def _replace(path: Path, secret: str) -> None:
    # mkstemp gives mode 0600 from the beginning
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(f"{secret}\n")
    Path(temporary).replace(path)
