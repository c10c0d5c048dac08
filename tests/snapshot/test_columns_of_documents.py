"""Columns against the features with the same properties, for everything that vendors really send."""

from __future__ import annotations

from dataclasses import replace

import needs
import points
import pytest
from columns_compared import assert_columns_are_the_properties
from recorded_documents import of_kind, payload

from fixtures import goldens
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer import Properties
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import DecodeError
from wfs_proxy.features import FeatureBatch, Payload, concatenate
from wfs_proxy.pipeline.output_columns import kinds_of_fields, project_fields
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.snapshot.snapshot import Snapshot

TYPES = ("string", "integer", "number", "boolean", "date", "datetime")
LAYERS = sorted((needs.ROOT / "fixtures").glob("*/recording.json"))


@pytest.mark.parametrize("recording", LAYERS, ids=lambda path: path.parent.name)
def test_columns_of_every_shipped_layer_are_its_properties(recording):
    layer = load_layer(needs.ROOT / "layers" / f"{recording.parent.name}.yaml", {}, needs_address=False)
    batch = concatenate([decode(Payload(body=path.read_bytes())) for path in goldens.answers(recording.parent)])
    snapshot = Snapshot.build(points_from_features(batch, layer), layer.id)
    assert len(snapshot) > 100
    assert list(snapshot.columns) == list(layer.properties.fields)
    assert_columns_are_the_properties(snapshot)


@pytest.mark.parametrize("name", of_kind("gml", "json"))
def test_columns_of_every_attribute_as_every_type_are_the_properties(name):
    try:
        batch = decode(payload(name))
    except DecodeError:
        pytest.skip("cannot be decoded, which the tests of decoding are about")
    assert_columns_are_the_properties(with_all_attributes(batch))


def with_all_attributes(batch: FeatureBatch) -> Snapshot:
    """Return a snapshot with each attribute as each type, and invented places in another order than the objects."""
    names = [(name, kind) for name in batch.columns for kind in TYPES]
    fields = {f"{number} {kind}": {"from": name, "type": kind} for number, (name, kind) in enumerate(names)}
    properties = Properties.model_validate({"fields": fields})
    made = points.batch({f"{i:05d}": (4 + i * 7919 % 10007 / 1e4, 52) for i in range(len(batch))})
    columns = project_fields(batch, properties).columns
    return points.snapshot(replace(made, columns=columns, kinds=kinds_of_fields(properties)))
