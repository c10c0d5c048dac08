"""Attributes inside the values of other attributes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import points
import pytest
import shapely
from arrays import column

from wfs_proxy.config.layer import Layer
from wfs_proxy.features import Encoding, FeatureBatch, PointBatch
from wfs_proxy.pipeline.nested_attributes import nested_names, with_nested_attributes
from wfs_proxy.pipeline.transform import points_from_features

KEEPERS = [
    {"Id": 798, "Url": "https://x.nl/798", "Description": "Gemeente"},
    {"Id": 799, "Url": "https://x.nl/799", "Description": None},
    None,
]
"""Values as GISIB writes them (Amsterdam/signals-gisib-ams@02c0899)."""


def batch_of(**columns: Sequence[object]) -> FeatureBatch:
    """Objects in Delft, with these attributes."""
    count = len(next(iter(columns.values())))
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


def layer_of(*paths: str, **blocks: object) -> Layer:
    return points.layer(
        properties={"fields": {f"veld{row}": {"from": path} for row, path in enumerate(paths)}}, **blocks
    )


def served(batch: FeatureBatch, *paths: str, **blocks: object) -> list[list[object]]:
    found: PointBatch = points_from_features(batch, layer_of(*paths, **blocks))
    return [values.tolist() for values in found.columns.values()]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Beheerder.Description", ["Gemeente", None, None]),
        ("Beheerder.Id", ["798", "799", None]),
        ("Beheerder gedetailleerd.Naam.Kort", ["OR", "OR", "OR"]),
        ("Beheerder.Kort", ["met punt", "met punt", "met punt"]),
        ("delen.soort", ["mast, armatuur", None, "kast"]),
        ("delen.0.soort", ["mast", None, "kast"]),
    ],
)
def test_field_comes_from_inside_a_value(path: str, expected: list):
    batch = batch_of(
        Beheerder=KEEPERS,
        **{
            "Beheerder gedetailleerd": [{"Naam": {"Kort": "OR"}}] * 3,
            "Beheerder.Kort": ["met punt"] * 3,
            "delen": [[{"soort": "mast"}, {"soort": "armatuur"}], [], [{"soort": "kast"}]],
        },
    )

    assert served(batch, path) == [expected]


def test_whole_value_stays_available_beside_what_is_inside_it():
    batch = batch_of(a=[{"b": 1}, {"b": 2}])

    assert served(batch, "a", "a.b") == [['{"b":1}', '{"b":2}'], ["1", "2"]]


def test_path_works_wherever_a_layer_file_names_an_attribute():
    batch = batch_of(
        Soort=[{"Description": "Quercus robur"}, {"Description": "Acer"}, {"Description": "Quercus robur"}],
        sleutel=[{"nr": "1"}, {"nr": "2"}, {"nr": "3"}],
        toestand=[{"code": "J"}, {"code": "J"}, {"code": "N"}],
    )
    layer = Layer.model_validate(
        {
            "id": "bomen",
            "title": "Bomen",
            "source": {"type": "geojson", "url": "b.geojson", "where": {"Soort.Description": ["Quercus robur"]}},
            "properties": {"id": "sleutel.nr", "fields": {"nummer": {"from": "sleutel.nr"}}},
            "reports": {"vendor": {"field": "toestand.code", "values": ["J"]}},
        }
    )

    found = points_from_features(batch, layer)

    assert found.ids.tolist() == ["1", "3"]
    assert found.columns["nummer"].tolist() == ["1", "3"]
    assert found.vendor.tolist() == ["J", None]
    assert found.report.absent_fields == ()


@pytest.mark.parametrize(
    ("values", "path", "absent"),
    [
        (KEEPERS, "Beheerder.Descripton", True),
        (KEEPERS, "Beheerder.Description.x", True),
        (KEEPERS, "Beheeder.Description", True),
        (["tekst", "tekst"], "Beheerder.Description", True),
        ([{"Description": None}, {"Description": None}], "Beheerder.Description", False),
        ([None, None], "Beheerder.Description", False),
        ([None, {"Id": 1}], "Beheerder.Description", True),
    ],
)
def test_path_that_no_object_has_is_absent(values: list, path: str, *, absent: bool):
    report = points_from_features(batch_of(Beheerder=values), layer_of(path)).report

    assert report.absent_fields == ((path,) if absent else ())


def test_misspelt_path_has_the_nearest_one_that_exists():
    report = points_from_features(batch_of(Beheerder=KEEPERS), layer_of("Beheerder.Descripton")).report

    assert report.nearest_attributes == {"Beheerder.Descripton": "Beheerder.Description"}


def test_names_inside_values_are_bounded():
    deep: dict[str, object] = {"x": 1}
    for _ in range(500):
        deep = {"x": deep}
    wide = {f"n{number}": {"a": 1} for number in range(5000)}

    names = nested_names(batch_of(diep=[deep], breed=[wide]))

    assert len(names) < 500
    assert "breed.n1.a" in names


def test_batch_without_paths_is_returned_as_it_is():
    batch = batch_of(a=["1"])

    assert with_nested_attributes(batch, layer_of("a")) is batch
