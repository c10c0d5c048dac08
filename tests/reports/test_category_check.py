"""Whether reports in a category will count, and which category was probably meant."""

from __future__ import annotations

import pytest

from wfs_proxy.reports.category_check import CategoryTrouble, category_trouble, nearest_categories
from wfs_proxy.reports.form_content import SignalenCategory

ROADS = "wegen-verkeer-straatmeubilair"
CATEGORIES = (
    SignalenCategory(slug="container-is-vol", name="Container is vol", main_slug="afval", is_public=True),
    SignalenCategory(slug="lantaarnpaal-straatverlichting", name="Straatverlichting", main_slug=ROADS, is_public=True),
    SignalenCategory(slug="ovl-1", name="Verkeerslicht kapot", main_slug=ROADS, is_active=False),
    SignalenCategory(slug="put-riolering-verstopt", name="Put / riolering verstopt", main_slug=ROADS),
)


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("lantaarnpaal", "lantaarnpaal-straatverlichting"),
        ("straatverlichting", "lantaarnpaal-straatverlichting"),
        ("Straatverlichting", "lantaarnpaal-straatverlichting"),
        ("verkeerslicht", "ovl-1"),
        ("Put / riolering verstopt", "put-riolering-verstopt"),
        ("put", "put-riolering-verstopt"),
        ("container-vol", "container-is-vol"),
    ],
)
def test_nearest_by_slug_and_by_name(given: str, nearest: str):
    assert nearest_categories(given, CATEGORIES)[0] == nearest


def test_category_is_proposed_once():
    assert nearest_categories("put-riolering", CATEGORIES) == ("put-riolering-verstopt",)
    assert nearest_categories("fiets", CATEGORIES) == ()


def test_what_is_wrong_with_a_category():
    def trouble(slug: str, *, public_only: bool = False) -> CategoryTrouble | None:
        return category_trouble(slug, CATEGORIES, public_only=public_only)

    assert trouble("put-riolering-verstopt") is None
    assert trouble("put-riolering-verstopt", public_only=True).code == "category_hidden"
    assert trouble("container-is-vol", public_only=True) is None
    assert trouble("ovl-1").code == "category_inactive"
    assert (trouble("afval").code, trouble("afval").names) == ("category_is_main", ("container-is-vol",))
    assert trouble("put").names == ("put-riolering-verstopt",)
    assert trouble("fiets").names == ()
