"""The process that reads a file."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys

import data_files

from wfs_proxy.gdal.read_order import FileDescription, ReadFailure, ReadOrder, RowBatch

HEAVY = ("wfs_proxy.sources", "wfs_proxy.config", "wfs_proxy.cache", "pydantic", "lxml")


def answers(order: ReadOrder) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-m", "wfs_proxy.gdal.reader"], input=pickle.dumps(order), capture_output=True, check=True
    )
    return _loaded(done.stdout)


def test_it_starts_without_the_rest_of_the_program():
    program = f"import sys, wfs_proxy.gdal.reader; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_rows_come_in_batches_in_the_order_of_the_file(tmp_path):
    path = data_files.write(tmp_path / "a.gpkg", driver="GPKG")

    description, *batches, end = answers(ReadOrder(path=str(path), driver="GPKG", rows_at_once=2))
    assert isinstance(description, FileDescription)
    assert (description.fields, description.rows, description.crs) == (("nummer",), 3, "EPSG:28992")
    assert [batch.columns["nummer"].tolist() for batch in batches if isinstance(batch, RowBatch)] == [
        ["034575", "034576"],
        ["34577"],
    ]
    assert end is None


def test_text_that_is_no_utf_8_is_returned_byte_by_byte(tmp_path):
    """A GeoPackage has UTF-8, but programs write other bytes into it."""
    path = data_files.write(tmp_path / "a.gpkg", {"nummer": ["CafX", "b", "c"]}, driver="GPKG")
    path.write_bytes(path.read_bytes().replace(b"CafX", b"Caf\xe9"))

    batches = [each for each in answers(ReadOrder(path=str(path), driver="GPKG")) if isinstance(each, RowBatch)]
    assert [batch.raw_texts for batch in batches] == [True]
    assert data_files.fetched(path).batch.columns["nummer"].tolist() == ["Café", "b", "c"]


def test_file_that_needs_more_memory_than_allowed_is_a_failure(tmp_path):
    columns = {"nummer": [str(number) * 20_000 for number in range(200)]}
    path = data_files.write(tmp_path / "a.gpkg", columns, driver="GPKG", places=[(155000.0, 463000.0)] * 200)
    order = ReadOrder(path=str(path), driver="GPKG", most_memory=64 << 20)

    done = subprocess.run(
        [sys.executable, "-m", "wfs_proxy.gdal.reader"], input=pickle.dumps(order), capture_output=True, check=False
    )
    failed = [answer for answer in _loaded(done.stdout) if isinstance(answer, ReadFailure)]
    assert failed or done.returncode


def _loaded(content: bytes) -> list[object]:
    stream, found = io.BytesIO(content), []
    while stream.tell() < len(content):
        try:
            found.append(pickle.load(stream))
        except (EOFError, pickle.UnpicklingError):
            break
    return found
