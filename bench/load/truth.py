"""What the layers really hold, and whether an answer says so.

The truth is the goldens of the recordings, `fixtures/<layer>/expected.geojson`: the proxy had no part in the choice of
what a box must hold. Marks come and go with reports, so only their form is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

__all__ = ["Box", "Objects", "fault_in_collection", "fault_in_feature", "read_truth"]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_MARKS = (("1", 1), ("0", 0))
"""IS_GEMELD and meldingstatus: what both frontends of Signalen compare strictly."""

_SHOWN = 3
"""How many ids a fault names."""


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
        """The ids of the objects in the box or on its edge."""
        west, south, east, north = box
        longitude, latitude = self.lonlat[:, 0], self.lonlat[:, 1]
        inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        found: list[str] = self.ids[inside].tolist()
        return found


def read_truth(fixtures: Path) -> dict[str, Objects]:
    """Layer -> its objects."""
    return {
        path.parent.name: Objects(path.parent.name, json.loads(path.read_bytes())["features"])
        for path in sorted(fixtures.glob("*/expected.geojson"))
    }


def fault_in_collection(body: bytes, objects: Objects, expected: list[str]) -> str | None:
    """What is wrong with an answer about a box; None when nothing is.

    Args:
        body: the answer.
        objects: of the layer.
        expected: the ids that it must hold, each once.
    """
    try:
        collection = orjson.loads(body)
        features = collection["features"]
        ids = [feature["id"] for feature in features]
        counts = (collection["numberMatched"], collection["numberReturned"])
    except (ValueError, KeyError, TypeError) as error:
        return f"no FeatureCollection: {error!r}"
    if sorted(ids) != sorted(expected):
        return _difference(ids, expected)
    if counts != (len(expected), len(expected)):
        return f"numberMatched and numberReturned are {counts} for {len(expected)} objects"
    return next(filter(None, (_fault_in(feature, objects) for feature in features)), None)


def fault_in_feature(body: bytes, objects: Objects, expected: str) -> str | None:
    """What is wrong with an answer about one object; None when nothing is."""
    try:
        feature = orjson.loads(body)
        found = feature["id"]
    except (ValueError, KeyError, TypeError) as error:
        return f"no Feature: {error!r}"
    return _fault_in(feature, objects) if found == expected else f"{found} instead of {expected}"


def _fault_in(feature: Mapping[str, Any], objects: Objects) -> str | None:
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
        return f"{len(ids) - len(set(ids))} objects are there twice"
    parts = [
        f"{len(listed)} {what} ({', '.join(listed[:_SHOWN])})"
        for what, listed in (("missing", missing), ("not in the box", strange))
        if listed
    ]
    return f"of {len(expected)} objects: {', '.join(parts)}"
