"""The text of a layer file, with comments in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from wfs_proxy.config import Language, Text, scalar
from wfs_proxy.inspect.findings import LEFT_OUT
from wfs_proxy.inspect.proposal import LayerDraft
from wfs_proxy.inspect.report import FieldReport, Finding, IdCandidate, TypeReport
from wfs_proxy.inspect.texts import reading_line, sentence
from wfs_proxy.inspect.yaml_text import comment, flow_list

__all__ = ["COMMENTS", "layer_text"]

_ALL = 0.9995
"""Share from which a field counts as filled everywhere."""

_TYPES_KEYS = {"wfs": "type_names", "ogcapi": "collections"}
"""Kind of source -> the key with the names of its types."""

COMMENTS = {
    "made": Text(
        "{title}: gemaakt met wfs-proxy uit {address}. Alleen de velden onder `fields` worden openbaar. "
        "Controleer met `wfs-proxy check`",
        "{title}: made by wfs-proxy from {address}. Only the fields under `fields` become public. Check with "
        "`wfs-proxy check`",
    ),
    "attention": Text("Let op. {finding}", "Note: {finding}"),
    "extent": Text("west, zuid, oost, noord in graden", "west, south, east, north in degrees"),
    "no_extent": Text(
        "extent: [west, zuid, oost, noord] is het gebied van de objecten in graden; vul het in als u het weet",
        "extent: [west, south, east, north] is the area of the objects in degrees; fill it in if you know it",
    ),
    "reading": Text("coördinaten van de leverancier: {reading}", "coordinates of the vendor: {reading}"),
    "cells": Text("zoveel objecten worden per stuk van de kaart opgehaald", "so many objects are fetched part by part"),
    "cells_uncounted": Text(
        "hoeveel objecten er zijn, telt de leverancier niet; ze worden per stuk van de kaart opgehaald",
        "how many objects there are, the vendor does not count; they are fetched part by part",
    ),
    "id": Text("uniek in de {objects} bekeken objecten", "unique in the {objects} objects that were looked at"),
    "id_stable": Text("bij een tweede aanvraag hetzelfde", "the same in a second request"),
    "id_not_unique": Text(
        "{distinct} verschillende waarden in {objects} objecten", "{distinct} different values in {objects} objects"
    ),
    "feature_id": Text(
        "geen `id`: de id die de leverancier aan elk object geeft, wordt gebruikt",
        "no `id`: the id that the vendor gives to each object is used",
    ),
    "place_id": Text(
        "geen `id`: geen veld is geschikt, dus de plaats van een object is zijn id",
        "no `id`: no field is suitable, so the place of an object is its id",
    ),
    "filled": Text("{share} % gevuld", "{share} % filled"),
    "empty": Text("Zonder waarden: {names}", "Without values: {names}"),
    "nested": Text("Weggelaten, want dit zijn samengestelde waarden: {names}", "Left out, nested values: {names}"),
    "unchosen": Text("Niet opgenomen: {names}", "Not included: {names}"),
    "reports": Text(
        "Om ook objecten te markeren die in Signalen al gemeld zijn: haal de # weg, vul de subcategorie in en zet het "
        "adres van Signalen in signalen.yaml",
        "To also mark objects that have already been reported in Signalen: remove the #, fill in the sub category, and "
        "put the address of Signalen into signalen.yaml",
    ),
}  # fmt: skip
"""The comments of a layer file."""


def layer_text(draft: LayerDraft, report: TypeReport, shown_url: str, language: Language) -> str:
    """Return the content of a layer file.

    Args:
        draft: the settings.
        report: of the type, for the comments.
        shown_url: the address without secrets, for the comments.
        language: of the comments.
    """
    return "".join(_Writer(draft, report, shown_url, language).lines())


class _Writer:
    """Yields the parts of one file."""

    def __init__(self, draft: LayerDraft, report: TypeReport, shown_url: str, language: Language) -> None:
        self._draft = draft
        self._report = report
        self._shown_url = shown_url
        self._language = language

    def lines(self) -> Iterator[str]:
        draft = self._draft
        yield comment(self._say("made", title=draft.title, address=self._shown_url))
        for finding in self._report.findings:
            if finding.severity != "notice":
                yield comment(self._say("attention", finding=sentence(finding, self._language)))
        yield f"title: {scalar(draft.title)}\n"
        if draft.attribution:
            yield f"attribution: {scalar(draft.attribution)}\n"
        yield from self._source()
        if draft.cells:
            yield f"fetch:\n  mode: cells # {self._say('cells' if self._report.count else 'cells_uncounted')}\n"
        yield from self._properties()
        yield from self._reports()

    def _say(self, code: str, **details: str) -> str:
        return COMMENTS[code].filled_in(details).in_language(self._language)

    def _source(self) -> Iterator[str]:
        draft = self._draft
        place = "path" if draft.kind == "file" else "url"
        yield f"source:\n  type: {draft.kind}\n  {place}: {scalar(draft.url, placeholders='${file:' in draft.url)}\n"
        if draft.version is not None:
            yield f"  version: {draft.version}\n"
        yield from self._types()
        if draft.output_format is not None:
            yield f"  output_format: {scalar(draft.output_format)}\n"
        yield from self._place()
        if draft.page_size is not None:
            yield f"  page_size: {draft.page_size}\n"
        if draft.sort_by is not None:
            yield f"  sort_by: {scalar(draft.sort_by)}\n"
        if draft.auth:
            items = [f"{name}: {scalar(text, placeholders='${file:' in text)}" for name, text in draft.auth.items()]
            yield f"  auth: {{{', '.join(items)}}}\n"

    def _types(self) -> Iterator[str]:
        names = self._draft.type_names
        if not names:
            return
        if self._draft.kind == "arcgis":
            yield _with_comment(f"  layers: [{', '.join(names)}]", self._report.title)
        elif self._draft.kind == "file":
            yield f"  layer: {scalar(names[0])}\n"
        else:
            yield f"  {_TYPES_KEYS[self._draft.kind]}: {flow_list(names)}\n"

    def _place(self) -> Iterator[str]:
        extent, crs = self._draft.extent, self._report.crs
        if extent is None:
            yield comment(self._say("no_extent"), "  ")
        else:
            yield f"  extent: [{', '.join(f'{side:g}' for side in extent)}] # {self._say('extent')}\n"
        if crs is not None and crs.reading:
            yield comment(self._say("reading", reading=reading_line(crs.reading, self._language)), "  ")

    def _properties(self) -> Iterator[str]:
        draft = self._draft
        yield "properties:\n"
        chosen = next((each for each in self._report.ids if each.name == draft.id_field), None)
        if draft.id_field is None:
            yield comment(self._say("place_id" if chosen is None else "feature_id"), "  ")
        else:
            yield _with_comment(f"  id: {scalar(draft.id_field)}", self._about_id(chosen))
        fields = {each.name: each for each in self._report.fields}
        if draft.fields:
            yield "  fields:\n"
        for name in draft.fields:
            field = fields.get(name)
            kind = "string" if field is None else field.type
            yield _with_comment(f"    {scalar(name)}: {kind}", "" if field is None else self._about_field(field))
        yield from self._left_out()

    def _about_id(self, chosen: IdCandidate | None) -> str:
        if chosen is None:
            return ""
        numbers = {"objects": str(chosen.objects), "distinct": str(chosen.distinct)}
        text = self._say("id" if chosen.unique else "id_not_unique", **numbers)
        return f"{text}; {self._say('id_stable')}" if chosen.stable else text

    def _about_field(self, field: FieldReport) -> str:
        examples = ", ".join(field.examples)
        if field.filled < _ALL:
            examples = f"{self._say('filled', share=f'{field.filled * 100:.0f}')}: {examples}"
        return f"{field.title}; {examples}" if field.title else examples

    def _left_out(self) -> Iterator[str]:
        draft, report = self._draft, self._report
        for left_out in LEFT_OUT:
            names = [field.name for field in report.fields if field.role == left_out and field.name not in draft.fields]
            if names:
                finding = Finding(code=f"fields_{left_out}", severity="notice", details={"names": ", ".join(names)})
                yield comment(sentence(finding, self._language), "  ")
        for role in ("empty", "nested"):
            names = [field.name for field in report.fields if field.role == role and field.name not in draft.fields]
            if names:
                yield comment(self._say(role, names=", ".join(names)), "  ")
        others = [field.name for field in report.fields if field.role is None and field.name not in draft.fields]
        if others:
            yield comment(self._say("unchosen", names=", ".join(others)), "  ")

    def _reports(self) -> Iterator[str]:
        mark = self._draft.mark
        connected = bool(self._draft.signalen and self._draft.categories)
        if mark is None and not connected:
            yield comment(self._say("reports"))
            yield "# reports:\n"
            yield "".join(f"#   {line}\n" for line in self._of_signalen())
            return
        yield "reports:\n"
        if connected:
            yield "".join(f"  {line}\n" for line in self._of_signalen())
        if mark is not None:
            details = {"field": mark.field, "values": ", ".join(mark.reported)}
            finding = Finding(code="mark", severity="notice", details=details)
            yield comment(sentence(finding, self._language), "  ")
            values = ", ".join(f'"{text}"' if text.isalnum() else scalar(text) for text in mark.reported)
            yield f"  vendor: {{field: {scalar(mark.field)}, values: [{values}]}}\n"
        if not connected:
            yield comment(self._say("reports"), "  ")
            yield "".join(f"  # {line}\n" for line in self._of_signalen())

    def _of_signalen(self) -> Iterator[str]:
        draft = self._draft
        fields = f"fields: {flow_list([draft.id_field])}, " if draft.id_field is not None else ""
        yield f"signalen: {scalar(draft.signalen or 'default')}"
        yield f"categories: {flow_list(draft.categories or ['subcategorie'])}"
        yield f"match: {{{fields}within: 0.5m}}"


def _with_comment(line: str, text: str) -> str:
    shown = comment(text, width=10_000).strip()
    return f"{line} {shown}\n" if shown else f"{line}\n"
