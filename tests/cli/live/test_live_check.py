"""All layers of a folder, one after another, with their Signalen."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
from a_signalen import LIGHT, ASignalen
from live_checks import clients_of, codes, lamps, only
from recorded_signalen import CATEGORIES
from scripted_wfs import ScriptedWfs, things
from vendor import Answer, Seen

from wfs_proxy.cli.live import live_check
from wfs_proxy.cli.live.live_check import LayerStep, check_live
from wfs_proxy.cli.live.question_check import Municipality
from wfs_proxy.cli.live.report import LiveReport
from wfs_proxy.config.catalogue import Catalogue, load_catalogue
from wfs_proxy.demo.signalen.records import FormQuestion
from wfs_proxy.question.layer_question import layer_question

PUBLIC_URL = "https://wfs-proxy.example.org"
REPORTS = {"signalen": "default", "categories": [LIGHT]}
BROKEN = {"url": "http://broken.test/wfs"}


class Network:
    """A vendor, a broken vendor and a Signalen, by host name."""

    def __init__(self, wfs: ScriptedWfs, service: ASignalen) -> None:
        self.wfs = wfs
        self.service = service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        host = httpx.Headers(scope["headers"])["host"]
        if host == "signalen.test":
            await self.service(scope, receive, send)
            return
        query = {key.lower(): value for key, value in httpx.QueryParams(scope["query_string"].decode()).items()}
        seen = Seen(method="GET", path=scope["path"], query=query, headers={})
        answer = Answer(status=500) if host == "broken.test" else self.wfs(seen)
        headers = [(b"content-type", answer.media_type.encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


def report_of(
    catalogue: Catalogue, service: ASignalen | None = None, steps: list[LayerStep] | None = None
) -> LiveReport:
    network = Network(ScriptedWfs(things(20)), service or ASignalen())
    municipality = Municipality(public_url=PUBLIC_URL, layer_ids=tuple(catalogue))

    async def check() -> LiveReport:
        async with clients_of(network) as http:
            progress = (steps if steps is not None else []).append
            return await check_live(catalogue, http, asyncio.to_thread, municipality, progress)

    return asyncio.run(check())


def catalogue_of(*layers: Any, instances: Any = None) -> Catalogue:
    return Catalogue(layers, instances=instances)


def with_question(service: ASignalen, layer: Any, **changes: Any) -> ASignalen:
    members = {**layer_question(layer, "signalen", PUBLIC_URL).members, **changes}
    main = next(each.main_slug for each in CATEGORIES if each.slug == LIGHT)
    service.backend.questions = (FormQuestion(main_slug=main, sub_slug=LIGHT, **members),)
    return service


def test_layer_with_its_question_has_nothing_to_change():
    layer = lamps(reports=REPORTS)
    service = with_question(ASignalen(), layer)
    report = report_of(catalogue_of(layer, instances={"default": service.instance()}), service)

    assert not report.has_findings, list(report.lines("en"))
    assert report.counts["notice"] == 1
    assert [each.parts for each in report.signalens] == ["private"]


def test_question_is_compared_with_what_is_really_served():
    layer = lamps(reports=REPORTS)
    question = layer_question(layer, "signalen", PUBLIC_URL).members
    meta = json.loads(json.dumps(question["meta"]).replace('"idField": "number"', '"idField": "Number"'))
    service = with_question(ASignalen(), layer, meta=meta)
    report = report_of(catalogue_of(layer, instances={"default": service.instance()}), service)

    (checked,) = report.layers
    wrong = [each for each in checked.findings if each.code == "id_field_not_served"]
    assert wrong
    assert {each.severity for each in wrong} == {"error"}
    assert all("number" in each.remedy.en for each in wrong)


def test_broken_vendor_is_one_finding_and_does_not_stop_the_others():
    steps: list[LayerStep] = []
    broken = lamps(id="a-stuk", source=BROKEN)
    report = report_of(catalogue_of(broken, lamps()), steps=steps)

    assert [codes(each.findings) for each in report.layers] == [[("error", "vendor_unreachable")], []]
    assert [(step.layer, step.number, step.total) for step in steps] == [("a-stuk", 1, 2), ("lampen", 2, 2)]


def test_unexpected_error_does_not_stop_the_others_and_shows_no_values(monkeypatch):
    real = live_check.check_vendor

    async def fail_for_one(layer: Any, *rest: Any) -> Any:
        if layer.id == "a-stuk":
            raise ValueError("Dorpsstraat 1")
        return await real(layer, *rest)

    monkeypatch.setattr(live_check, "check_vendor", fail_for_one)
    report = report_of(catalogue_of(lamps(id="a-stuk"), lamps()))

    assert [codes(each.findings) for each in report.layers] == [[("error", "unexpected")], []]
    assert "Dorpsstraat" not in "\n".join(report.lines("nl"))


def test_signalen_is_compared_also_when_the_vendor_is_down():
    layer = lamps(source=BROKEN, reports={**REPORTS, "categories": [LIGHT, "lantaarnpaal-verlichting"]})
    service = with_question(ASignalen(), layer)
    report = report_of(catalogue_of(layer, instances={"default": service.instance()}), service)

    found = report.layers[0].findings
    assert codes(found)[:2] == [("error", "vendor_unreachable"), ("error", "category_unknown")]
    assert only(found, "category_unknown").nearest == LIGHT


def test_signalen_that_no_layer_names_is_not_asked():
    service = ASignalen()
    report = report_of(catalogue_of(lamps(), instances={"default": service.instance()}), service)

    assert (report.signalens, service.asked) == ((), [])


def test_warnings_of_the_files_are_findings(tmp_path: Path):
    (tmp_path / "objecten.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "lampen.yaml").write_text("title: A\nsource: {type: geojson, url: objecten.geojson}\n")
    (tmp_path / "masten.yaml.txt").write_text("title: A\nsource: {}\n")
    report = report_of(load_catalogue(tmp_path, {}))

    assert {each.code for each in report.files} == {"unread_file", "no_key"}
    assert {each.about for each in report.files} == {"file"}
    assert f"{tmp_path}/lampen.yaml" in only(report.files, "no_key").where
    assert only(report.layers[0].findings, "no_objects").severity == "error"


def test_id_that_no_object_has_gets_one_advice(tmp_path: Path):
    """The line for a property would name the absent attribute. A layer whose id exists keeps its warning."""
    text = (
        "title: Lampen\nsource: {{type: wfs, url: 'http://vendor.test/wfs', type_names: ['app:lamp']}}\n"
        "properties: {{id: {key}, fields: {{kind: string}}}}\n"
    )
    (tmp_path / "lampen.yaml").write_text(text.format(key="nummer"))
    (tmp_path / "andere.yaml").write_text(text.format(key="number"))
    report = report_of(load_catalogue(tmp_path, {}))

    (line,) = report.files
    assert (line.code, "andere.yaml" in line.where) == ("no_id_field", True)
    (other, lamp) = report.layers
    assert codes(other.findings) == []
    found = only(lamp.findings, "id_absent")
    assert found.remedy.nl.endswith('bedoelt u "number"?')
