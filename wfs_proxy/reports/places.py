"""Read places from JSON that other programs wrote."""

from __future__ import annotations

from typing import TypeGuard

from wfs_proxy.geo import SERVICE_AREA
from wfs_proxy.marks import Place

__all__ = ["in_service_area", "place_of", "point_of"]

_HALF_TURN, _QUARTER_TURN = 180, 90


def place_of(longitude: object, latitude: object) -> Place | None:
    """Return the place that two JSON values describe; None if they are not a longitude and a latitude.

    A pair that is in the service area (the Netherlands and Belgium) only when swapped is swapped. A place elsewhere in
    the world is kept: it matches no object, as it should.
    """
    if not (_is_number(longitude) and _is_number(latitude)):
        return None
    place = (longitude, latitude)
    # the place as written cannot be there too: no latitude there is also a longitude there
    if in_service_area(place[::-1]):
        place = place[::-1]
    # False for numbers that are not finite; checked before float(), which fails for huge integers
    if not (abs(place[0]) <= _HALF_TURN and abs(place[1]) <= _QUARTER_TURN):
        return None
    return float(place[0]), float(place[1])


def point_of(geometry: object) -> Place | None:
    """Return the place of a GeoJSON Point (RFC 7946, section 3.1.2); None for anything else."""
    match geometry:
        case {"type": "Point", "coordinates": [longitude, latitude, *_]}:
            return place_of(longitude, latitude)
    return None


def in_service_area(place: Place) -> bool:
    """Whether a place is in the area where this program is used: the Netherlands and Belgium."""
    return SERVICE_AREA.contains(*place)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
