"""What an administrator should change about a layer that is served all the same, for `/layers/{id}` and the metrics.

The attributes of the dataclasses are the members of the JSON, so their names must not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wfs_proxy.cache import CacheSlot
from wfs_proxy.config import Layer, Remark, form_problems, sentence, shared_key_problem

__all__ = ["LayerProblem", "layer_problems"]


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


def layer_problems(layer: Layer, slots: Sequence[CacheSlot]) -> tuple[LayerProblem, ...]:
    """Return the problems of a layer: those of its file first, then those of its data.

    Args:
        layer: from its file.
        slots: of the whole layer, or of its cells in memory.
    """
    renamed = sum(slot.entry.summary.pipeline.renamed for slot in slots if slot.entry is not None)
    of_data = [shared_key_problem(layer, renamed)] if renamed else []
    return tuple(map(_layer_problem, (*form_problems(layer), *of_data)))


def _layer_problem(remark: Remark) -> LayerProblem:
    return LayerProblem(
        code=remark.code,
        key=".".join(map(str, remark.keys)),
        message=BilingualText(nl=sentence(remark, "nl"), en=sentence(remark, "en")),
    )
