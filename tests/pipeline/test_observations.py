"""What a fetch says about the layer file, and what of the vendor's values it contains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import points
import pytest
import shapely
from arrays import column

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.features import Encoding, FeatureBatch, PipelineReport
from wfs_proxy.pipeline.transform import points_from_features

SECRET = "Jan Jansen, 06-12345678"


def batch_of(count: int = 4, **columns: Sequence[object]) -> FeatureBatch:
    """Objects in Delft, with these attributes."""
    return FeatureBatch(
        ids=column(f"lamp.{row}" for row in range(count)),
        type_names=np.full(count, "", dtype=object),
        geometry=column(shapely.Point(4.35 + row / 1000, 52.0) for row in range(count)),
        geometry_errors=np.full(count, None, dtype=object),
        srs_index=np.full(count, -1, dtype=np.int32),
        srs_names=(),
        columns={name: column(values) for name, values in columns.items()},
        encoding=Encoding.GEOJSON,
    )


def report_on(batch: FeatureBatch, layer: Layer, *, near: BBox | None = None) -> PipelineReport:
    return points_from_features(batch, layer, near=near).report


@pytest.mark.parametrize(
    ("configured", "existing"),
    [("mastnumer", "mastnummer"), ("MASTNUMMER", "mastnummer"), ("app:mastnummer", "mastnummer"), ("xyz", None)],
)
def test_an_absent_attribute_has_the_nearest_name_that_exists(configured, existing):
    layer = points.layer(properties={"id": configured, "fields": {"nummer": {"from": configured}}})
    report = report_on(batch_of(mastnummer=list("abcd"), soort=list("xxyy")), layer)

    assert report.absent_fields == (configured,)
    assert report.nearest_attributes == ({} if existing is None else {configured: existing})


def test_values_of_the_file_that_no_object_has_are_named_by_their_key():
    layer = points.layer(
        source={
            "type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"],
            "where": {"status": ["in gebruik", "In Gebruik"], "jaar": [2020]},
        },
        properties={"fields": {"soort": {"map": {"K": "kolk", "Q": "?"}}, "weg": {"map": {"a": "b"}}}},
        reports={"vendor": {"field": "storing", "values": [1, "J"], "states": [{"text": "stuk", "state": "m"}]}},
    )  # fmt: skip
    batch = batch_of(
        status=["in gebruik"] * 3 + ["weg"], jaar=["2020", 2020, 2020.0, None], soort=["K", " K", "Z", "Q"],
        storing=["1", None, ["stuk", "x"], "0"],
    )  # fmt: skip

    assert report_on(batch, layer).unused_values == {
        "source.where.status": ("In Gebruik",),
        "properties.fields.soort.map": ("Q",),  # the object with Q is not chosen
        "reports.vendor": ("J",),
    }


def test_equal_values_of_other_types_are_different_values():
    layer = points.layer(properties={"fields": {"mark": {"map": {"1": "a", "true": "b", "x": "c"}}}})

    assert report_on(batch_of(mark=[1, True, 1.0, None]), layer).unused_values == {"properties.fields.mark.map": ("x",)}


def test_a_cell_does_not_show_which_values_occur():
    layer = points.layer(properties={"fields": {"soort": {"map": {"K": "kolk"}}}})

    assert report_on(batch_of(soort=["Z"] * 4), layer, near=BBox(4, 51, 5, 53)).unused_values == {}


def test_objects_without_attributes_show_nothing_about_values():
    layer = points.layer(properties={"fields": {"soort": {"map": {"K": "kolk"}}}})

    assert report_on(batch_of(0, soort=[]), layer).unused_values == {}


def test_served_fields_have_a_number_of_values_and_frequent_examples():
    layer = points.layer(properties={"fields": {"soort": "string", "hoogte": "number", "leeg": "string"}})
    report = report_on(batch_of(soort=["a", "b", "b", None], hoogte=["1.5", 2, "x", ""], leeg=[None] * 4), layer)

    assert report.fields["soort"].filled == 3
    assert report.fields["soort"].examples == ("b", "a")
    assert (report.fields["hoogte"].filled, report.fields["hoogte"].examples) == (2, ("1.5", "2.0"))
    assert (report.fields["leeg"].filled, report.fields["leeg"].examples) == (0, ())


def test_examples_are_few_and_short():
    layer = points.layer(properties={"fields": {"tekst": "string"}})
    (summary,) = report_on(batch_of(5000, tekst=[f"{row} " + "x" * 500 for row in range(5000)]), layer).fields.values()

    assert summary.filled == 5000
    assert len(summary.examples) == 3
    assert all(len(example) == 60 and example.endswith("…") for example in summary.examples)


def test_no_value_of_an_attribute_that_is_not_served_is_in_the_report():
    layer = points.layer(
        properties={"id": "nr", "fields": {"soort": {"map": {"K": "kolk"}}, "beheerdr": "string"}},
        reports={"vendor": {"field": "melder", "values": ["J"]}},
        point={"footprint": True},
    )
    batch = batch_of(nr=list("1234"), soort=[SECRET] * 4, beheerder=[SECRET] * 4, melder=[SECRET] * 4)
    report = report_on(batch, layer)

    assert "Jansen" not in repr(report)
    assert report.nearest_attributes == {"beheerdr": "beheerder"}
