"""Polls all Signalen instances that the layers of a catalogue use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from a_signalen import LIGHT, PLACE, ASignalen

from wfs_proxy.bbox import BBox
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.config.signalen_states import DEFAULT_OPEN
from wfs_proxy.marks.reported_objects import ReportedObjects
from wfs_proxy.reports.catalogue_poller import CataloguePoller, combined_filter, coordination_name
from wfs_proxy.reports.open_signals import AskedQuestions

pytestmark = pytest.mark.anyio


def a_layer(name: str, **reports: object) -> Layer:
    return Layer(
        id=name,
        title=name,
        source={"type": "geojson", "url": "/dev/null"},
        reports={"signalen": "default", "categories": [LIGHT], **reports},
    )


def test_filter_has_what_any_layer_needs():
    layers = {
        "a": a_layer("a").reports,
        "b": a_layer("b", categories=["put"], question_keys=["q"], open_states=["m", "done external"]).reports,
    }

    combined = combined_filter(layers)
    assert combined.states == DEFAULT_OPEN | {"done external"}
    assert combined.categories == {LIGHT, "put"}
    assert combined.questions == {
        AskedQuestions(layer="a", categories=frozenset({LIGHT}), keys=frozenset()),
        AskedQuestions(layer="b", categories=frozenset({"put"}), keys=frozenset({"q"})),
    }
    assert combined_filter({**layers, "c": a_layer("c", categories=[]).reports}).categories is None


def test_processes_that_need_other_answers_share_nothing():
    instance = ASignalen().instance()
    layers = [
        {"a": a_layer("a").reports},
        {"b": a_layer("b").reports},
        {"a": a_layer("a").reports, "b": a_layer("b").reports},
        {"a": a_layer("a", question_keys=["q"]).reports},
        {"a": a_layer("a", categories=["put"]).reports},
        {"a": a_layer("a", open_states=["m"]).reports},
    ]
    names = [coordination_name("default", instance, combined_filter(each)) for each in layers]
    assert len(set(names)) == len(layers)
    assert coordination_name("default", instance, combined_filter(dict(reversed(layers[2].items())))) == names[2]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - other tasks run meanwhile
            await asyncio.sleep(0.005)


async def test_pollers_serve_the_instances_that_layers_name_and_follow_a_reload():
    signalen, delivered = ASignalen(), []
    signalen.backend.create(PLACE, LIGHT)

    async def deliver(name: str, what: ReportedObjects) -> None:
        delivered.append((name, len(what)))

    before = asyncio.all_tasks()
    instances = {"default": signalen.instance(poll=0.01), "unused": signalen.instance()}
    async with signalen.http() as http:
        pollers = CataloguePoller(http, deliver)
        assert pollers.statuses() == ()
        pollers.use(Catalogue([a_layer("a")], instances=instances))
        await eventually(lambda: ("default", 1) in delivered)
        signalen.backend.create(PLACE, LIGHT)
        await eventually(lambda: ("default", 2) in delivered)
        (status,) = pollers.statuses()
        assert (status.instance, status.signals, status.error, status.public_only) == ("default", 2, None, False)

        running = asyncio.all_tasks()
        pollers.use(Catalogue([a_layer("a", word="status")], instances=instances))
        assert asyncio.all_tasks() == running
        pollers.use(Catalogue([a_layer("a"), a_layer("b", signalen="unused")], instances=instances))
        await eventually(lambda: ("unused", 2) in delivered)
        pollers.use(Catalogue([], instances=instances))
        assert pollers.statuses() == ()
        assert pollers.status("default") is None
        await pollers.close()
        assert asyncio.all_tasks() == before


async def test_instance_that_signalen_yaml_does_not_have_is_not_polled():
    signalen = ASignalen()

    async def deliver(*_: object) -> None:
        return None

    async with signalen.http() as http:
        pollers = CataloguePoller(http, deliver)
        pollers.use(Catalogue([a_layer("a")]))
        assert pollers.statuses() == ()
        await pollers.close()


async def test_without_a_login_the_public_map_is_read():
    signalen, delivered = ASignalen(), []
    signalen.backend.create(PLACE, LIGHT)
    signalen.backend.refresh_public_geography()

    async def deliver(_: str, what: ReportedObjects) -> None:
        delivered.append((what.public_only, len(what)))

    async with signalen.http() as http:
        pollers = CataloguePoller(http, deliver, boxes=lambda _: BBox(6.5, 53.2, 6.6, 53.3))
        pollers.use(Catalogue([a_layer("a")], instances={"default": SignalenInstance(url=signalen.instance().url)}))
        await eventually(lambda: bool(delivered))
        (status,) = pollers.statuses()
        await pollers.close()

    assert delivered[0] == (True, 1)
    assert status.public_only
    assert signalen.asked[-1]["bbox"] == "6.4950,53.1950,6.6050,53.3050"
