"""One poller a machine, and what the other processes see of it."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_reports import reported

from wfs_proxy.marks.reported import AssetReference, ReportedObjects, Signal
from wfs_proxy.reports.publication import Publication, decoded, encoded

places = st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(timezones=st.just(UTC))
signals = st.builds(
    Signal,
    id=st.integers(-(2**56), 2**53),
    state=texts,
    category=texts,
    created_at=times,
    updated_at=times,
    place=places,
    assets=st.lists(st.builds(AssetReference, id=texts, place=places, question_key=texts), max_size=3).map(tuple),
)


@given(st.lists(signals, max_size=5), st.booleans())
def test_what_is_published_is_read_back(rows: list[Signal], weak: bool):  # noqa: FBT001 - generated
    given_ = ReportedObjects(signals={row.id: row for row in rows}, as_of=0.0, version="ab", weak=weak)
    read = decoded(encoded(given_))

    assert (read.signals, read.version, read.weak) == (given_.signals, "ab", weak)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"format": 2, "signals": []}', b'{"format":1,"version":"","weak":0,"signals":[[1]]}', b"{"],
)
def test_file_of_another_making_is_as_good_as_none(body: bytes):
    assert decoded(body) is None


def test_one_is_elected_and_another_when_it_ends(tmp_path: Path):
    first, second = Publication(tmp_path / "new", "a"), Publication(tmp_path / "new", "a")

    assert first.elected()
    assert first.elected()
    assert not second.elected()
    first.close()
    assert second.elected()
    assert not first.elected()
    second.close()


def test_instances_are_elected_apart(tmp_path: Path):
    one, other = Publication(tmp_path, "a"), Publication(tmp_path, "b")

    assert one.elected()
    assert other.elected()
    one.close()
    other.close()


def test_process_that_is_killed_leaves_no_lock(tmp_path: Path):
    code = (
        "import sys, time; from pathlib import Path; from wfs_proxy.reports.publication import Publication\n"
        "print(Publication(Path(sys.argv[1]), 'a').elected(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True, cwd=needs.ROOT
    ) as process:
        publication = Publication(tmp_path, "a")
        assert process.stdout.readline() == "True\n"
        assert not publication.elected()
        process.kill()
        process.wait()
    assert publication.elected()
    publication.close()


def test_others_see_what_is_published_once(tmp_path: Path):
    poller, follower = Publication(tmp_path, "a"), Publication(tmp_path, "a")
    assert follower.news() is None
    assert poller.elected()
    poller.publish(reported(1, 2))
    news = follower.news()

    assert (set(news.signals), news.as_of, news.version) == ({1, 2}, 1000.0, "1")
    assert follower.news() is None
    poller.close()


def test_poll_without_news_moves_the_time_and_nothing_else(tmp_path: Path):
    poller, follower = Publication(tmp_path, "a"), Publication(tmp_path, "a")
    assert poller.elected()
    poller.publish(reported(1))
    first = follower.news()
    (file,) = tmp_path.glob("*.json")
    inode = file.stat().st_ino
    poller.publish(reported(1, as_of=1060.0))
    second = follower.news()

    assert file.stat().st_ino == inode
    assert second.as_of == 1060.0
    assert second.signals is first.signals
    poller.close()


def test_every_new_content_is_seen_even_in_a_file_that_looks_the_same(tmp_path: Path):
    """The system gives a number of a file that is gone to the next."""
    poller, follower = Publication(tmp_path, "a"), Publication(tmp_path, "a")
    assert poller.elected()
    poller.publish(reported(1))
    assert set(follower.news().signals) == {1}
    for version in range(2, 8):
        poller.publish(reported(version, as_of=1000.0 + version, version=str(version)))
    assert set(follower.news().signals) == {7}
    poller.close()


def test_file_is_for_its_owner_only(tmp_path: Path):
    poller = Publication(tmp_path / "new", "a")
    assert poller.elected()
    poller.publish(reported(1))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    poller.close()


def test_without_a_directory_everybody_polls_and_nothing_is_told():
    one, other = Publication(None, "a"), Publication(None, "a")
    one.publish(reported(1))

    assert one.elected()
    assert other.elected()
    assert other.news() is None
