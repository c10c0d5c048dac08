from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from wfs_proxy.cache.file_lock import try_lock, unlock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "lock"


def test_one_holder_at_a_time(path):
    first = try_lock(path)
    assert try_lock(path) is None
    unlock(first)
    second = try_lock(path)
    assert second is not None
    unlock(second)


def test_only_its_owner_can_use_the_folder_and_the_file(path):
    unlock(try_lock(path))
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_removed_file_is_not_a_lock_any_more(path):
    first = try_lock(path)
    path.unlink()
    second = try_lock(path)
    assert second is not None
    assert try_lock(path) is None
    os.close(first)
    assert try_lock(path) is None
    unlock(second)


def test_a_file_that_is_removed_while_it_is_being_locked_is_not_taken_for_the_lock(path, monkeypatch):
    """Otherwise two processes would each hold the lock of a different file."""
    flock = fcntl.flock

    def late(descriptor: int, operation: int) -> None:
        # the previous holder removes the file between our open and our lock
        monkeypatch.setattr(fcntl, "flock", flock)
        path.unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    first = try_lock(path)
    assert first is not None
    assert try_lock(path) is None
    unlock(first)


def test_a_file_that_keeps_being_removed_is_given_up(path, monkeypatch):
    flock = fcntl.flock

    def always_late(descriptor: int, operation: int) -> None:
        path.unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", always_late)
    assert try_lock(path) is None


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        try_lock(tmp_path / "file" / "folder" / "lock")
