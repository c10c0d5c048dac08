"""Compare the layers of one Signalen with what it has: the login, the categories and the questions of the form.

One request for the categories, one for the login if there is one, and one for each category of the layers. Nothing of a
report is kept: the request for the login asks for one, because Signalen has no smaller answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from wfs_proxy.cli.live.findings import LiveFinding, finding, of_problem, short
from wfs_proxy.cli.live.question_check import Question
from wfs_proxy.config import Layer, Problem, SignalenInstance, nearest, path_of
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http import HttpClients
from wfs_proxy.offload import Offload
from wfs_proxy.reports import InvalidChoice, SignalenCategory, SignalenClient

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
    # what everybody may read is read without the login, which may be what is wrong
    public = SignalenClient(instance.model_copy(update={"auth": None}), http, offload)
    wanted = frozenset(slug for layer in layers for slug in _categories_of(layer))
    findings: list[LiveFinding] = []
    questions: dict[str, tuple[Question, ...]] = {}
    categories: tuple[SignalenCategory, ...] | None = None
    requests = 1
    try:
        categories = await public.categories()
        for category in categories:
            if category.slug in wanted and category.slug not in questions:
                requests += 1
                questions[category.slug] = await public.questions(category)
    except WfsProxyError as error:
        findings.append(finding("error", "signalen_failed", "signalen", "url", reason=short(str(error))))
    parts: Literal["none", "public", "private"] = "none" if findings else "public"
    if instance.auth is not None and not findings:
        requests += 1
        findings += await _of_login(SignalenClient(instance, http, offload), tuple(questions))
        parts = "public" if findings else "private"
    return SignalenCheck(
        name=name,
        parts=parts,
        has_login=instance.auth is not None,
        findings=tuple(findings),
        of_layers={
            layer.id: tuple(category_findings(layer, categories or (), public_only=instance.auth is None))
            for layer in (layers if categories is not None else ())
        },
        questions=questions,
        requests=requests,
    )


async def _of_login(client: SignalenClient, slugs: Sequence[str]) -> list[LiveFinding]:
    """Ask for one report in categories that exist."""
    try:
        await client.private_page([("page_size", "1"), *(("category_slug", slug) for slug in slugs)])
    except InvalidChoice:
        return []  # the login works; a category that is not in use is no choice either
    except WfsProxyError as error:
        return [finding("error", "signalen_failed", "signalen", "auth", reason=short(str(error)))]
    return []


def category_findings(
    layer: Layer, categories: Sequence[SignalenCategory], *, public_only: bool
) -> Iterator[LiveFinding]:
    """Yield what is wrong with the categories of a layer.

    Args:
        layer: from its file.
        categories: all sub categories of its Signalen.
        public_only: whether only the reports on the public map count.
    """
    by_slug = {category.slug: category for category in categories}
    for row, slug in enumerate(_categories_of(layer)):
        keys = ("reports", "categories", row)
        category = by_slug.get(slug)
        if category is None:
            yield _of_unknown(slug, keys, categories)
        elif not category.is_active:
            yield finding("warning", "category_inactive", "signalen", path_of(keys), given=slug)
        elif public_only and not category.is_public:
            yield of_problem(Problem(keys=keys, code="category_hidden", details={"given": slug}), "signalen")


def _of_unknown(slug: str, keys: tuple[str | int, ...], categories: Sequence[SignalenCategory]) -> LiveFinding:
    subs = [category.slug for category in categories if category.main_slug == slug]
    if subs:
        return finding("error", "category_is_main", "signalen", path_of(keys), given=slug, names=", ".join(subs))
    # a category that got another slug may still have the name from which the old slug was made
    named = {_slug_of(category.name): category.slug for category in categories}
    near = named.get(slug) or nearest(slug, [category.slug for category in categories])
    near = near or named.get(nearest(slug, named) or "")
    return of_problem(Problem(keys=keys, code="category_unknown", details={"given": slug}, nearest=near), "signalen")


def _slug_of(name: str) -> str:
    """Return the slug that Signalen gives to a new category of this name, as Django makes it."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text)).strip("-_")


def _categories_of(layer: Layer) -> tuple[str, ...]:
    return layer.reports.categories if layer.reports is not None else ()
