"""Parse YAML to plain values with their positions (YAML 1.2, core schema, section 10.3).

PyYAML's loaders implement YAML 1.1 and silently keep the last of two equal keys. This module composes values from the
events of its parser (libyaml), which have no types yet, by these rules:

- Only `true`, `false`, `null` and plain decimal numbers are not text. So `yes`, `no`, `on`, `off`, dates and `12:30`
  are text, as in the core schema. Unlike there, numbers with leading zeros, an exponent or a plus sign, and
  hexadecimal and octal numbers are text too: 034575, 12E4, 0x1F and +31 are object codes and telephone numbers. The
  model still converts them where it expects a number.
- Keys are text as written (`1:` is "1"); only `True` becomes "true".
- Duplicate keys, tags and undefined aliases are problems. All of them are collected.
- Aliases are copied, and each copy counts toward the limits. These bound the size of the result, not of the file.
- `${VAR:-a, b}` needs no quotes inside `{...}` and `[...]`, although braces and commas have a meaning there.

PyYAML's `compose()` is not an alternative. Its C version has no limit on nesting: 60 kB of brackets crash the process.
The nodes that it returns do not show where an alias was used or whether a key had an anchor, so that some messages
would point to the wrong line; and it stops at the first undefined alias and rejects an anchor that is defined again,
which YAML 1.2 allows.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import yaml

__all__ = ["MAX_BYTES", "Document", "Keys", "Mark", "YamlProblem", "read_yaml"]

Keys = tuple[str | int, ...]
"""The path to a value: keys of mappings, indexes of lists."""

MAX_BYTES = 1_000_000
_MAX_DEPTH = 20
_MAX_VALUES = 50_000

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,99})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,99})\.[0-9]{1,100}")

# YAML 1.2, section 5.1: c-printable, without the byte order mark
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}\n]*)?\}")
_FLOW_INDICATORS = "{}[],"
# private use characters, one for one, so that lines and columns do not change
_STAND_INS = "\uf8f0\uf8f1\uf8f2\uf8f3\uf8f4"
_HIDE = str.maketrans(_FLOW_INDICATORS, _STAND_INS)
_SHOW = str.maketrans(_STAND_INS, _FLOW_INDICATORS)

# part of a message of libyaml -> our code; the first match counts
_PROBLEMS = {
    "mapping values are not allowed": "yaml_colon",
    "did not find expected key": "yaml_indent",
    "did not find expected '-' indicator": "yaml_indent",
    "could not find expected ':'": "yaml_no_colon",
    "found unexpected end of stream": "yaml_quote",
    "found unexpected document indicator": "yaml_quote",
    "did not find expected ',' or": "yaml_bracket",
    "while parsing a flow node: did not find": "yaml_bracket",
    "while parsing a block node: did not find": "yaml_start",
    "found character that cannot start any token": "yaml_start",
    "unknown escape character": "yaml_escape",
    "invalid Unicode character escape": "yaml_escape",
    "did not find expected hexdecimal": "yaml_escape",
    "did not find expected <document start>": "yaml_indent",
    "block sequence entries are not allowed": "yaml_dash",
    "found a tab character": "yaml_tab",
}


class Mark(NamedTuple):
    """A position in a text, counted from 1 as in editors."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True)
class YamlProblem:
    """A problem with the YAML text."""

    mark: Mark | None
    """The position; None for the text as a whole."""

    keys: Keys
    """The path to the value, as far as it is known."""

    code: str
    """The key of the sentence in `messages.TEXTS`."""

    details: Mapping[str, str] = field(default_factory=dict)
    """The values of the braces in the sentence."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """The content of a text: dicts with str keys, lists, str, int, float, bool and None."""

    value: dict[str, object]
    """The mapping at the top level; empty if the text could not be parsed."""

    marks: Mapping[Keys, Mark]
    """The position of each value: that of its key in a mapping, else that of its first character."""

    problems: tuple[YamlProblem, ...]
    """All problems; if there are any, `value` contains the valid part."""


def read_yaml(body: bytes) -> Document:
    """Parse `body`, whose top level must be one mapping. Never raises; errors are in `problems`."""
    try:
        text = _text(body)
        composer = _Composer(text)
        value = composer.compose()
    except _Unreadable as unreadable:
        return Document(value={}, marks={}, problems=(unreadable.problem,))
    return Document(value=value, marks=composer.marks, problems=tuple(composer.problems))


class _Unreadable(Exception):
    """The rest of the text cannot be parsed."""

    def __init__(self, code: str, mark: Mark | None = None, *, keys: Keys = (), **details: str) -> None:
        super().__init__(code)
        self.problem = YamlProblem(mark=mark, keys=keys, code=code, details=details)


def _text(body: bytes) -> str:
    if len(body) > MAX_BYTES:
        raise _Unreadable("yaml_too_large", limit=f"{MAX_BYTES:,}".replace(",", " "))
    try:
        body = body.removeprefix(codecs.BOM_UTF8)
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _Unreadable("yaml_not_utf8", _mark_at(body[: error.start].decode())) from None
    if unprintable := _UNPRINTABLE.search(text):
        raise _Unreadable(
            "yaml_control", _mark_at(text[: unprintable.start()]), character=f"U+{ord(unprintable[0]):04X}"
        )
    return _VARIABLE.sub(lambda variable: variable[0].translate(_HIDE), text)


def _mark_at(before: str) -> Mark:
    lines = re.split("\r\n|\r|\n", before)
    return Mark(line=len(lines), column=len(lines[-1]) + 1)


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_problem(text, error) from None
    except yaml.YAMLError as error:
        raise _Unreadable("yaml", problem=str(error).partition("\n")[0]) from None


def _syntax_problem(text: str, error: yaml.MarkedYAMLError) -> _Unreadable:
    problem = str(error.problem)
    sentence = f"{error.context}: {problem}"
    code = next((code for words, code in _PROBLEMS.items() if words in sentence), "yaml")
    # report an unclosed quote or bracket where it was opened
    opened = error.context_mark if code in {"yaml_quote", "yaml_bracket"} else None
    mark = opened or error.problem_mark
    if code == "yaml_start" and mark is not None and text.splitlines()[mark.line : mark.line + 1]:
        code = "yaml_tab" if text.splitlines()[mark.line][mark.column :].startswith("\t") else code
    return _Unreadable(code, _mark(mark) if mark else None, problem=problem)


class _Counted(Protocol):
    """A mark of PyYAML, counted from 0; its C parser has a class of its own."""

    line: int
    column: int


def _mark(mark: _Counted | None) -> Mark:
    assert mark is not None, "events of parsed text have marks"
    return Mark(line=mark.line + 1, column=mark.column + 1)


@dataclass(frozen=True, kw_only=True)
class _Anchored:
    """A value with an anchor, and the positions of all values below it."""

    value: object
    marks: Mapping[Keys, Mark]


class _Composer:
    """Compose values from events, by recursive descent of limited depth."""

    def __init__(self, text: str) -> None:
        self._events = _events(text)
        self._anchors: dict[str, _Anchored] = {}
        self._values = 0
        self._order: list[Keys] = []
        self.marks: dict[Keys, Mark] = {}
        self.problems: list[YamlProblem] = []

    def compose(self) -> dict[str, object]:
        """Return the mapping of the only document."""
        next(self._events)  # the stream starts
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise _Unreadable("yaml_empty", Mark(line=1, column=1))
        first = next(self._events)
        value = self._value(first, ())
        next(self._events)  # the document ends
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            raise _Unreadable("yaml_documents", _mark(after.start_mark))
        if value is None:
            raise _Unreadable("yaml_empty", Mark(line=1, column=1))
        if not isinstance(value, dict):
            raise _Unreadable("yaml_no_mapping", _mark(first.start_mark))
        return value

    def _value(self, event: yaml.Event, keys: Keys) -> object:
        mark = _mark(event.start_mark)
        self._place(keys, mark)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, mark, keys)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.tag is not None:
            self._problem("yaml_tag", mark, keys, tag=event.tag.replace("tag:yaml.org,2002:", "!!"))
        first = len(self._order)
        value = self._content(event, keys)
        if event.anchor is not None:
            below = {place[len(keys) :]: self.marks[place] for place in self._order[first:]}
            self._anchors[event.anchor] = _Anchored(value=value, marks=below)
        return value

    def _content(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, keys: Keys) -> object:
        if isinstance(event, yaml.ScalarEvent):
            text = event.value.translate(_SHOW)
            return _resolved(text) if event.implicit[0] and event.tag is None else text
        return self._mapping(keys) if isinstance(event, yaml.MappingStartEvent) else self._sequence(keys)

    def _sequence(self, keys: Keys) -> list[object]:
        values: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*keys, len(values))))
        return values

    def _mapping(self, keys: Keys) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            mark = _mark(event.start_mark)
            key = _key(event, keys)
            if key in values:
                self._problem("yaml_duplicate", mark, (*keys, key), line=str(self.marks[*keys, key].line))
            self._place((*keys, key), mark)
            values[key] = self._value(next(self._events), (*keys, key))
        return values

    def _alias(self, event: yaml.AliasEvent, mark: Mark, keys: Keys) -> object:
        anchored = self._anchors.get(str(event.anchor))
        if anchored is None:
            self._problem("yaml_alias", mark, keys, name=str(event.anchor))
            return None
        for below, place in anchored.marks.items():
            self._place((*keys, *below), place)
        return anchored.value

    def _place(self, keys: Keys, mark: Mark) -> None:
        """Record the position of a value (the first one counts) and check the limits."""
        if len(keys) > _MAX_DEPTH:
            raise _Unreadable("yaml_too_deep", mark, limit=str(_MAX_DEPTH))
        self._values += 1
        if self._values > _MAX_VALUES:
            raise _Unreadable("yaml_too_many", mark, limit=str(_MAX_VALUES))
        if keys not in self.marks:
            self.marks[keys] = mark
            self._order.append(keys)

    def _problem(self, code: str, mark: Mark, keys: Keys, **details: str) -> None:
        self.problems.append(YamlProblem(mark=mark, keys=keys, code=code, details=details))


def _key(event: yaml.Event, keys: Keys) -> str:
    if not isinstance(event, yaml.ScalarEvent) or event.tag is not None or event.anchor is not None:
        raise _Unreadable("yaml_key", _mark(event.start_mark), keys=keys)
    text = event.value.translate(_SHOW)
    return text.lower() if event.implicit[0] and text in _BOOLEANS else text


def _resolved(text: str) -> object:
    """Return the value of a plain scalar."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
