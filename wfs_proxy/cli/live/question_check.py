"""Compare the questions that Signalen asks with the layer that they are for. Pure."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from wfs_proxy.cli.live.findings import LiveFinding, finding, of_question
from wfs_proxy.cli.own_command import own_command
from wfs_proxy.config import Layer, Severity
from wfs_proxy.question import Form, QuestionFinding, check_question, layer_path

__all__ = ["SIGNALEN_FORMS", "Municipality", "Question", "check_questions"]

Question = Mapping[str, Any]
"""A row of `public/questions`: key, field_type, required and meta, any JSON."""

_FIRST_FORM: Form = "signalen"

SIGNALEN_FORMS: tuple[Form, ...] = (_FIRST_FORM, "wcag")

_ELSEWHERE = frozenset({"endpoint_elsewhere"})
"""Findings of the general check about what is checked here in more detail."""

_LAYER_IN_PATH = re.compile(r"/layers/([^/]+)(/|$)")


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """A question, and the layer that it fetches."""

    question: Question
    layer_id: str | None
    """None: it does not fetch from a proxy such as this."""


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """What questions are compared with beside their layer."""

    forms: tuple[Form, ...] = SIGNALEN_FORMS
    """The forms that the municipality uses. Of several, what matters in the newer one only is a notice: most use the
    first one."""

    public_url: str = ""
    """The public address of the proxy; "" if it is not known."""

    layer_ids: tuple[str, ...] = ()
    """Of all layers."""


def check_questions(
    layer: Layer,
    questions: Mapping[str, Sequence[Question]],
    features: Sequence[Mapping[str, Any]],
    municipality: Municipality,
) -> Iterator[LiveFinding]:
    """Yield what is wrong with the questions of a layer's categories.

    Args:
        layer: from its file.
        questions: slug of a category of the layer -> the questions that Signalen asks in it.
        features: GeoJSON features as they are served; empty: as the layer file says.
        municipality: its forms, layers and address of the proxy.
    """
    objects = _with_a_report(layer, features)
    own: list[Question] = []
    without: list[LiveFinding] = []
    for category, asked in questions.items():
        maps = [_Checked(question=each, layer_id=_layer_of(each)) for each in asked if _has_map(each)]
        found = [each.question for each in maps if each.layer_id == layer.id or not _endpoint(each.question)]
        own += [question for question in found if question not in own]
        if not found:
            without.append(_without(layer, category, maps, municipality.layer_ids))
    # one category with the question is enough: the others may be for reports without an object
    yield from (replace(each, severity="notice") if own and each.severity == "warning" else each for each in without)
    for question in own:
        yield from _of_endpoint(layer, question, municipality.public_url)
        yield from _in_forms(layer, question, objects, municipality.forms)


def _with_a_report(layer: Layer, features: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the features with the first one as if it were reported, so that the values of marks are compared too."""
    if layer.reports is None or not features:
        return features
    marks = {rule.property: rule.reported for rule in layer.reports.mark}
    return [{**features[0], "properties": {**features[0]["properties"], **marks}}, *features[1:]]


def _has_map(question: Question) -> bool:
    meta = question.get("meta")
    return isinstance(meta, Mapping) and bool(meta.get("endpoint") or meta.get("featureTypes"))


def _without(layer: Layer, category: str, maps: Sequence[_Checked], layer_ids: Sequence[str]) -> LiveFinding:
    """Return what a category has instead of a question that fetches the layer."""
    where = "meta.endpoint"
    details = {"category": category, "layer": layer.id, "command": own_command(sys.argv[0])}
    if not maps:
        return finding("warning", "question_missing", "question", "reports.categories", **details)
    ours = [each for each in maps if each.layer_id is not None]
    chosen = next((each for each in ours if each.layer_id not in layer_ids), (ours or maps)[0])
    key = str(chosen.question.get("key"))
    if chosen.layer_id is None:
        host = _host_of(_endpoint(chosen.question))
        return finding("warning", "question_elsewhere", "question", where, question=key, host=host, **details)
    # two layers may share a category; a layer that does not exist is one that was renamed
    severity: Severity = "notice" if chosen.layer_id in layer_ids else "error"
    code = "question_of_other_layer"
    return finding(severity, code, "question", where, question=key, given=chosen.layer_id, **details)


def _of_endpoint(layer: Layer, question: Question, public_url: str) -> Iterator[LiveFinding]:
    """Yield where the endpoint differs from the address at which the layer is served."""
    endpoint, key = _endpoint(question), str(question.get("key"))
    if not endpoint:
        return
    address = public_url.rstrip("/")
    if address and not endpoint.startswith(f"{address}/"):
        details = {"address": address}
        yield finding("error", "endpoint_other_address", "question", "meta.endpoint", question=key, **details)
    path, served = _path_of(endpoint), f"{layer_path(layer.id)}/features"
    if not path.endswith(served):
        details = {"path": path, "served": served}
        yield finding("error", "endpoint_path", "question", "meta.endpoint", question=key, **details)


def _in_forms(
    layer: Layer, question: Question, features: Sequence[Mapping[str, Any]], forms: Sequence[Form]
) -> Iterator[LiveFinding]:
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[QuestionFinding, list[Form]]] = {}
    for form in forms:
        for each in check_question(question, layer, form, features=features):
            identity = (each.code, each.where, tuple(sorted(each.details.items())))
            found.setdefault(identity, (each, []))[1].append(form)
    for each, in_forms in found.values():
        if each.code in _ELSEWHERE:
            continue
        everywhere = len(in_forms) == len(forms)
        severity: Severity = each.severity if everywhere or _FIRST_FORM in in_forms else "notice"
        yield of_question(each, str(question.get("key")), () if everywhere else tuple(in_forms), severity)


def _endpoint(question: Question) -> str:
    """Return the endpoint of a question; "" for one without a map."""
    meta = question.get("meta")
    endpoint = meta.get("endpoint") if isinstance(meta, Mapping) else None
    return endpoint if isinstance(endpoint, str) else ""


def _layer_of(question: Question) -> str | None:
    found = _LAYER_IN_PATH.search(_path_of(_endpoint(question)))
    return None if found is None else unquote(found[1])


def _path_of(endpoint: str) -> str:
    try:
        return urlsplit(endpoint).path
    except ValueError:
        return ""


def _host_of(endpoint: str) -> str:
    try:
        return urlsplit(endpoint).hostname or "-"
    except ValueError:
        return "-"
