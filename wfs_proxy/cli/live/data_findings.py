"""What the objects of a vendor show about a layer file, with hints that the proxy itself does not give. Pure.

An administrator who runs the check may see more than the readers of `/layers/{id}`: the value that was probably meant,
and whether the vendor has an attribute that is empty everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from wfs_proxy.bbox import BBox
from wfs_proxy.cli.live.findings import LiveFinding, finding, of_problem
from wfs_proxy.config import Layer, Problem, Severity, data_problems, nearest, path_of
from wfs_proxy.features import FeatureBatch, FetchReport, PipelineReport, PointBatch
from wfs_proxy.inspect import describe_fields, describe_ids, is_personal, role_of
from wfs_proxy.values import to_text

__all__ = ["absent_attributes", "data_findings", "leading_zeros", "possible_ids"]

SMALL_SHARE = 0.01
"""Share of the objects that may have no place, or an unreadable text, without a warning: nearly every vendor has some,
and a check that always fails is not read."""

_OF_VALUES = frozenset({"where_matches_none", "where_unused", "map_unused", "vendor_unused"})

_MOST_ATTRIBUTES = 3
"""Attributes that a sentence names."""

_MOST_VALUES = 200
"""Different values of an attribute that is a list of codes; of others no value is proposed."""

_HARMLESS_WHEN_EMPTY = frozenset({"field_absent", "vendor_absent"})
"""What an attribute without values changes later, when it gets some."""

_LEADING_ZERO = re.compile(r"\s*[+-]?0\d")


def absent_attributes(layer: Layer, batch: FeatureBatch) -> frozenset[str]:
    """Return the attributes that the layer file names and no object has."""
    fields = layer.properties.fields.items()
    named = {rule.source or name for name, rule in fields if rule.template is None}
    if layer.reports is not None and layer.reports.vendor is not None:
        named.add(layer.reports.vendor.field)
    return frozenset(named - batch.columns.keys())


def data_findings(
    layer: Layer, batch: FeatureBatch, points: PointBatch, fetch: FetchReport, declared: Collection[str]
) -> Iterator[LiveFinding]:
    """Yield what a fetch shows.

    Args:
        layer: from its file.
        batch: the objects as the vendor sent them.
        points: the same as they are served.
        fetch: how the vendor was asked.
        declared: attributes in the vendor's schema; empty if it was not requested.
    """
    pipeline = points.report
    box = BBox.of_points(points.lonlat) if len(points) else None
    for problem in data_problems(layer, pipeline, fetch, count=len(points), box=box):
        if problem.code in _HARMLESS_WHEN_EMPTY and problem.details["given"] in declared:
            where = path_of(problem.keys)
            yield finding("notice", "attribute_empty", "vendor", where, given=problem.details["given"])
        elif problem.code.startswith("shared_key") and (names := possible_ids(batch, layer.properties.id)):
            yield _of_shared_keys(layer, problem, names, everywhere=pipeline.renamed >= len(points))
        else:
            yield _weighed(of_problem(_with_hint(problem, batch, pipeline, declared), "vendor"), problem, pipeline)


def possible_ids(batch: FeatureBatch, instead_of: str | None, again: FeatureBatch | None = None) -> tuple[str, ...]:
    """Return attributes that could be the id: every object has a value, no two have the same, and it does not change.

    Args:
        batch: objects.
        instead_of: the attribute that is the id now; None for the id of the source.
        again: some of the objects, of another request; None if there was none.
    """
    candidates = describe_ids(batch, again, describe_fields(batch, {}).fields)
    names = (each.name for each in candidates if each.usable and each.name != instead_of)
    return tuple(name for name in names if name is not None)[:_MOST_ATTRIBUTES]


def leading_zeros(layer: Layer, batch: FeatureBatch) -> Iterator[LiveFinding]:
    """Yield the fields that are served as numbers although the vendor has codes, such as 034575."""
    for name, rule in layer.properties.fields.items():
        if rule.type not in {"integer", "number"} or rule.map is not None or rule.template is not None:
            continue
        values = batch.column(rule.source or name)
        count = sum(isinstance(value, str) and _LEADING_ZERO.match(value) is not None for value in values)
        if count:
            where = f"properties.fields.{name}"
            yield finding("warning", "leading_zeros", "vendor", where, count=str(count), field=name)


def _weighed(found: LiveFinding, problem: Problem, pipeline: PipelineReport) -> LiveFinding:
    of_objects = problem.code.startswith("left_out") or problem.code == "unreadable_texts"
    is_small = of_objects and int(problem.details["count"]) <= SMALL_SHARE * pipeline.received
    return replace(found, severity="notice") if is_small else found


def _with_hint(problem: Problem, batch: FeatureBatch, pipeline: PipelineReport, declared: Collection[str]) -> Problem:
    if problem.code.endswith("_absent") and problem.nearest is None:
        return replace(problem, nearest=nearest(problem.details["given"], declared))
    if problem.code in _OF_VALUES:
        unused = pipeline.unused_values.get(path_of(problem.keys), ())
        known = _codes_of(problem.details["attribute"], batch)
        return replace(problem, nearest=next(filter(None, (nearest(text, known) for text in unused)), None))
    return problem


def _of_shared_keys(layer: Layer, problem: Problem, names: tuple[str, ...], *, everywhere: bool) -> LiveFinding:
    """Return the problem with attributes to choose instead. An id that all objects share with another one is wrong."""
    details = {"count": problem.details["count"], "key": layer.properties.id or "id", "names": ", ".join(names)}
    severity: Severity = "error" if everywhere else "warning"
    variant = "shared_key_of_others"
    return finding(severity, problem.code, "vendor", "properties.id", nearest=names[0], variant=variant, **details)


def _codes_of(attribute: str, batch: FeatureBatch) -> frozenset[str]:
    """Return the values of an attribute; none if they are too many, or look personal."""
    values = {
        text for value in batch.column(attribute) if isinstance(value, str | int | float) and (text := to_text(value))
    }
    if len(values) > _MOST_VALUES or role_of(attribute, sorted(values)) is not None:
        return frozenset()
    return frozenset(value for value in values if not is_personal(value))
