"""What Signalen's report form is made of, which everybody may read: categories, and the questions of a category."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from wfs_proxy.errors import MalformedDocument

__all__ = ["OtherDocument", "SignalenCategory", "parse_categories", "parse_questions"]

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|div|script)\b",
    re.DOTALL | re.IGNORECASE,
)
"""The beginning of a web page. `wfs_proxy.decode` knows more kinds, but loads libraries that serving is without."""

_LONGEST_TEXT = 100
"""Characters of a slug. The column in Signalen's database is shorter (50)."""


class OtherDocument(MalformedDocument):
    """An answer that Signalen does not give: the address is that of something else."""

    def __init__(self, message: str, *, is_page: bool = False) -> None:
        super().__init__(message)
        self.is_page = is_page
        """Whether it is a web page."""


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
        OtherDocument: not a list of categories.
    """
    mains = _results(body)
    if mains and not any("sub_categories" in main for main in mains):
        raise OtherDocument("the answer is a list, but not of Signalen's categories: it has no `sub_categories`")
    found = [each for main in mains for each in _subs_of(main)]
    return tuple(sorted(found, key=lambda category: category.slug))


def parse_questions(body: bytes) -> tuple[Mapping[str, Any], ...]:
    """Read `GET /signals/v1/public/questions/`: rows with key, field_type, required and meta. `meta` may be any JSON.

    Raises:
        OtherDocument: not a list of questions.
    """
    return tuple(_results(body))


def _results(body: bytes) -> list[Mapping[str, Any]]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None  # not `raise from`: the parser's error contains the document
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        is_page = _PAGE.match(body) is not None
        what = "a web page, not a list" if is_page else "not a list"
        raise OtherDocument(f"Signalen's answer is {what}: it has no `results`", is_page=is_page)
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
