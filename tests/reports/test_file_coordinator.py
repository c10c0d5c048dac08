"""The leader among the processes of a machine, and what the others read from it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import needs
import pytest
from published_reports import reported

from wfs_proxy.reports.file_coordinator import FileCoordinator, Kept


def test_one_is_elected_and_another_when_it_ends(tmp_path: Path):
    first, second = FileCoordinator(tmp_path / "new", "a"), FileCoordinator(tmp_path / "new", "a")

    assert first.try_to_lead()
    assert first.try_to_lead()
    assert not second.try_to_lead()
    first.close()
    assert second.try_to_lead()
    assert not first.try_to_lead()
    second.close()


def test_instances_are_elected_apart(tmp_path: Path):
    one, other = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "b")

    assert one.try_to_lead()
    assert other.try_to_lead()
    one.close()
    other.close()


@pytest.mark.parametrize("what", ["progress", "findings"])
def test_what_a_leader_saves_is_kept_for_the_others(tmp_path: Path, what: Kept):
    leader, other, alone = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "a"), FileCoordinator(None, "a")
    assert other.read(what) is None
    for content in (b"1", b"22"):
        leader.save(what, content)
        alone.save(what, content)

    assert other.read(what) == b"22"
    assert alone.read(what) is None
    assert stat.S_IMODE((tmp_path / f"a.{what}.json").stat().st_mode) == 0o600


def test_process_that_is_killed_leaves_no_lock(tmp_path: Path):
    code = (
        "import sys, time; from pathlib import Path; from wfs_proxy.reports.file_coordinator import FileCoordinator\n"
        "print(FileCoordinator(Path(sys.argv[1]), 'a').try_to_lead(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True, cwd=needs.ROOT
    ) as process:
        coordinator = FileCoordinator(tmp_path, "a")
        assert process.stdout.readline() == "True\n"
        assert not coordinator.try_to_lead()
        process.kill()
        process.wait()
    assert coordinator.try_to_lead()
    coordinator.close()


def test_others_see_what_is_published_once(tmp_path: Path):
    poller, follower = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "a")
    assert follower.read_new() is None
    assert poller.try_to_lead()
    poller.publish(reported(1, 2))
    news = follower.read_new()

    assert (set(news.signals), news.as_of, news.version) == ({1, 2}, 1000.0, "1")
    assert follower.read_new() is None
    poller.close()


def test_poll_without_changes_sets_the_time_only(tmp_path: Path):
    poller, follower = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "a")
    assert poller.try_to_lead()
    poller.publish(reported(1))
    first = follower.read_new()
    (file,) = tmp_path.glob("*.json")
    inode = file.stat().st_ino
    poller.publish(reported(1, as_of=1060.0))
    second = follower.read_new()

    assert file.stat().st_ino == inode
    assert second.as_of == 1060.0
    assert second.signals is first.signals
    poller.close()


def test_every_new_content_is_seen_even_in_a_file_that_looks_the_same(tmp_path: Path):
    """The file system gives the inode number of a deleted file to the next one."""
    poller, follower = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "a")
    assert poller.try_to_lead()
    poller.publish(reported(1))
    assert set(follower.read_new().signals) == {1}
    for version in range(2, 8):
        poller.publish(reported(version, as_of=1000.0 + version, version=str(version)))
    assert set(follower.read_new().signals) == {7}
    poller.close()


def test_file_is_for_its_owner_only(tmp_path: Path):
    poller = FileCoordinator(tmp_path / "new", "a")
    assert poller.try_to_lead()
    poller.publish(reported(1))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    poller.close()


def test_without_a_directory_every_process_polls_and_nothing_is_shared():
    one, other = FileCoordinator(None, "a"), FileCoordinator(None, "a")
    one.publish(reported(1))

    assert one.try_to_lead()
    assert other.try_to_lead()
    assert other.read_new() is None


OLD = b'{"format":2,"version":"1","public_only":false,"signals":[[1,"m","lamp","","",null,[["12-ABC-3",null,"x"]]]]}'
"""What an older version published: with the text of an answer."""


@pytest.mark.parametrize("name", ["a.json", "signalen-other.0123456789ab.json", ".a.json.new"])
def test_the_leader_removes_texts_that_older_versions_published_as_often_as_they_come(tmp_path: Path, name: str):
    poller, follower = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "a")
    for _ in range(2):
        (tmp_path / name).write_bytes(OLD)
        assert follower.read_new() is None
        assert poller.try_to_lead()
        assert not (tmp_path / name).exists()
    poller.publish(reported(1))
    assert set(follower.read_new().signals) == {1}
    poller.close()


def test_the_leader_removes_files_of_other_configurations_that_are_no_longer_written(tmp_path: Path):
    """Each change of a layer's categories or questions left the places of the reports of that time behind."""
    days = {
        "signalen-default.0123456789ab.json": 31,
        "signalen-default.0123456789ab.progress.json": 31,
        "signalen-other.0123456789ab.json": 29,
        "signalen-a.json": 31,
        "signalen-a.progress.json": 31,
        "other.json": 31,
    }
    for name, age in days.items():
        (tmp_path / name).write_bytes(b"{}")
        os.utime(tmp_path / name, (time.time() - age * 86_400,) * 2)
    poller = FileCoordinator(tmp_path, "signalen-a")
    assert poller.try_to_lead()
    poller.close()

    assert {path.name for path in tmp_path.glob("*.json")} == set(list(days)[2:])


def test_other_files_and_those_of_other_configurations_stay(tmp_path: Path):
    one, other = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "b")
    assert one.try_to_lead()
    one.publish(reported(1))
    for name, content in ((".b.json.new", b""), ("c.json", b'{"format":4,"version":"'), ("d.json", b"{}")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "e.json").mkdir()
    before = sorted(path.name for path in tmp_path.iterdir())
    assert other.try_to_lead()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "b.lock"])
    one.close()
    other.close()


def test_a_process_that_does_not_lead_removes_nothing(tmp_path: Path):
    poller, follower = FileCoordinator(tmp_path, "a"), FileCoordinator(tmp_path, "a")
    assert poller.try_to_lead()
    (tmp_path / "a.json").write_bytes(OLD)
    assert not follower.try_to_lead()
    assert (tmp_path / "a.json").exists()
    poller.close()
