"""Problems of a layer file (`Problem`, `FileProblem`), and their sentences for people (`render`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from wfs_proxy.config.messages import LAST_RESORT, TEXTS, Language, Text
from wfs_proxy.config.yaml12 import Keys

__all__ = [
    "SEVERITIES",
    "FileProblem",
    "Problem",
    "Remark",
    "Severity",
    "advice",
    "as_sentence",
    "path_of",
    "rank",
    "render",
]

Severity = Literal["error", "warning", "notice"]

SEVERITIES: Mapping[Severity, Text] = {
    "error": Text("fout", "error"),
    "warning": Text("waarschuwing", "warning"),
    "notice": Text("opmerking", "notice"),
}
"""The most severe first -> the word for it."""

_DID_YOU_MEAN = {"nl": 'bedoelt u "{}"?', "en": 'did you mean "{}"?'}
_POSSIBLE = {"nl": "mogelijk: {}", "en": "possible: {}"}
_BELONGS = {"nl": "deze hoort in het blok `{}`", "en": "it belongs in the block `{}`"}


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Information about a value that is not an error."""

    keys: Keys = ()
    """The path to the value: keys of mappings, indexes of lists; empty for the file as a whole."""

    code: str
    """The key of the sentence in `messages.TEXTS`."""

    details: Mapping[str, str] = field(default_factory=dict)
    """The values of the braces in the sentence."""


@dataclass(frozen=True, kw_only=True)
class Problem(Remark):
    """A value is wrong. Where it is in the file is not known yet."""

    nearest: str | None = None
    """The name that was probably intended."""

    allowed: tuple[str, ...] = ()
    """All names that are allowed here, if there is a fixed list."""

    belongs: str | None = None
    """The block that a misplaced key belongs in."""


@dataclass(frozen=True, kw_only=True)
class FileProblem(Problem):
    """A problem with its position in a file. Never contains the content of a variable."""

    file: str
    """The path of the file, as given by the caller."""

    line: int | None = None
    """Counted from 1; None for the file as a whole."""

    column: int | None = None
    """Counted from 1."""


def render(remark: Remark, language: Language = "nl") -> str:
    """Return one line: `file:line:column: path.of.keys: sentence; did you mean ...?`."""
    parts = [path_of(remark.keys), advice(remark, language)]
    if isinstance(remark, FileProblem):
        parts.insert(0, ":".join(str(part) for part in (remark.file, remark.line, remark.column) if part is not None))
    text = ": ".join(part for part in parts if part)
    # a file name may contain bytes that are not UTF-8, and a value may contain line breaks
    return " ".join(text.encode("utf-8", "replace").decode().split())


def advice(remark: Remark, language: Language) -> str:
    """Return the sentence with its hints, without its place."""
    text = TEXTS.get(remark.code, LAST_RESORT).filled_in(remark.details).in_language(language)
    return "; ".join([text, *_hints(remark, language)])


def as_sentence(text: str) -> str:
    """Return a message, which is a part of a line, as a sentence of its own."""
    end = "" if not text or text.endswith((".", "?")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}"


def rank(severity: Severity) -> int:
    """Return the place of a severity among all, to sort by: 0 for the most severe."""
    return tuple(SEVERITIES).index(severity)


def path_of(keys: Keys) -> str:
    """Return the path of a key as messages show it: reports.categories[0]."""
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return path.removeprefix(".")


def _hints(remark: Remark, language: Language) -> Iterator[str]:
    if not isinstance(remark, Problem):
        return
    if remark.belongs is not None:
        yield _BELONGS[language].format(remark.belongs)
        return
    if remark.nearest is not None:
        yield _DID_YOU_MEAN[language].format(remark.nearest)
    if remark.allowed:
        yield _POSSIBLE[language].format(", ".join(remark.allowed))
