"""The demo's layers with their recorded objects, as they are served before Signalen was polled."""

from __future__ import annotations

import functools
import json
from typing import NamedTuple

import needs

from fixtures.goldens import answers
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer import Layer
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload, concatenate
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.serve.mark_targets import marks_of_vendor
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.snapshot.snapshot import Snapshot

__all__ = ["NAMES", "RecordedLayer", "recorded"]

FIXTURES = needs.ROOT / "fixtures"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/recording.json"))


class RecordedLayer(NamedTuple):
    layer: Layer
    part: MarkedSnapshot
    features: dict[str, dict]
    """GeoJSON id -> feature, as the map endpoint serves it."""


@functools.cache
def recorded(name: str) -> RecordedLayer:
    layer = load_layer(needs.ROOT / "layers" / f"{name}.yaml", {}, needs_address=False)
    geometry = getattr(layer.source, "geometry", None)
    batches = [
        decode(Payload(body=path.read_bytes(), source=str(path)), geometry=geometry)
        for path in answers(FIXTURES / name)
    ]
    snapshot = Snapshot.build(points_from_features(concatenate(batches), layer), layer.id)
    part = MarkedSnapshot(snapshot, marks_of_vendor(layer, snapshot))
    features = [json.loads(part.feature(row)) for row in range(len(snapshot))]
    return RecordedLayer(layer, part, {feature["id"]: feature for feature in features})
