from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import geojson
import httpx
import pytest
import vendor
from lamps import LAYER
from running_proxy import eventually, running, until_ready

from wfs_proxy.app import create_app
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A layer from a file: the whole fetch path without a vendor."""
    lamps = tmp_path / "lamps.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [4.3 + i / 1000, 52.06]},
            "properties": {"nummer": f"0{i}", "storing": "geheim"},
        }
        for i in range(3)
    ]
    lamps.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    directory = tmp_path / "layers"
    directory.mkdir()
    (directory / "lampen.yaml").write_text(LAYER.format(name="lampen"))
    return Settings(layers=directory, environment={"LAMPS": str(lamps)})


def test_a_changed_file_is_served_within_seconds(tmp_path):
    """The whole way: the fetch process reads the file, the serving process sees that it changed."""
    (tmp_path / "layers").mkdir()
    data = tmp_path / "masten.csv"
    data.write_text("nummer;x;y;bewoner\n034575;155000,5;463000,25;Jansen\n")
    (tmp_path / "layers" / "masten.yaml").write_text(
        "title: Masten\nsource: {type: file, path: ../masten.csv}\nproperties: {id: nummer, fields: {nummer: string}}\n"
    )

    async def scenario() -> None:
        async with running(Settings(layers=tmp_path / "layers", environment={})) as client:

            async def served() -> list[dict[str, str]]:
                collection = (await client.get("/layers/masten/features")).json()
                return [feature["properties"] for feature in collection["features"]]

            async def has_both() -> bool:
                return len(await served()) == 2

            async def says_why() -> bool:
                return (await client.get("/layers/masten")).json()["failure"] is not None

            await until_ready(client)
            assert await served() == [{"nummer": "034575"}]
            with data.open("a") as file:
                file.write("034576;155010;463010;De Vries\n")
            await eventually(has_both)
            data.unlink()
            await eventually(says_why)
            assert len(await served()) == 2
            assert str(tmp_path) not in (await client.get("/layers/masten")).text

    asyncio.run(scenario())


async def layers_of(client: httpx.AsyncClient) -> list[str]:
    return [layer["id"] for layer in (await client.get("/layers")).json()["layers"]]


def test_a_layer_is_fetched_at_the_start_and_served_with_its_configured_fields_only(settings):
    async def scenario() -> None:
        async with running(settings) as client:
            assert (await until_ready(client))["layers"] == {"lampen": {"tried": True, "freshness": "fresh"}}
            response = await client.get("/layers/lampen/features?bbox=4.2995,52,4.3015,53")
            collection = geojson.loads(response.content)
            assert collection.is_valid
            assert [feature["id"] for feature in collection["features"]] == ["lampen.00", "lampen.01"]
            assert collection["features"][0]["properties"] == {"nummer": "00"}
            assert response.headers["cache-status"].startswith("wfs-proxy; hit;")

    asyncio.run(scenario())


def test_a_field_that_no_object_has_is_logged_shown_and_measured(settings, caplog, monkeypatch):
    monkeypatch.setattr("wfs_proxy.serve.problem_log._EVERY", 0.01)
    path = settings.layers / "lampen.yaml"
    path.write_text(path.read_text().replace("nummer: string", "nummer: string, storng: string"))

    async def scenario() -> None:
        async with running(settings) as client:
            await until_ready(client)

            async def is_logged() -> bool:
                return "storng" in caplog.text

            await eventually(is_logged)
            (problem,) = (await client.get("/layers/lampen")).json()["problems"]
            assert (problem["code"], problem["key"]) == ("field_absent", "properties.fields.storng")
            assert problem["message"]["nl"].endswith('bedoelt u "storing"?')
            assert "geheim" not in (await client.get("/layers/lampen", headers={"Accept": "text/html"})).text
            metrics = (await client.get("/metrics")).text
            assert 'wfs_proxy_layer_problems{code="field_absent",layer="lampen"} 1.0' in metrics

    asyncio.run(scenario())
    (line,) = [record.getMessage() for record in caplog.records if "storng" in record.getMessage()]
    assert line.endswith('did you mean "storing"?')


def test_a_document_that_does_not_change_stays_fresh_without_being_sent(settings):
    """The vendor answers "not modified", also after a restart."""
    body = Path(settings.environment["LAMPS"]).read_bytes()
    renewed = 0

    def lamps_of_vendor(seen: vendor.Seen) -> vendor.Answer:
        nonlocal renewed
        if seen.headers.get("if-none-match") == '"v1"':
            renewed += 1
            return vendor.Answer(status=304)
        return vendor.Answer(body=body, headers={"ETag": '"v1"'})

    async def scenario(settings: Settings, renewals: int) -> tuple[str, str]:
        async with running(settings) as client:
            await until_ready(client)
            before = renewed

            async def renewed_again() -> bool:
                return renewed >= before + renewals

            await eventually(renewed_again)
            answer = await client.get("/layers/lampen/features")
            return answer.headers["etag"], answer.headers["last-modified"]

    with vendor.serving(lamps_of_vendor) as server:
        path = settings.layers / "lampen.yaml"
        path.write_text(path.read_text() + "fetch: {fresh_for: 1s}\n")
        environment = {**settings.environment, "LAMPS": f"{server.url}/lamps.geojson"}
        settings = replace(settings, environment=environment, cache_dir=settings.layers.parent / "cache")
        first = asyncio.run(scenario(settings, 2))
        assert asyncio.run(scenario(settings, 1)) == first

    assert len(server.seen) == 1 + renewed


def test_a_layer_that_no_form_can_use_is_logged_with_file_and_line(settings, caplog):
    path = settings.layers / "lampen.yaml"
    path.write_text(path.read_text().replace("nummer: string", "straat: string"))
    create_app(settings)
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith(f"{path}:")
    assert "add this line: nummer: string" in warning


def test_layer_files_with_errors_prevent_the_start(settings):
    (settings.layers / "lampen.yaml").write_text("id: [")
    with pytest.raises(ConfigurationError, match=r"lampen\.yaml"):
        create_app(settings)


def test_a_hangup_signal_reloads_the_files_unless_they_have_errors(settings, caplog):
    async def scenario() -> None:
        async with running(settings) as client:

            async def refused() -> bool:
                return (await client.get("/readyz")).json()["catalogue"] == "reload refused"

            async def reloaded() -> bool:
                return await layers_of(client) == ["lampen", "palen"]

            await until_ready(client)
            new = settings.layers / "palen.yaml"
            new.write_text("title: 3\nsource: nothing\n")
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(refused)
            assert "palen.yaml" in caplog.text
            assert await layers_of(client) == ["lampen"]
            assert (await client.get("/layers/lampen/features")).headers["cache-status"].startswith("wfs-proxy; hit;")

            new.write_text(LAYER.format(name="palen"))
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(reloaded)
            assert (await until_ready(client))["catalogue"] == "current"
            assert (await client.get("/layers/palen/features")).json()["numberMatched"] == 3

    asyncio.run(scenario())


WAITING = LAYER.replace("${{LAMPS}}", "${{LAMPS_FOLDER}}/lamps.geojson") + "reports: {{signalen: default}}\n"


def test_a_layer_appears_once_its_address_is_known(settings, caplog):
    caplog.set_level("INFO", "wfs_proxy.serve")
    waiting = settings.layers / "palen.yaml"
    waiting.write_text(WAITING.format(name="palen"))

    async def scenario() -> None:
        async with running(settings) as client:
            assert (await until_ready(client))["catalogue"] == "current"
            assert await layers_of(client) == ["lampen"]
            for path in ("/layers/palen", "/layers/palen/features", "/layers/palen/tiles", "/ogc/v1/collections/palen"):
                assert (await client.get(path)).status_code == 404
            assert caplog.text.count("palen.yaml (set LAMPS_FOLDER)") == 1

            async def reloaded() -> bool:
                return await layers_of(client) == ["lampen", "palen"]

            waiting.write_text(WAITING.format(name="palen").replace("${LAMPS_FOLDER}", ".."))
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(reloaded)
            assert (await client.get("/layers/palen/features")).json()["numberMatched"] == 3

    asyncio.run(scenario())


@pytest.mark.parametrize("how", ["no folder", "empty folder", "not configured"])
def test_without_a_layer_the_proxy_is_not_ready_and_says_what_to_do(settings, caplog, how):
    path = settings.layers / "lampen.yaml"
    text = path.read_text()
    path.unlink()
    if how == "no folder":
        settings.layers.rmdir()
    if how == "not configured":
        path.write_text(WAITING.format(name="lampen"))

    async def scenario() -> None:
        async with running(settings) as client:
            response = await client.get("/readyz")
            assert (response.status_code, response.json()["ready"]) == (503, False)
            reason = "not configured: lampen.yaml (set LAMPS_FOLDER)" if how == "not configured" else "no layer files"
            assert response.json()["catalogue"].startswith("no layers: ")
            assert reason in response.json()["catalogue"]
            assert (await client.get("/healthz")).status_code == 200
            for path_of_face in (
                "/layers",
                "/wfs?service=WFS&request=GetCapabilities",
                "/ogc/v1/collections",
                "/metrics",
            ):
                assert (await client.get(path_of_face)).status_code == 200
            page = (await client.get("/", headers={"Accept": "text/html", "Accept-Language": "nl"})).text
            assert "nog geen kaartlagen" in page
            assert "wfs-proxy setup" in page
            assert str(settings.layers) not in page

            settings.layers.mkdir(exist_ok=True)
            path.write_text(text)
            os.kill(os.getpid(), signal.SIGHUP)
            assert (await until_ready(client))["catalogue"] == "current"

    asyncio.run(scenario())
    (line,) = [record.getMessage() for record in caplog.records if "There is no layer to serve" in record.getMessage()]
    assert str(settings.layers) in line
    assert "wfs-proxy init URL" in line


def test_a_folder_that_lost_its_files_changes_nothing_at_a_reload(settings):
    async def scenario() -> None:
        async with running(settings) as client:
            await until_ready(client)

            async def refused() -> bool:
                return (await client.get("/readyz")).json()["catalogue"] == "reload refused"

            (settings.layers / "lampen.yaml").unlink()
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(refused)
            assert await layers_of(client) == ["lampen"]
            assert (await client.get("/readyz")).status_code == 200

    asyncio.run(scenario())


def test_a_reload_that_leaves_layers_without_address_only_ends_readiness(settings):
    async def scenario() -> None:
        async with running(settings) as client:
            await until_ready(client)

            async def gone() -> bool:
                return (await client.get("/readyz")).status_code == 503

            (settings.layers / "lampen.yaml").write_text(WAITING.format(name="lampen"))
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(gone)
            assert await layers_of(client) == []

    asyncio.run(scenario())


def test_reports_are_off_for_the_layers_of_a_signalen_without_address(settings, caplog):
    caplog.set_level("INFO", "wfs_proxy.serve")
    path = settings.layers / "lampen.yaml"
    path.write_text(path.read_text() + "reports: {signalen: default, categories: [lamp]}\n")
    (settings.layers / "signalen.yaml").write_text(
        "instances: {default: {url: ${SIGNALEN_URL}, auth: {type: bearer, token: ${SIGNALEN_TOKEN}}}}\n"
    )

    async def scenario() -> None:
        async with running(settings) as client:
            assert (await until_ready(client))["layers"]["lampen"]["freshness"] == "fresh"
            (await client.get("/layers/lampen")).raise_for_status()
            features = (await client.get("/layers/lampen/features")).json()["features"]
            assert {feature["properties"]["meldingstatus"] for feature in features} == {0}
            assert "wfs_proxy_report_polls_total{" not in (await client.get("/metrics")).text

    asyncio.run(scenario())
    assert caplog.text.count("signalen.yaml (set SIGNALEN_URL, SIGNALEN_TOKEN)") == 1
