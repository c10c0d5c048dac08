"""Which objects are reported in the demo, and when."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import needs
import pytest
from clocks import Clock

from wfs_proxy.demo.demo_signalen import REPORTED_AFTER, DemoSignalen
from wfs_proxy.demo.signalen.states import DISPLAY

FIXTURES = needs.ROOT / "fixtures"
LIST = "/signals/v1/private/signals/"


async def ask(demo: DemoSignalen, path: str, method: str = "GET", **options) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(demo), base_url="http://signalen") as http:
        return await http.request(method, path, **options)


def reading(demo: DemoSignalen) -> dict[str, str]:
    return {"Authorization": f"Bearer {demo.proxy_token}"}


async def count(demo: DemoSignalen) -> int:
    return (await ask(demo, f"{LIST}?page_size=1", headers=reading(demo))).json()["count"]


@pytest.mark.anyio
async def test_one_object_is_reported_after_a_while():
    clock = Clock()
    demo = DemoSignalen(FIXTURES, clock)
    before = await count(demo)
    clock.now += REPORTED_AFTER - 0.1
    assert await count(demo) == before
    clock.now += 0.1
    assert [await count(demo), await count(demo)] == [before + 1] * 2
    newest = (await ask(demo, f"{LIST}?page_size=1", headers=reading(demo))).json()["results"][0]
    assert newest["extra_properties"][0]["answer"][0]["id"] == demo.watched.name


@pytest.mark.anyio
@pytest.mark.parametrize("late", [False, True], ids=["before the watched one", "after it"])
async def test_first_report_has_the_announced_id(late):
    clock = Clock()
    demo = DemoSignalen(FIXTURES, clock)
    clock.now += late * REPORTED_AFTER
    created = await ask(demo, "/signals/v1/public/signals/", "POST", json=demo.free.report())
    assert (created.status_code, created.json()["id"]) == (201, demo.next_id)
    identifiers = [signal.signal_id for signal in demo.backend.signals()]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.anyio
async def test_proxy_may_not_write():
    demo = DemoSignalen(FIXTURES, Clock())
    assert (await ask(demo, f"{LIST}2", "PATCH", headers=reading(demo), json={})).status_code == 403


def test_reports_are_the_same_every_time_and_of_many_kinds():
    def reports() -> list[str]:
        return [str(signal) for signal in DemoSignalen(FIXTURES, Clock()).backend.signals()]

    assert reports() == reports()
    states = {signal.state for signal in DemoSignalen(FIXTURES, Clock()).backend.signals()}
    assert {"m", "i", "o", "sent", "reopened"} <= states < DISPLAY.keys()


def test_recordings_without_objects_leave_nothing_to_report(tmp_path: Path):
    demo = DemoSignalen(tmp_path, Clock())
    assert (list(demo.backend.signals()), demo.watched, demo.free) == ([], None, None)


def test_an_object_that_shares_its_name_is_not_reported(tmp_path: Path):
    features = [
        {"id": str(number), "properties": {"naam": name}, "geometry": {"coordinates": [4.3, 52.0]}}
        for number, name in enumerate(["twice", "twice", "once", "watched", "free"])
    ]
    (tmp_path / "rioned-putten").mkdir()
    (tmp_path / "rioned-putten" / "expected.geojson").write_text(json.dumps({"features": features}))
    demo = DemoSignalen(tmp_path, Clock())
    assert [demo.watched.name, demo.free.name] == ["watched", "free"]
    assert len(list(demo.backend.signals())) == 1
