from __future__ import annotations

import pytest

from wfs_proxy.errors import BadRequest
from wfs_proxy.serve.unknown_parameters import require_known_parameters

KNOWN = ("limit", "bbox")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["limt"], "There is no parameter 'limt' here. Did you mean limit? There are limit, bbox."),
        (["limt", "bbox", "box"], "There are no parameters 'limt', 'box' here. Did you mean limit, bbox?"),
        (["zzz", "zzz"], "There is no parameter 'zzz' here. There are limit, bbox."),
        ([f"z{number}" for number in range(50)], "'z9', ... here."),
        (["z" * 1000], f"'{'z' * 60}' here."),
    ],
)
def test_all_unknown_parameters_are_named(names, says):
    with pytest.raises(BadRequest) as refusal:
        require_known_parameters(names, KNOWN)
    assert says in str(refusal.value)


def test_known_parameters_are_accepted():
    require_known_parameters(["bbox", "limit"], KNOWN)
