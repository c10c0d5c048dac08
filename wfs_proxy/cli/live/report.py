"""The result of `check --live`: lines for people, and JSON for programs.

The members of the JSON are documented in docs/operations.md, so their names must not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wfs_proxy.cli.live.findings import LiveFinding
from wfs_proxy.cli.live.signalen_check import SignalenCheck
from wfs_proxy.cli.live.texts import LINES
from wfs_proxy.cli.live.vendor_check import VendorCheck
from wfs_proxy.config import SEVERITIES, Language, Layer, rank
from wfs_proxy.inspect import printable, reading_line

__all__ = ["LayerCheck", "LiveReport"]


@dataclass(frozen=True, kw_only=True)
class LayerCheck:
    """One layer, and what was found about it."""

    layer: Layer
    vendor: VendorCheck
    findings: tuple[LiveFinding, ...]
    """All of this layer, those of `vendor` included."""


@dataclass(frozen=True, kw_only=True)
class LiveReport:
    """All layers, and all Signalens that they name."""

    layers: tuple[LayerCheck, ...] = ()
    files: tuple[LiveFinding, ...] = ()
    """What should be changed in the files themselves, as `check` says it too."""

    signalens: tuple[SignalenCheck, ...] = ()
    signalen_waits: bool = False
    """Whether an instance is not configured, as one of `files` says."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Severity -> findings."""
        found = Counter(each.severity for each in self._findings())
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def has_findings(self) -> bool:
        """Whether there is something to change: an error or a warning."""
        return bool(self.counts["error"] or self.counts["warning"])

    def lines(self, language: Language) -> Iterator[str]:
        """Yield each layer with its findings, the most severe first, each Signalen, and the total."""
        yield from _finding_lines(self.files, language, indent="")
        for checked in self.layers:
            yield _layer_line(checked, language)
            yield from _finding_lines(checked.findings, language)
        for signalen in self.signalens:
            yield _signalen_line(signalen, language)
            yield from _finding_lines(signalen.findings, language)
        if self.layers and not self.signalens and not self.signalen_waits:
            yield _line("signalen_absent", language)
        yield _line("total", language, **{severity: str(count) for severity, count in self.counts.items()})

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "files": [_finding_json(each) for each in _sorted(self.files)],
            "layers": [_layer_json(checked) for checked in self.layers],
            "signalen": [
                {
                    "name": signalen.name,
                    "parts": signalen.parts,
                    "requests": signalen.requests,
                    "findings": [_finding_json(each) for each in _sorted(signalen.findings)],
                }
                for signalen in self.signalens
            ],
            "counts": dict(self.counts),
        }

    def _findings(self) -> Iterator[LiveFinding]:
        yield from self.files
        for checked in self.layers:
            yield from checked.findings
        for signalen in self.signalens:
            yield from signalen.findings


def _sorted(findings: tuple[LiveFinding, ...]) -> list[LiveFinding]:
    return sorted(findings, key=lambda each: rank(each.severity))


def _layer_line(checked: LayerCheck, language: Language) -> str:
    vendor = checked.vendor
    kind = "not_fetched" if vendor.objects is None else "objects" if vendor.complete is not None else "sampled"
    objects = _line(kind, language, count=str(vendor.objects), requests=str(vendor.requests))
    reading = [reading_line(vendor.reading, language)] if vendor.reading else []
    return _line(
        "layer", language, layer=checked.layer.id, title=checked.layer.title, objects="; ".join([objects, *reading])
    )


def _signalen_line(signalen: SignalenCheck, language: Language) -> str:
    refused = "_refused" if signalen.parts == "public" and signalen.has_login else ""
    code = f"signalen_{signalen.parts}{refused}"
    return _line(code, language, name=signalen.name, requests=str(signalen.requests))


def _finding_lines(findings: tuple[LiveFinding, ...], language: Language, indent: str = "  ") -> Iterator[str]:
    for each in _sorted(findings):
        severity = SEVERITIES[each.severity].in_language(language)
        question = [_line("question", language, key=each.question)] if each.question is not None else []
        forms = [f"({_line('form', language, forms=', '.join(each.forms))})"] if each.forms else []
        place = ": ".join([severity, *question, each.where])
        words = [f"{place}:", each.reason.in_language(language), each.remedy.in_language(language), *forms]
        yield indent + printable(" ".join(filter(None, words)))


def _line(code: str, language: Language, **details: str) -> str:
    return printable(LINES[code].filled_in(details).in_language(language))


def _layer_json(checked: LayerCheck) -> dict[str, Any]:
    vendor = checked.vendor
    return {
        "layer": checked.layer.id,
        "title": checked.layer.title,
        "objects": vendor.objects,
        "complete": vendor.complete,
        "reading": vendor.reading,
        "notes": list(vendor.notes),
        "requests": vendor.requests,
        "findings": [_finding_json(each) for each in _sorted(checked.findings)],
    }


def _finding_json(each: LiveFinding) -> dict[str, Any]:
    return {
        "severity": each.severity,
        "code": each.code,
        "about": each.about,
        "where": each.where,
        "question": each.question,
        "forms": list(each.forms),
        "nearest": each.nearest,
        "reason": each.reason._asdict(),
        "remedy": each.remedy._asdict(),
    }
