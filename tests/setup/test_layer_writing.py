"""Names of layers that are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfs_proxy.setup.layer_writing import id_is_taken


@pytest.mark.parametrize("url", ["https://x.nl/wfs", "${LAMPEN_URL}"])
def test_an_id_is_taken_by_a_layer_that_is_not_configured_too(tmp_path: Path, url: str):
    (tmp_path / "a.yaml").write_text(f"id: lampen\ntitle: L\nsource: {{type: wfs, url: '{url}', type_names: [l]}}\n")
    (tmp_path / "signalen.yaml").write_text("instances: {stad: {url: ${STAD_URL}}}\n")

    assert id_is_taken(tmp_path / "lampen.yaml", {})
    assert not id_is_taken(tmp_path / "stad.yaml", {})
    assert not id_is_taken(tmp_path / "a.yaml", {})
