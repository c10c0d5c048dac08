"""What an administrator should change about a layer that is served all the same, for `/layers/{id}` and the metrics.

The attributes of the dataclasses are the members of the JSON, so their names must not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import CacheSlot
from wfs_proxy.config import (
    NOTICES,
    Layer,
    Problem,
    advice,
    category_problems,
    data_problems,
    file_warnings,
    path_of,
    type_problem,
    without_moot,
)
from wfs_proxy.features import PipelineReport
from wfs_proxy.reports import PollStatus

__all__ = ["LayerProblem", "all_problems", "found_by_use", "layer_problems"]


@dataclass(frozen=True, kw_only=True)
class BilingualText:
    """One text in both languages."""

    nl: str
    en: str


@dataclass(frozen=True, kw_only=True)
class LayerProblem:
    """One problem of a layer."""

    code: str
    """What kind of problem it is, for programs: the same in every version and language."""

    key: str
    """The key of the layer file that it is about, such as "properties.fields"."""

    message: BilingualText
    """What is wrong, and what to do."""

    severity: str
    """warning; or notice: it may be right."""


def layer_problems(layer: Layer, slots: Sequence[CacheSlot], poll: PollStatus | None) -> tuple[LayerProblem, ...]:
    """Return the problems of a layer as the JSON has them. See `all_problems`."""
    return tuple(map(_layer_problem, all_problems(layer, slots, poll)))


def all_problems(layer: Layer, slots: Sequence[CacheSlot], poll: PollStatus | None) -> Iterator[Problem]:
    """Yield the problems of a layer: those of its file first, then what its data and its Signalen show.

    Args:
        layer: from its file.
        slots: of the whole layer, or of its cells in memory.
        poll: the status of its Signalen; None if it names none or no poll has started.
    """
    yield from without_moot([*file_warnings(layer), *found_by_use(layer, slots, poll)])


def found_by_use(layer: Layer, slots: Sequence[CacheSlot], poll: PollStatus | None) -> Iterator[Problem]:
    """Yield that a file was never compared with its vendor, and what the last fetch, the data and Signalen show."""
    if not layer.verified:
        yield Problem(keys=("verified",), code="not_verified")
    failures = {(slot.failure.unknown_type, slot.failure.nearest_types) for slot in slots if slot.failure is not None}
    for unknown, offered in sorted(failures):
        if unknown:
            yield type_problem(layer, unknown, offered)
    entries = [slot.entry for slot in slots if slot.entry is not None]
    if entries:
        fetches = [entry.summary.report for entry in entries]
        yield from data_problems(
            layer,
            PipelineReport.of_all([entry.summary.pipeline for entry in entries]),
            next((fetch for fetch in fetches if not fetch.complete), fetches[0]),
            count=sum(len(entry.snapshot) for entry in entries),
            box=BBox.union(entry.snapshot.bbox for entry in entries if entry.snapshot.bbox),
        )
    if poll is not None:
        yield from category_problems(layer, poll.unknown, poll.categories, public_only=poll.public_only)


def _layer_problem(problem: Problem) -> LayerProblem:
    return LayerProblem(
        code=problem.code,
        key=path_of(problem.keys),
        message=BilingualText(nl=advice(problem, "nl"), en=advice(problem, "en")),
        severity="notice" if problem.code in NOTICES else "warning",
    )
