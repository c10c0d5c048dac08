"""The rules for a question of Signalen that its text alone decides, without the objects of the layer.

Sources: facts of both forms as in `signalen.py`. A rule yields findings and never raises: the question comes from a
database in which anybody may have typed anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from wfs_proxy.question.addresses import host_of, is_internal, is_this_machine
from wfs_proxy.question.findings import QuestionFinding, error, warning
from wfs_proxy.question.javascript import is_truthy

__all__ = ["TEMPLATES", "SignalenForm", "entries_of", "rules_of_text", "templates_in"]

SignalenForm = Literal["signalen", "wcag"]

_FIELD_TYPES = {
    "signalen": {"asset_select", "streetlight_select", "clock_select", "caterpillar_select"},
    "wcag": {"asset_select"},
}

_PLACEHOLDERS = ("{west}", "{south}", "{east}", "{north}")
_OLD_PLACEHOLDERS = ("{{bboxLatLng}}", "{{bboxLngLat}}", "{{srsName}}")

TEMPLATES = re.compile(r"\{\{.+?\}\}")
"""As in both forms (`parseTemplateString.ts`)."""

_SHIPPED_BY_WCAG = re.compile(
    r"/assets/images/(afval/(bread|gft|glas|paper|plastic|rest|textile)|groen_water/tree|hectometer-marker"
    r"|feature-(default|selected|unknown)-marker"
    r"|openbare_verlichting/(gevelarmatuur|grachtmast|klok|overig|overspanning|schijnwerper))\.svg"
)
"""The pictures that the newer form has (delta10/signalen-frontend-wcag@32b53d7)."""


def rules_of_text(question: Mapping[str, Any], form: SignalenForm) -> Iterator[QuestionFinding]:
    """Yield what is wrong with the text of a question.

    Args:
        question: with key, field_type, required and meta, as `public/questions` gives it.
        form: the form that shows it.
    """
    if str(question.get("field_type")) not in _FIELD_TYPES[form]:
        yield error("field_type", "field_type", given=str(question.get("field_type")))
    meta = question.get("meta")
    if not isinstance(meta, Mapping):
        yield error("meta_type", "meta")
        return
    yield from _endpoint(meta.get("endpoint"), form)
    yield from _language(meta, form)
    if not entries_of(meta, "featureTypes"):
        yield error("no_feature_types", "meta.featureTypes")
    for index, entry in enumerate(entries_of(meta, "featureTypes")):
        yield from _entry(entry, f"meta.featureTypes[{index}]", form)
    yield from _order(entries_of(meta, "featureTypes"))
    yield from _status_types(meta, form)


def entries_of(meta: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the entries of featureTypes or featureStatusTypes that are mappings."""
    entries = meta.get(name)
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def templates_in(description: object) -> list[str]:
    """Return the templates of a description, with their braces."""
    return TEMPLATES.findall(description) if isinstance(description, str) else []


def _endpoint(endpoint: object, form: SignalenForm) -> Iterator[QuestionFinding]:
    where = "meta.endpoint"
    if not isinstance(endpoint, str) or not endpoint:
        yield error("endpoint_missing", where)
        return
    yield from _address(endpoint, where, "endpoint")
    if (host := host_of(endpoint)) and is_internal(host) and not is_this_machine(host):
        yield warning("endpoint_internal", where, given=host)
    if any(old in endpoint for old in _OLD_PLACEHOLDERS):
        yield error("endpoint_old_placeholder", where)
    elif absent := [name for name in _PLACEHOLDERS if name not in endpoint]:
        yield error("endpoint_no_box", where, names=" ".join(absent))
    if form == "wcag" and (repeated := [name for name in _PLACEHOLDERS if endpoint.count(name) > 1]):
        yield error("endpoint_repeated", where, names=" ".join(repeated))


def _address(address: str, where: str, what: str) -> Iterator[QuestionFinding]:
    """Check that a browser of somebody else can use an address."""
    host = host_of(address)
    if not host:
        yield error(f"{what}_relative", where, given=address)
    elif is_this_machine(host):
        yield error(f"{what}_this_machine", where, given=host)
    elif address.lower().startswith("http:") and what == "endpoint":
        yield warning("endpoint_insecure", where)


def _language(meta: Mapping[str, Any], form: SignalenForm) -> Iterator[QuestionFinding]:
    if isinstance(meta.get("language"), Mapping):
        return
    if form == "wcag":
        yield error("language_missing", "meta.language")
    else:
        yield warning("language_default", "meta.language")


def _entry(entry: Mapping[str, Any], where: str, form: SignalenForm) -> Iterator[QuestionFinding]:
    if not isinstance(entry.get("idField"), str) or not entry["idField"]:
        yield error("id_field_missing", f"{where}.idField")
    if "typeField" in entry and "typeValue" not in entry:
        yield error("type_value_missing", f"{where}.typeValue", field=str(entry["typeField"]))
    if "typeValue" in entry and "typeField" not in entry:
        yield error("type_field_missing", f"{where}.typeField")
    if not entry.get("label"):
        yield warning("label_missing", f"{where}.label")
    yield from _icon(entry.get("icon"), f"{where}.icon", form)
    yield from _description(entry.get("description"), f"{where}.description", form)


def _icon(icon: object, where: str, form: SignalenForm) -> Iterator[QuestionFinding]:
    address = icon.get("iconUrl") if isinstance(icon, Mapping) else None
    if form == "wcag" and not isinstance(icon, Mapping):
        yield error("icon_missing", where)
    elif not isinstance(address, str) or not address:
        yield warning("icon_default", where)
    elif address.startswith("/") and not address.startswith("//"):
        if form == "wcag" and not _SHIPPED_BY_WCAG.fullmatch(address):
            yield error("icon_not_shipped", f"{where}.iconUrl", given=address)
    else:
        yield from _address(address, f"{where}.iconUrl", "icon")


def _description(description: object, where: str, form: SignalenForm) -> Iterator[QuestionFinding]:
    templates = templates_in(description)
    for template in templates:
        if not template[:-2].endswith(" "):
            yield error("template_no_space", where, template=template, better=f"{{{{ {template[2:-2].strip()} }}}}")
        if "." in template:
            yield error("template_dot", where, template=template)
    if form == "wcag" and isinstance(description, str) and templates:
        before, dash, _ = description.partition(" - ")
        if not dash or "-" in before or "{{" in before:
            yield warning("description_no_dash", where, given=description)


def _order(entries: Sequence[Mapping[str, Any]]) -> Iterator[QuestionFinding]:
    for index, entry in enumerate(entries[:-1]):
        rest = [each for each in entries[index + 1 :] if each.get("typeValue") != "not-on-map"]
        if "typeField" not in entry and "typeValue" not in entry and rest:
            yield error("all_not_last", f"meta.featureTypes[{index}]")
            return


def _status_types(meta: Mapping[str, Any], form: SignalenForm) -> Iterator[QuestionFinding]:
    entries = entries_of(meta, "featureStatusTypes")
    if form == "wcag":
        if entries:
            yield warning("status_ignored", "meta.featureStatusTypes")
        return
    for index, entry in enumerate(entries):
        where = f"meta.featureStatusTypes[{index}]"
        values = entry.get("statusValues")
        if not is_truthy(entry.get("typeValue", "")):
            yield error("status_type_value", f"{where}.typeValue")
        icon = entry.get("icon")
        if not isinstance(icon, Mapping):
            yield error("status_icon_missing", f"{where}.icon")
        if not isinstance(values, list):
            yield error("status_values_missing", f"{where}.statusValues")
        elif any(not is_truthy(value) for value in values):
            yield error("status_values_falsy", f"{where}.statusValues")
        if not entry.get("statusField"):
            yield error("status_field_missing", f"{where}.statusField")
        elif entry["statusField"] != entries[0].get("statusField"):
            yield error("status_field_other", f"{where}.statusField", field=str(entries[0].get("statusField")))
