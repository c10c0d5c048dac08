"""Whether reports in a category of a layer will count, and which category was probably meant. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wfs_proxy.config import nearest_names
from wfs_proxy.reports.form_content import SignalenCategory

__all__ = ["CategoryTrouble", "category_trouble", "nearest_categories"]

_MOST_NAMES = 3


@dataclass(frozen=True, kw_only=True)
class CategoryTrouble:
    """Why reports in a category do not count."""

    code: Literal["category_unknown", "category_is_main", "category_inactive", "category_hidden"]
    given: str
    names: tuple[str, ...] = ()
    """The slugs to use instead: the sub categories of a main one, or the nearest ones first."""


def category_trouble(slug: str, categories: Sequence[SignalenCategory], *, public_only: bool) -> CategoryTrouble | None:
    """Return what is wrong with a category of a layer; None if nothing is.

    Args:
        slug: as the layer has it.
        categories: all sub categories of its Signalen.
        public_only: whether only the reports on the public map count.
    """
    category = next((each for each in categories if each.slug == slug), None)
    if category is None:
        subs = tuple(each.slug for each in categories if each.main_slug == slug)
        if subs:
            return CategoryTrouble(code="category_is_main", given=slug, names=subs)
        return CategoryTrouble(code="category_unknown", given=slug, names=nearest_categories(slug, categories))
    if not category.is_active:
        return CategoryTrouble(code="category_inactive", given=slug)
    if public_only and not category.is_public:
        return CategoryTrouble(code="category_hidden", given=slug)
    return None


def nearest_categories(text: str, categories: Sequence[SignalenCategory]) -> tuple[str, ...]:
    """Return the slugs of the categories that resemble a text, the nearest first.

    A category that got another slug may still have the name from which the old slug was made.
    """
    slugs = {_slug_of(category.name): category.slug for category in categories if category.name}
    slugs.update({category.slug: category.slug for category in categories})
    found = nearest_names(_slug_of(text), slugs, most=2 * _MOST_NAMES)
    return tuple(dict.fromkeys(slugs[name] for name in found))[:_MOST_NAMES]


def _slug_of(name: str) -> str:
    """Return the slug that Signalen gives to a new category of this name, as Django makes it."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text)).strip("-_")
