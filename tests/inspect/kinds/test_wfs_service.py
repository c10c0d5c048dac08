"""The capabilities of every recorded server, as an inspection describes them."""

from __future__ import annotations

import asyncio
import json

import inspecting
import needs
import pytest
import vendor
from scripted_wfs import ScriptedWfs
from vendor import Answer, Seen, exception_report

from wfs_proxy.features import Payload
from wfs_proxy.inspect.inspector import Inspector
from wfs_proxy.inspect.kinds.kind import MOST_COUNTED
from wfs_proxy.inspect.report import ServiceReport
from wfs_proxy.sources.wfs.capabilities import read_capabilities

CORPUS = needs.corpus()
CAPABILITIES = [
    f"{folder}/{name}"
    for folder in ("wfs", "wfs2")
    for name, entry in json.loads((CORPUS / folder / "expected.json").read_text()).items()
    if entry["kind"] == "capabilities"
]


def test_server_that_refuses_acceptversions_is_asked_for_a_version():
    wfs = ScriptedWfs()
    with vendor.serving(lambda seen: Answer(status=400) if "acceptversions" in seen.query else wfs(seen)) as server:
        service, report, _ = inspecting.inspected(server.url)

    assert (service.version, report.sample) == ("2.0.0", 100)


@pytest.mark.parametrize("name", CAPABILITIES)
def test_recorded_service_is_described(name: str):
    body = (CORPUS / name).read_bytes()
    capabilities = read_capabilities(Payload(body=body))

    def scenario(seen: Seen) -> Answer:
        return Answer(body=body) if seen.query["request"] == "GetCapabilities" else exception_report("no objects")

    async def inspect(url: str) -> object:
        async with inspecting.http_clients() as http:
            return await Inspector(url, http, asyncio.to_thread).service()

    with vendor.serving(scenario) as server:
        service = asyncio.run(inspect(server.url))

    assert isinstance(service, ServiceReport)
    assert [each.name for each in service.types] == list(capabilities.types)
    assert service.working_versions == (capabilities.version,)
    assert service.findings == ()
    assert service.requests == len(server.seen) <= 3 + MOST_COUNTED
