from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from wfs_proxy.cache.atomic import (
    is_unfinished,
    make_folder,
    remove_tree,
    replace_file,
    unfinished,
    write_file,
    write_folder,
)


def all_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def full_disk(monkeypatch):
    """A disk with space for ten more bytes."""
    write = os.write
    left = [10]

    def limited(descriptor, data):
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(left[0], len(data))
        left[0] -= taken
        return write(descriptor, bytes(data[:taken]))

    monkeypatch.setattr(os, "write", limited)
    return left


def test_a_file_is_written_whole_though_the_system_takes_it_in_pieces(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:7])))
    write_file(tmp_path / "a", [b"0123456789", b"", np.arange(20, dtype=np.uint8), np.zeros(0, dtype=np.uint8)])
    assert (tmp_path / "a").read_bytes() == b"0123456789" + bytes(range(20))
    assert mode(tmp_path / "a") == 0o600


def test_a_replaced_file_has_the_new_content_and_leaves_nothing_beside_it(tmp_path):
    replace_file(tmp_path / "a", b"old")
    replace_file(tmp_path / "a", b"new")
    assert all_in(tmp_path) == {"a": b"new"}


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_content_and_nothing_half(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        replace_file(tmp_path / "a", b"longer than ten bytes")
    assert all_in(tmp_path) == {"a": b"old"}


def test_a_folder_comes_with_all_its_files(tmp_path):
    write_folder(tmp_path / "v", [("a", [b"1", b"2"]), ("b", [])])
    assert all_in(tmp_path) == {"v/a": b"12", "v/b": b""}
    assert mode(tmp_path / "v") == 0o700


@pytest.mark.usefixtures("full_disk")
def test_a_folder_that_does_not_fit_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_folder(tmp_path / "v", [("a", [b"123456"]), ("b", [b"123456"])])
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_killed_process_are_not_an_obstacle(tmp_path):
    for path in (unfinished(tmp_path / "v"), tmp_path / "v"):
        path.mkdir()
        (path / "half").write_bytes(b"half")
    write_folder(tmp_path / "v", [("a", [b"whole"])])
    assert all_in(tmp_path) == {"v/a": b"whole"}


@pytest.mark.parametrize("in_the_way", [unfinished(Path("v")).name, "v"])
def test_a_foreign_file_under_the_name_is_not_an_obstacle(tmp_path, in_the_way):
    (tmp_path / in_the_way).write_bytes(b"foreign")
    write_folder(tmp_path / "v", [("a", [b"whole"])])
    assert all_in(tmp_path) == {"v/a": b"whole"}


def test_unfinished_names_are_known_again():
    assert is_unfinished(unfinished(Path("x/state.json")))
    assert not any(is_unfinished(Path(name)) for name in ("state.json", ".hidden", "a.new"))


def test_folders_are_made_for_their_owner_only(tmp_path):
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / part) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_no_folder_is_made_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):  # noqa: PT011 - which one differs between systems
        make_folder(tmp_path / "file" / "a" / "b")


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "never there")
    assert all_in(tmp_path) == {"precious/a": b"1"}


def test_content_is_on_the_disk_before_its_name_is(tmp_path, monkeypatch):
    """After a power failure only the order of these calls counts, and a test cannot cut the power."""
    calls = []
    for name in ("fsync", "rename", "replace"):
        real = getattr(os, name)

        def recorded(*arguments, name=name, real=real):
            at = Path(f"/proc/self/fd/{arguments[0]}").readlink() if name == "fsync" else arguments[1]
            calls.append(f"{name} {Path(at).relative_to(tmp_path.parent)}")
            return real(*arguments)

        monkeypatch.setattr(os, name, recorded)
    write_folder(tmp_path / "v", [("a", [b"1"])])
    replace_file(tmp_path / "s", b"1")
    root = tmp_path.name
    assert calls == [
        f"fsync {root}/.v.new/a",
        f"fsync {root}/.v.new",
        f"rename {root}/v",
        f"fsync {root}",
        f"fsync {root}/.s.new",
        f"replace {root}/s",
        f"fsync {root}",
    ]
