"""What an administrator should know about a type, judged by its report. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from wfs_proxy.config import Severity, rank
from wfs_proxy.features import NO_GEOMETRY
from wfs_proxy.inspect.report import FieldRole, Finding, TypeReport

__all__ = ["CELLS_FROM", "LEFT_OUT", "USELESS", "findings_of"]

CELLS_FROM = 250_000
"""Objects from which a layer file gets `mode: cells`: fetching more at once takes minutes and hundreds of megabytes."""

LEFT_OUT: tuple[FieldRole, ...] = ("personal", "internal", "free_text")
"""Roles of fields that are left out unless a person decides otherwise. A finding `fields_...` names them."""

USELESS = frozenset(["missing_sample", "login_for_objects", "recorded_objects", "no_objects", "no_geometry"])
"""Codes of findings with which no layer can be served."""


def findings_of(report: TypeReport) -> tuple[Finding, ...]:
    """Return the findings, the most severe first."""
    found = [*_of_objects(report), *_of_places(report), *_of_ids(report), *_of_fetching(report), *_of_fields(report)]
    return tuple(sorted(found, key=lambda finding: rank(finding.severity)))


def _of_objects(report: TypeReport) -> Iterator[Finding]:
    if any(part.of_recording and part.part == "sample" for part in report.missing):
        yield Finding(code="recorded_objects", severity="error")
        return
    for part in report.missing:
        severity: Severity = "error" if part.part == "sample" else "warning"
        code = "login_for_objects" if part.part == "sample" and part.needs_login else f"missing_{part.part}"
        yield Finding(code=code, severity=severity, details=part.details)
    if any(part.part == "sample" for part in report.missing):
        return
    if not report.sample:
        yield Finding(code="no_objects", severity="error")
        return
    if not report.complete:
        details = {"sample": str(report.sample), "total": str(report.count or report.at_least)}
        code = "sampled" if report.count is not None else "sampled_of_unknown"
        yield Finding(code=code, severity="notice", details=details)
    if report.at_least >= CELLS_FROM:
        yield Finding(code="huge", severity="notice", details={"total": str(report.at_least)})
    if report.without_geometry == report.sample:
        yield Finding(code="no_geometry", severity="error")
    elif report.without_geometry:
        details = {"count": str(report.without_geometry), "sample": str(report.sample)}
        yield Finding(code="some_without_geometry", severity="notice", details=details)


def _of_places(report: TypeReport) -> Iterator[Finding]:
    if report.crs is None:
        return
    if report.crs.problem:
        yield Finding(code="place_uncertain", severity="error", details={"reason": report.crs.problem})
    misplaced = sum(count for reason, count in report.crs.skipped.items() if reason != NO_GEOMETRY) + report.crs.far
    if misplaced and not report.crs.problem:
        yield Finding(code="misplaced", severity="notice", details={"count": str(misplaced)})


def _of_ids(report: TypeReport) -> Iterator[Finding]:
    if not report.sample:
        return
    changing = [each.name or "id" for each in report.ids if each.stable is False]
    if changing:
        yield Finding(code="id_changes", severity="notice", details={"names": ", ".join(changing)})
    if report.best_id is None:
        yield Finding(code="no_id", severity="warning")


def _of_fetching(report: TypeReport) -> Iterator[Finding]:
    paging = report.paging
    if paging.behaviour in {"repeats", "ignored", "refused"}:
        yield Finding(code=f"paging_{paging.behaviour}", severity="notice")
    if paging.cap is not None:
        yield Finding(code="cap", severity="notice", details={"cap": str(paging.cap)})
    broken = [each.name or "GML" for each in report.formats if not each.works]
    if broken:
        yield Finding(code="broken_formats", severity="notice", details={"names": ", ".join(broken)})


def _of_fields(report: TypeReport) -> Iterator[Finding]:
    for role in LEFT_OUT:
        names = [field.name for field in report.fields if field.role == role]
        if names:
            yield Finding(code=f"fields_{role}", severity="notice", details={"names": ", ".join(names)})
    for mark in report.marks[:1]:
        details = {"field": mark.field, "values": ", ".join(mark.reported)}
        yield Finding(code="mark", severity="notice", details=details)
