"""What is written, as mapbox-vector-tile reads it."""

from __future__ import annotations

from collections.abc import Sequence

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.faces.tiles.mvt import (
    EXTENT,
    NO_VALUES,
    Tags,
    ValueTable,
    boolean_values,
    integer_values,
    number_values,
    text_values,
    vector_tile,
)


def read(tile: bytes) -> dict:
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})


def of_values(values: ValueTable) -> list[object]:
    """Return what is read of a table of values, each of which a feature has."""
    numbers = np.arange(values.size)
    places = np.zeros((values.size, 2), dtype=np.int64)
    features = read(vector_tile("a", numbers, places, [Tags("key", numbers, values)]))["a"]["features"]
    return [feature["properties"]["key"] for feature in features]


def texts_of(texts: Sequence[str], prefix: str = "") -> ValueTable:
    encoded = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in encoded], dtype=np.int64)
    return text_values(np.frombuffer(b"".join(encoded), dtype=np.uint8), lengths, prefix.encode())


def test_tile_has_the_layer_with_its_extent_and_version():
    tile = vector_tile("lantaarnpalen €", np.array([7]), np.array([[3, 4]]), [])

    assert read(tile) == {
        "lantaarnpalen €": {
            "extent": EXTENT,
            "version": 2,
            "features": [
                {
                    "geometry": {"type": "Point", "coordinates": [3, 4]},
                    "properties": {},
                    "id": 7,
                    "type": "Feature",
                }
            ],
            "type": "FeatureCollection",
        }
    }


def test_tile_without_features_is_empty():
    assert (
        vector_tile("a", np.array([], np.int64), np.empty((0, 2), np.int64), [Tags("k", np.array([]), NO_VALUES)])
        == b""
    )


@given(st.lists(st.tuples(st.integers(0, 2**53 - 1), st.integers(-64, 4159), st.integers(-64, 4159)), min_size=1))
def test_ids_and_places_are_kept(features: list[tuple[int, int, int]]):
    numbers = np.array(features, dtype=np.int64)

    found = read(vector_tile("a", numbers[:, 0], numbers[:, 1:], []))["a"]["features"]

    assert [(each["id"], *each["geometry"]["coordinates"]) for each in found] == features


@given(st.lists(st.text(max_size=300), min_size=1, max_size=20), st.sampled_from(["", "rioned.", "é" * 100]))
def test_texts_are_kept(texts: list[str], prefix: str):
    found = of_values(texts_of(texts, prefix))

    assert found == [prefix + text for text in texts]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_are_kept(numbers: list[int]):
    assert of_values(integer_values(np.array(numbers, dtype=np.int64))) == numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_kept(numbers: list[float]):
    assert of_values(number_values(np.array(numbers))) == numbers


def test_booleans_are_kept():
    assert of_values(boolean_values()) == [False, True]


def test_feature_has_only_the_keys_that_it_has_a_value_for():
    tags = [
        Tags("soort", np.array([1, -1, 0]), texts_of(["kolk", "put"])),
        Tags("leeg", np.array([-1, -1, -1]), NO_VALUES),
        Tags("aan", np.array([-1, 1, 0], dtype=np.int8), boolean_values()),
    ]

    found = read(vector_tile("a", np.arange(3), np.zeros((3, 2), np.int64), tags))["a"]["features"]

    assert [each["properties"] for each in found] == [{"soort": "put"}, {"aan": True}, {"soort": "kolk", "aan": False}]


@pytest.mark.parametrize("count", [127, 128, 129, 16_383, 16_385])
def test_tables_of_any_size_are_read(count: int):
    """Positions in a table need one byte up to 127, two up to 16,383."""
    assert of_values(integer_values(np.arange(count))) == list(range(count))


def test_feature_with_many_keys_is_read():
    tags = [Tags(f"k{number}", np.array([0, -1]), texts_of(["x" * number])) for number in range(200)]

    found = read(vector_tile("a", np.arange(2), np.zeros((2, 2), np.int64), tags))["a"]["features"]

    assert found[0]["properties"] == {f"k{number}": "x" * number for number in range(200)}
    assert found[1]["properties"] == {}
