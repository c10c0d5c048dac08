"""Layers with objects, and reports of them, for tests of marks."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Mapping, Sequence

import numpy as np
import points

from wfs_proxy.features import PointBatch
from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.marks import LayerMarks, compute_marks
from wfs_proxy.marks.match_state import MatchState
from wfs_proxy.marks.reported_objects import AssetReference, Place, ReportedObjects, Signal
from wfs_proxy.snapshot.names import hash_of_name
from wfs_proxy.snapshot.snapshot import Snapshot

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC).timestamp()
RULES = StateRules(open=frozenset({"m", "i"}), words={"": "gemeld", "m": "gemeld", "i": "in behandeling", "o": "klaar"})
METRE_NORTH = 1 / 111_195
"""One metre along a meridian, in degrees."""

HERE = (4.3, 52.0)


def north_of(place: Place, metres: float) -> Place:
    return place[0], round(place[1] + metres * METRE_NORTH, 7)


def asset(identifier: str = "", place: Place | None = None, question_key: str = "extra_lamp") -> AssetReference:
    id_hash = hash_of_name(identifier) if identifier else None
    return AssetReference(id_hash=id_hash, place=place, question_key=question_key)


_numbers = itertools.count(1)


def signal(*assets: AssetReference, place: Place | None = None, **facts: object) -> Signal:
    then = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    given = {"id": next(_numbers), "state": "m", "category": "lamp", "created_at": then, "updated_at": then, **facts}
    return Signal(place=place, assets=assets, **given)


def reported(*signals: Signal, version: str = "1", **facts: object) -> ReportedObjects:
    return ReportedObjects(signals={one.id: one for one in signals}, as_of=NOW, version=version, **facts)


def target(  # noqa: PLR0913 - what an object may have, by name
    places: Mapping[str, Place],
    *,
    layer_id: str = "masten",
    numbers: Sequence[str | None] | None = None,
    texts: Sequence[str | None] | None = None,
    columns: Mapping[str, Sequence[object]] | None = None,
    shared_keys: Sequence[str | None] | None = None,
    **reports: object,
) -> LayerTarget:
    """A layer with objects.

    `numbers` are further names of them, `texts` the values of the vendor's attribute, `shared_keys` the business keys
    that several objects have.
    """
    made = points.batch(places, columns)
    batch = PointBatch(
        ids=made.ids,
        lonlat=made.lonlat,
        columns=made.columns,
        names=() if numbers is None else (np.array(numbers, dtype=object),),
        shared_keys=None if shared_keys is None else np.array(shared_keys, dtype=object),
        vendor=None if texts is None else np.array(texts, dtype=object),
    )
    layer = points.layer(layer_id, reports={"signalen": "default", "categories": ["lamp"], **reports})
    return LayerTarget(layer=layer, snapshot=Snapshot.build(batch, layer_id), states=RULES)


def marked(targets: LayerTarget | Sequence[LayerTarget], found: ReportedObjects, now: float = NOW) -> LayerMarks:
    """The marks of the first layer."""
    state = MatchState([targets] if isinstance(targets, LayerTarget) else targets)
    state.update(found)
    return compute_marks(state, 0, now)


def properties(of: LayerTarget, marks: LayerMarks) -> dict[str, dict[str, object]]:
    """The properties that are served, by id."""
    found = {}
    for row in range(len(of.snapshot)):
        feature = json.loads(of.snapshot.fragment(row) + marks.full.suffix(row))
        found[feature["id"].removeprefix(f"{of.layer.id}.")] = feature["properties"]
    return found


def ids_marked(targets: LayerTarget | Sequence[LayerTarget], *signals: Signal, **facts: object) -> list[str]:
    """The ids of the marked objects of the first layer."""
    first = targets if isinstance(targets, LayerTarget) else targets[0]
    marks = marked(targets, reported(*signals, **facts))
    return [name for name, served in properties(first, marks).items() if served["IS_GEMELD"] == "1"]
