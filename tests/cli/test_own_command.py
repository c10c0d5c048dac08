"""How a person can run the program again: as it was run."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from wfs_proxy.cli.own_command import own_command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "the bin" / "wfs-proxy"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.chdir(tmp_path)
    return path


@pytest.mark.parametrize("typed", ["the bin/wfs-proxy", "./the bin/wfs-proxy"])
def test_program_that_is_not_on_the_path_is_named_as_it_was_typed(script: Path, typed: str):
    assert own_command(typed) == shlex.quote(typed)
    assert own_command(str(script)) == shlex.quote(str(script))


def test_program_on_the_path_has_its_name_only(script: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.defpath}")

    assert own_command(str(script)) == "wfs-proxy"


def test_another_program_of_that_name_on_the_path_is_not_meant(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other = tmp_path / "wfs-proxy"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert own_command(str(script)) == shlex.quote(str(script))


def test_module_is_run_by_its_interpreter():
    assert own_command("/x/site-packages/wfs_proxy/__main__.py") == f"{shlex.quote(sys.executable)} -m wfs_proxy"


@pytest.mark.parametrize("unknown", ["", "-c", "/usr/lib/pytest/__main__.py"])
def test_program_that_was_run_otherwise_has_its_usual_name(unknown: str):
    assert own_command(unknown) == "wfs-proxy"
