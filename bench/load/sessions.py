"""The steps of simulated users on the map of the report form: an endless, seeded sequence.

The sizes of the boxes at zoom 17 were measured on Signalen's frontends. The movements are assumptions, chosen to be
hard for a cache: users are everywhere, and hardly two of them request the same box.

| what | distribution | why |
|---|---|---|
| layer | in proportion to its objects | more lamps, more reports |
| screen | 60 % phones, 145 x 310 m at zoom 17; else a desktop, 470 x 400 m | most reports are made in the street |
| opens at zoom 17 | some 50 m (normal) from any object of the layer | a location or an address: never the same |
| 69 % drag | by a third (normal) of the box, to where objects are | a thumb's reach; half of the box stays in view |
| 14 % zoom | one level in or out, 16 to 19; the box halves or doubles | below 16 the map shows no objects |
| 12 % select | one object in view; the map moves there | the purpose of the visit |
| 3 % again | the same box, with If-None-Match | the page is reloaded; only these boxes are repeated |
| 2 % pause | 8 to 20 s | the user fills in other fields of the form |
| pause after a step | lognormal, median 1.5 s, at most 10 s | looking takes as long as moving |
| length | each step ends the session with a probability of 1 in 20 | then another user opens the map elsewhere |
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import quote

from bench.load.truth import Box, Objects

__all__ = ["Move", "Select", "Step", "steps"]

_DESKTOP, _PHONE = (470.0, 400.0), (145.0, 310.0)
"""Width and height in metres of the box that the map requests at zoom 17."""

_PHONES = 0.6
_OPENING_ZOOM = 17
_ZOOMS = (16, 19)
_SPREAD = 50.0
"""Standard deviation, in metres, of the distance between the first view and an object."""

_DRAG = 0.33
_DIRECTIONS = 4
_ENDS = 1 / 20
_ACTIONS = {"drag": 69, "zoom": 14, "select": 12, "again": 3, "pause": 2}

_METRES_PER_DEGREE = 111_320.0
"""Of latitude; of longitude times the cosine of the latitude."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """The map requests a box."""

    objects: Objects
    """Of the layer."""

    box: Box
    pause: float
    """Seconds until the next step."""

    again: bool = False
    """Whether it is the same box as before, of which the browser has the answer."""

    @property
    def path(self) -> str:
        """The path of the request."""
        west, south, east, north = self.box
        return f"/layers/{self.objects.layer}/features?bbox={west!r},{south!r},{east!r},{north!r}"


@dataclass(frozen=True, kw_only=True)
class Select:
    """The user selects an object."""

    objects: Objects
    feature_id: str
    pause: float

    @property
    def path(self) -> str:
        """The path of the request."""
        return f"/layers/{self.objects.layer}/features/{quote(self.feature_id, safe='')}"


Step = Move | Select


@dataclass(frozen=True, kw_only=True)
class _View:
    """The view of a map."""

    longitude: float
    """Of the centre."""

    latitude: float
    zoom: int
    size: tuple[float, float]
    """Width and height in metres at zoom 17."""

    @property
    def spans(self) -> tuple[float, float]:
        """Width and height in degrees."""
        scale = 2.0 ** (_OPENING_ZOOM - self.zoom) / _METRES_PER_DEGREE
        width, height = self.size
        return width * scale / math.cos(math.radians(self.latitude)), height * scale

    @property
    def box(self) -> Box:
        """The box that the map requests."""
        width, height = self.spans
        west, south = self.longitude - width / 2, self.latitude - height / 2
        return west, south, west + width, south + height


def steps(truth: Mapping[str, Objects], random: Random) -> Iterator[Step]:
    """Yield the steps of one user after the other, endlessly."""
    layers = list(truth.values())
    weights = [len(objects) for objects in layers]
    while True:
        yield from _session(random.choices(layers, weights)[0], random)


def _session(objects: Objects, random: Random) -> Iterator[Step]:
    view = _opened(objects, random)
    yield Move(objects=objects, box=view.box, pause=_pause(random))
    while random.random() > _ENDS:
        action = random.choices(list(_ACTIONS), list(_ACTIONS.values()))[0]
        if action == "again":
            yield Move(objects=objects, box=view.box, pause=_pause(random), again=True)
            continue
        seen = objects.within(view.box) if action == "select" else []
        if seen:
            chosen = random.choice(seen)
            yield Select(objects=objects, feature_id=chosen, pause=_pause(random))
            view = replace(view, longitude=objects.places[chosen][0], latitude=objects.places[chosen][1])
        else:
            view = _zoomed(view, random) if action == "zoom" else _dragged(view, objects, random)
        pause = random.uniform(8, 20) if action == "pause" else _pause(random)
        yield Move(objects=objects, box=view.box, pause=pause)


def _opened(objects: Objects, random: Random) -> _View:
    longitude, latitude = objects.lonlat[random.randrange(len(objects))].tolist()
    away = _SPREAD / _METRES_PER_DEGREE
    return _View(
        longitude=longitude + random.gauss(0, away / math.cos(math.radians(latitude))),
        latitude=latitude + random.gauss(0, away),
        zoom=_OPENING_ZOOM,
        size=_PHONE if random.random() < _PHONES else _DESKTOP,
    )


def _dragged(view: _View, objects: Objects, random: Random) -> _View:
    """Return the view after dragging; a user who finds no objects in any direction searches for an address."""
    width, height = view.spans
    for _ in range(_DIRECTIONS):
        longitude = view.longitude + random.gauss(0, _DRAG * width)
        latitude = view.latitude + random.gauss(0, _DRAG * height)
        moved = replace(view, longitude=longitude, latitude=latitude)
        if objects.within(moved.box):
            return moved
    return _opened(objects, random)


def _zoomed(view: _View, random: Random) -> _View:
    """Return the view one level in or out, around a random position."""
    lowest, highest = _ZOOMS
    zoom = view.zoom + random.choice((-1, 1))
    if not lowest <= zoom <= highest:
        zoom = 2 * view.zoom - zoom
    width, height = view.spans
    return replace(
        view,
        zoom=zoom,
        longitude=view.longitude + random.uniform(-0.25, 0.25) * width,
        latitude=view.latitude + random.uniform(-0.25, 0.25) * height,
    )


def _pause(random: Random) -> float:
    return min(random.lognormvariate(math.log(1.5), 0.6), 10.0)
