from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import needs
import points
import pytest
from caches import FOLDER, content, disk_backend

from wfs_proxy.cache import disk
from wfs_proxy.cache.backend import Lookup, StoredState
from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.metadata import EntryMetadata, FetchSummary
from wfs_proxy.errors import StorageError
from wfs_proxy.features import FetchReport
from wfs_proxy.snapshot.snapshot import Snapshot

KEY = f"{FOLDER}/whole"
A, B = points.snapshot(points.grid(3)), points.snapshot(points.grid(4))
LARGE = points.snapshot(points.grid(15_000))


def write(backend: DiskBackend, new: Snapshot | None, **facts: object) -> StoredState:
    return asyncio.run(backend.write(KEY, EntryMetadata(**facts), new))


def read(backend: DiskBackend, seen: StoredState | None = None) -> Lookup | None:
    return asyncio.run(backend.read(KEY, seen))


@pytest.fixture
def backend(tmp_path: Path) -> DiskBackend:
    return disk_backend(tmp_path / "layers")


@pytest.fixture
def folder(backend: DiskBackend) -> Path:
    return backend.root / KEY


def test_an_empty_backend_has_nothing_and_reading_creates_nothing(backend):
    assert read(backend) is None
    assert not backend.root.exists()


def test_what_is_kept_is_found(backend):
    kept = write(backend, A, fetched_at=5.0)
    found = read(backend)
    assert (found.metadata, found.problem) == (EntryMetadata(fetched_at=5.0, version=A.version), None)
    assert (found.stored.tag, found.stored.version) == (kept.tag, A.version)
    assert content(found.stored.snapshot) == content(kept.snapshot) == content(A)


def test_news_is_what_was_not_seen(backend):
    mine = write(backend, A, fetched_at=1.0)
    assert read(backend, mine) is None
    other = read(backend).stored
    assert read(backend, other) is None
    write(backend, B, fetched_at=2.0)
    assert read(backend, mine).stored.version == read(backend, other).stored.version == B.version


def test_the_same_snapshot_with_news_is_not_opened_again(backend):
    write(backend, A, fetched_at=1.0)
    seen = read(backend).stored
    write(backend, None, version=A.version, fetched_at=2.0)
    found = read(backend, seen)
    assert found.metadata.fetched_at == 2.0
    assert found.stored.snapshot is seen.snapshot


def test_only_what_is_served_stays_on_the_disk(backend, folder):
    for snapshot in (A, B, A, LARGE):
        write(backend, snapshot)
        assert {path.name for path in folder.iterdir()} == {"state.json", snapshot.version}


def test_only_their_owner_can_read_the_folders(backend, folder):
    write(backend, A)
    folders = [folder, folder.parent, backend.root, backend.root.parent / "layers"]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert (folder / "state.json").stat().st_mode & 0o777 == 0o600


def test_what_is_not_the_proxys_stays(backend, folder):
    write(backend, A)
    (folder / "notes.txt").write_text("mine")
    (folder / "backup").mkdir()
    write(backend, B)
    assert {path.name for path in folder.iterdir()} == {"state.json", B.version, "notes.txt", "backup"}


def test_a_mapping_stays_readable_when_its_files_are_removed(backend, folder):
    write(backend, LARGE)
    mapped = read(backend).stored.snapshot
    assert mapped.memory == 0
    write(backend, A)
    shutil.rmtree(backend.root)
    assert not folder.exists()
    assert content(mapped) == content(LARGE)


def test_a_damaged_snapshot_is_reported_and_written_again(backend, folder):
    write(backend, A, fetched_at=1.0)
    (folder / A.version / "ids.npy").write_bytes(b"damaged")
    found = read(backend)
    assert "ids.npy" in found.problem
    assert (found.stored.version, found.stored.snapshot, found.metadata.fetched_at) == (None, None, 1.0)
    assert read(backend, found.stored) is None
    assert content(write(backend, A, fetched_at=2.0).snapshot) == content(A)
    assert content(read(backend, found.stored).stored.snapshot) == content(A)


@pytest.mark.parametrize("in_its_place", ["nothing", "a folder", "a folder that leads to itself"])
@pytest.mark.parametrize("name", ["ids.npy", "manifest.json", "."])
def test_what_cannot_be_read_is_reported_and_written_again(backend, folder, name, in_its_place):
    write(backend, A)
    path = folder / A.version / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if in_its_place == "a folder":
        path.mkdir()
    elif in_its_place != "nothing":
        path.symlink_to(path)
    assert read(backend).problem is not None
    assert content(write(backend, A).snapshot) == content(A)
    assert read(backend).problem is None


def test_metadata_of_another_version_are_reported_and_replaced(backend, folder):
    write(backend, A)
    (folder / "state.json").write_bytes(replace(EntryMetadata(version=A.version), format=99).encoded())
    found = read(backend)
    assert "state.json" in found.problem
    assert read(backend, found.stored) is None
    write(backend, A)
    assert read(backend, found.stored).problem is None


def test_metadata_cannot_name_a_folder_elsewhere(backend, tmp_path):
    write(backend, A)
    shutil.copytree(backend.root / KEY / A.version, tmp_path / A.version)
    (backend.root / KEY / "state.json").write_bytes(EntryMetadata(version=f"../../../{A.version}").encoded())
    shutil.rmtree(backend.root / KEY / A.version)
    assert read(backend).problem is not None


def test_a_failure_written_after_the_cache_was_emptied_names_no_snapshot(backend):
    write(backend, A)
    shutil.rmtree(backend.root)
    write(backend, None, version=A.version, fetched_at=1.0)
    found = read(backend)
    assert (found.metadata.version, found.stored.version, found.problem) == (None, None, None)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM])
def test_a_process_that_lacks_something_takes_nothing_for_damaged(backend, folder, monkeypatch, number):
    write(backend, A)
    inode = (folder / A.version).stat().st_ino

    def scarce(_: Path) -> Snapshot:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(disk, "open_snapshot", scarce)
        with pytest.raises(StorageError, match=os.strerror(number)):
            read(backend)
        with pytest.raises(StorageError, match=os.strerror(number)):
            write(backend, A)
    assert content(read(backend).stored.snapshot) == content(A)
    assert (folder / A.version).stat().st_ino == inode


def test_a_reader_whose_snapshot_was_just_replaced_reads_again(backend, monkeypatch):
    write(backend, A)
    opening = disk.open_snapshot

    def late(path: Path) -> Snapshot:
        monkeypatch.setattr(disk, "open_snapshot", opening)
        write(backend, B)
        return opening(path)

    monkeypatch.setattr(disk, "open_snapshot", late)
    assert content(read(backend).stored.snapshot) == content(B)


def test_a_backend_below_a_file_stores_nothing_and_grants_every_lease(tmp_path):
    (tmp_path / "file").touch()
    backend = disk_backend(tmp_path / "file" / "layers")

    async def turns() -> list[bool]:
        async with AsyncExitStack() as stack:
            return [await stack.enter_async_context(backend.lease(KEY)) for _ in range(2)]

    with pytest.raises(StorageError, match="Not a directory"):
        read(backend)
    with pytest.raises(StorageError, match="cannot write to"):
        write(backend, A)
    assert asyncio.run(turns()) == [True, True]


def test_a_key_has_one_leaseholder_at_a_time(backend):
    async def scenario() -> None:
        other = disk_backend(backend.root)
        async with backend.lease(KEY) as mine:
            async with other.lease(KEY) as theirs, other.lease(f"{FOLDER}/15-1-2") as elsewhere:
                assert (mine, theirs, elsewhere) == (True, False, True)
            async with backend.lease(KEY) as again:
                assert not again
        async with other.lease(KEY) as later:
            assert later

    asyncio.run(scenario())


def lock_descriptor() -> int:
    descriptors = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    [number] = [int(path.name) for path in descriptors if path.readlink().name == "lock"]
    return number


def test_a_lease_ends_although_a_forked_process_lives_on(backend):
    """The forked process has the same descriptor, which would keep the lock until that process ends."""

    async def scenario() -> None:
        async with backend.lease(KEY) as ours:
            assert ours
            heir = await asyncio.create_subprocess_exec("cat", stdin=subprocess.PIPE, pass_fds=[lock_descriptor()])
        async with backend.lease(KEY) as again:
            assert again
        heir.kill()
        await heir.wait()

    asyncio.run(scenario())


class Gate:
    """Runs work in a thread that waits until the gate is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.waiting = threading.Event()

    async def offload(self, work, *arguments):
        def waiting():
            self.waiting.set()
            assert self.opened.wait(20)
            return work(*arguments)

        return await asyncio.to_thread(waiting)


def test_a_task_that_is_cancelled_while_it_gets_the_lease_releases_it(backend):
    async def scenario() -> None:
        gate = Gate()
        slow = DiskBackend(backend.root, offload=gate.offload)
        task = asyncio.create_task(slow.lease(KEY).__aenter__())
        await asyncio.to_thread(gate.waiting.wait)
        task.cancel()
        gate.opened.set()
        await asyncio.wait({task})
        assert task.cancelled()
        async with backend.lease(KEY) as ours:
            assert ours

    asyncio.run(scenario())


def test_a_task_that_is_cancelled_while_it_writes_has_the_lease_until_it_is_written(backend):
    async def scenario() -> None:
        gate = Gate()
        slow = DiskBackend(backend.root, offload=gate.offload)

        async def write_under_lease() -> None:
            async with backend.lease(KEY):
                await slow.write(KEY, EntryMetadata(), A)

        task = asyncio.create_task(write_under_lease())
        await asyncio.to_thread(gate.waiting.wait)
        task.cancel()
        await asyncio.sleep(0)
        async with backend.lease(KEY) as ours:
            assert not ours
        gate.opened.set()
        await asyncio.wait({task})
        assert task.cancelled()
        assert content((await backend.read(KEY, None)).stored.snapshot) == content(A)

    asyncio.run(scenario())


WRITER = """
import asyncio, itertools, sys
from pathlib import Path
import points
from caches import FOLDER, disk_backend
from wfs_proxy.cache.metadata import EntryMetadata, FetchSummary
from wfs_proxy.features import FetchReport

backend = disk_backend(Path(sys.argv[1]))
snapshots = [points.snapshot(points.grid(size)) for size in (3, 15_000, 4, 15_001)]

async def write():
    for number in itertools.count():
        snapshot = snapshots[number % 4]
        report = FetchReport(requests=number, matched=len(snapshot))
        await backend.write(f"{FOLDER}/whole", EntryMetadata(summary=FetchSummary(report=report)), snapshot)
        if number == 4:
            print("writing", flush=True)

asyncio.run(write())
"""


@pytest.fixture
def writer(backend: DiskBackend) -> Iterator[None]:
    """A process that writes one snapshot after the other, as fast as it can."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, backend.root],
        env={"PYTHONPATH": f"{needs.ROOT}:{needs.ROOT / 'tests' / 'support'}"},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"writing\n"
        yield
        assert process.poll() is None
        process.kill()


@pytest.mark.usefixtures("writer")
def test_a_reader_beside_a_writer_never_sees_an_error_or_a_mix(backend):
    wanted = {size: content(points.snapshot(points.grid(size))) for size in (3, 4, 15_000, 15_001)}

    async def read() -> tuple[int, int]:
        seen, looks, news, last = None, 0, 0, -1
        async with asyncio.timeout(100):
            while news < 60 or looks < 500:
                found = await backend.read(KEY, seen)
                looks += 1
                if found is None:
                    continue
                news += 1
                seen = found.stored
                assert found.problem is None
                assert content(seen.snapshot) == wanted[found.metadata.summary.report.matched]
                assert found.metadata.summary.report.requests > last
                last = found.metadata.summary.report.requests
        return news, looks

    asyncio.run(read())


SMALL_FILES = """
import asyncio, resource, signal, sys
from pathlib import Path
import points
from caches import FOLDER, disk_backend
from wfs_proxy.cache.metadata import EntryMetadata, FetchSummary
from wfs_proxy.errors import StorageError
from wfs_proxy.features import FetchReport

backend = disk_backend(Path(sys.argv[1]))
metadata = EntryMetadata(summary=FetchSummary(report=FetchReport(requests=2)))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    asyncio.run(backend.write(f"{FOLDER}/whole", metadata, points.snapshot(points.grid(15_000))))
except StorageError as error:
    print(error)
"""


def test_a_write_without_space_leaves_the_old_entry(backend, folder):
    """A limit on file sizes imitates a full disk: the same system call fails."""
    write(backend, A, summary=FetchSummary(report=FetchReport(requests=1)))
    done = subprocess.run(
        [sys.executable, "-c", SMALL_FILES, backend.root],
        env={"PYTHONPATH": f"{needs.ROOT}:{needs.ROOT / 'tests' / 'support'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"cannot write to {folder}: {os.strerror(errno.EFBIG)}\n"
    assert read(backend).metadata.summary.report.requests == 1
    assert content(read(backend).stored.snapshot) == content(A)
    assert {path.name for path in folder.iterdir()} == {"state.json", A.version}
