from __future__ import annotations

import points
import pytest

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import NotFound
from wfs_proxy.serve.live_catalogue import LiveCatalogue


def test_a_layer_is_found_by_its_id():
    masten = points.layer()
    assert LiveCatalogue(Catalogue([masten, points.layer("putten")])).layer("masten") is masten


@pytest.mark.parametrize(
    ("layer_id", "hint"), [("mastn", "did you mean 'masten'"), ("zzz", "/layers lists all layers")]
)
def test_an_unknown_layer_is_an_error_that_helps(layer_id, hint):
    with pytest.raises(NotFound, match=hint):
        LiveCatalogue(Catalogue([points.layer()])).layer(layer_id)
