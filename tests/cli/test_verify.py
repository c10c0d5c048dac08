"""What `convert --verify` reports about GeoJSON that is not valid."""

from __future__ import annotations

import json

import pytest

from wfs_proxy.cli.verify import problems_in

OPEN_RING = [[4.3, 52.0], [4.4, 52.0], [4.4, 52.1], [4.3, 52.1]]


def collection(geometry, **properties) -> bytes:
    feature = {"type": "Feature", "id": "a.1", "geometry": geometry, "properties": properties}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


@pytest.mark.parametrize(
    "valid",
    [
        collection({"type": "Point", "coordinates": [4.3, 52.0]}),
        collection({"type": "Point", "coordinates": [4.3, 52.0]}, footprint=None, type="FeatureCollection"),
        collection(
            {"type": "Point", "coordinates": [4.3, 52.0]},
            footprint={"type": "Polygon", "coordinates": [[*OPEN_RING, OPEN_RING[0]]]},
        ),
        collection({"type": "Point", "coordinates": [4.3, 52.0]}, footprint="a text of the vendor"),
    ],
    ids=["point", "property called type", "footprint", "text called footprint"],
)
def test_valid_output_has_no_problem(valid: bytes):
    assert list(problems_in(valid)) == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (collection({"type": "Point", "coordinates": [4.3]}), "a.1: geometry: a position must have"),
        (collection({"type": "Point", "coordinates": ["4.3", "52.0"]}), "a.1: geometry: "),
        (collection({"type": "Punt", "coordinates": [4.3, 52.0]}), "a.1: geometry: Cannot coerce"),
        (collection(None), "a.1: geometry: "),
        (
            collection(
                {"type": "Point", "coordinates": [4.3, 52.0]}, footprint={"type": "Polygon", "coordinates": [OPEN_RING]}
            ),
            "a.1: footprint: Each linear ring must end where it started",
        ),
        (b'{"type": "Feature"}', "not a FeatureCollection"),
        (b"[]", "not a FeatureCollection"),
    ],
    ids=["one number", "texts", "unknown type", "no geometry", "open ring", "another object", "a list"],
)
def test_wrong_output_has_one_line_that_names_the_object(wrong: bytes, expected: str):
    [problem] = problems_in(wrong)

    assert problem.startswith(expected)
