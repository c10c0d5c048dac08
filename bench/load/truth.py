"""The real contents of the layers, and the check of an answer against them.

The contents are the goldens of the recordings, `fixtures/<layer>/expected.geojson`. The objects in a box are computed
here, without the proxy's code. Marks change with reports, so only their form is checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

__all__ = ["Box", "Objects", "error_in_collection", "error_in_feature", "read_truth"]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_MARKS = (("1", 1), ("0", 0))
"""IS_GEMELD and meldingstatus: what both frontends of Signalen compare strictly."""

_SHOWN = 3
"""Number of ids that an error names."""


class Objects:
    """The objects of one layer."""

    def __init__(self, layer: str, features: Iterable[Mapping[str, Any]]) -> None:
        self.layer = layer
        self.places: dict[str, list[float]] = {
            feature["id"]: feature["geometry"]["coordinates"] for feature in features
        }
        """GeoJSON id -> longitude and latitude."""
        self.ids = np.array(list(self.places), dtype=object)
        self.lonlat: NDArray[np.float64] = np.array(list(self.places.values()), dtype=np.float64)
        """(N, 2) in the order of `ids`."""

    def __len__(self) -> int:
        return len(self.places)

    def within(self, box: Box) -> list[str]:
        """Return the ids of the objects in the box or on its edge."""
        west, south, east, north = box
        longitude, latitude = self.lonlat[:, 0], self.lonlat[:, 1]
        inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        found: list[str] = self.ids[inside].tolist()
        return found


def read_truth(fixtures: Path) -> dict[str, Objects]:
    """Return the objects of each layer."""
    return {
        path.parent.name: Objects(path.parent.name, json.loads(path.read_bytes())["features"])
        for path in sorted(fixtures.glob("*/expected.geojson"))
    }


def error_in_collection(body: bytes, objects: Objects, expected: list[str]) -> str | None:
    """Return what is wrong with the answer to a box, or None.

    Args:
        body: the answer.
        objects: of the layer.
        expected: the ids that it must contain, each once.
    """
    try:
        collection = orjson.loads(body)
        features = collection["features"]
        ids = [feature["id"] for feature in features]
        counts = (collection["numberMatched"], collection["numberReturned"])
    except (ValueError, KeyError, TypeError) as error:
        return f"not a FeatureCollection: {error!r}"
    if sorted(ids) != sorted(expected):
        return _difference(ids, expected)
    if counts != (len(expected), len(expected)):
        return f"numberMatched and numberReturned are {counts} for {len(expected)} objects"
    return next(filter(None, (_error_in(feature, objects) for feature in features)), None)


def error_in_feature(body: bytes, objects: Objects, expected: str) -> str | None:
    """Return what is wrong with the answer about one object, or None."""
    try:
        feature = orjson.loads(body)
        found = feature["id"]
    except (ValueError, KeyError, TypeError) as error:
        return f"not a Feature: {error!r}"
    return _error_in(feature, objects) if found == expected else f"{found} instead of {expected}"


def _error_in(feature: Mapping[str, Any], objects: Objects) -> str | None:
    try:
        place, properties = feature["geometry"]["coordinates"], feature["properties"]
        marks = (properties["IS_GEMELD"], properties["meldingstatus"])
    except (KeyError, TypeError) as error:
        return f"{feature.get('id')} lacks {error}"
    if place != objects.places[feature["id"]]:
        return f"{feature['id']} is at {place} instead of {objects.places[feature['id']]}"
    # True equals 1 in Python and not in a browser
    if marks not in _MARKS or type(marks[1]) is not int:
        return f"{feature['id']} has the marks {marks}"
    return None


def _difference(ids: list[str], expected: list[str]) -> str:
    missing, strange = sorted(set(expected) - set(ids)), sorted(set(ids) - set(expected))
    if not missing and not strange:
        return f"{len(ids) - len(set(ids))} objects are duplicated"
    parts = [
        f"{len(listed)} {what} ({', '.join(listed[:_SHOWN])})"
        for what, listed in (("missing", missing), ("not in the box", strange))
        if listed
    ]
    return f"of {len(expected)} objects: {', '.join(parts)}"
