"""The result of `wfs-proxy check`, and its lines in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.config import (
    CatalogueError,
    FileProblem,
    Language,
    Layer,
    Remark,
    Unconfigured,
    load_catalogue,
    load_layer_file,
    render,
    unused_blocks,
)

__all__ = ["CheckResult", "check"]


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """Either the problems in the files, or the layers that can be served and those that wait for their address."""

    problems: tuple[FileProblem, ...] = ()
    layers: tuple[Layer, ...] = ()
    warnings: tuple[FileProblem, ...] = ()
    """What should be changed although the layers can be served."""

    unconfigured: tuple[Unconfigured, ...] = ()
    """What waits for its address, which is no problem."""

    def lines(self, language: Language) -> Iterator[str]:
        """Yield every problem; if there is none, every layer, what is not configured, and the warnings.

        Below a layer are the keys that have no effect. The last line is the total.
        """
        for problem in self.problems:
            yield render(problem, language)
        for layer in self.layers:
            yield render(_correct(layer), language)
            for remark in unused_blocks(layer):
                yield f"  {render(remark, language)}"
        for waiting in self.unconfigured:
            yield render(waiting.remark, language)
        for warning in self.warnings:
            yield render(warning, language)
        yield ", ".join(render(part, language) for part in self._total())

    def _total(self) -> Iterator[Remark]:
        if self.problems:
            yield Remark(code="check_problems", details={"count": str(len(self.problems))})
            return
        counts = {"count": str(len(self.layers)), "warnings": str(len(self.warnings))}
        yield Remark(code="check_warnings" if self.warnings else "check_fine", details=counts)
        if self.unconfigured:
            yield Remark(code="check_unconfigured", details={"count": str(len(self.unconfigured))})


def check(path: Path, environment: Mapping[str, str]) -> CheckResult:
    """Load one layer file, or a folder with layer files, as `serve` would."""
    try:
        load = load_catalogue if path.is_dir() else load_layer_file
        catalogue = load(path, environment)
    except CatalogueError as error:
        return CheckResult(problems=error.problems)
    return CheckResult(
        layers=tuple(catalogue.values()), warnings=catalogue.warnings, unconfigured=catalogue.unconfigured
    )


def _correct(layer: Layer) -> Remark:
    fields = ", ".join(layer.properties.fields) or "-"
    return Remark(code="check_layer", details={"layer": layer.id, "title": layer.title, "fields": fields})
