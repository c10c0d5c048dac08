from __future__ import annotations

import points
from clocks import Clock
from services import REPORTS, ask, new_services, run

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.serve.reports_area import reports_area


async def fetch(layer: Layer, *_: object) -> FetchedSnapshot:
    west = {"masten": 4.3, "putten": 5.0, "bomen": 6.0}[layer.id]
    return points.fetched(points.batch({"a": (west, 52.0), "b": (west + 0.1, 52.1)}), layer.id)


def test_the_area_is_that_of_all_layers_of_the_instance_and_of_no_other():
    async def scenario() -> None:
        layers = [points.layer(name, reports=REPORTS) for name in ("masten", "putten")]
        other = points.layer("bomen", reports={**REPORTS, "signalen": "other"})
        services = new_services(Catalogue([*layers, other, points.layer("zonder")]), fetch, clock=Clock())
        await ask(services, layer="masten")
        assert reports_area(services.catalogue, services.cache, "default") is None, "the area of putten is unknown"
        await ask(services, layer="putten")
        assert reports_area(services.catalogue, services.cache, "default") == (4.3, 52.0, 5.1, 52.1)

    run(scenario)


def test_a_layer_without_data_or_in_cells_counts_with_its_declared_extent():
    cells = {"mode": "cells", "cell_zoom": 15, "fresh_for": "1h", "stale_for": "1d"}
    source = {"type": "geojson", "url": "http://127.0.0.1:9", "extent": [4.0, 51.0, 5.0, 52.0]}
    layer = points.layer(reports=REPORTS, source=source)
    in_cells = points.layer("putten", reports=REPORTS, fetch=cells, source={**source, "extent": [5.0, 52.0, 6.0, 53.0]})
    services = new_services(Catalogue([layer, in_cells]), fetch, clock=Clock())
    assert reports_area(services.catalogue, services.cache, "default") == (4.0, 51.0, 6.0, 53.0)
