from __future__ import annotations

import points
from clocks import Clock
from services import REPORTS, ask, new_services, run

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.serve.object_names import object_names
from wfs_proxy.snapshot.names import hashed

CELLS = {"mode": "cells", "cell_zoom": 15, "fresh_for": "1h", "stale_for": "1d"}
ONLY_BENCHES = {"categories": ["bank"], "question_keys": ["extra_bank"]}


async def fetch(layer: Layer, *_: object) -> FetchedSnapshot:
    return points.fetched(points.batch({f"{layer.id}-1": (4.3, 52.0)}), layer.id)


def test_names_are_those_of_the_layers_of_the_instance_that_have_data():
    async def scenario() -> None:
        layers = [
            points.layer("masten", reports={**REPORTS, "categories": ["lamp"]}),
            points.layer("putten", reports=REPORTS),
            points.layer("bomen", reports={**REPORTS, "signalen": "other"}),
            points.layer("banken", reports={**REPORTS, **ONLY_BENCHES}, fetch=CELLS),
            points.layer("zonder"),
        ]
        services = new_services(Catalogue(layers), fetch, clock=Clock())
        (cells,) = object_names(services.catalogue, services.cache, "default")
        assert (cells.reports, cells.index) == (layers[3].reports, None)
        for name in ("masten", "bomen", "zonder"):
            await ask(services, layer=name)
        names = object_names(services.catalogue, services.cache, "default")
        lamps, cells = sorted(names, key=lambda one: one.index is None)
        assert (lamps.reports, cells.reports) == (layers[0].reports, layers[3].reports)
        assert lamps.index.holds(hashed(["masten-1", "masten.masten-1", "bomen-1"])).tolist() == [True, True, False]
        assert object_names(services.catalogue, services.cache, "nobody") == []

    run(scenario)
