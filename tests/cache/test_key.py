from __future__ import annotations

import points
import pytest

from wfs_proxy.cache.key import CacheKey, is_cell_name, layer_folder
from wfs_proxy.config.layer import Layer
from wfs_proxy.geo import Cell

CELL = Cell(15, 16812, 10753)


def test_a_layer_and_its_cells_have_different_names_everywhere():
    layer, cell = CacheKey("masten"), CacheKey("masten", CELL)
    assert (str(layer), str(cell)) == ("masten", "masten/15-16812-10753")
    assert layer.stored_in("masten.0123") == "masten.0123/whole"
    assert cell.stored_in("masten.0123") == "masten.0123/15-16812-10753"
    assert [is_cell_name(key.stored_in("a").rpartition("/")[2]) for key in (layer, cell)] == [False, True]


@pytest.mark.parametrize(
    ("blocks", "same"),
    [
        ({"title": "Another title"}, True),
        ({"fetch": {"fresh_for": "5m"}}, True),
        ({"properties": {"fields": {"nummer": "string"}}}, False),
        ({"reports": {"vendor": {"field": "storing", "values": ["1"]}}}, False),
        ({"source": {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["b"]}}, False),
        (
            {
                "source": {
                    "type": "wfs",
                    "url": "http://127.0.0.1:9/wfs",
                    "type_names": ["a"],
                    "timeout": "3s",
                    "auth": {"type": "basic", "username": "u", "password": "geheim"},
                }
            },
            True,
        ),
    ],
)
def test_stored_data_are_found_again_exactly_when_the_layer_file_serves_the_same(blocks, same):
    changed = Layer.model_validate({**points.layer().model_dump(mode="json", exclude_none=True), **blocks})
    assert (layer_folder(changed) == layer_folder(points.layer())) is same
    assert "geheim" not in layer_folder(changed)
