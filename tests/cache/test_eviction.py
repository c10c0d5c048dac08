from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import points
import pytest
from caches import FOLDER, content, disk_backend

from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.eviction import UNKNOWN_FOR, evict
from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.snapshot.snapshot import Snapshot

A, B, LARGE = (points.snapshot(points.grid(count)) for count in (3, 4, 15_000))
PLENTY = 1 << 30


@pytest.fixture
def backend(tmp_path: Path) -> DiskBackend:
    return disk_backend(tmp_path)


def write(backend: DiskBackend, cell: str = "whole", *, folder: str = FOLDER, snapshot: Snapshot = A) -> Path:
    key = f"{folder}/{cell}"

    async def fetch() -> None:
        async with backend.lease(key) as ours:
            assert ours
            await backend.write(key, EntryMetadata(), snapshot)

    asyncio.run(fetch())
    return backend.root / key


def use(folder: Path, *, ago: float) -> None:
    """Set the times of the last write and the last use to this many seconds ago."""
    os.utime(folder / "state.json", (time.time() - ago, time.time() - ago))


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))


def evict_now(backend: DiskBackend, cells_limit: int = PLENTY, *, known: tuple[str, ...] = (FOLDER,)) -> None:
    evict(backend.root, known, cells_limit, time.time())


def test_a_missing_folder_is_not_an_error(backend):
    shutil.rmtree(backend.root)
    evict_now(backend)


def test_what_killed_processes_left_goes_and_what_is_served_stays(backend):
    folder = write(backend)
    shutil.copytree(folder / A.version, folder / f".{B.version}.new")
    shutil.copytree(folder / A.version, folder / LARGE.version)
    evict_now(backend)
    assert {path.name for path in folder.iterdir()} == {"state.json", "lock", A.version}


def test_a_snapshot_whose_process_was_killed_before_it_wrote_the_metadata_is_removed(backend):
    folder = write(backend)
    (folder / "state.json").unlink()
    evict_now(backend)
    assert {path.name for path in folder.iterdir()} == {"lock"}


def test_nothing_of_a_key_that_is_being_fetched_is_removed(backend):
    folder = write(backend, "15-1-1")
    shutil.copytree(folder / A.version, folder / B.version)

    async def scenario() -> None:
        async with disk_backend(backend.root).lease(f"{FOLDER}/15-1-1"):
            evict(backend.root, (), 0, time.time() + 2 * UNKNOWN_FOR)

    asyncio.run(scenario())
    assert {path.name for path in folder.iterdir()} == {"state.json", "lock", A.version, B.version}


def test_folders_that_metadata_of_another_version_may_name_stay(backend):
    folder = write(backend)
    shutil.copytree(folder / A.version, folder / B.version)
    (folder / "state.json").write_bytes(b'{"format": 99}')
    evict_now(backend)
    assert (folder / A.version).exists()
    assert (folder / B.version).exists()


def test_cells_beyond_the_limit_go_those_that_were_used_longest_ago_first(backend):
    folders = [write(backend, f"15-1-{number}") for number in range(4)]
    for folder, ago in zip(folders, (30, 40, 10, 20), strict=True):
        use(folder, ago=ago)
    whole = write(backend)
    use(whole, ago=99)
    each = on_disk(folders[0])
    evict_now(backend, 4 * each)
    assert all(folder.exists() for folder in folders)
    evict_now(backend, 2 * each)
    assert [folder.exists() for folder in folders] == [False, False, True, True]
    evict_now(backend, 0)
    assert not any(folder.exists() for folder in folders)
    assert whole.exists()


def test_taking_a_cell_into_memory_is_using_it(backend):
    folders = [write(backend, f"15-1-{number}") for number in range(2)]
    for folder, ago in zip(folders, (20, 10), strict=True):
        use(folder, ago=ago)
    asyncio.run(backend.read(f"{FOLDER}/15-1-0", None))
    evict_now(backend, on_disk(folders[0]))
    assert [folder.exists() for folder in folders] == [True, False]


def test_the_use_of_a_cell_is_recorded_even_if_the_system_does_not_record_reads(backend):
    """An access time in the future imitates such a system: reading does not change it."""
    state = write(backend, "15-1-1") / "state.json"
    written = time.time() - 10
    os.utime(state, (time.time() + 3600, written))
    asyncio.run(backend.read(f"{FOLDER}/15-1-1", None))
    assert state.stat().st_atime == pytest.approx(time.time(), abs=60)
    assert state.stat().st_mtime == pytest.approx(written, abs=1e-3)


def test_a_removed_cell_is_still_served_by_processes_that_have_it_in_memory(backend):
    write(backend, "15-1-1", snapshot=LARGE)
    held = asyncio.run(backend.read(f"{FOLDER}/15-1-1", None)).stored.snapshot
    evict_now(backend, 0)
    assert content(held) == content(LARGE)
    write(backend, "15-1-1", snapshot=LARGE)
    assert content(asyncio.run(backend.read(f"{FOLDER}/15-1-1", None)).stored.snapshot) == content(LARGE)


def test_a_layer_that_no_catalogue_names_goes_after_a_month(backend):
    known = write(backend)
    folders = [write(backend, name, folder="gone.ba9876543210") for name in ("whole", "15-1-1")]
    for folder in (known, *folders):
        use(folder, ago=UNKNOWN_FOR - 60)
    evict_now(backend)
    assert all(folder.exists() for folder in folders)
    for folder in (known, *folders):
        use(folder, ago=UNKNOWN_FOR + 60)
    evict_now(backend)
    assert not folders[0].parent.exists()
    assert known.exists()


def test_a_layer_that_is_still_read_but_not_written_any_more_is_removed(backend):
    """A proxy that serves the layer also writes it; a backup or a virus scanner only reads."""
    folder = write(backend, folder="gone.ba9876543210")
    os.utime(folder / "state.json", (time.time(), time.time() - UNKNOWN_FOR - 60))
    evict_now(backend)
    assert not folder.exists()


def test_a_clock_that_is_put_back_removes_nothing(backend):
    folder = write(backend)
    evict(backend.root, (), PLENTY, time.time() - 3 * UNKNOWN_FOR)
    assert folder.exists()


def test_what_is_not_the_proxys_stays(backend):
    folder = write(backend, "15-1-1")
    foreign = [
        backend.root / "notes.txt",
        backend.root / FOLDER / "notes.txt",
        backend.root / "somebody" / "else" / "data",
        folder / "notes.txt",
        folder / "0123" / "data",
    ]
    for path in foreign:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    (backend.root / "loop").symlink_to(backend.root)
    (backend.root / FOLDER / "loop").symlink_to(backend.root / FOLDER)
    evict(backend.root, (), 0, time.time() + 2 * UNKNOWN_FOR)
    assert all(path.read_text() == "mine" for path in foreign)
    assert {path.name for path in folder.iterdir()} == {"notes.txt", "0123"}


def test_one_process_tidies_and_another_takes_over_when_it_ends(backend):
    done = []

    async def until(wanted: list[str]) -> None:
        async with asyncio.timeout(20):
            while done != wanted:  # noqa: ASYNC110 - the work is in a thread
                await asyncio.sleep(0.001)

    def process(name: str) -> asyncio.Task[None]:
        async def offload(work, *arguments):
            result = await asyncio.to_thread(work, *arguments)
            done.append(f"{name} {work.__name__}")
            return result

        return asyncio.create_task(DiskBackend(backend.root, offload=offload).keep_evicting(lambda: {FOLDER}, PLENTY))

    async def scenario() -> None:
        first = process("first")
        await until(["first try_lock", "first evict"])
        second = process("second")
        await until(["first try_lock", "first evict", "second try_lock"])
        first.cancel()
        await asyncio.wait({first})
        done.clear()
        third = process("third")
        await until(["third try_lock", "third evict"])
        for task in (second, third):
            task.cancel()
        await asyncio.wait({second, third})

    asyncio.run(scenario())


def test_an_unexpected_error_does_not_end_the_evictions(backend, caplog):
    def broken() -> set[str]:
        raise RuntimeError

    async def scenario() -> None:
        task = asyncio.create_task(backend.keep_evicting(broken, PLENTY))
        async with asyncio.timeout(20):
            while "Unexpected error while evicting" not in caplog.text:  # noqa: ASYNC110 - the work is in a thread
                await asyncio.sleep(0.001)
        assert not task.done()
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(scenario())
