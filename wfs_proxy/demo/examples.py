"""The shipped layer files as examples, which an administrator copies and fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.config import SIGNALEN_FILES, Variable, read_yaml_file
from wfs_proxy.demo.recorded import LAYERS, VARIANTS

__all__ = ["ShippedExample", "shipped_examples"]

_SCHEMA_LINE = "# yaml-language-server:"
"""The start of a line that names a file beside the original."""


@dataclass(frozen=True, kw_only=True)
class ShippedExample:
    """A shipped file."""

    path: Path
    title: str
    organisation: str
    kind: str
    """The type of its source, such as wfs; signalen for the list of Signalen instances."""

    signalen: str | None
    """The Signalen instance that the layer names; None without one."""

    variables: tuple[Variable, ...]
    """Those that the file uses, in its order."""

    @property
    def is_variant(self) -> bool:
        """Whether it is another way to configure the vendor of another example."""
        return self.path.parent == VARIANTS

    @property
    def id(self) -> str:
        """The name of the file without suffix, which is the id of the layer."""
        return self.path.stem

    @property
    def text(self) -> str:
        """The content for another folder."""
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(_SCHEMA_LINE)).removeprefix("#\n")


def shipped_examples() -> Sequence[ShippedExample]:
    """Return all examples: the layers by id, then the list of Signalen instances."""
    paths = sorted([*LAYERS.glob("*.yaml"), *VARIANTS.glob("*.yaml")], key=lambda path: path.name)
    return sorted(map(_example, paths), key=lambda example: example.kind == "signalen")


def _example(path: Path) -> ShippedExample:
    file = read_yaml_file(path, {})
    kind = "signalen" if path.name in SIGNALEN_FILES else _text(file.value.get("source"), "type")
    return ShippedExample(
        path=path,
        title=_text(file.value, "title"),
        organisation=_text(file.value, "organisation"),
        kind=kind,
        signalen=_text(file.value.get("reports"), "signalen") or None,
        variables=file.variables,
    )


def _text(block: object, key: str) -> str:
    return str(block.get(key, "")) if isinstance(block, Mapping) else ""
