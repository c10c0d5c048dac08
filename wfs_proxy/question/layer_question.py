"""The question of a layer for one of the report forms, with what an administrator does with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from wfs_proxy.config import Layer, Text, advice, form_problems
from wfs_proxy.question.addresses import address_problem
from wfs_proxy.question.marks import mark_of_status, mark_of_type
from wfs_proxy.question.meldingen import asset_type, icon_property
from wfs_proxy.question.signalen import signalen_question
from wfs_proxy.question.texts import INSTRUCTIONS, NOTES, OBSTACLES

__all__ = ["FORMS", "Form", "LayerQuestion", "layer_question", "obstacles"]

Form = Literal["signalen", "wcag", "meldingen"]
"""Signalen's first form, its newer one, and Amsterdam's Meldingen."""

FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True, kw_only=True)
class LayerQuestion:
    """A question that is complete, and the sentences that belong to it."""

    form: Form
    members: Mapping[str, Any]
    """The question as Signalen has it (key, field_type, required, meta), or the asset type of Meldingen."""

    instruction: Text
    notes: tuple[Text, ...]

    @property
    def pasted(self) -> Mapping[str, Any]:
        """What an administrator pastes: the field `meta` of Signalen, or the asset type."""
        meta: Mapping[str, Any] = self.members.get("meta", self.members)
        return meta


def obstacles(layer: Layer, form: Form, public_url: str) -> tuple[Text, ...]:
    """Return why there is no question for this layer, form and public address; empty if there is one."""
    found = []
    address = address_problem(public_url)
    if address is not None:
        found.append(address)
    if form == "meldingen":
        return (*found, *([OBSTACLES["no_text"]] if icon_property(layer) is None else []))
    found += [
        Text(f"{layer.id}: {advice(problem, 'nl')}", f"{layer.id}: {advice(problem, 'en')}")
        for problem in form_problems(layer)
    ]
    return tuple(found)


def layer_question(layer: Layer, form: Form, public_url: str) -> LayerQuestion:
    """Return the question of a layer for a form. There are no `obstacles`.

    Args:
        layer: from its file.
        form: the form that the question is for.
        public_url: the public address of the proxy.
    """
    address = public_url.rstrip("/")
    if form == "meldingen":
        members = asset_type(layer, public_url=address)
        notes = tuple(_notes_of_meldingen(layer, members["arguments"], address))
        return LayerQuestion(form=form, members=members, instruction=INSTRUCTIONS["meldingen"], notes=notes)
    members = signalen_question(layer, public_url=address, status_types=form == "signalen")
    return LayerQuestion(
        form=form, members=members, instruction=_instruction(layer, members), notes=tuple(_notes(layer, form))
    )


def _instruction(layer: Layer, members: Mapping[str, Any]) -> Text:
    categories = ", ".join(layer.reports.categories) if layer.reports is not None else ""
    any_category = INSTRUCTIONS["no_categories"]
    template = INSTRUCTIONS["signalen"]
    given = {"key": members["key"], "field_type": "AssetSelect"}
    return Text(
        template.nl.format(**given, categories=categories or any_category.nl),
        template.en.format(**given, categories=categories or any_category.en),
    )


def _notes(layer: Layer, form: Form) -> Iterator[Text]:
    mark = mark_of_type(layer)
    if mark is None:
        yield NOTES["no_marks"]
        return
    if form == "signalen" and mark_of_status(layer) is None:
        yield NOTES["no_status"]
    if form == "signalen" and mark.reported == "reported":
        yield NOTES["blocks"].filled_in({"property": mark.property})


def _notes_of_meldingen(layer: Layer, arguments: Mapping[str, Any], public_url: str) -> Iterator[Text]:
    entry = arguments["icon_entry"]
    marks = {rule.property: str(rule.reported) for rule in layer.reports.mark} if layer.reports is not None else {}
    yield NOTES["icon_files"].filled_in(
        {
            "folder": arguments["icon_folder"],
            "example": marks.get(entry, "...").lower(),
            "entry": entry,
            "icons": f"{public_url}/icons/",
        }
    )
    if marks:
        yield NOTES["marks_by_icon"]
