"""The Signalen of the demo: some recorded objects are reported from the start, one more after a while.

Nothing is random: the same recordings give the same reports, with ages relative to the start.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources.abc import Traversable
from typing import Any

from wfs_proxy.asgi import Receive, Scope, Send
from wfs_proxy.demo.signalen.app import Signalen
from wfs_proxy.demo.signalen.auth import IdentityProvider
from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.records import Category, Department, Place, Reporter, User

__all__ = ["REPORTED_AFTER", "DemoSignalen", "ReportableObject"]

REPORTED_AFTER = 20.0
"""Seconds from the start until the watched object is reported."""

_EVERY = 40
"""One of this many objects of a large layer is reported from the start."""

_EVERY_OF_FEW = 10
"""One of this many, at the most, of a layer with few objects."""

_REPORTS = 10
"""Reports of a layer with few objects."""

_TOKEN_SECONDS = 10 * 365 * 86400.0
_PROXY = "svc-assetproxy@example.org"
_HANDLER = "behandelaar@example.org"

_ROADS = "Wegen, verkeer, straatmeubilair"
_ROADS_SLUG = "wegen-verkeer-straatmeubilair"
_LIGHTS = Category(
    id=1,
    main=_ROADS,
    main_slug=_ROADS_SLUG,
    name="Straatverlichting",
    slug="lantaarnpaal-straatverlichting",
    handling="LIGHTING",
    responsible=("VOR",),
    public=True,
    days=21,
)
_SEWERS = Category(
    id=2,
    main=_ROADS,
    main_slug=_ROADS_SLUG,
    name="Put / riolering verstopt",
    slug="put-riolering-verstopt",
    responsible=("STW",),
    days=7,
)


def _category(number: int, main: str, name: str, slug: str) -> Category:
    """Return a public category of Stadswerken."""
    main_slug = main.lower().replace(" ", "-")
    return Category(
        id=number, main=main, main_slug=main_slug, name=name, slug=slug, responsible=("STW",), public=True, days=7
    )


_CONTAINERS = tuple(
    _category(number, "Afval", name, slug)
    for number, (name, slug) in enumerate(
        (
            ("Container is vol", "container-is-vol"),
            ("Container is kapot", "container-is-kapot"),
            ("Container glas vol", "container-glas-vol"),
            ("Container glas kapot", "container-glas-kapot"),
            ("Container voor papier is vol", "container-voor-papier-is-vol"),
            ("Container voor papier is stuk", "container-voor-papier-is-stuk"),
            ("Container voor plastic afval is vol", "container-voor-plastic-afval-is-vol"),
            ("Container voor plastic afval is kapot", "container-voor-plastic-afval-is-kapot"),
        ),
        start=3,
    )
)
_TREES = tuple(
    _category(number, "Openbaar groen en water", name, slug)
    for number, (name, slug) in enumerate(
        (
            ("Boom - verzoek inspectie", "boom-verzoek-inspectie"),
            ("Boom - stormschade", "boom-stormschade"),
            ("Boomziekten en plagen", "boomziekten-en-plagen"),
        ),
        start=11,
    )
)
_CATEGORIES = (_LIGHTS, _SEWERS, *_CONTAINERS, *_TREES)

_LAYERS = {
    "luminizer-masten": (_LIGHTS, "MastCode"),
    "moon-lichtmasten": (_LIGHTS, "MASTNUMMER"),
    "rioned-leidingen": (_SEWERS, "naam"),
    "rioned-putten": (_SEWERS, "naam"),
    "techview-lichtmasten": (_LIGHTS, "objectnummer"),
    "amsterdam-containers": (_CONTAINERS[0], "id_nummer"),
    "amsterdam-verlichting": (_LIGHTS, "objectnummer"),
    "cityview-lichtmasten": (_LIGHTS, "lichtpuntnummer"),
    "groningen-bomen": (_TREES[0], "boomnummer"),
    "liteweb-lichtmasten": (_LIGHTS, "MastNummer"),
    "pdok-palen": (_LIGHTS, "lokaal_id"),
    "pdok-putten": (_SEWERS, "naam"),
    "qubz-containers": (_CONTAINERS[0], "container_nummer"),
    "saver-containers": (_CONTAINERS[1], "NUMMER"),
    "sigmax-kolken": (_SEWERS, "naam"),
    "tilburg-containers": (_CONTAINERS[0], "nummer"),
}
"""Layer -> the category of its reports, and the property that the report form stores as the object's id."""

_EXAMPLE = "rioned-putten"
"""The layer that the demo shows first."""

_STATES = (("m",), ("i",), ("m",), ("b",), ("ingepland",), ("o",), ("m",), ("ready to send", "sent"), ("o", "reopened"))
"""The states that the reports went through, one entry per report, repeated."""

_AGES = (timedelta(hours=2), timedelta(days=3), timedelta(days=30))


@dataclass(frozen=True, kw_only=True)
class ReportableObject:
    """A recorded object that can be reported."""

    layer: str
    feature_id: str
    name: str
    place: Place

    @property
    def category(self) -> Category:
        """The category of a report about it."""
        return _LAYERS[self.layer][0]

    def report(self) -> dict[str, Any]:
        """Return the body of POST /signals/v1/public/signals/ that reports it."""
        return {
            "text": "Doet het niet",
            "location": {"geometrie": {"type": "Point", "coordinates": list(self.place)}},
            "category": {"sub_category": self.category.path},
            "reporter": {"email": "melder@example.org"},
            "incident_date_start": "2026-11-23T12:00:00+01:00",
            "extra_properties": self.answers(0),
        }

    def answers(self, form: int) -> list[dict[str, Any]]:
        """Return the answers that a report form stores: the classic form (0), the WCAG form (1), or an old one (2)."""
        at = {"lat": self.place[1], "lng": self.place[0]}
        shown = {"id": self.name, "label": f"Object - {self.name}", "description": "Object", "coordinates": at}
        forms: tuple[list[Any], ...] = ([{**shown, "type": "object"}], [{**shown, "type": "Feature"}], [self.name])
        question = {"id": "extra_object", "label": "Object op kaart", "category_url": self.category.path}
        return [{**question, "answer": forms[form % len(forms)]}]


class DemoSignalen:
    """An ASGI application: the Signalen of the demo, in which one more object is reported after a while.

    Args:
        fixtures: the folder with recordings; the objects are those in each layer's `expected.geojson`.
        clock: seconds since 1970.
    """

    def __init__(self, fixtures: Traversable, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due = clock() + REPORTED_AFTER
        provider = IdentityProvider(clock=clock)
        self.backend = Backend(clock=clock, categories=list(_CATEGORIES), departments=_departments(), users=_users())
        self._signalen = Signalen(self.backend, provider)
        self.proxy_token = provider.mint(_PROXY, lifetime=_TOKEN_SECONDS)
        """A token for the proxy, which may read."""
        self.handler_token = provider.mint(_HANDLER, lifetime=_TOKEN_SECONDS)
        """A token for closing reports."""
        layers = {layer: list(_reportable_objects(fixtures, layer)) for layer in _LAYERS}
        reported = [item for objects in layers.values() for item in objects[:: _step(objects)]]
        for number, item in enumerate(reported, _WATCHED + 1):
            self._report(number, item)
        shown = layers[_EXAMPLE]
        free = [item for index, item in enumerate(shown) if index % _step(shown)]
        self.watched = free[0] if free else None
        """The object that is reported after a while."""
        self.free = free[1] if free[1:] else None
        """An object without a report."""
        self.next_id = len(reported) + _WATCHED + 1
        """The id of the first report that a visitor of the demo makes."""
        self.backend.refresh_public_geography()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Report the watched object if that is due, then answer one request."""
        if self.watched is not None and self._clock() >= self._due and self.backend.find(_WATCHED) is None:
            self.backend.create(
                self.watched.place,
                self.watched.category.slug,
                id=_WATCHED,
                text="Alweer verstopt",
                extra_properties=self.watched.answers(0),
            )
        await self._signalen(scope, receive, send)

    def _report(self, number: int, item: ReportableObject) -> None:
        signal = self.backend.create(
            item.place,
            item.category.slug,
            at=self.backend.now() - _AGES[number % len(_AGES)] - timedelta(seconds=number),
            id=number,
            text="Doet het niet",
            reporter=Reporter(email=f"melder{number}@example.org"),
            extra_properties=item.answers(number),
        )
        for state in _STATES[number % len(_STATES)]:
            self.backend.set_status(signal, state, at=signal.created_at + timedelta(minutes=1))


def _step(objects: list[ReportableObject]) -> int:
    """Return how many objects of a layer there are for each that is reported from the start."""
    return max(_EVERY_OF_FEW, min(_EVERY, len(objects) // _REPORTS))


_WATCHED = 1
"""The id that is reserved for the report of the watched object, so that later ids do not depend on the time."""


def _departments() -> list[Department]:
    return [Department(id=9, code="VOR", name="V&OR"), Department(id=6, code="STW", name="Stadswerken")]


def _users() -> list[User]:
    return [
        User(email=_PROXY, all_categories=True),
        User(email=_HANDLER, all_categories=True, write=True, contact=True),
    ]


def _reportable_objects(fixtures: Traversable, layer: str) -> Iterator[ReportableObject]:
    """Yield the objects of a layer that have a unique name."""
    path = fixtures.joinpath(layer, "expected.geojson")
    if not path.is_file():
        return
    features = json.loads(path.read_bytes())["features"]
    named = _LAYERS[layer][1]
    times = Counter(str(feature["properties"][named]) for feature in features)
    for feature in features:
        name = str(feature["properties"][named])
        longitude, latitude = feature["geometry"]["coordinates"]
        if name and times[name] == 1:
            yield ReportableObject(layer=layer, feature_id=feature["id"], name=name, place=(longitude, latitude))
