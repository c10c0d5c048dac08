"""What is wrong with a question or an asset type: one finding per mistake, with its place, reason and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wfs_proxy.config import Language, Text
from wfs_proxy.question.finding_texts import REASONS, REMEDIES

__all__ = ["QuestionFinding", "finding_line"]


@dataclass(frozen=True, kw_only=True)
class QuestionFinding:
    """One finding."""

    severity: Literal["error", "warning"]
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
        return _filled(REASONS[self.code], self.details)

    @property
    def remedy(self) -> Text:
        """What to do."""
        return _filled(REMEDIES[self.code], self.details)


def finding_line(finding: QuestionFinding, language: Language) -> str:
    """Return a finding as one line for people."""
    severity = {"nl": {"error": "fout", "warning": "waarschuwing"}, "en": {}}[language].get(
        finding.severity, finding.severity
    )
    return f"{severity}: {finding.where}: {getattr(finding.reason, language)} {getattr(finding.remedy, language)}"


def _filled(text: Text, details: Mapping[str, str]) -> Text:
    return Text(text.nl.format_map(details), text.en.format_map(details))
