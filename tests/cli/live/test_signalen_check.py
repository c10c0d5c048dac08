"""The layers of a Signalen against what it has: categories, also renamed ones, the login and the questions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from a_signalen import LIGHT, WASTE, ASignalen
from live_checks import codes, lamps, only, shown
from recorded_signalen import CATEGORIES, recording

from wfs_proxy.cli.live.signalen_check import SignalenCheck, category_findings, check_signalen
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.demo.signalen.records import FormQuestion
from wfs_proxy.reports.form_content import SignalenCategory

ROADS = "wegen-verkeer-straatmeubilair"
QUESTION = FormQuestion(
    main_slug=ROADS, sub_slug=LIGHT, key="extra_lamp", field_type="asset_select", required=True, meta={"label": "Lamp"}
)


def layer(*categories: str) -> Layer:
    return lamps(reports={"signalen": "default", "categories": list(categories)})


def compared(service: ASignalen, layers: Sequence[Layer], instance: SignalenInstance | None = None) -> SignalenCheck:
    async def check() -> SignalenCheck:
        async with service.http() as http:
            return await check_signalen("default", instance or service.instance(), layers, http, asyncio.to_thread)

    return asyncio.run(check())


def test_known_categories_have_no_findings_and_their_questions_are_read():
    service = ASignalen()
    service.backend.questions = (QUESTION,)
    checked = compared(service, [layer(LIGHT)])

    assert (checked.parts, checked.findings, checked.of_layers) == ("private", (), {"lampen": ()})
    assert [each["key"] for each in checked.questions[LIGHT]] == ["extra_lamp"]


def test_signalen_is_asked_once_for_categories_and_login_and_once_per_category():
    service = ASignalen()
    checked = compared(service, [layer(LIGHT, WASTE), replaced_id(layer(LIGHT), "andere")])

    assert checked.requests == len(service.asked) == 4
    assert [each["page_size"] for each in service.asked] == ["500", "500", "500", "1"]


def replaced_id(one: Layer, name: str) -> Layer:
    return one.model_copy(update={"id": name})


def test_without_a_login_only_the_public_parts_are_compared():
    service = ASignalen()
    checked = compared(service, [layer(LIGHT, "put-riolering-verstopt")], service.instance(auth=None))

    assert (checked.parts, checked.findings, checked.requests) == ("public", (), 3)
    hidden = only(checked.of_layers["lampen"], "category_hidden")
    assert (hidden.where, hidden.severity) == ("reports.categories[1]", "warning")


@pytest.mark.parametrize("secret", ["verkeerd", "geheim"])
def test_refused_login_is_a_finding_without_the_secret(secret: str):
    service = ASignalen()
    auth = {"type": "oidc", "issuer": service.instance().auth.issuer, "client_id": "proxy", "client_secret": secret}
    if secret == "geheim":
        service.backend.users = {}
    checked = compared(service, [layer(LIGHT)], service.instance(auth=auth))

    assert [(each.severity, each.code, each.where) for each in checked.findings] == [
        ("error", "signalen_failed", "auth")
    ]
    assert (checked.parts, checked.has_login) == ("public", True)
    assert checked.of_layers == {"lampen": ()}
    assert secret not in shown(checked.findings)


def test_unreachable_signalen_is_one_finding():
    service = ASignalen()
    service.backend.maintenance = True
    checked = compared(service, [layer(LIGHT, "bestaat-niet")])

    assert [(each.code, each.where) for each in checked.findings] == [("signalen_failed", "url")]
    assert (checked.of_layers, checked.parts) == ({}, "none")


def test_signalen_without_categories_knows_none_of_the_layers():
    service = ASignalen()
    service.backend.categories = {}
    checked = compared(service, [layer(LIGHT)])

    assert codes(checked.of_layers["lampen"]) == [("error", "category_unknown")]


def test_nothing_of_a_report_is_kept():
    service = ASignalen()
    service.backend.create((4.3, 52.1), LIGHT, text="bij mij thuis, Dorpsstraat 1")
    checked = compared(service, [layer(LIGHT)])

    assert "Dorpsstraat" not in shown(checked)


def with_change(changed: str, **changes: Any) -> list[SignalenCategory]:
    """Return the recorded categories, one of them changed."""
    found = [
        SignalenCategory(slug=each.slug, name=each.name, main_slug=each.main_slug, is_public=each.public)
        for each in CATEGORIES
    ]
    return [replace(each, **changes) if each.slug == changed else each for each in found]


@pytest.mark.parametrize(
    ("given", "change", "code", "nearest"),
    [
        ("lantaarnpaal-straatverlichtin", {}, "category_unknown", LIGHT),
        ("Lantaarnpaal-Straatverlichting", {}, "category_unknown", LIGHT),
        (LIGHT, {"slug": "lantaarnpaal-verlichting"}, "category_unknown", "lantaarnpaal-verlichting"),
        ("straatverlichting", {"slug": "ovl-1"}, "category_unknown", "ovl-1"),
        ("straatverlichtng", {"slug": "ovl-1"}, "category_unknown", "ovl-1"),
        ("boom-stormschade", {}, "category_unknown", None),
        (ROADS, {}, "category_is_main", None),
        (LIGHT, {"is_active": False}, "category_inactive", None),
    ],
)
def test_category_that_is_not_there_is_named_with_the_nearest(
    given: str, change: dict[str, Any], code: str, nearest: str | None
):
    (found,) = category_findings(layer(given), with_change(LIGHT, **change), public_only=False)

    assert (found.code, found.nearest, found.where) == (code, nearest, "reports.categories[0]")
    assert found.severity == ("warning" if code == "category_inactive" else "error")
    assert nearest is None or (nearest in found.remedy.nl and nearest in found.remedy.en)
    if code == "category_is_main":
        assert LIGHT in found.remedy.nl


def test_hidden_category_matters_without_a_login_only():
    hidden = layer("put-riolering-verstopt")

    assert codes(category_findings(hidden, with_change(LIGHT), public_only=False)) == []
    assert codes(category_findings(hidden, with_change(LIGHT), public_only=True)) == [("warning", "category_hidden")]


def test_recorded_categories_have_the_slugs_that_are_compared():
    """The public category of the recordings: its slug is the last part of its address."""
    recorded = recording(70).body

    assert recorded["slug"] == LIGHT == recording(70).request["path"].rpartition("/")[2]
