"""A layer file with its secrets, as `wfs-proxy init` and `wfs-proxy setup` both compose, check and write it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from wfs_proxy.config import SIGNALEN_FILES, Catalogue, Language, load_layer_file
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.inspect.layer_text import layer_text
from wfs_proxy.inspect.login import Login
from wfs_proxy.inspect.proposal import LayerDraft
from wfs_proxy.inspect.report import TypeReport
from wfs_proxy.inspect.secret_files import secrets_in_address, write_secrets

__all__ = ["ComposedLayer", "check_layer", "compose_layer", "write_layer"]


@dataclass(frozen=True, kw_only=True)
class ComposedLayer:
    """What is written for one layer."""

    text: str
    """The content of the layer file."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name of the file in the folder `secrets` -> secret."""

    signalen_text: str = ""
    """The content of a new `signalen.yaml`; "" where none is written."""


def compose_layer(
    draft: LayerDraft, report: TypeReport, shown_url: str, login: Login | None, language: Language
) -> ComposedLayer:
    """Return the file of a layer, in which references stand for the keys in the address and for the credentials.

    Args:
        draft: the settings; its `id` is the name of the file without suffix.
        report: of the type, for the comments.
        shown_url: the address without secrets, for the comments.
        login: the credentials for the vendor.
        language: of the comments.
    """
    address = secrets_in_address(draft.url, draft.id)
    secrets = {**address.secrets, **({} if login is None else login.secrets(draft.id))}
    auth = {} if login is None else login.block(draft.id)
    return ComposedLayer(
        text=layer_text(replace(draft, url=address.url, auth=auth), report, shown_url, language), secrets=secrets
    )


def write_layer(path: Path, composed: ComposedLayer) -> None:
    """Write a layer file, its secrets, and `signalen.yaml` where there is a new one.

    The layer file comes last and replaces an existing one at once, so that a running proxy never reads a part of it.

    Raises:
        ConfigurationError: a file cannot be written.
    """
    if composed.secrets:
        write_secrets(path.parent, composed.secrets)
    if composed.signalen_text:
        _write(path.with_name(SIGNALEN_FILES[0]), composed.signalen_text)
    _write(path, composed.text)


def check_layer(composed: ComposedLayer, path: Path, environment: Mapping[str, str]) -> Catalogue:
    """Load a layer as `wfs-proxy check` and `serve` would after it was written, without writing it there.

    Args:
        composed: what would be written.
        path: where it would be written.
        environment: the values of `${VAR}`.

    Raises:
        CatalogueError: the layer cannot be served.
        ConfigurationError: there is no room for temporary files.
    """
    # the folder can be read by its owner only, as it contains the secrets until the end of the block
    with tempfile.TemporaryDirectory(prefix="wfs-proxy-") as folder:
        trial = Path(folder) / path.name
        write_layer(trial, composed)
        return load_layer_file(trial, environment)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
