from __future__ import annotations

from collections.abc import Iterator

import points
import pytest

from wfs_proxy.cache.entry import CacheSlot, Entry
from wfs_proxy.cache.metadata import Failure, FetchSummary
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.errors import (
    ConfigurationError,
    DecodeError,
    PlaceError,
    UpstreamError,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import FetchReport, PipelineReport
from wfs_proxy.pages.assets import Assets
from wfs_proxy.pages.layer_page import LayerPage, pieces, share, shown_question, why_quarantined
from wfs_proxy.pages.layer_texts import FAILURES
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.renderer import PageRenderer
from wfs_proxy.serve.layer_status import describe


@pytest.mark.parametrize(
    ("filled", "total", "text"),
    [
        (0, 0, "0 %"), (0, 5, "0 %"), (5, 5, "100 %"), (1, 3, "33 %"),
        (1999, 2000, "1.999 / 2.000"), (1, 2000, "1 / 2.000"), (99, 100, "99 %"),
    ],
)  # fmt: skip
def test_only_all_is_a_hundred_percent_and_only_nothing_is_zero(filled, total, text):
    assert share(filled, total, "nl") == text


def test_what_is_in_backticks_is_code():
    assert pieces("zet `auth` in `signalen.yaml`") == [
        ("zet ", False), ("auth", True), (" in ", False), ("signalen.yaml", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("served", "new", "says"),
    [
        (FetchSummary(count=10), FetchSummary(count=2), "8 van de 10 objecten"),
        (
            FetchSummary(count=10),
            FetchSummary(count=10, pipeline=PipelineReport(absent_fields=("nr",))),
            "heeft nog het kenmerk nr",
        ),
        (FetchSummary(count=10), FetchSummary(count=7, report=FetchReport(complete=False)), "er ontbreken 3 objecten"),
    ],
)
def test_every_reason_to_quarantine_is_said_in_the_readers_language(served, new, says):
    reason = reason_to_quarantine(served, new, None)

    assert reason is not None
    assert says in str(why_quarantined(reason, "nl"))
    assert why_quarantined(reason, "en") != why_quarantined(reason, "nl")


def test_a_reason_without_a_text_is_shown_as_it_is():
    assert why_quarantined("something new", "nl") is None


def below(error: type[WfsProxyError]) -> Iterator[type[WfsProxyError]]:
    yield error
    for sub in error.__subclasses__():
        yield from below(sub)


def test_every_failure_of_a_fetch_has_a_text():
    kinds = (UpstreamError, DecodeError, PlaceError, ConfigurationError)

    assert {error.title for kind in kinds for error in below(kind)} == set(FAILURES)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_layer_that_was_never_fetched_has_a_page(language):
    layer = points.layer(properties={"id": "nr", "fields": {"nr": "string"}})
    description = describe(layer, [CacheSlot()], [], None, now=0.0, public_url="")
    page = PageRequest(language=language, root="../")
    text = LayerPage(PageRenderer(Assets.installed()), "").render(page, layer, description).decode()

    assert f'<html lang="{language}">' in text
    assert {"nl": "Nog geen gegevens", "en": "No data yet"}[language] in text


@pytest.mark.parametrize(("language", "says"), [("nl", "vendor.example antwoordt niet op tijd."), ("en", "")])
def test_the_last_failure_is_said_in_the_readers_language(language, says):
    layer = points.layer(properties={"id": "nr", "fields": {"nr": "string"}})
    failure = Failure(
        title=UpstreamUnreachable.title, detail="vendor.example did not answer in time", failed_at=0.0, in_a_row=1
    )
    description = describe(layer, [CacheSlot(failure=failure)], [], None, now=0.0, public_url="")
    page = PageRequest(language=language, root="../")
    text = LayerPage(PageRenderer(Assets.installed()), "").render(page, layer, description).decode()

    assert says in text
    assert '<p lang="en">' in text, "the message itself, for the operator"


@pytest.mark.parametrize(
    ("public_url", "says"),
    [
        ("http://wfs-proxy.example.org", ["niets van http://"]),
        ("http://10.0.0.5", ["niets van http://", "10.0.0.5 bestaat alleen in het eigen netwerk."]),
        ("https://intern", ["intern bestaat alleen in het eigen netwerk."]),
        ("https://wfs-proxy.example.org", []),
    ],
)
def test_an_address_that_the_form_cannot_use_is_shown_with_the_warnings_of_the_command(public_url, says):
    layer = points.layer(properties={"id": "nr", "fields": {"nr": "string"}}, reports={"signalen": "default"})
    shown = shown_question(layer, "wcag", public_url, "nl")
    sentences = ["".join(piece.text for piece in parts) for parts in shown.findings]

    assert shown.pasted
    assert len(sentences) == len(says)
    assert all(word in sentence for word, sentence in zip(says, sentences, strict=True))


def test_warnings_stand_before_the_button_to_copy():
    layer = points.layer(properties={"id": "nr", "fields": {"nr": "string"}})
    description = describe(layer, [CacheSlot()], [], None, now=0.0, public_url="")
    page = PageRequest(language="nl", root="../", parameters={"publicUrl": "http://10.0.0.5"})
    text = LayerPage(PageRenderer(Assets.installed()), "").render(page, layer, description).decode()

    assert 0 < text.index("alleen in het eigen netwerk") < text.index("data-copy")


@pytest.mark.parametrize(
    ("slots", "state", "says"),
    [
        ([], "on_demand", "Wordt opgehaald waar iemand kijkt"),
        ([CacheSlot()], "on_demand", "Wordt opgehaald waar iemand kijkt"),
        (
            [CacheSlot(), CacheSlot(failure=Failure(title="Not known", detail="no", failed_at=0.0, in_a_row=1))],
            "absent",
            "Nog geen gegevens",
        ),
    ],
)
def test_a_layer_in_cells_without_data_is_fetched_on_demand_unless_that_fails(slots, state, says):
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4, 51, 5, 53]}
    layer = points.layer(source=source, fetch={"mode": "cells"})
    description = describe(layer, slots, [], None, now=0.0, public_url="")
    page = PageRequest(language="nl", root="../")
    text = LayerPage(PageRenderer(Assets.installed()), "").render(page, layer, description).decode()

    assert description.state == state
    assert f'<span class="state {state}">{says}</span>' in text
    assert ("krijgen nog geen objecten" in text) == (state == "absent")


def test_an_id_that_no_object_has_gets_one_advice():
    """The line for a property would name the absent attribute."""
    layer = points.layer(properties={"id": "nummer", "fields": {"kind": "string"}})
    report = PipelineReport(absent_fields=("nummer",), nearest_attributes={"nummer": "number"})
    fetched = points.fetched(points.grid(3, report=report))
    entry = Entry(fetched=fetched, fetched_at=0, modified_at=0, fresh_for=60, stale_for=60, refresh_at=60)
    description = describe(layer, [CacheSlot(entry=entry)], [], None, now=0.0, public_url="")
    text = (
        LayerPage(PageRenderer(Assets.installed()), "").render(PageRequest(language="nl"), layer, description).decode()
    )

    assert "voeg deze regel toe" not in text.casefold()
    assert text.count("bedoelt u &#34;number&#34;?") == 3, "once as a problem, and once for each form of Signalen"
