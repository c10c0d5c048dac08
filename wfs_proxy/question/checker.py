"""Checks a question against a layer: the one that we print, and the one that Signalen or Meldingen really has.

Without served objects it takes those that the layer file promises (`sample_features.py`), so that it can also check a
layer that has no data, and marks while nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wfs_proxy.config import Layer, rank
from wfs_proxy.question.addresses import layer_path
from wfs_proxy.question.asset_type_rules import rules_of_asset_type
from wfs_proxy.question.findings import QuestionFinding, error, warning
from wfs_proxy.question.layer_question import Form
from wfs_proxy.question.rules import SignalenForm, entries_of, rules_of_text, templates_in
from wfs_proxy.question.sample_features import sample_features
from wfs_proxy.question.served_rules import rules_of_marks, rules_of_objects

__all__ = ["check_question"]


def check_question(
    question: Mapping[str, Any], layer: Layer, form: Form, *, features: Sequence[Mapping[str, Any]] = ()
) -> tuple[QuestionFinding, ...]:
    """Return what is wrong with a question, errors first.

    Args:
        question: of Signalen with key, field_type, required and meta, as `public/questions` gives it; or the asset type
            of Meldingen. Any JSON object.
        layer: the layer that it is for.
        form: the form that shows it.
        features: GeoJSON features as they are served; empty: as the layer file says.
    """
    samples = sample_features(layer)
    if form == "meldingen":
        found = rules_of_asset_type(question, features or samples, layer_id=layer.id)
    else:
        found = _rules_of_signalen(question, layer, form, features, samples)
    return tuple(sorted(found, key=lambda finding: rank(finding.severity)))


def _rules_of_signalen(
    question: Mapping[str, Any],
    layer: Layer,
    form: SignalenForm,
    features: Sequence[Mapping[str, Any]],
    samples: Sequence[Mapping[str, Any]],
) -> Iterator[QuestionFinding]:
    yield from rules_of_text(question, form)
    meta = question.get("meta")
    if not isinstance(meta, Mapping) or not entries_of(meta, "featureTypes"):
        return
    yield from rules_of_objects(meta, features or samples, form)
    yield from rules_of_marks(meta, layer, samples, form)
    yield from _of_layer(question, meta, layer, form)


def _of_layer(
    question: Mapping[str, Any], meta: Mapping[str, Any], layer: Layer, form: SignalenForm
) -> Iterator[QuestionFinding]:
    """Yield what the answers to the question would lack for the layer."""
    path = f"{layer_path(layer.id)}/"
    if isinstance(meta.get("endpoint"), str) and path not in meta["endpoint"]:
        yield warning("endpoint_elsewhere", "meta.endpoint", layer=layer.id, path=f"{path}features")
    if layer.reports is None:
        return
    key = str(question.get("key"))
    if not layer.reports.has_question(key):
        yield error("key_not_read", "key", keys=", ".join(layer.reports.question_keys), given=key)
    yield from _stored_ids(meta, layer, form)


def _stored_ids(meta: Mapping[str, Any], layer: Layer, form: SignalenForm) -> Iterator[QuestionFinding]:
    """Yield the fields whose value the form stores as the id of an object, but that reports are not matched with."""
    known = {*(layer.reports.match.fields if layer.reports is not None else ()), layer.properties.id_field}
    for index, entry in enumerate(entries_of(meta, "featureTypes")):
        templates = templates_in(entry.get("description")) if form == "wcag" else []
        stored = templates[0][2:-2].strip() if templates else entry.get("idField")
        if isinstance(stored, str) and stored in layer.properties.fields and stored not in known:
            yield warning("id_not_matched", f"meta.featureTypes[{index}]", field=stored)
