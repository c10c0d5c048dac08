"""`wfs-proxy question`: what to paste on standard output, and what to do with it on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.config import (
    LAYER_SUFFIXES,
    Catalogue,
    Language,
    Layer,
    Text,
    load_catalogue,
    load_layer_file,
    nearest,
)
from wfs_proxy.question import (
    Form,
    LayerQuestion,
    QuestionFinding,
    address_problem,
    check_question,
    finding_line,
    layer_question,
    obstacles,
)

__all__ = ["PrintedQuestion", "QuestionRefused", "print_question"]

_NO_LAYER = Text(
    "Er is geen laag {layer} in {folder}; wel: {names}.", "There is no layer {layer} in {folder}; there are: {names}."
)
_NEAR_LAYER = Text(
    "Er is geen laag {layer} in {folder}; bedoelt u {names}?",
    "There is no layer {layer} in {folder}; did you mean {names}?",
)
_NOT_SERVED = Text(
    "De proxy biedt deze laag nog niet aan; stel eerst in: {missing}.",
    "The proxy does not serve this layer yet; set first: {missing}.",
)


@dataclass(frozen=True, kw_only=True)
class QuestionRefused:
    """There is no question."""

    reasons: tuple[str, ...]
    exit_code: int
    """1: the layer file must change; 2: the command was used wrongly."""


@dataclass(frozen=True, kw_only=True)
class PrintedQuestion:
    """A question, and what is wrong with it."""

    question: LayerQuestion
    findings: tuple[QuestionFinding, ...]
    missing: tuple[str, ...] = ()
    """The variables without which the layer is not served."""

    @property
    def pasted(self) -> bytes:
        """The JSON text to paste, in UTF-8."""
        return json.dumps(self.question.pasted, indent=2, ensure_ascii=False).encode() + b"\n"

    def lines(self, language: Language) -> Iterator[str]:
        """Yield what to do with it, what to know, and what is wrong."""
        yield self.question.instruction.in_language(language)
        for note in self.question.notes:
            yield note.in_language(language)
        if self.missing:
            yield _NOT_SERVED.filled_in({"missing": ", ".join(self.missing)}).in_language(language)
        for finding in self.findings:
            yield finding_line(finding, language)


def print_question(  # noqa: PLR0913 - what the command was given
    layer_id: str, form: Form, *, public_url: str, folder: Path, environment: Mapping[str, str], language: Language
) -> PrintedQuestion | QuestionRefused:
    """Return the question of a layer, or why there is none.

    Raises:
        ConfigurationError: the layer's file has errors.
    """
    catalogue = _catalogue(layer_id, folder, environment)
    waiting = catalogue.unconfigured_layers.get(layer_id)
    layer = catalogue.get(layer_id) or (waiting.layer if waiting is not None else None)
    if layer is None:
        reason = _no_layer(layer_id, folder, catalogue)
        return QuestionRefused(reasons=(reason.in_language(language),), exit_code=2)
    missing = waiting.missing if waiting is not None else ()
    return _of_layer(layer, form, public_url, language, missing)


def _no_layer(layer_id: str, folder: Path, catalogue: Catalogue) -> Text:
    """Return why a layer has no question: its file waits for more than its address, or there is no such layer."""
    waiting = catalogue.unconfigured_layers
    if layer_id in waiting:
        return _NOT_SERVED.filled_in({"missing": ", ".join(waiting[layer_id].missing)})
    names = (*catalogue, *waiting)
    meant = nearest(layer_id, names)
    details = {"layer": layer_id, "folder": str(folder), "names": meant or ", ".join(names)}
    return (_NO_LAYER if meant is None else _NEAR_LAYER).filled_in(details)


def _catalogue(layer_id: str, folder: Path, environment: Mapping[str, str]) -> Catalogue:
    """Return the layer alone if a file has its name, so that errors in other files do not matter; else all layers.

    No request is sent, so a layer may wait for its address.
    """
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    for name in (f"{layer_id}{suffix}" for suffix in LAYER_SUFFIXES):
        if name in names:
            catalogue = load_layer_file(folder / name, environment, needs_address=False)
            if layer_id in catalogue:
                return catalogue
    return load_catalogue(folder, environment)


def _of_layer(
    layer: Layer, form: Form, public_url: str, language: Language, missing: tuple[str, ...]
) -> PrintedQuestion | QuestionRefused:
    reasons = tuple(reason.in_language(language) for reason in obstacles(layer, form, public_url))
    if reasons:
        return QuestionRefused(reasons=reasons, exit_code=2 if address_problem(public_url) is not None else 1)
    question = layer_question(layer, form, public_url)
    findings = check_question(question.members, layer, form)
    return PrintedQuestion(question=question, findings=findings, missing=missing)
