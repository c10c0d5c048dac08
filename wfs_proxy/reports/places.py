"""A place out of somebody's JSON."""

from __future__ import annotations

from typing import TypeGuard

from wfs_proxy.geo import SERVICE_AREA
from wfs_proxy.marks import Place

__all__ = ["in_service_area", "place_of", "point_of"]

_HALF_TURN, _QUARTER_TURN = 180, 90


def place_of(longitude: object, latitude: object) -> Place | None:
    """The place that two JSON values mean; None where they are no longitude and latitude.

    A pair that lies in the Netherlands or Belgium only when it is read the other way round was swapped by whoever wrote
    it, and is put right. A place elsewhere in the world is kept as it is: it belongs to no object of ours, which is
    what it must say.
    """
    if not (_is_number(longitude) and _is_number(latitude)):
        return None
    place = (longitude, latitude)
    if in_service_area(place[::-1]):  # then the place as written is not, since no latitude there is a longitude there
        place = place[::-1]
    # false for a number that is not finite, and before a float is made of an integer that has none
    if not (abs(place[0]) <= _HALF_TURN and abs(place[1]) <= _QUARTER_TURN):
        return None
    return float(place[0]), float(place[1])


def point_of(geometry: object) -> Place | None:
    """The place of a GeoJSON Point (RFC 7946, section 3.1.2); None for anything else."""
    match geometry:
        case {"type": "Point", "coordinates": [longitude, latitude, *_]}:
            return place_of(longitude, latitude)
    return None


def in_service_area(place: Place) -> bool:
    """Whether it lies where the municipalities are that use this program."""
    return SERVICE_AREA.contains(*place)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
