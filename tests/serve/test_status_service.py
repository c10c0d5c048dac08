from __future__ import annotations

import points
from clocks import Clock
from services import ControlledVendor, ask, new_services, run
from waiting import until

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import ConfigurationError, UpstreamUnreachable


def test_a_layer_is_described_with_its_properties_its_state_and_its_question():
    async def scenario() -> None:
        clock = Clock()
        fields = {"nummer": {"from": "mastnummer", "type": "string"}, "hoogte": "number"}
        layer = points.layer(properties={"id": "mastnummer", "fields": fields}, point={"footprint": True})
        vendor = ControlledVendor(
            points.fetched(points.grid(10), complete=False, matched=12, requests=3, notes=("two pages were equal",)),
            UpstreamUnreachable("no connection"),
        )
        services = new_services(Catalogue([layer]), vendor, clock=clock, public_url="https://example.org")
        absent = services.status.description("masten")
        assert (absent.count, absent.bbox, absent.held, absent.failure) == (None, None, None, None)
        await ask(services)
        clock.now += 3700
        await ask(services)
        await until(lambda: services.status.description("masten").failure is not None)
        description = services.status.description("masten")
        assert [(each.name, each.type) for each in description.properties] == [
            ("nummer", "string"),
            ("hoogte", "number"),
            ("footprint", "geometry"),
        ]
        assert (description.count, description.freshness) == (10, "stale")
        assert description.bbox == (4.3, 52.0, 4.3009, 52.0)
        served = description.held
        assert (served.complete, served.vendor_count, served.requests) == (False, 12, 3)
        assert served.notes == ("two pages were equal",)
        assert (description.failure.detail, description.failure.in_a_row) == ("no connection", 1)
        assert description.question.id_field == "nummer"
        assert description.question.endpoint == (
            "https://example.org/layers/masten/features?bbox={west},{south},{east},{north}&srsName={srsName}"
        )

    run(scenario)


def test_the_extent_of_the_file_counts_where_not_all_objects_are_known():
    async def scenario() -> None:
        source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4, 51, 5, 52]}
        cells = points.layer("cellen", source=source, fetch={"mode": "cells"})
        layers = [points.layer(source=source), cells, points.layer("leeg")]
        services = new_services(Catalogue(layers), ControlledVendor(points.fetched(points.grid(10))), clock=Clock())
        assert services.status.extents() == {"masten": (4, 51, 5, 52), "cellen": (4, 51, 5, 52)}
        await ask(services)
        assert services.status.extents() == {"masten": (4.3, 52.0, 4.3009, 52.0), "cellen": (4, 51, 5, 52)}

    run(scenario)


def test_the_properties_of_marks_are_described():
    values = {"IS_GEMELD": ("1", "0"), "n": (1, 0), "b": (True, False), "s": (1, "nee")}
    marks = [{"property": name, "reported": one, "otherwise": other} for name, (one, other) in values.items()]
    layer = points.layer(reports={"mark": marks, "word": "status", "age": "sinds"})
    services = new_services(Catalogue([layer]), ControlledVendor(), clock=Clock())
    description = services.status.description("masten")
    assert [(each.name, each.type) for each in description.properties] == [
        ("IS_GEMELD", "string"),
        ("n", "integer"),
        ("b", "boolean"),
        ("s", "string"),
        ("status", "string"),
        ("sinds", "string"),
    ]
    assert description.reported is None


def test_a_service_that_was_ready_stays_ready():
    async def scenario() -> None:
        clock = Clock()
        vendor = ControlledVendor(points.fetched(points.grid(1)), UpstreamUnreachable("no connection"))
        services = new_services(Catalogue([points.layer()]), vendor, clock=clock)
        assert not services.status.readiness().ready
        await ask(services)
        assert services.status.readiness().ready
        vendor.gate.clear()
        services.reload(Catalogue([points.layer(), points.layer("new")]))
        readiness = services.status.readiness()
        assert (readiness.ready, readiness.layers["new"].tried) == (True, False)
        await services.close()

    run(scenario)


def test_a_refused_reload_is_reported_until_the_next_good_one():
    services = new_services(Catalogue([points.layer()]), ControlledVendor(), clock=Clock())
    services.reload(ConfigurationError("masten.yaml: line 3"))
    assert services.status.readiness().catalogue == "reload refused"
    assert not services.status.measurements().catalogue_current


def test_measurements_count_fetches_and_describe_layers_that_have_data():
    async def scenario() -> None:
        clock = Clock()
        catalogue = Catalogue([points.layer(), points.layer("putten")])
        vendor = ControlledVendor(points.fetched(points.grid(3), complete=False))
        services = new_services(catalogue, vendor, clock=clock)
        await ask(services)
        clock.now += 5
        measured = services.status.measurements()
        counts = {(layer, outcome.value): number for (layer, outcome), number in measured.fetches.items()}
        assert {key for key, number in counts.items() if number} == {("masten", "stored")}
        assert {layer for layer, _ in counts} == {"masten", "putten"}
        assert list(measured.layers) == ["masten"]
        masten = measured.layers["masten"]
        assert (masten.objects, masten.age, masten.complete) == (3, 5, False)

    run(scenario)
