"""The client reads every recorded answer of a real Signalen, or refuses it."""

from __future__ import annotations

import json

import httpx
import pytest
from recorded_signalen import Recorded, recordings

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.errors import MalformedDocument, UpstreamRefused
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.reports.client import InvalidChoice, SignalenClient

PAGES = {1: 21, 2: 8, 3: 8, 4: 5, 6: 13, 8: 2, 9: 9, 10: 6, 13: 1, 14: 21, 15: 2, 16: 11, 18: 0, 19: 2, 80: 12, 81: 5,
         82: 2, 83: 1}  # fmt: skip
"""Recording of the list -> signals in it; number 80 has two of them twice."""

PUBLIC_PAGES = {44: 0, 50: 0, 51: 10, 52: 3, 53: 6, 54: 1, 58: 13, 59: 3, 60: 10}
"""Recording of a geography -> places with a category in it."""

INVALID = {11: {"status"}, 12: {"category_slug"}, 57: {"category_slug"}}
"""Recording -> the filter that it refuses."""


async def ask(recorded: Recorded):
    """Return what the client reads from a recorded answer."""

    async def app(_scope, _receive, send) -> None:
        body = recorded.body if isinstance(recorded.body, str) else json.dumps(recorded.body)
        await send({"type": "http.response.start", "status": recorded.response["status"], "headers": []})
        await send({"type": "http.response.body", "body": body.encode()})

    async def no_sleep(_: float) -> None:
        return None

    async def offload(work, *arguments):
        return work(*arguments)

    policy = HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)
    async with HttpClients(policy, transport_wrapper=lambda _: httpx.ASGITransport(app)) as http:
        client = SignalenClient(SignalenInstance(url="http://signalen.test"), http, offload)
        ask_page = client.public_page if "geography" in recorded.request["path"] else client.private_page
        return await ask_page([])


def those(numbers) -> list:
    return [pytest.param(one, id=one.path.stem) for one in recordings() if one.number in numbers]


ALL = {recorded.number for recorded in recordings()}
REFUSED = {one.number for one in recordings() if one.response["status"] >= 400} - set(INVALID)
OTHERS = ALL - {*PAGES, *PUBLIC_PAGES, *INVALID, *REFUSED}


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", those({*PAGES, *PUBLIC_PAGES}))
async def test_recorded_page_is_read(recorded):
    page = await ask(recorded)
    assert len(page.signals) == {**PAGES, **PUBLIC_PAGES}[recorded.number]
    assert page.malformed == 0


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", those(INVALID))
async def test_recorded_refusal_of_a_value_names_its_filter(recorded):
    with pytest.raises(InvalidChoice) as refusal:
        await ask(recorded)
    assert refusal.value.fields == INVALID[recorded.number]


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", those(REFUSED))
async def test_recorded_refusal_is_reported_with_its_status(recorded):
    with pytest.raises(UpstreamRefused, match=str(recorded.response["status"])):
        await ask(recorded)


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", those(OTHERS))
async def test_recorded_answer_to_another_request_is_not_a_page_or_has_no_signals(recorded):
    try:
        page = await ask(recorded)
    except MalformedDocument:
        return
    assert page.signals == ()
    assert page.malformed == page.rows > 0


def test_every_recording_has_an_outcome():
    outcomes = [set(PAGES), set(PUBLIC_PAGES), set(INVALID), REFUSED, OTHERS]
    assert sum(map(len, outcomes)) == len(ALL) == len(list(recordings()))
