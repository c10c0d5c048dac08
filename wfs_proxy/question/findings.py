"""What is wrong with a question or an asset type: one finding per mistake, with its place, reason and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wfs_proxy.config import SEVERITIES, Language, Severity, Text, nearest
from wfs_proxy.question.finding_texts import TEXTS

__all__ = ["QuestionFinding", "error", "finding_line", "likely_name", "warning"]


@dataclass(frozen=True, kw_only=True)
class QuestionFinding:
    """One finding."""

    severity: Severity
    """error: objects or marks do not show, or the form stops. warning: it works, but worse than it could."""

    code: str
    """What is wrong, for programs: the key of its texts."""

    where: str
    """The member that it is about, such as meta.featureTypes[0].typeValue."""

    details: Mapping[str, str] = field(default_factory=dict)
    """The values of the braces in the texts."""

    @property
    def reason(self) -> Text:
        """What is wrong, and what the form does."""
        return TEXTS[self.code][0].filled_in(self.details)

    @property
    def remedy(self) -> Text:
        """What to do."""
        return TEXTS[self.code][1].filled_in(self.details)


def error(code: str, where: str, **details: str) -> QuestionFinding:
    """Return a finding about what does not show, or stops the form."""
    return QuestionFinding(severity="error", code=code, where=where, details=details)


def warning(code: str, where: str, **details: str) -> QuestionFinding:
    """Return a finding about what could work better."""
    return QuestionFinding(severity="warning", code=code, where=where, details=details)


def likely_name(name: str, names: Sequence[str]) -> str:
    """Return the name that was probably meant, or else all names."""
    return nearest(name, names) or ", ".join(names) or "-"


def finding_line(finding: QuestionFinding, language: Language) -> str:
    """Return a finding as one line for people."""
    severity, *sentences = (
        text.in_language(language) for text in (SEVERITIES[finding.severity], finding.reason, finding.remedy)
    )
    return f"{severity}: {finding.where}: {' '.join(sentences)}"
