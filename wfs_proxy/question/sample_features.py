"""Objects as a layer file says that they are served: for checks before there are data, or where none is reported."""

from __future__ import annotations

from itertools import product
from typing import Any

from wfs_proxy.config import Layer
from wfs_proxy.question.kinds import kind_values

__all__ = ["sample_features"]

_VALUES = {"string": "tekst", "number": 1.5, "boolean": True, "date": "2026-01-31", "datetime": "2026-01-31T12:00:00Z"}


def sample_features(layer: Layer) -> list[dict[str, Any]]:
    """Return one object, reported and not reported, for each kind of objects that the layer file lists."""
    field, kinds = kind_values(layer) or ("", ("",))
    both = (True, False) if layer.reports is not None else (False,)
    return [
        {
            "type": "Feature",
            "id": f"{layer.id}.{number}",
            "geometry": {"type": "Point", "coordinates": [5.0 + number / 1000, 52.0]},
            "properties": {**_properties(layer, number), **({field: kind} if field else {}), **_marks(layer, reported)},
        }
        for number, (kind, reported) in enumerate(product(kinds, both), start=1)
    ]


def _properties(layer: Layer, number: int) -> dict[str, Any]:
    values = {
        name: number if rule.type == "integer" else _VALUES[rule.type] for name, rule in layer.properties.fields.items()
    }
    key = layer.properties.id_field
    if key is not None:
        values[key] = number if layer.properties.fields[key].type == "integer" else f"{number:06d}"
    return values


def _marks(layer: Layer, reported: bool) -> dict[str, Any]:  # noqa: FBT001 - one of the two cases of a product
    rules = layer.reports.mark if layer.reports is not None else ()
    return {rule.property: rule.reported if reported else rule.otherwise for rule in rules}
