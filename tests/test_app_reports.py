"""The whole proxy with a Signalen: objects that are reported there are marked here."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from a_signalen import LIGHT, READER, ASignalen
from lamps import LAYER
from running_proxy import eventually, running, served, until_ready

from wfs_proxy.settings import Settings

REPORTS = f"""\
reports:
  signalen: default
  categories: [{LIGHT}]
  match: {{fields: [nummer]}}
"""
SIGNALEN = """\
instances:
  default:
    url: {url}
    auth: {{type: bearer, token: "${{TOKEN}}"}}
    poll: 100ms
"""
LAMPS = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"nummer": "034575"},'
    ' "geometry": {"type": "Point", "coordinates": [6.5665, 53.2194]}}]}'
)
ANSWER = [{"id": "q", "label": "Lamp", "category_url": "", "answer": [{"id": "034575", "type": "Lamp", "label": "L"}]}]


@pytest.fixture
def signalen() -> ASignalen:
    return ASignalen()


@pytest.fixture
def settings(tmp_path: Path, signalen: ASignalen) -> Iterator[Settings]:
    layers = tmp_path / "layers"
    layers.mkdir()
    (tmp_path / "lamps.geojson").write_text(LAMPS)
    (layers / "lampen.yaml").write_text(LAYER.format(name="lampen") + REPORTS)
    environment = {"LAMPS": str(tmp_path / "lamps.geojson"), "TOKEN": signalen.provider.mint(READER, lifetime=1e6)}
    with served(signalen, lifespan="off") as url:
        (layers / "signalen.yaml").write_text(SIGNALEN.format(url=url))
        yield Settings(layers=layers, environment=environment, cache_dir=tmp_path / "cache")


async def mark_of(client: httpx.AsyncClient) -> str | None:
    """Return the mark of the lamp; None while there are no data."""
    response = await client.get("/layers/lampen/features")
    if response.status_code != 200:
        return None
    return response.json()["features"][0]["properties"].get("IS_GEMELD")


def test_a_report_marks_its_object_until_it_is_closed(settings, signalen):
    async def scenario() -> None:
        async with running(settings) as client:

            async def etag_with(mark: str) -> str:
                async def seen() -> bool:
                    return await mark_of(client) == mark

                await eventually(seen)
                return (await client.get("/layers/lampen/features")).headers["etag"]

            await until_ready(client)
            first = await etag_with("0")
            report = signalen.backend.create((6.5665, 53.2194), LIGHT, extra_properties=ANSWER)
            second = await etag_with("1")
            signalen.backend.set_status(report, "o")
            third = await etag_with("0")
            assert first != second != third

    asyncio.run(scenario())


def test_polls_are_measured_and_no_report_becomes_a_label(settings, signalen):
    report = signalen.backend.create((6.5665, 53.2194), LIGHT, extra_properties=ANSWER)

    async def scenario() -> None:
        async with running(settings) as client:

            async def counted() -> bool:
                # marks are served before the poll that brought them is counted
                return 'wfs_proxy_reports{instance="default"} 1.0' in (await client.get("/metrics")).text

            await eventually(counted)
            text = (await client.get("/metrics")).text
            polls = dict(re.findall(r"^(wfs_proxy_report\w*(?:\{.*\})?) (\S+)$", text, re.MULTILINE))
            assert polls['wfs_proxy_reports{instance="default"}'] == "1.0"
            assert float(polls['wfs_proxy_report_polls_total{instance="default",outcome="good"}']) >= 1
            assert polls['wfs_proxy_report_categories_unknown{instance="default"}'] == "0.0"
            assert float(polls['wfs_proxy_reports_age_seconds{instance="default"}']) < 30
            assert set(re.findall(r'(\w+)="', "".join(polls))) == {"instance", "outcome"}
            assert report.signal_id not in text

    asyncio.run(scenario())


def test_a_failed_login_is_reported_and_objects_are_still_served(settings, signalen, caplog):
    signalen.provider.reachable = False

    async def scenario() -> None:
        async with running(settings) as client:

            async def logged() -> bool:
                return "the login may be the cause" in caplog.text

            await eventually(logged)
            await until_ready(client)
            response = await client.get("/layers/lampen/features")
            assert response.status_code == 200
            assert response.json()["numberMatched"] == 1
            reported = (await client.get("/layers/lampen")).json()["reported"]
            assert "the login may be the cause" in reported["fault"]
            assert reported["as_of"] is None

    asyncio.run(scenario())


def test_a_category_that_signalen_does_not_have_is_shown_with_its_layer(settings, signalen):
    layer = settings.layers / "lampen.yaml"
    layer.write_text(layer.read_text().replace(f"[{LIGHT}]", f"[{LIGHT}, bestaat-niet]"))
    signalen.backend.create((6.5665, 53.2194), LIGHT, extra_properties=ANSWER)

    async def scenario() -> None:
        async with running(settings) as client:

            async def marked() -> bool:
                return await mark_of(client) == "1"

            await eventually(marked)
            reported = (await client.get("/layers/lampen")).json()["reported"]
            assert reported["unknown_categories"] == ["bestaat-niet"]
            assert reported["fault"] is None

    asyncio.run(scenario())


def test_every_process_shows_what_only_the_one_that_polls_has_seen(settings, signalen):
    """Whichever worker answers, the problems, the fault and the metric are the same."""
    layer = settings.layers / "lampen.yaml"
    layer.write_text(layer.read_text().replace(f"[{LIGHT}]", f"[{LIGHT}, {LIGHT}s]"))
    unknown = 'wfs_proxy_layer_problems{code="category_unknown",layer="lampen"} 1.0'

    async def seen(client: httpx.AsyncClient) -> tuple[object, ...]:
        described = (await client.get("/layers/lampen")).json()
        reported = described["reported"] or {}
        metrics = (await client.get("/metrics")).text
        page = (await client.get("/layers/lampen", headers={"Accept": "text/html", "Accept-Language": "nl"})).text
        messages = [problem["message"]["nl"] for problem in described["problems"]]
        fault = (reported.get("fault") or "").partition(":")[0]
        return messages, reported.get("unknown_categories"), fault, unknown in metrics, f"{LIGHT}s" in page

    async def scenario() -> None:
        async with running(settings) as one, running(settings) as two:

            async def both_know() -> bool:
                answers = [await seen(one), await seen(two)]
                return answers[0] == answers[1] and bool(answers[0][0]) and answers[0][1] == [f"{LIGHT}s"]

            await eventually(both_know)
            (message,), _, fault, is_measured, is_on_page = await seen(two)
            assert f'"{LIGHT}"' in message
            assert (fault, is_measured, is_on_page) == ("", True, True)
            signalen.provider.reachable = False

            async def both_fail() -> bool:
                answers = [await seen(one), await seen(two)]
                return answers[0] == answers[1] and bool(answers[0][2])

            await eventually(both_fail)

    asyncio.run(scenario())


def test_without_a_login_objects_are_marked_by_place(settings, signalen):
    layer = settings.layers / "lampen.yaml"
    layer.write_text(layer.read_text().replace("fields: [nummer]", "within: 5m, place_only: true"))
    instances = settings.layers / "signalen.yaml"
    instances.write_text(re.sub(r"    auth: .*\n", "", instances.read_text()))
    signalen.backend.create((6.56652, 53.2194), LIGHT)
    signalen.backend.refresh_public_geography()

    async def scenario() -> None:
        async with running(settings) as client:

            async def marked() -> bool:
                return await mark_of(client) == "1"

            await eventually(marked)
            assert (await client.get("/layers/lampen")).json()["reported"]["weak"]

    asyncio.run(scenario())


def test_a_reload_starts_and_stops_polling(settings, signalen):
    layer = settings.layers / "lampen.yaml"
    layer.write_text(LAYER.format(name="lampen"))
    signalen.backend.create((6.5665, 53.2194), LIGHT, extra_properties=ANSWER)

    async def scenario() -> None:
        async with running(settings) as client:

            async def polled() -> bool:
                return "wfs_proxy_reports{" in (await client.get("/metrics")).text

            async def unpolled() -> bool:
                return not await polled()

            async def marked() -> bool:
                return await mark_of(client) == "1"

            await until_ready(client)
            assert await unpolled()
            layer.write_text(LAYER.format(name="lampen") + REPORTS)
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(marked)
            assert await polled()
            layer.write_text(LAYER.format(name="lampen"))
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(unpolled)

    asyncio.run(scenario())


def test_only_the_allowed_values_of_a_report_are_written_to_disk(settings, signalen):
    signalen.backend.create(
        (6.5665, 53.2194), LIGHT, extra_properties=ANSWER, text="Jan Jansen belde", created_by="jan@example.org"
    )

    async def scenario() -> None:
        async with running(settings) as client:

            async def marked() -> bool:
                return await mark_of(client) == "1"

            await eventually(marked)

    asyncio.run(scenario())
    written = b"".join(path.read_bytes() for path in settings.cache_dir.rglob("*") if path.is_file())
    assert b"034575" in written
    assert b"an Jansen" not in written
    assert b"example.org" not in written
