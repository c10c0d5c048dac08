from __future__ import annotations

import pytest

from wfs_proxy.faces.downloads.file_name import content_disposition


@pytest.mark.parametrize(
    ("is_part", "name"), [(False, "rioned-putten_2026-11-30.csv"), (True, "rioned-putten_2026-11-30_part.csv")]
)
def test_name_has_the_layer_the_day_and_whether_it_is_a_part(is_part, name):
    field = content_disposition("rioned-putten", 1_796_083_199.9, "csv", is_part=is_part)

    assert field == f'attachment; filename="{name}"'
