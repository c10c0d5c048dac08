from __future__ import annotations

import io
import mmap
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import points
import pytest
from arrays import column
from caches import answers, content
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from wfs_proxy.cache import snapshot_folder as files
from wfs_proxy.cache.snapshot_folder import open_snapshot, write_snapshot
from wfs_proxy.errors import StorageError
from wfs_proxy.features import PointBatch
from wfs_proxy.snapshot.checksummed import verified_content, with_checksum
from wfs_proxy.snapshot.snapshot import Snapshot

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
DEGREES = st.floats(-80, 80, allow_nan=False)


@st.composite
def batches(draw: Callable[..., object]) -> PointBatch:
    ids = draw(st.lists(TEXTS, unique=True, max_size=12))
    of_all = {"min_size": len(ids), "max_size": len(ids)}
    kinds = (TEXTS, st.integers(), st.integers() | st.floats(), st.booleans(), TEXTS | st.integers() | st.booleans())
    values = st.one_of(st.lists(st.none() | kind, **of_all) for kind in kinds)
    columns = draw(st.dictionaries(TEXTS, values, max_size=5))
    names = draw(st.none() | st.lists(st.lists(st.none() | TEXTS, **of_all), max_size=2))
    vendor = draw(st.none() | st.lists(st.none() | TEXTS, **of_all))
    places = draw(st.lists(st.tuples(DEGREES, DEGREES), **of_all))
    return PointBatch(
        ids=column(ids),
        lonlat=np.array(places, dtype=np.float64).reshape(-1, 2).round(7),
        columns={name: column(listed) for name, listed in columns.items()},
        names=None if names is None else tuple(column(listed) for listed in names),
        vendor=None if vendor is None else column(vendor),
        report=points.NOTHING_HAPPENED,
    )


@given(batch=batches())
def test_what_was_written_answers_as_before(tmp_path_factory, batch):
    snapshot = Snapshot.build(batch, "masten")
    folder = tmp_path_factory.mktemp("key")
    opened = open_snapshot(folder / write_snapshot(snapshot, folder))
    assert content(opened) == content(snapshot)
    assert answers(opened) == answers(snapshot)


RICH = Snapshot.build(
    PointBatch(
        ids=column(["001", "002", "003"]),
        lonlat=np.array([[4.3, 52.0], [4.31, 52.01], [4.32, 52.02]]),
        columns={
            "soort": column(["kolk", None, "put"]),
            "jaar": column([1998, None, 2003]),
            "straat/weg": column(["Dam", "Dam", None]),
            "hoogte": column([None, 1.5, 2.0]),
            "actief": column([True, None, False]),
        },
        names=(column(["a", "b", None]),),
        vendor=column(["storing", None, "storing"]),
        report=points.NOTHING_HAPPENED,
    ),
    "masten",
)
OTHER = Snapshot.build(points.grid(4), "masten")
LARGE = Snapshot.build(
    points.batch(
        {f"{i:04d}": (4.3 + i * 1e-4, 52.0) for i in range(15_000)},
        {"nummer": [f"LM-{i}" for i in range(15_000)], "hoogte": [i / 7 for i in range(15_000)]},
    ),
    "masten",
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / write_snapshot(RICH, tmp_path)


def test_what_is_small_is_read_and_leaves_no_file_open(written):
    opened = open_snapshot(written)
    assert isinstance(opened.features.data, bytes)
    assert opened.memory > 0


def test_what_is_large_is_mapped_and_not_copied(tmp_path):
    opened = open_snapshot(tmp_path / write_snapshot(LARGE, tmp_path))
    assert sum(path.stat().st_size for path in (tmp_path / LARGE.version).iterdir()) > files.MAPPED_FROM
    assert opened.memory == 0
    number, height = opened.columns["nummer"], opened.columns["hoogte"]
    of_columns = (number.codes, number.texts.offsets, number.texts.content, height.values, height.nulls)
    for array in (opened.lonlat, opened.index, opened.by_rank, opened.ranks, opened.features.offsets, *of_columns):
        base = array
        while isinstance(base, np.ndarray) and base.base is not None:
            base = base.base
        assert isinstance(base.obj if isinstance(base, memoryview) else base, mmap.mmap)
        assert not array.flags.writeable
    assert answers(opened) == answers(LARGE)


def test_numpy_alone_reads_the_arrays(written):
    read = {path.stem: np.load(path, allow_pickle=False) for path in written.glob("*.npy")}
    assert read["lonlat"].tolist() == RICH.lonlat.tolist()
    assert read["features"].tobytes() == RICH.features.content.tobytes()
    assert len(read) == len(orjson.loads(verified_content((written / "manifest.json").read_bytes()))["arrays"]) == 18


def test_a_column_may_have_any_name_and_adds_no_file(tmp_path):
    names = ["../../x", "a/b", "", "\0", "\n", "é\u202e", "lonlat", "manifest.json", "n" * 5000]
    one, many = (
        points.snapshot(points.batch({"a": (4, 52)}, {name: ["x"] for name in some})) for some in (["soort"], names)
    )
    files = [{path.name for path in (tmp_path / write_snapshot(each, tmp_path)).iterdir()} for each in (one, many)]
    assert files[0] == files[1]
    opened = open_snapshot(tmp_path / many.version)
    assert {name: each.to_list() for name, each in opened.columns.items()} == {name: ["x"] for name in names}


@pytest.mark.parametrize("count", [0, 3])
def test_a_column_without_values_stays_one_of_its_kind(tmp_path, count):
    batch = points.batch(
        {f"{i}": (4 + i / 10, 52) for i in range(count)}, {name: [None] * count for name in ("a", "b", "c", "d")}
    )
    kinds = {"a": "boolean", "b": "number", "c": "string", "d": "integer"}
    snapshot = points.snapshot(replace(batch, kinds=kinds))
    opened = open_snapshot(tmp_path / write_snapshot(snapshot, tmp_path))
    assert {name: each.kind for name, each in opened.columns.items()} == kinds
    assert [each.to_list() for each in opened.columns.values()] == [[None] * count] * 4


def test_the_same_content_is_written_once(written, tmp_path):
    before = (written / "manifest.json").stat().st_ino
    assert tmp_path / write_snapshot(RICH, tmp_path) == written
    assert (written / "manifest.json").stat().st_ino == before


def test_only_its_owner_can_read_it(written):
    assert written.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in written.iterdir()} == {0o600}


def test_any_changed_byte_of_any_file_is_noticed(written):
    for path in sorted(written.iterdir()):
        whole = path.read_bytes()
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1 << place % 8
            path.write_bytes(changed)
            with pytest.raises(StorageError, match=re.escape(str(written))):
                open_snapshot(written)
        path.write_bytes(whole)
    assert content(open_snapshot(written)) == content(RICH)


def test_any_file_that_ends_early_or_goes_on_is_noticed(written):
    for path in sorted(written.iterdir()):
        whole = path.read_bytes()
        for cut in {0, 1, 9, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:cut])
            with pytest.raises(StorageError, match=re.escape(str(written))):
                open_snapshot(written)
        path.write_bytes(whole + b"\0")
        with pytest.raises(StorageError, match=re.escape(str(written))):
            open_snapshot(written)
        path.write_bytes(whole)


def test_damage_to_what_is_mapped_is_noticed_at_any_place(tmp_path):
    folder = tmp_path / write_snapshot(LARGE, tmp_path)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for cut in (0, 100, len(whole) - 1):
            path.write_bytes(whole[:cut])
            with pytest.raises(StorageError, match=re.escape(str(folder))):
                open_snapshot(folder)
        for place in range(0, len(whole), len(whole) // 7):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
            with pytest.raises(StorageError, match=re.escape(str(folder))):
                open_snapshot(folder)
        path.write_bytes(whole)


def test_a_missing_file_is_missing(written):
    for path in sorted(written.iterdir()):
        whole = path.read_bytes()
        path.unlink()
        with pytest.raises(FileNotFoundError):
            open_snapshot(written)
        path.write_bytes(whole)


def test_files_of_another_snapshot_are_refused(written, tmp_path):
    other = tmp_path / write_snapshot(OTHER, tmp_path)
    for path in sorted(other.iterdir()):
        mine = written / path.name
        whole = mine.read_bytes()
        shutil.copy(path, mine)
        with pytest.raises(StorageError, match=re.escape(str(written))):
            open_snapshot(written)
        mine.write_bytes(whole)


def test_a_snapshot_under_the_name_of_another_is_refused(written, tmp_path):
    other = tmp_path / write_snapshot(OTHER, tmp_path)
    shutil.rmtree(written)
    other.rename(written)
    with pytest.raises(StorageError, match=OTHER.version):
        open_snapshot(written)


def forge(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest and give it a valid checksum."""
    path = folder / "manifest.json"
    manifest = orjson.loads(verified_content(path.read_bytes()))
    change(manifest)
    path.write_bytes(with_checksum(orjson.dumps(manifest)))


def replace_array(folder: Path, name: str, body: bytes) -> None:
    """Replace an array, with a valid checksum in the manifest."""
    (folder / f"{name}.npy").write_bytes(body)
    forge(folder, lambda manifest: manifest["arrays"][name].update(bytes=len(body), crc32=isal_zlib.crc32(body)))


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(format=99),
        lambda manifest: manifest.pop("format"),
        lambda manifest: manifest.pop("layer"),
        lambda manifest: manifest.pop("ending"),
        lambda manifest: manifest.update(arrays=[]),
        lambda manifest: manifest.update(arrays={}),
        lambda manifest: manifest.update(vendor_texts="storing"),
        lambda manifest: manifest["arrays"].pop("lonlat"),
        lambda manifest: manifest["arrays"].pop("index"),
        lambda manifest: manifest["arrays"].update(more=manifest["arrays"]["ids"]),
        lambda manifest: manifest["arrays"]["ids"].update(bytes="many"),
        lambda manifest: manifest["arrays"]["ids"].pop("crc32"),
        lambda manifest: manifest.update(vendor_texts=[]),
        lambda manifest: manifest.update(format=1),
        lambda manifest: manifest.pop("columns"),
        lambda manifest: manifest.update(columns=None),
        lambda manifest: manifest.update(columns={}),
        lambda manifest: manifest.update(columns=[]),
        lambda manifest: manifest.update(columns=["soort"]),
        lambda manifest: manifest["columns"].reverse() or manifest["columns"].pop(),
        lambda manifest: manifest["columns"].append(manifest["columns"][0]),
        lambda manifest: manifest["columns"].append({"name": "a", "kind": "boolean", "texts": 0, "bytes": 0}),
        lambda manifest: manifest["columns"][0].update(name=manifest["columns"][1]["name"]),
        lambda manifest: manifest["columns"][0].update(name=1),
        lambda manifest: manifest["columns"][0].pop("name"),
        lambda manifest: manifest["columns"][0].update(kind="integer"),
        lambda manifest: manifest["columns"][0].update(kind="text"),
        lambda manifest: manifest["columns"][0].update(kind=["string"]),
        lambda manifest: manifest["columns"][0].update(texts=1),
        lambda manifest: manifest["columns"][0].update(texts=-1),
        lambda manifest: manifest["columns"][0].update(texts=2.0),
        lambda manifest: manifest["columns"][0].update(bytes=6),
        lambda manifest: manifest["columns"][0].update(texts=1) or manifest["columns"][2].update(texts=2),
        lambda manifest: manifest["columns"][0].update(bytes=6) or manifest["columns"][2].update(bytes=4),
        *(
            lambda manifest, name=name: manifest["arrays"].pop(name)
            for name in ("text_codes", "text_offsets", "texts", "integers", "numbers", "nulls", "booleans")
        ),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(written, change):
    forge(written, change)
    with pytest.raises(StorageError, match=re.escape(str(written))):
        open_snapshot(written)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"format": 1}', bytes(100)])
def test_a_manifest_that_is_none_is_refused(written, body):
    (written / "manifest.json").write_bytes(body)
    with pytest.raises(StorageError, match=re.escape(str(written))):
        open_snapshot(written)


def npy(array: np.ndarray, **options: bool) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("lonlat", npy(np.array([["a"]], dtype=object), allow_pickle=True)),
        ("lonlat", npy(np.asfortranarray(RICH.lonlat))),
        ("lonlat", npy(RICH.lonlat.astype(np.float32))),
        ("lonlat", npy(RICH.lonlat.reshape(-1))),
        ("lonlat", npy(RICH.lonlat.reshape(2, 3))),
        ("lonlat", npy(RICH.lonlat[:2])),
        ("lonlat", npy(RICH.lonlat + 1)),
        ("index", npy(np.zeros(len(RICH.index), dtype=np.uint8))),
        ("index", npy(np.zeros(0, dtype=np.uint8))),
        ("index", npy(RICH.index[:-8])),
        ("index", npy(OTHER.index)),
        ("offsets", npy(np.zeros(0, dtype=np.int64))),
        ("offsets", npy(RICH.features.offsets[::-1].copy())),
        ("offsets", npy(RICH.features.offsets * 2)),
        ("features", npy(RICH.features.content[:-1])),
        ("id_offsets", npy(RICH.ids.offsets + 1)),
        ("by_rank", npy(RICH.by_rank + 3)),
        ("ranks", npy(RICH.ranks[:2])),
        ("name_rows", npy(RICH.names.rows + 99)),
        ("name_hashes", npy(RICH.names.hashes[1:])),
        ("vendor_codes", npy(RICH.vendor_codes + 1)),
        ("vendor_codes", npy(RICH.vendor_codes - 1)),
        ("text_codes", npy(np.array([[2, 0, 0], [0, 0, -1]], dtype=np.int32))),
        ("text_codes", npy(np.array([[-2, 0, 0], [0, 0, -1]], dtype=np.int32))),
        ("text_codes", npy(np.array([[1, 0, 0], [0, 1, -1]], dtype=np.int32))),
        ("text_codes", npy(np.zeros((2, 4), dtype=np.int32))),
        ("text_codes", npy(np.zeros((3, 3), dtype=np.int32))),
        ("text_codes", npy(np.zeros((2, 3), dtype=np.int64))),
        ("text_codes", npy(np.zeros(6, dtype=np.int32))),
        ("text_codes", npy(np.asfortranarray(np.zeros((2, 3), dtype=np.int32)))),
        ("text_offsets", npy(np.array([0, 4, 7, 0, 4], dtype=np.int64))),
        ("text_offsets", npy(np.array([0, 8, 7, 0, 3], dtype=np.int64))),
        ("text_offsets", npy(np.array([0, -1, 7, 0, 3], dtype=np.int64))),
        ("text_offsets", npy(np.array([1, 4, 7, 0, 3], dtype=np.int64))),
        ("text_offsets", npy(np.array([0, 4, 7, 0, 3, 3], dtype=np.int64))),
        ("text_offsets", npy(np.array([0, 4, 7, 0], dtype=np.int64))),
        ("texts", npy(np.zeros(9, dtype=np.uint8))),
        ("texts", npy(np.zeros(11, dtype=np.uint8))),
        ("integers", npy(np.zeros((1, 2), dtype=np.int64))),
        ("integers", npy(np.zeros((2, 3), dtype=np.int64))),
        ("integers", npy(np.zeros((1, 3), dtype=np.float64))),
        ("numbers", npy(np.array([[0, np.nan, 0]]))),
        ("numbers", npy(np.array([[0, np.inf, 0]]))),
        ("nulls", npy(np.zeros((1, 3), dtype=np.bool_))),
        ("nulls", npy(np.full((2, 3), 2, dtype=np.uint8).view(np.bool_))),
        ("booleans", npy(np.array([[0, 1, 2]], dtype=np.int8))),
        ("booleans", npy(np.array([[0, 1, -2]], dtype=np.int8))),
        ("ids", b"\x93NUMPY\x09\x00"),
        ("ids", b"no array at all, but long enough to hold the head of one" * 9),
        ("ids", b""),
    ],
)
def test_arrays_that_do_not_fit_a_snapshot_are_refused_although_their_checksum_is_right(written, name, body):
    replace_array(written, name, body)
    with pytest.raises(StorageError, match=re.escape(str(written))):
        open_snapshot(written)


def test_foreign_bytes_in_a_large_index_raise_no_panic(tmp_path):
    folder = tmp_path / write_snapshot(LARGE, tmp_path)
    noise = np.random.default_rng(4).integers(0, 256, len(LARGE.index), dtype=np.uint8)
    for index in (noise, LARGE.index[: len(LARGE.index) // 2], np.concatenate([LARGE.index[:8], noise[8:]])):
        replace_array(folder, "index", npy(index))
        with pytest.raises(StorageError, match=re.escape(str(folder))):
            open_snapshot(folder)


def test_a_folder_in_the_place_of_a_file_cannot_be_read(written):
    (written / "ids.npy").unlink()
    (written / "ids.npy").mkdir()
    with pytest.raises((OSError, StorageError)):
        open_snapshot(written)


def test_the_remains_of_a_removed_snapshot_are_written_over(written, tmp_path):
    (written / "manifest.json").unlink()
    write_snapshot(RICH, tmp_path)
    assert content(open_snapshot(written)) == content(RICH)


def test_a_snapshot_of_the_format_before_columns_is_written_again(written, tmp_path):
    forge(written, lambda manifest: manifest.update(format=1) or manifest.pop("columns"))
    with pytest.raises(StorageError, match="is of format 1"):
        open_snapshot(written)
    write_snapshot(RICH, tmp_path)
    assert content(open_snapshot(written)) == content(RICH)


def test_a_damaged_snapshot_is_written_again(written, tmp_path):
    """Otherwise a vendor whose data do not change could never replace it: the same content has the same version."""
    lonlat = written / "lonlat.npy"
    lonlat.write_bytes(lonlat.read_bytes()[:-1] + b"\xff")
    write_snapshot(RICH, tmp_path)
    assert content(open_snapshot(written)) == content(RICH)
