"""What `check --live` finds: each finding has a severity, a place, a reason and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfs_proxy.cli.live.texts import TEXTS, VARIANTS
from wfs_proxy.config import NOTICES, FileProblem, Language, Problem, Severity, Text, advice, as_sentence, path_of
from wfs_proxy.question import Form, QuestionFinding

__all__ = ["About", "LiveFinding", "finding", "of_problem", "of_question", "short"]

_LANGUAGES: tuple[Language, Language] = ("nl", "en")

About = Literal["file", "vendor", "signalen", "question"]
"""What the layer file was compared with; "file": with nothing."""

_LONGEST_REASON = 300
"""Characters."""

_ERRORS = frozenset(
    {
        "category_unknown",
        "extent_swapped",
        "field_absent",
        "id_absent",
        "no_objects",
        "vendor_absent",
        "where_absent",
        "where_matches_none",
    }
)
"""Codes of problems because of which something in the layer file does not work at all."""


@dataclass(frozen=True, kw_only=True)
class LiveFinding:
    """One finding."""

    severity: Severity
    """error: objects, fields, marks or the form do not work. warning: it works in part. notice: it may be right."""

    code: str
    """What kind of finding it is, for programs: the same in every version and language."""

    about: About
    where: str
    """The key of the layer file, or the member of the question."""

    reason: Text
    remedy: Text
    nearest: str | None = None
    """The name that was probably meant."""

    question: str | None = None
    """The key of the question in Signalen."""

    forms: tuple[Form, ...] = ()
    """The forms in which it matters, if it does not in all that were compared."""


def of_problem(problem: Problem, about: About) -> LiveFinding:
    """Return a problem of a layer as a finding. Its sentence says what is wrong and, after a semicolon, what to do."""
    (nl_reason, _, nl_remedy), (en_reason, _, en_remedy) = (
        advice(problem, language).partition("; ") for language in _LANGUAGES
    )
    return LiveFinding(
        severity=_severity_of(problem.code),
        code=problem.code,
        about=about,
        where=_place_of(problem),
        reason=Text(as_sentence(nl_reason), as_sentence(en_reason)),
        remedy=Text(as_sentence(nl_remedy), as_sentence(en_remedy)),
        nearest=problem.nearest,
    )


def of_question(found: QuestionFinding, key: str, forms: tuple[Form, ...], severity: Severity) -> LiveFinding:
    """Return a finding about a question of Signalen.

    Args:
        found: from the check of the question.
        key: of the question.
        forms: those in which it matters, if not in all.
        severity: may be less than that of `found`, where the municipality may not use the form.
    """
    return LiveFinding(
        severity=severity,
        code=found.code,
        about="question",
        where=found.where,
        reason=found.reason,
        remedy=found.remedy,
        question=key,
        forms=forms,
    )


def finding(  # noqa: PLR0913 - the members of a finding
    severity: Severity,
    code: str,
    about: About,
    where: str,
    *,
    nearest: str | None = None,
    question: str | None = None,
    variant: str = "",
    **details: str,
) -> LiveFinding:
    """Return a finding with the texts of its code, or of a variant of it, filled in with `details`."""
    reason, remedy = VARIANTS[variant] if variant else TEXTS[code]
    return LiveFinding(
        severity=severity,
        code=code,
        about=about,
        where=where,
        reason=reason.filled_in(details),
        remedy=remedy.filled_in(details),
        nearest=nearest,
        question=question,
    )


def short(reason: str) -> str:
    """Return the beginning of an error's message, which may quote a whole document or a long address."""
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"


def _place_of(problem: Problem) -> str:
    """Return the key, after the file and the line where they are known."""
    path = [path_of(problem.keys)] if problem.keys else []
    if not isinstance(problem, FileProblem):
        return "".join(path)
    position = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    return ": ".join([position, *path])


def _severity_of(code: str) -> Severity:
    if code in NOTICES:
        return "notice"
    return "error" if code in _ERRORS else "warning"
