"""What `wfs-proxy check` tells about layer files, line by line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.config import (
    CatalogueError,
    Fault,
    Language,
    Layer,
    Note,
    load_catalogue,
    load_layer,
    render,
    unused_blocks,
)

__all__ = ["Findings", "check"]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was found in files: either faults, or layers that can be served."""

    faults: tuple[Fault, ...] = ()
    layers: tuple[Layer, ...] = ()

    def lines(self, language: Language) -> Iterator[str]:
        """What a person wants to read: every fault; without one, every layer and what of it does nothing yet."""
        for fault in self.faults:
            yield render(fault, language)
        for layer in self.layers:
            yield render(_in_order(layer), language)
            for note in unused_blocks(layer):
                yield f"  {render(note, language)}"
        yield render(self._total(), language)

    def _total(self) -> Note:
        if self.faults:
            return Note(code="check_faults", details={"count": str(len(self.faults))})
        return Note(code="check_fine", details={"count": str(len(self.layers))})


def check(path: Path, environment: Mapping[str, str]) -> Findings:
    """Read one layer file, or a folder of them, as `serve` would."""
    try:
        if path.is_dir():
            return Findings(layers=tuple(load_catalogue(path, environment).values()))
        return Findings(layers=(load_layer(path, environment),))
    except CatalogueError as error:
        return Findings(faults=error.faults)


def _in_order(layer: Layer) -> Note:
    fields = ", ".join(layer.properties.fields) or "-"
    return Note(code="check_layer", details={"layer": layer.id, "title": layer.title, "fields": fields})
