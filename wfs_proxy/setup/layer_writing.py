"""The layer that the answers so far make: its text, its check, its objects, and its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from wfs_proxy.config import Catalogue, CatalogueError, FileProblem, Language, Layer, load_catalogue
from wfs_proxy.conversion import Converted, convert_batch
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import FeatureBatch
from wfs_proxy.inspect import ComposedLayer, check_layer, compose_layer, reference_to, write_layer
from wfs_proxy.setup.setup_state import SetupState

__all__ = [
    "CheckedLayer",
    "checked_layer",
    "composed_layer",
    "id_is_taken",
    "layer_path",
    "save_layer",
    "served_objects",
]

_TOKEN_FILE = "signalen-token"  # noqa: S105 - the name of a file


@dataclass(frozen=True, kw_only=True)
class CheckedLayer:
    """What `wfs-proxy check` says about the layer."""

    layer: Layer | None
    """None if it cannot be served."""

    problems: tuple[FileProblem, ...] = ()
    warnings: tuple[FileProblem, ...] = ()


def layer_path(state: SetupState) -> Path:
    """Return where the layer file will be."""
    assert state.draft is not None
    return state.folder / f"{state.draft.id}.yaml"


def composed_layer(state: SetupState, language: Language) -> ComposedLayer:
    """Return the files of the layer, with `signalen.yaml` if an instance was added."""
    assert state.draft is not None
    assert state.report is not None
    assert state.service is not None
    composed = compose_layer(state.draft, state.report, state.service.shown_url, state.login, language)
    if not (state.draft.signalen and state.signalen_url):
        return composed
    # a double-quoted scalar; the address has neither quotes nor backslashes
    lines = ["instances:", f"  {state.draft.signalen}:", f'    url: "{state.signalen_url}"']
    secrets = dict(composed.secrets)
    if state.signalen_token:
        lines.append(f'    auth: {{type: bearer, token: "{reference_to(_TOKEN_FILE)}"}}')
        secrets[_TOKEN_FILE] = state.signalen_token
    return replace(composed, secrets=secrets, signalen_text="".join(f"{line}\n" for line in lines))


def checked_layer(composed: ComposedLayer, path: Path, environment: Mapping[str, str]) -> CheckedLayer:
    """Check a layer before it is written: alone, and for an id that another file of the folder has."""
    try:
        catalogue = check_layer(composed, path, environment)
    except CatalogueError as error:
        # the check has its own folder; the reader knows the file by the name that it will have
        return CheckedLayer(layer=None, problems=tuple(replace(each, file=str(path)) for each in error.problems))
    warnings = tuple(replace(each, file=str(path)) for each in catalogue.warnings)
    (layer,) = catalogue.values()
    return CheckedLayer(layer=layer, warnings=warnings)


def save_layer(state: SetupState, composed: ComposedLayer, layer: Layer) -> None:
    """Write the files of the layer.

    Args:
        state: remembers what was written.
        composed: the files.
        layer: what the proxy reads from them.

    Raises:
        ConfigurationError: a file cannot be written.
    """
    path = layer_path(state)
    write_layer(path, composed)
    state.saved, state.written, state.layer = path, composed, layer
    # the instance is in signalen.yaml now
    state.signalen_url = state.signalen_token = ""


def id_is_taken(path: Path, environment: Mapping[str, str]) -> bool:
    """Whether a layer in another file of the folder has the id that this file will have."""
    if path.exists():
        return False
    try:
        catalogue: Catalogue = load_catalogue(path.parent, environment)
    except CatalogueError:
        return False
    return path.stem in {*catalogue, *catalogue.unconfigured_layers}


def served_objects(layer: Layer | None, sample: FeatureBatch | None) -> Converted | None:
    """Return the objects of the sample as the proxy would serve them; None if it could serve none."""
    if layer is None or sample is None:
        return None
    try:
        return convert_batch(layer, sample)
    except WfsProxyError:
        return None
