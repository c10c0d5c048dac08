"""The page at `/layers/{id}`: the state of a layer, what it serves, what to improve, and how to use it in a form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import quote

from wfs_proxy.config import Language, Layer, Text, as_sentence
from wfs_proxy.gdal import has_gdal
from wfs_proxy.pages.failure_texts import message_in_dutch
from wfs_proxy.pages.formats import number
from wfs_proxy.pages.layer_texts import FAILURES, UNKNOWN_TYPE
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.renderer import PageRenderer
from wfs_proxy.pages.texts import text_of
from wfs_proxy.question import (
    FORMS,
    Form,
    QuestionFinding,
    check_question,
    host_of,
    is_this_machine,
    layer_question,
    obstacles,
)
from wfs_proxy.serve import LayerDescription

__all__ = ["PUBLIC_URL", "LayerPage", "ShownQuestion", "pieces", "share", "shown_question", "why_quarantined"]

PUBLIC_URL = "publicUrl"
"""The query parameter of the page: the public address of the proxy, if no setting has it."""

_SOME_ADDRESS = "https://proxy.example"
"""While the page asks for the public address, only other obstacles are worth a sentence."""

_DOWNLOADS = (("excel", "f=csv&bom=1"), ("csv", "f=csv&sep=,"), ("geojson", "f=geojson"))
"""Format, which has a text -> the query string of `/layers/{id}/download`. Dutch Excel opens the first by a click."""

_GEOPACKAGE = ("gpkg", "f=gpkg")

_REASONS = (
    (re.compile(r"it lost (?P<lost>\d+) of (?P<total>\d+) objects"), "quarantined_lost"),
    (re.compile(r"no object has the attribute (?P<name>.+) any more"), "quarantined_absent"),
    (
        re.compile(r"it is incomplete and has (?P<lost>\d+) objects fewer than the served data"),
        "quarantined_incomplete",
    ),
)
"""Why a fetch is quarantined, as `cache.plausibility` says it, and the text for it."""


class Piece(NamedTuple):
    """A part of a sentence."""

    text: str
    is_code: bool
    """Whether it is something that is written in a file, which a sentence has in backticks."""


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """A served property."""

    name: str
    type: str
    filled: str
    """How many objects have a value, as a share; "" where that is not known."""

    examples: Sequence[str]
    mark: tuple[str, str] | None
    """For a mark: its values for reported and for other objects, as JSON."""

    is_id: bool


@dataclass(frozen=True, kw_only=True)
class ShownQuestion:
    """The question for one form, or why there is none."""

    form: Form
    obstacles: Sequence[Sequence[Piece]] = ()
    findings: Sequence[Sequence[Piece]] = ()
    """Why it would not, or not well, work once it is pasted."""

    texts: Sequence[Sequence[Piece]] = ()
    """What to do with it, and what to know."""

    pasted: str = ""
    """JSON."""


class LayerPage:
    """Renders the page."""

    def __init__(self, renderer: PageRenderer, public_url: str) -> None:
        """Render with these.

        Args:
            renderer: renders the template.
            public_url: the public address of the proxy without a slash at its end, or "". One that means the reader's
                own machine is as good as none: the browser of a citizen cannot use it, so the page asks for another.
        """
        self._renderer = renderer
        self._public_url = "" if is_this_machine(host_of(public_url)) else public_url

    def render(self, page: PageRequest, layer: Layer, description: LayerDescription) -> bytes:
        """Return the page of a layer.

        Args:
            page: what was requested.
            layer: from its file.
            description: its state.
        """
        language = page.language
        failure = description.failure
        failed = _kind_of_failure(description)
        quarantined = description.held_back
        return self._renderer.render(
            "layer.html",
            page,
            layer=description,
            path=f"{page.root}layers/{quote(layer.id, safe='')}",
            failed=pieces(failed.in_language(language)) if failed is not None else (),
            failed_because=pieces(_meaning(failure.detail, language)) if failure is not None else (),
            quarantined=why_quarantined(quarantined.reason, language) if quarantined is not None else None,
            problems=[
                (each.severity, pieces(as_sentence(getattr(each.message, language))), each.key)
                for each in description.problems
            ],
            fields=list(_fields(layer, description, language)),
            has_reports=layer.reports is not None,
            marks=pieces(_marks_problem(description, language)),
            asks_address=not self._public_url,
            questions=list(self._questions(page, layer, description)),
            downloads=[*_DOWNLOADS, *([_GEOPACKAGE] if has_gdal() else [])],
            pieces=pieces,
        )

    def _questions(self, page: PageRequest, layer: Layer, description: LayerDescription) -> Iterator[ShownQuestion]:
        """Yield the questions. Where no object has the id, that comes first: a line for its property would be wrong."""
        public_url = self._public_url or page.parameters.get(PUBLIC_URL, "")
        absent = next((each for each in description.problems if each.code == "id_absent"), None)
        for form in FORMS:
            question = shown_question(layer, form, public_url, page.language)
            if absent is not None and form != "meldingen" and question.obstacles:
                said = as_sentence(getattr(absent.message, page.language))
                question = replace(question, obstacles=[pieces(said)])
            yield question

    def missing(self, page: PageRequest, layer_id: str, nearest: str | None) -> bytes:
        """Return the page that says that there is no such layer.

        Args:
            page: what was requested.
            layer_id: in the URL.
            nearest: the most similar id that exists; None if none is similar.
        """
        path = None if nearest is None else f"{page.root}layers/{quote(nearest, safe='')}"
        return self._renderer.render("layer_missing.html", page, layer_id=layer_id, nearest=nearest, path=path)


def pieces(sentence: str) -> list[Piece]:
    """Return the parts of a sentence; what is in backticks is code."""
    return [Piece(text, index % 2 == 1) for index, text in enumerate(sentence.split("`")) if text]


def share(filled: int, total: int, language: Language) -> str:
    """Return a share as a percentage. Only all is 100 %, and only nothing is 0 %."""
    if not filled:
        return "0 %"
    if filled >= total:
        return "100 %"
    percentage = 100 * filled / total
    if percentage < 1 or percentage > 99:  # noqa: PLR2004 - rounded, it would be 0 or 100
        return f"{number(filled, language)} / {number(total, language)}"
    return f"{percentage:.0f} %"


def why_quarantined(reason: str, language: Language) -> str | None:
    """Return why a fetch is quarantined; None for a reason that has no text."""
    for pattern, key in _REASONS:
        found = pattern.fullmatch(reason)
        if found is not None:
            return text_of(language, key, **found.groupdict())
    return None


def _fields(layer: Layer, description: LayerDescription, language: Language) -> Iterator[FieldRow]:
    rules = layer.reports.mark if layer.reports is not None else ()
    marks = {rule.property: (json.dumps(rule.reported), json.dumps(rule.otherwise)) for rule in rules}
    for each in description.properties:
        known = each.filled is not None and description.count
        yield FieldRow(
            name=each.name,
            type=each.type,
            filled=share(each.filled or 0, description.count or 0, language) if known else "",
            examples=each.examples,
            mark=marks.get(each.name),
            is_id=each.name == description.question.id_field,
        )


def _kind_of_failure(description: LayerDescription) -> Text | None:
    """Return what kind of failure the last one was; None where it is unknown, or there was none."""
    if any(problem.code == "type_unknown" for problem in description.problems):
        return UNKNOWN_TYPE
    return FAILURES.get(description.failure.title) if description.failure is not None else None


def _meaning(message: str, language: Language) -> str:
    """Return what a technical message means; "" where it is unknown, or English for a reader of English."""
    return (message_in_dutch(message) or "") if language == "nl" else ""


def _marks_problem(description: LayerDescription, language: Language) -> str:
    """Return why reports of Signalen are not, or not all, marked; "" if they are."""
    reported = description.reported
    if reported is None or reported.signalen is None:
        return ""
    because = _meaning(reported.fault or "", language)
    if reported.as_of is None:
        problem = "not_polled"
    elif "signalen" not in reported.sources:
        problem = "polled_too_long_ago"
    elif reported.fault:
        problem = "poll_failed"
    else:
        return ""
    return " ".join(filter(None, [text_of(language, problem, name=reported.signalen), because]))


def shown_question(layer: Layer, form: Form, public_url: str, language: Language) -> ShownQuestion:
    """Return the question of a layer for a form, or why there is none, for `question_details.html`."""
    reasons = obstacles(layer, form, public_url or _SOME_ADDRESS)
    if reasons:
        return ShownQuestion(form=form, obstacles=[pieces(as_sentence(each.in_language(language))) for each in reasons])
    if not public_url:
        return ShownQuestion(form=form)
    question = layer_question(layer, form, public_url)
    texts = (question.instruction, *question.notes)
    return ShownQuestion(
        form=form,
        findings=[pieces(_finding_sentence(each, language)) for each in check_question(question.members, layer, form)],
        texts=[pieces(each.in_language(language)) for each in texts],
        pasted=json.dumps(question.pasted, ensure_ascii=False, indent=2),
    )


def _finding_sentence(finding: QuestionFinding, language: Language) -> str:
    return f"{finding.reason.in_language(language)} {finding.remedy.in_language(language)}"
