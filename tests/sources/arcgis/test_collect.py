"""A layer that is called complete has every object, however a vendor pages, counts and lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from scripted_arcgis import SERVICE, ScriptedArcgis, things
from vendor import Seen

from wfs_proxy.errors import UpstreamException
from wfs_proxy.features import Payload
from wfs_proxy.sources.arcgis.collect import LayerCollection, collect
from wfs_proxy.sources.arcgis.layer_client import LayerClient
from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer
from wfs_proxy.sources.completeness import RequestBudget

pytestmark = pytest.mark.anyio


class InMemory:
    """Sends requests to a scenario without sockets."""

    def __init__(self, scenario: ScriptedArcgis) -> None:
        self._scenario = scenario

    async def get(self, url: str, *_: Any, **_options: Any) -> Payload:
        parts = urlsplit(url)
        query = {key.lower(): value for key, value in parse_qsl(parts.query)}
        seen = Seen(method="GET", path=parts.path, query=query, headers={})
        return Payload(body=self._scenario(seen).body)


async def at_once(function: Any, *arguments: Any, **options: Any) -> Any:
    return function(*arguments, **options)


async def collected(scenario: ScriptedArcgis, page_size: int, *, pages: bool) -> tuple[LayerCollection, RequestBudget]:
    budget, collection = RequestBudget(), LayerCollection()
    types: Mapping[str, str] = {"OBJECTID": "esriFieldTypeOID"}
    client = LayerClient(
        http=InMemory(scenario),
        offload=at_once,
        budget=budget,
        url=f"https://gis.example{SERVICE}/0",
        description=ArcgisLayer(object_id="OBJECTID", field_types=types, max_record_count=scenario.stated_cap),
        output_format="json",
        page_size=page_size,
        pages=pages,
    )
    await collect(client, await client.first_page(), collection)
    return collection, budget


def scenarios(count: int, seed: int) -> Iterator[ScriptedArcgis]:
    """Yield servers that combine all kinds of behaviour."""
    random = Random(seed)
    for _ in range(count):
        stated = random.choice([None, 12, 20])
        pages = random.choice(["honest", "ignored", "refused", "overlapping", "hollow"])
        yield ScriptedArcgis(
            things=things(random.randint(0, 60)),
            cap=random.randint(10, stated or 15),
            stated_cap=stated,
            # without a flag, an empty page in the middle looks like the end
            flag=random.choice(["honest", "always"] if pages == "hollow" else ["honest", "absent", "always"]),
            pages=pages,
            counts=random.choice(["honest", "refused", "capped", "zero", "more"]),
            ids=random.choice(["honest", "refused", "capped", "null"]),
            ranges=random.choice(["honest", "refused"]),
            lists=random.choice(["honest", "refused"]),
        )


@pytest.mark.parametrize("page_size", [12, 20])
@pytest.mark.parametrize("pages", [True, False])
async def test_layer_that_is_called_complete_has_every_object(page_size, pages):
    complete = 0
    for scenario in scenarios(60, seed=page_size + pages):
        try:
            collection, budget = await collected(scenario, page_size, pages=pages)
        except UpstreamException:
            continue  # the vendor refuses all that could be asked

        everything = {str(each.number) for each in scenario.things}
        assert collection.ids == everything or not collection.complete, (scenario, collection.notes)
        assert len(collection.features) == len(collection.ids)
        assert budget.spent < 100
        complete += collection.complete
    assert complete > 5


async def test_honest_ids_make_every_layer_complete():
    for scenario in scenarios(60, seed=3):
        scenario.ids = scenario.ranges = "honest"
        scenario.counts = "honest" if scenario.counts == "more" else scenario.counts
        collection, _ = await collected(scenario, 12, pages=True)

        assert collection.complete, (scenario, collection.notes)
        assert collection.ids == {str(each.number) for each in scenario.things}
