"""What each step shows: the values for its template in `pages/templates/setup/`."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from wfs_proxy.config import Language, Layer, Severity, Text, advice, as_sentence, name_field, render, type_field
from wfs_proxy.inspect import (
    PARTS,
    Diagnosis,
    FieldReport,
    Finding,
    TypeReport,
    may_be_served,
    printable,
    sentence,
    technical,
)
from wfs_proxy.pages import PageRenderer, PageRequest, ShownQuestion, map_settings, shown_question, text_of
from wfs_proxy.question import FORMS, address_problem
from wfs_proxy.reports import SignalenCategory
from wfs_proxy.setup.answers import KEPT_LOGIN, NEW_INSTANCE, NO_LOGIN, UNSUITABLE_IDS, Errors, without_login
from wfs_proxy.setup.layer_writing import CheckedLayer, checked_layer, composed_layer, layer_path, served_objects
from wfs_proxy.setup.setup_request import SetupRequest
from wfs_proxy.setup.setup_state import STEPS, SetupState, Step, known_instances

__all__ = ["StepPages"]

_SHOWN_OBJECTS = 3
"""In the table of examples."""

_AFTER_SERVICE: tuple[Step, ...] = ("objects", "fields", "id", "reports", "save")
"""The steps about the layer, beside which its file is shown."""


@dataclass(frozen=True, kw_only=True)
class StepLink:
    """A step in the list of steps."""

    name: Step
    place: str
    """"done", "current" or "later"."""

    open: bool
    """Whether it can be visited."""


@dataclass(frozen=True, kw_only=True)
class ServedRow:
    """A property of a few objects."""

    name: str
    values: tuple[str, ...]
    meaning: str
    """What a mark says; "" for a field of the vendor."""


@dataclass(frozen=True, kw_only=True)
class ServedTable:
    """A few objects as the proxy would serve them: a row for each property, so that it fits a narrow window."""

    rows: tuple[ServedRow, ...]
    served: int
    left_out: int


@dataclass(frozen=True, kw_only=True)
class ShownFinding:
    """Something that was noticed about the service or the type."""

    severity: Severity
    sentence: str
    technical: str
    """In English; "" without one."""

    @classmethod
    def of(cls, found: Finding, language: Language) -> ShownFinding:
        """Return a finding in the reader's language."""
        said = as_sentence(sentence(found, language))
        return cls(severity=found.severity, sentence=said, technical=technical(found))


class StepPages:
    """Renders the pages."""

    def __init__(self, renderer: PageRenderer, tiles: str | None, environment: Mapping[str, str], command: str) -> None:
        self._renderer = renderer
        self._tiles = tiles
        self._environment = environment
        self._command = command

    async def step(
        self, step: Step, page: PageRequest, state: SetupState, errors: Errors, request: SetupRequest | None
    ) -> bytes:
        """Return the page of a step.

        Args:
            step: that may be visited.
            page: what was requested.
            state: what was chosen.
            errors: of the form that was sent.
            request: with that form; None for a page that was only opened.
        """
        checked = None
        table = None
        if step in ("objects", "save"):
            composed = composed_layer(state, page.language)
            checked = await asyncio.to_thread(checked_layer, composed, layer_path(state), self._environment)
            table = await asyncio.to_thread(_served_table, state, checked, page.language)
        values = {
            "given": _given(step, state, request),
            "secret_kept": state.login is not None,
            "checked": checked,
            "table": table,
            "problems": [] if checked is None else [render(each, page.language) for each in checked.problems],
            "warnings": [] if checked is None else list(_warnings(checked, page.language)),
            "id_unsuitable": step == "id" and errors.get("id") in UNSUITABLE_IDS,
            "given_categories": _given_categories(state, request),
            "instances": known_instances(state.folder, self._environment) if step == "reports" else {},
            "path": "" if state.draft is None else str(layer_path(state)),
            "questions": _questions(state, page.language) if step == "question" else [],
            "settings": self._map_settings(page.language, checked) if step == "objects" else None,
            **_of_service(state, page.language),
        }
        said = {name: _in_language(error, page.language) for name, error in errors.items()}
        return self._render(f"setup/{step}.html", page, state, step=step, errors=said, **values)

    def wait(self, page: PageRequest, state: SetupState) -> bytes:
        """Return the page that shows the progress of an inspection."""
        step: Step = "address" if state.service is None else "type"
        parts = {name: said.in_language(page.language) for name, said in PARTS.items()}
        return self._render("setup/wait.html", page, state, step=step, progress=state.progress, parts=parts)

    def failed(self, page: PageRequest, state: SetupState, reason: str) -> bytes:
        """Return a page that says why a file could not be written or read."""
        shown = _of_service(state, page.language)
        return self._render("setup/failed.html", page, state, step="save", reason=reason, **shown)

    def unsaved(self, page: PageRequest, state: SetupState) -> bytes:
        """Return the page that asks whether to end without a saved layer."""
        return self._render("setup/unsaved.html", page, state, step="save", **_of_service(state, page.language))

    def ended(self, page: PageRequest, state: SetupState) -> bytes:
        """Return the last page."""
        return self._render("setup/ended.html", page, state, step="question", saved=state.saved)

    def _render(self, template: str, page: PageRequest, state: SetupState, *, step: Step, **values: object) -> bytes:
        shown: dict[str, object] = {
            "state": state,
            "step": step,
            "steps": _links(state, step),
            "errors": {},
            "command": self._command,
            "folder_argument": shlex.quote(str(state.folder)),
            "category_groups": _categories(state),
            "file_text": composed_layer(state, page.language).text if step in _AFTER_SERVICE and state.draft else "",
            "printable": printable,
            "new_instance": NEW_INSTANCE,
            "no_login": NO_LOGIN,
            "kept_login": KEPT_LOGIN,
            **values,
        }
        return self._renderer.render(template, page, **shown)

    def _map_settings(self, language: Language, checked: CheckedLayer | None) -> dict[str, Any]:
        layer = None if checked is None else checked.layer
        return {
            **map_settings(language, self._tiles),
            "layer": {
                "id": "" if layer is None else layer.id,
                "title": "" if layer is None else layer.title,
                "attribution": "" if layer is None else layer.attribution,
                "typeField": None if layer is None else type_field(layer),
                "kinds": [],
                "nameField": None if layer is None else name_field(layer),
                "mark": _mark(layer),
            },
        }


def _warnings(checked: CheckedLayer, language: Language) -> Iterator[str]:
    """Yield what to change about the file, without its place: nobody wrote it by hand. No id has its own sentence."""
    for each in checked.warnings:
        if each.code != "no_key":
            yield as_sentence(advice(each, language))


def _in_language(error: str | Text, language: Language) -> str:
    return text_of(language, error) if isinstance(error, str) else error.in_language(language)


def _links(state: SetupState, current: Step) -> list[StepLink]:
    at = STEPS.index(current)
    return [
        StepLink(
            name=step,
            place="current" if number == at else "done" if number < at else "later",
            open=state.may_visit(step) and not state.inspecting,
        )
        for number, step in enumerate(STEPS)
    ]


def _given(step: Step, state: SetupState, request: SetupRequest | None) -> Mapping[str, str]:
    """Return what the controls of a form show: what was sent with an error, or else what was chosen before.

    A secret is never sent back.
    """
    if request is not None:
        sent = {name: request.one(name) for name in request.form if name not in {"secret", "signalen_token"}}
        return {**sent, "address": without_login(sent["address"])} if "address" in sent else sent
    draft = state.draft
    if step == "address" or draft is None:
        return {"address": state.address, **_given_login(state)}
    new = bool(state.signalen_url)
    return {
        "title": draft.title,
        "id": draft.id_field or "",
        "mark": "" if draft.mark is None else draft.mark.field,
        "signalen": NEW_INSTANCE if new and draft.signalen else draft.signalen,
        "signalen_url": state.signalen_url,
        "categories": ", ".join(draft.categories),
        "name": draft.id,
        "public_url": state.public_url,
    }


def _given_login(state: SetupState) -> Mapping[str, str]:
    """Return what the controls for the credentials show: what was refused is typed again, but for its secret."""
    login = state.login
    if login is None:
        return {"login": NO_LOGIN}
    if state.diagnosis is None or not state.diagnosis.needs_login:
        return {"login": KEPT_LOGIN}
    public = {"user": login.public.get("username", "")}
    return {"login": login.kind, **public, **({"header": login.public["name"]} if login.kind == "header" else {})}


def _given_categories(state: SetupState, request: SetupRequest | None) -> list[str]:
    """Return what the controls for categories show, the last of them empty, for one more."""
    chosen = state.draft.categories if state.draft is not None else ()
    given = [text.strip() for text in request.several("categories")] if request is not None else list(chosen)
    return [*filter(None, given), ""]


def _categories(state: SetupState) -> list[tuple[str, list[SignalenCategory]]]:
    """Return the categories to choose from, by the slug of their main category."""
    by_main = sorted(state.categories, key=lambda category: (category.main_slug, category.name))
    return [(main, list(group)) for main, group in groupby(by_main, key=lambda category: category.main_slug)]


def _of_service(state: SetupState, language: Language) -> dict[str, object]:
    service, report, draft = state.service, state.report, state.draft
    diagnosis = state.diagnosis
    findings = (*(() if service is None else service.findings), *(() if report is None else report.findings))
    chosen = set() if draft is None else set(draft.fields)
    return {
        "diagnosis": "" if diagnosis is None else as_sentence(sentence(diagnosis, language)),
        "suggestions": diagnosis.suggestions if isinstance(diagnosis, Diagnosis) else (),
        "login_needed": diagnosis is not None and diagnosis.needs_login,
        "service": service,
        "report": report,
        "draft": draft,
        "technical": "" if diagnosis is None else technical(diagnosis),
        "findings": [ShownFinding.of(each, language) for each in findings],
        "offered_fields": [] if report is None else [each for each in report.fields if _offered(each)],
        "other_fields": [] if report is None else [each for each in report.fields if not _offered(each)],
        "other_ids": [] if report is None else _other_ids(report),
        "may_be_served": may_be_served,
        "chosen_fields": chosen,
    }


def _questions(state: SetupState, language: Language) -> list[ShownQuestion]:
    """Return the question for each form; none while the public address is unknown."""
    if state.layer is None or not state.public_url or address_problem(state.public_url) is not None:
        return []
    return [shown_question(state.layer, form, state.public_url, language) for form in FORMS]


def _other_ids(report: TypeReport) -> list[FieldReport]:
    """Return the fields that were not proposed as id, but may be chosen: it becomes an output field."""
    proposed = {each.name for each in report.ids}
    return [
        each
        for each in report.fields
        if each.name not in proposed and may_be_served(each.name) and each.role not in ("nested", "empty", "personal")
    ]


def _offered(field: FieldReport) -> bool:
    return field.role is None and may_be_served(field.name)


def _mark(layer: Layer | None) -> dict[str, object] | None:
    if layer is None or layer.reports is None:
        return None
    rule = layer.reports.mark[0]
    return {"property": rule.property, "value": rule.reported}


def _served_table(state: SetupState, checked: CheckedLayer, language: Language) -> ServedTable | None:
    converted = served_objects(checked.layer, state.sample)
    if converted is None:
        return None
    features = orjson.loads(converted.geojson)["features"][:_SHOWN_OBJECTS]
    names = tuple(dict.fromkeys(name for feature in features for name in feature["properties"]))
    rows = tuple(
        ServedRow(
            name=name,
            values=tuple(_shown(feature["properties"].get(name)) for feature in features),
            meaning=_meaning(name, checked.layer, language),
        )
        for name in names
    )
    left_out = sum(converted.report.skipped.values())
    return ServedTable(rows=rows, served=converted.served, left_out=left_out)


def _meaning(name: str, layer: Layer | None, language: Language) -> str:
    """Return what a mark says; "" for another property."""
    reports = layer.reports if layer is not None else None
    rule = next((each for each in reports.mark if each.property == name), None) if reports is not None else None
    if rule is None:
        return ""
    code = "mark_as_text" if isinstance(rule.reported, str) else "mark_as_number"
    values = {"reported": _shown(rule.reported), "otherwise": _shown(rule.otherwise)}
    return text_of(language, code, **values)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return printable(value if isinstance(value, str) else orjson.dumps(value).decode())
