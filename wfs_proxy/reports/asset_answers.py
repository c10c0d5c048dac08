"""Find the answers in a signal that name objects.

Signalen accepts any JSON as an answer, and its databases hold the shapes of four generations of forms
(Amsterdam/signals-frontend, Signalen/frontend 2021, delta10/signalen-frontend-wcag, Amsterdam's questionnaires). The
answers that name objects are in one array with other answers, some of which also have an `id`, and some of which are a
citizen's own words. So an answer counts only if its shape proves that it names an object:

| shape | names an object? |
|---|---|
| `{id, type and/or coordinates, ...}`, alone or in a list | yes; without an id, or with "", by its coordinates |
| `{id, type, location: {coordinates}}` | yes |
| `{location: {coordinates}}` | no: a pin that the reporter put on the map, which is the signal's own place |
| `type` is `not-on-map`, `unknown` or `nearby` | no: text of a citizen, an unknown object, or another signal |
| `{id, label, info}`, `{label, value}` | no: a radio button, a checkbox |
| `"034575"`, `["003176", "141262"]` | yes, if it looks like the number of an object: one word, with a digit |
| numbers, booleans, null, lists in lists | no |

Of an id only its hash leaves this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from sys import intern

from wfs_proxy.marks import AssetReference, Place
from wfs_proxy.reports.places import place_of
from wfs_proxy.snapshot import hash_of_name

__all__ = ["LONGEST_ID", "MOST_ASSETS", "asset_references"]

LONGEST_ID = 255
"""Characters. Ids that are URIs (GWSW) have about a hundred; longer texts are not ids."""

MOST_ASSETS = 100
"""Objects that one signal can name. The form allows a handful, but anybody can post a million."""

_INTEGERS_END = 2**64
"""The first number that our parser and most databases do not accept as an integer."""

_TYPES_OF_NO_OBJECT = {"not-on-map", "unknown", "nearby"}

_OBJECT_NUMBER = re.compile(r"(?=[^0-9]*[0-9])[^\W_]+(?:[-_./:#][^\W_]+)*")
"""A text without an object around it must look like this, apart from combining marks: one word with a digit, such as
"GRO-GL-0012" or "Zeeëgelkade-0365"."""

_MOBILE_NUMBER = re.compile(r"(?:0|0031|31)6-?[0-9]{8}")
"""A Dutch mobile number (Telecommunications Numbering Plan, 06). It is personal data, so it is never used as an id."""


def asset_references(extra_properties: object) -> tuple[AssetReference, ...]:
    """Return the objects that the answers of one signal name, in their order, each once, at most `MOST_ASSETS`.

    Args:
        extra_properties: the signal's member of that name; any JSON value.
    """
    references = (
        AssetReference(id_hash=hash_of_name(asset_id) if asset_id else None, place=place, question_key=key)
        for key, answer in _answers(extra_properties)
        for asset_id, place in _assets(answer)
    )
    return tuple(dict.fromkeys(islice(references, MOST_ASSETS)))


def _answers(extra_properties: object) -> Iterator[tuple[str, object]]:
    """Yield (question key, answer) for each question that was answered."""
    if isinstance(extra_properties, list):
        for entry in extra_properties:
            if isinstance(entry, dict):
                yield _key(entry.get("id")), entry.get("answer")
    elif isinstance(extra_properties, dict):
        yield from _old_answers(extra_properties)


def _old_answers(extra_properties: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Very old signals have a JSON object: one answered question, or all questions by their keys."""
    if "answer" in extra_properties:
        yield _key(extra_properties.get("id")), extra_properties["answer"]
        return
    for key, value in extra_properties.items():
        yield _key(key), value["answer"] if isinstance(value, dict) and "answer" in value else value


def _key(value: object) -> str:
    return intern(value) if isinstance(value, str) and len(value) <= LONGEST_ID else ""


def _assets(answer: object) -> Iterator[tuple[str, Place | None]]:
    """Yield (id, place) for each object in one answer."""
    for item in answer if isinstance(answer, list) else [answer]:
        if isinstance(item, dict):
            yield from _asset(item)
        elif isinstance(item, str) and (number := _object_number(item)):
            yield number, None


def _asset(item: dict[str, object]) -> Iterator[tuple[str, Place | None]]:
    kind = _id(item.get("type"))
    if kind.lower() in _TYPES_OF_NO_OBJECT:
        return
    asset_id = _id(item.get("id"))
    own = _coordinates(item)
    place = own or _coordinates(item.get("location"))
    if asset_id and (kind or place):
        yield asset_id, place
    elif own and (kind or "id" in item):
        yield "", own


def _coordinates(holder: object) -> Place | None:
    coordinates = holder.get("coordinates") if isinstance(holder, dict) else None
    return place_of(coordinates.get("lng"), coordinates.get("lat")) if isinstance(coordinates, dict) else None


def _id(value: object) -> str:
    """Return an id or a type as text; "" if it is not usable: absent, a boolean, too long, or not printable."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if not isinstance(value, str):
        return _digits(value)
    text = value.strip() if len(value) <= LONGEST_ID else ""
    return text if text.isprintable() else ""


def _digits(value: float) -> str:
    """Return "104410" for 104410 and 104410.0; "" for numbers that cannot be an id."""
    return str(int(value)) if abs(value) < _INTEGERS_END and value == int(value) else ""


def _object_number(text: str) -> str:
    number = text.strip() if len(text) <= LONGEST_ID else ""
    letters = "".join(character for character in number if not unicodedata.combining(character))
    return number if _OBJECT_NUMBER.fullmatch(letters) and not _MOBILE_NUMBER.fullmatch(number) else ""
