"""What the page knows before anything was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.setup.setup_state import known_instances

INSTANCES = 'instances:\n  stad:\n    url: "https://api.s.example"\n'


@pytest.mark.parametrize("name", ["signalen.yaml", "signalen.yml"])
def test_instances_are_known_from_each_file_that_the_proxy_reads(tmp_path: Path, name: str):
    (tmp_path / name).write_text(INSTANCES)

    assert known_instances(tmp_path, {}) == {"stad": SignalenInstance(url="https://api.s.example")}


def test_instances_of_a_file_with_an_error_have_no_settings(tmp_path: Path):
    (tmp_path / "signalen.yaml").write_text(f"{INSTANCES}    pol: 60\n")

    assert known_instances(tmp_path, {}) == {"stad": None}


def test_an_instance_that_is_not_configured_is_known_without_settings(tmp_path: Path):
    (tmp_path / "signalen.yaml").write_text(f"{INSTANCES}  dorp: {{url: ${{DORP_URL}}}}\n")

    assert known_instances(tmp_path, {}) == {"stad": SignalenInstance(url="https://api.s.example"), "dorp": None}


def test_folder_without_such_a_file_has_no_instances(tmp_path: Path):
    assert known_instances(tmp_path, {}) == {}
