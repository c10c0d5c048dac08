from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import geojson
import httpx
import pytest
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
