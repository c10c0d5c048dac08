"""Compare the layers of one Signalen with what it has: the login, the categories and the questions of the form.

One request for the categories, one for the login if there is one, and one for each category of the layers. Nothing of a
report is kept: the request for the login asks for one, because Signalen has no smaller answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from wfs_proxy.cli.live.findings import LiveFinding, finding, of_problem, short
from wfs_proxy.cli.live.question_check import Question
from wfs_proxy.config import Layer, Problem, SignalenInstance, Text, path_of
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http import HttpClients
from wfs_proxy.offload import Offload
from wfs_proxy.reports import (
    CategoryTrouble,
    SignalenCategory,
    SignalenClient,
    SignalenTrouble,
    category_trouble,
    public_client,
    read_categories,
    trouble_of,
    try_login,
)

__all__ = ["SignalenCheck", "category_findings", "check_signalen"]


@dataclass(frozen=True, kw_only=True)
class SignalenCheck:
    """What one Signalen has, for the layers that name it."""

    name: str
    """In signalen.yaml."""

    parts: Literal["none", "public", "private"] = "public"
    """What was compared; private: the public parts too."""

    has_login: bool = False
    """Whether signalen.yaml has a login."""

    findings: tuple[LiveFinding, ...] = ()
    """About the instance itself."""

    of_layers: Mapping[str, tuple[LiveFinding, ...]] = field(default_factory=dict)
    """Layer -> findings about its categories."""

    questions: Mapping[str, tuple[Question, ...]] = field(default_factory=dict)
    """Slug of a category of a layer -> the questions that the form asks in it."""

    requests: int = 0
    """Requests, without retries and those for a token."""


async def check_signalen(
    name: str, instance: SignalenInstance, layers: Sequence[Layer], http: HttpClients, offload: Offload
) -> SignalenCheck:
    """Ask a Signalen for what its layers name. An error is a finding about the instance."""
    wanted = frozenset(slug for layer in layers for slug in _categories_of(layer))
    found = await read_categories(instance, http, offload)
    findings = [_of_trouble(found)] if isinstance(found, SignalenTrouble) else []
    categories = () if isinstance(found, SignalenTrouble) else found
    questions: dict[str, tuple[Question, ...]] = {}
    try:
        await _read_questions(questions, wanted, categories, public_client(instance, http, offload))
    except WfsProxyError as error:
        findings.append(_of_trouble(trouble_of(error, instance)))
    requests = 1 + len(questions)
    parts: Literal["none", "public", "private"] = "none" if findings else "public"
    if instance.auth is not None and not findings:
        requests += 1
        trouble = await try_login(instance, http, offload, tuple(questions))
        findings += [] if trouble is None else [_of_trouble(trouble)]
        parts = "public" if findings else "private"
    return SignalenCheck(
        name=name,
        parts=parts,
        has_login=instance.auth is not None,
        findings=tuple(findings),
        of_layers={
            layer.id: tuple(category_findings(layer, categories, public_only=instance.auth is None))
            for layer in (() if isinstance(found, SignalenTrouble) else layers)
        },
        questions=questions,
        requests=requests,
    )


async def _read_questions(
    questions: dict[str, tuple[Question, ...]],
    wanted: frozenset[str],
    categories: Sequence[SignalenCategory],
    public: SignalenClient,
) -> None:
    """Read the questions of the wanted categories into `questions`: those before an error stay."""
    for category in categories:
        if category.slug in wanted and category.slug not in questions:
            questions[category.slug] = await public.questions(category)


def _of_trouble(trouble: SignalenTrouble) -> LiveFinding:
    technical = short(trouble.technical)
    return LiveFinding(
        severity="error",
        code="signalen_failed",
        about="signalen",
        where=trouble.where,
        reason=Text(
            f"{trouble.reason.nl.removesuffix('.')} (technische melding: {technical}).",
            f"{trouble.reason.en.removesuffix('.')} ({technical}).",
        ),
        remedy=trouble.remedy,
    )


def category_findings(
    layer: Layer, categories: Sequence[SignalenCategory], *, public_only: bool
) -> Iterator[LiveFinding]:
    """Yield what is wrong with the categories of a layer.

    Args:
        layer: from its file.
        categories: all sub categories of its Signalen.
        public_only: whether only the reports on the public map count.
    """
    for row, slug in enumerate(_categories_of(layer)):
        trouble = category_trouble(slug, categories, public_only=public_only)
        if trouble is not None:
            yield _of_category(trouble, ("reports", "categories", row))


def _of_category(trouble: CategoryTrouble, keys: tuple[str | int, ...]) -> LiveFinding:
    given = trouble.given
    if trouble.code == "category_is_main":
        names = ", ".join(trouble.names)
        return finding("error", trouble.code, "signalen", path_of(keys), given=given, names=names)
    if trouble.code == "category_inactive":
        return finding("warning", trouble.code, "signalen", path_of(keys), given=given)
    near = trouble.names[0] if trouble.names else None
    return of_problem(Problem(keys=keys, code=trouble.code, details={"given": given}, nearest=near), "signalen")


def _categories_of(layer: Layer) -> tuple[str, ...]:
    return layer.reports.categories if layer.reports is not None else ()
