"""Inspect one type through the source that a layer file would have: what it returns is what the proxy would serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import FeatureBatch
from wfs_proxy.inspect.diagnosis import missing_part
from wfs_proxy.inspect.findings import findings_of
from wfs_proxy.inspect.kinds.kind import Inquiry, InspectedType
from wfs_proxy.inspect.report import MissingPart, PagingReport, Part, TypeReport, TypeSummary
from wfs_proxy.inspect.sample import AGAIN, SAMPLE, describe_sample
from wfs_proxy.sources import FetchedFeatures, SampledSource, believable_count

__all__ = ["TypeKnowledge", "inspect_sampled_type", "part_of"]

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class TypeKnowledge:
    """What a service says about one of its types."""

    declared: Mapping[str, str] = field(default_factory=dict)
    """Attribute -> type, as XML Schema or JSON Schema names it."""

    titles: Mapping[str, str] = field(default_factory=dict)
    """Attribute -> what the vendor calls it for people."""

    count: int | None = None
    extent: BBox | None = None
    stated_cap: int | None = None


async def part_of(missing: list[MissingPart], part: Part, work: Awaitable[_T]) -> _T | None:
    """Return the result of a part; None if it failed, which the report then says."""
    try:
        return await work
    except WfsProxyError as error:
        missing.append(missing_part(part, error))
        return None


async def inspect_sampled_type(
    inquiry: Inquiry,
    summary: TypeSummary,
    source: SampledSource,
    know: Callable[[], Awaitable[TypeKnowledge]],
) -> InspectedType:
    """Inspect a type. A part that fails is missing in the report, and does not end the inspection.

    Args:
        inquiry: of the service.
        summary: of the type.
        source: of a layer with only this type.
        know: asks what the service says about the type.
    """
    before = inquiry.clients.requests
    missing: list[MissingPart] = []
    inquiry.report("schema")
    known = await part_of(missing, "schema", know()) or TypeKnowledge(count=summary.count, extent=summary.extent)
    inquiry.report("sample")
    sampled = await part_of(missing, "sample", source.sample(SAMPLE))
    found = TypeReport(
        name=summary.name,
        title=summary.title,
        count=known.count,
        sample=0,
        complete=False,
        declared_extent=known.extent,
    )
    batch: FeatureBatch | None = None
    if sampled is not None:
        inquiry.report("stability")
        has_objects = len(sampled.batch) > 0
        again = await part_of(missing, "stability", source.sample(AGAIN)) if has_objects else None
        inquiry.report("paging")
        batch, complete = await _whole(source, sampled, known)
        repeated = None if again is None else again.batch
        found = await inquiry.offload(describe_sample, found, batch, repeated, known.declared, known.titles)
        found = _counted(found, sampled, known, complete=complete)
    found = replace(found, missing=tuple(missing), requests=inquiry.clients.requests - before)
    return InspectedType(report=replace(found, findings=findings_of(found)), sample=batch)


async def _whole(source: SampledSource, sampled: FetchedFeatures, known: TypeKnowledge) -> tuple[FeatureBatch, bool]:
    """Return all objects and whether these are all, where the sample may be the whole type; else the sample."""
    received = len(sampled.batch)
    count = believable_count(known.count, received)
    more = sampled.batch.claims.next_page is not None or sampled.batch.claims.exceeded_limit
    if received == 0 or (count or received) >= SAMPLE or (count is None and more):
        return sampled.batch, False
    try:
        fetched = await source.fetch()
    except WfsProxyError:
        return sampled.batch, False
    return fetched.batch, fetched.report.complete


def _counted(found: TypeReport, sampled: FetchedFeatures, known: TypeKnowledge, *, complete: bool) -> TypeReport:
    """Return the report with its numbers of objects."""
    count = found.sample if complete else believable_count(known.count, found.sample)
    received = len(sampled.batch)
    more = not complete and (count is None or count > received)
    cap = received if more and 0 < received < SAMPLE else None
    return replace(
        found,
        count=count,
        complete=complete,
        at_least=count or found.sample,
        paging=PagingReport(
            behaviour="not_needed" if complete and found.sample <= received else "unknown",
            cap=cap,
            stated_cap=known.stated_cap,
        ),
    )
