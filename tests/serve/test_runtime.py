from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator

import points
import pytest
from clocks import Clock
from services import INSTANCE, REPORTS, ControlledVendor, ask, marked_in, new_services, reported, run
from waiting import until

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.serve.runtime import Runtime


def test_a_reload_drops_the_data_of_changed_layers_and_keeps_the_others():
    async def scenario() -> None:
        vendor = ControlledVendor(points.fetched(points.grid(1)))
        layers = [points.layer(name) for name in ("a", "b", "c")]
        services = new_services(Catalogue(layers), vendor, clock=Clock())
        services.cache.warm()
        await until(lambda: {each.freshness for each in services.status.summaries()} == {"fresh"})
        vendor.gate.clear()
        services.reload(Catalogue([points.layer("a"), points.layer("b", title="New"), points.layer("d")]))
        await until(lambda: vendor.asked == 5)
        assert [(summary.id, summary.freshness) for summary in services.status.summaries()] == [
            ("a", "fresh"),
            ("b", "absent"),
            ("d", "absent"),
        ]
        assert [list(catalogue) for catalogue in services.polls.used] == [["a", "b", "d"]]
        await services.close()

    run(scenario)


def test_a_reload_of_files_with_errors_changes_nothing_but_the_error(caplog):
    services = new_services(Catalogue([points.layer()]), ControlledVendor(), clock=Clock())
    before = services.catalogue.current
    services.reload(ConfigurationError("b.yaml: line 3"))
    assert services.catalogue.current is before
    assert services.catalogue.reload_error == "b.yaml: line 3"
    assert "b.yaml: line 3" in caplog.text
    assert services.polls.used == []


def test_a_good_reload_clears_the_error():
    async def scenario() -> None:
        vendor = ControlledVendor(points.fetched(points.grid(1)))
        services = new_services(Catalogue([points.layer()]), vendor, clock=Clock())
        services.reload(ConfigurationError("b.yaml: line 3"))
        services.reload(Catalogue([points.layer()]))
        assert services.catalogue.reload_error is None
        await services.close()

    run(scenario)


def test_a_reload_forgets_the_reports_of_an_instance_that_no_layer_names():
    async def scenario() -> None:
        clock = Clock()
        instances = {"default": INSTANCE}
        marked = Catalogue([points.layer(reports=REPORTS)], instances=instances)
        services = new_services(marked, ControlledVendor(points.fetched(points.grid(3))), clock=clock)
        await services.marks.use_reported("default", reported(clock, "0001"))
        assert marked_in(await ask(services)) == ["0001"]
        services.reload(Catalogue([points.layer(reports={**REPORTS, "signalen": "other"})]))
        answer = await ask(services)
        assert (marked_in(answer), answer.marks_ttl) == ([], None)
        services.reload(Catalogue([points.layer(reports=REPORTS)], instances=instances))
        assert marked_in(await ask(services)) == []
        await services.close()

    run(scenario)


class Events:
    """Stands for everything that a runtime starts and stops, and records the order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def start(self) -> None:
        self.seen.append("process starts")

    async def close(self) -> None:
        self.seen.append("process ends")

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[None]:
        self.seen.append("connection opens")
        yield
        self.seen.append("connection closes")

    async def upkeep(self) -> None:
        self.seen.append("upkeep starts")
        try:
            await asyncio.Event().wait()
        finally:
            self.seen.append("upkeep ends")


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN])
def before(request: pytest.FixtureRequest) -> Iterator[signal.Handlers]:
    """What SIGHUP does outside the runtime; `nohup` has it ignored."""
    inherited = signal.signal(signal.SIGHUP, request.param)
    yield request.param
    signal.signal(signal.SIGHUP, inherited)


def test_the_runtime_fetches_and_reloads_on_a_hangup_signal_between_its_start_and_its_end(before: signal.Handlers):
    async def scenario() -> None:
        vendor = ControlledVendor(points.fetched(points.grid(1)))
        services = new_services(Catalogue([points.layer()]), vendor, clock=Clock())
        events = Events()
        runtime = Runtime(
            services.catalogue,
            lambda: Catalogue([points.layer("new")]),
            cache=services.cache,
            marks=services.marks,
            poller=services.polls,
            fetch_process=events,
            upkeep=[events.upkeep],
            connections=[events.connection()],
        )
        async with runtime.running():
            await until(lambda: services.status.readiness().ready and "upkeep starts" in events.seen)
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: list(services.catalogue.current) == ["new"])
        assert signal.getsignal(signal.SIGHUP) is before
        assert [list(catalogue) for catalogue in services.polls.used] == [["masten"], ["new"]]
        assert events.seen == [
            "connection opens",
            "process starts",
            "upkeep starts",
            "upkeep ends",
            "process ends",
            "connection closes",
        ]

    run(scenario)
