"""What Signalen's report form is made of, which everybody may read: categories, and the questions of a category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from wfs_proxy.errors import MalformedDocument

__all__ = ["SignalenCategory", "parse_categories", "parse_questions"]

_LONGEST_TEXT = 100
"""Characters of a slug. The column in Signalen's database is shorter (50)."""


@dataclass(frozen=True, kw_only=True)
class SignalenCategory:
    """A sub category."""

    slug: str
    name: str
    main_slug: str
    is_active: bool = True
    is_public: bool = False
    """Whether its reports are on the public map."""


def parse_categories(body: bytes) -> tuple[SignalenCategory, ...]:
    """Read `GET /signals/v1/public/terms/categories/`: the sub categories, sorted by slug.

    Raises:
        MalformedDocument: not a list of categories.
    """
    found = [each for main in _results(body) for each in _subs_of(main)]
    return tuple(sorted(found, key=lambda category: category.slug))


def parse_questions(body: bytes) -> tuple[Mapping[str, Any], ...]:
    """Read `GET /signals/v1/public/questions/`: rows with key, field_type, required and meta. `meta` may be any JSON.

    Raises:
        MalformedDocument: not a list of questions.
    """
    return tuple(_results(body))


def _results(body: bytes) -> list[Mapping[str, Any]]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None  # not `raise from`: the parser's error contains the document
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        raise MalformedDocument("Signalen's answer is not a list: it has no `results`")
    return _rows(document, "results")


def _subs_of(main: Mapping[str, Any]) -> Iterator[SignalenCategory]:
    for sub in _rows(main, "sub_categories"):
        slug = sub.get("slug")
        if isinstance(slug, str) and 0 < len(slug) <= _LONGEST_TEXT:
            yield SignalenCategory(
                slug=slug,
                name=str(sub.get("name") or ""),
                main_slug=str(main.get("slug") or ""),
                is_active=sub.get("is_active") is not False,
                is_public=sub.get("is_public_accessible") is True,
            )


def _rows(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = document.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
