"""Load a directory of layer files as a `Catalogue`, and report all problems of all files together.

There is no state between calls: a reload loads everything again and does not change the previous catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from wfs_proxy.config.diagnostics import FileProblem, Problem, Remark, render
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.layer_file import CheckedFile, read_layer_file, read_signalen_file
from wfs_proxy.config.layer_rules import file_warnings, unused_blocks
from wfs_proxy.config.model_errors import value_at
from wfs_proxy.config.signalen_file import SignalenFile, SignalenInstance
from wfs_proxy.config.similar_names import nearest
from wfs_proxy.config.unconfigured import Unconfigured
from wfs_proxy.config.unread_files import LAYER_SUFFIXES, unread_files
from wfs_proxy.config.yaml_file import YamlFile
from wfs_proxy.errors import ConfigurationError

__all__ = [
    "SIGNALEN_FILES",
    "Catalogue",
    "CatalogueError",
    "FileProblem",
    "Remark",
    "load_catalogue",
    "load_layer",
    "load_layer_file",
    "render",
    "unused_blocks",
]

SIGNALEN_FILES = ("signalen.yaml", "signalen.yml")
"""Names of the list of Signalen instances; the first is the one to write."""


class CatalogueError(ConfigurationError):
    """The layer files cannot be used. `problems` contains all that must be fixed; the message is in English."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__("\n".join(render(problem, "en") for problem in problems))
        self.problems = tuple(problems)


class Catalogue(Mapping[str, Layer]):
    """An immutable mapping from id to layer, ordered by id."""

    def __init__(
        self,
        layers: Iterable[Layer],
        *,
        instances: Mapping[str, SignalenInstance] | None = None,
        warnings: Sequence[FileProblem] = (),
        unconfigured: Sequence[Unconfigured] = (),
    ) -> None:
        self._layers = {layer.id: layer for layer in sorted(layers, key=lambda layer: layer.id)}
        self._instances = MappingProxyType(dict(instances or {}))
        self.warnings = tuple(warnings)
        """What an administrator should change although the files can be used."""
        self.unconfigured = tuple(unconfigured)
        """Layers and Signalen instances whose address waits for a variable, in the order of their files."""

    def __getitem__(self, layer_id: str) -> Layer:
        return self._layers[layer_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        return f"<Catalogue {', '.join(self._layers) or 'without layers'}>"

    def nearest(self, layer_id: str) -> str | None:
        """Return the most similar id; None if none is similar."""
        return nearest(layer_id, self._layers)

    def layers_of(self, instance: str) -> list[Layer]:
        """Return the layers that use a Signalen instance, sorted by id."""
        return [layer for layer in self.values() if layer.reports is not None and layer.reports.signalen == instance]

    @property
    def unconfigured_layers(self) -> Mapping[str, Unconfigured]:
        """The layers among `unconfigured`, by id."""
        return {each.name: each for each in self.unconfigured if each.what == "layer"}

    @property
    def instances(self) -> Mapping[str, SignalenInstance]:
        """The Signalen instances of `signalen.yaml` by name; empty without that file."""
        return self._instances


def load_catalogue(directory: Path, env: Mapping[str, str], *, may_be_empty: bool = False) -> Catalogue:
    """Read all `*.yaml` and `*.yml` files of `directory`; `signalen.yaml` names the Signalen instances.

    Args:
        directory: contains the files; its subdirectories and hidden files are not read. The warnings name files that
            seem to be layers but are not read.
        env: the values of `${VAR}`.
        may_be_empty: whether a directory without files, or one that does not exist, is an empty catalogue.

    Raises:
        CatalogueError: a file has a problem, or there are no files; it contains all problems.
    """
    try:
        paths = sorted(path for path in directory.iterdir() if _is_ours(path))
        unread = tuple(unread_files(directory, paths))
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        if may_be_empty and isinstance(error, FileNotFoundError):
            return Catalogue(())
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _refusal(directory, Problem(code="directory_unreadable", details={"reason": reason})) from None
    layers = [path for path in paths if path.name not in SIGNALEN_FILES]
    if not layers and not may_be_empty:
        raise _refusal(directory, Problem(code="no_layers"), unread)
    return _load(layers, [path for path in paths if path.name in SIGNALEN_FILES], env, unread)


def load_layer(path: Path, env: Mapping[str, str], *, needs_address: bool = True) -> Layer:
    """Read one layer file as `load_layer_file`, and return its layer.

    Raises:
        CatalogueError: one of the files has a problem; it contains all problems.
    """
    (layer,) = load_layer_file(path, env, needs_address=needs_address).values()
    return layer


def load_layer_file(path: Path, env: Mapping[str, str], *, needs_address: bool = True) -> Catalogue:
    """Read one layer file, and `signalen.yaml` in the same directory if it exists, to check the layer's instance.

    Args:
        path: the layer file.
        env: the values of `${VAR}`.
        needs_address: False for work without requests: a layer that is not configured has a stand-in for its address.

    Raises:
        CatalogueError: one of the files has a problem, or the layer is not configured; it contains all problems.
    """
    if path.name in SIGNALEN_FILES:
        raise _refusal(path, Problem(code="no_layer"))
    signalen = [path.with_name(name) for name in SIGNALEN_FILES if path.with_name(name).is_file()]
    catalogue = _load([path], signalen, env)
    waiting = next(iter(catalogue.unconfigured_layers.values()), None)
    if waiting is None:
        return catalogue
    if needs_address or waiting.layer is None:
        raise CatalogueError([waiting.problem])
    return Catalogue([waiting.layer], instances=catalogue.instances, unconfigured=catalogue.unconfigured)


def _is_ours(path: Path) -> bool:
    # a broken symbolic link counts: it was meant to be a layer, so its absence must be reported
    is_file = path.is_file() or not path.exists()
    return is_file and path.suffix in LAYER_SUFFIXES and not path.name.startswith(".")


def _refusal(path: Path, problem: Problem, unread: Sequence[FileProblem] = ()) -> CatalogueError:
    return CatalogueError([YamlFile(path=path).located(problem), *unread])


def _load(
    layer_paths: Sequence[Path],
    signalen_paths: Sequence[Path],
    env: Mapping[str, str],
    unread: Sequence[FileProblem] = (),
) -> Catalogue:
    signalen = [read_signalen_file(path, env) for path in signalen_paths]
    layers = [read_layer_file(path, env) for path in layer_paths]
    problems = [problem for checked in signalen for problem in checked.problems]
    problems.extend(problem for checked in layers for problem in checked.problems)
    # a layer that is not configured does not exist, so it is in nobody's way
    existing = [checked for checked in layers if not checked.unconfigured]
    problems.extend(_duplicates(existing))
    problems.extend(_taken_type_names(existing))
    if signalen:
        problems.extend(_unknown_instances(existing, signalen))
    if problems:
        raise CatalogueError(sorted(problems, key=_position))
    return Catalogue(
        [checked.model for checked in layers if checked.model is not None],
        instances={
            name: instance
            for checked in signalen
            if checked.model
            for name, instance in checked.model.instances.items()
        },
        warnings=[
            *unread,
            *(
                checked.file.located(problem)
                for checked in layers
                if checked.model is not None
                for problem in file_warnings(checked.model)
            ),
        ],
        unconfigured=[each for files in (layers, signalen) for checked in files for each in checked.unconfigured],
    )


def _position(problem: FileProblem) -> tuple[str, int, int]:
    return problem.file, problem.line or 0, problem.column or 0


def _duplicates(layers: Sequence[CheckedFile[Layer]]) -> Iterator[FileProblem]:
    first: dict[object, Path] = {}
    for checked in layers:
        layer_id = checked.file.value.get("id", checked.file.path.stem)
        if not isinstance(layer_id, str) or not checked.file.marks:
            continue
        if layer_id in first:
            yield checked.file.located(
                Problem(keys=("id",), code="duplicate_layer", details={"other": first[layer_id].name})
            )
        first.setdefault(layer_id, checked.file.path)


def _taken_type_names(layers: Sequence[CheckedFile[Layer]]) -> Iterator[FileProblem]:
    """Find names of feature types that two layers have in the WFS; every layer has its id."""
    models = [(checked.file, checked.model) for checked in layers if checked.model is not None]
    first = {model.id: (model.id, file.path) for file, model in models}
    for file, model in models:
        for row, name in enumerate(model.wfs.type_names):
            owner, path = first.setdefault(name, (model.id, file.path))
            if owner != model.id:
                details = {"given": name, "other": path.name}
                yield file.located(Problem(keys=("wfs", "type_names", row), code="type_name_taken", details=details))


def _unknown_instances(
    layers: Sequence[CheckedFile[Layer]], signalen: Sequence[CheckedFile[SignalenFile]]
) -> Iterator[FileProblem]:
    known = tuple(sorted({name for checked in signalen for name in _instance_names(checked.file)}))
    for checked in layers:
        keys = ("reports", "signalen")
        name = value_at(checked.file.value, keys)
        if isinstance(name, str) and known and name not in known:
            meant = nearest(name, known)
            yield checked.file.located(
                Problem(keys=keys, code="instance_unknown", details={"given": name}, nearest=meant, allowed=known)
            )


def _instance_names(file: YamlFile) -> Iterator[str]:
    instances = file.value.get("instances")
    yield from instances if isinstance(instances, dict) else ()
