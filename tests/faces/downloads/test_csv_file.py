from __future__ import annotations

import csv
import io

import points
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.faces.downloads.csv_file import CsvFile, guarded, unguarded
from wfs_proxy.faces.downloads.object_columns import Batch
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\uff1d1", "\uff0b1",
    "\uff0d1", "\uff20x",
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://x"&A1)', "-2+3+cmd|' /C calc'!A0", "'=1", "''=1", " '=1", "\ufeff=1",
    "\x00=1", "-", "+", "=", "@", "-1e5", "--1", "+31612345678", "+31 (0)20-123",
]  # fmt: skip
HARMLESS = ["", "a=b", "'s-Gravenhage", "' x", "-0.75", "-12", "-3,5", "06-12345678", "034575", "1-2", "a\n=b", "#N/A"]

texts = st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n \u00a0\ufeff\x001;,\"a"), st.characters(codec="utf-8")))


def file_of(columns: dict[str, list[object]], **options: object) -> str:
    count = len(next(iter(columns.values())))
    places = {f"{i:04d}": (4.3 + i * 1e-4, 52.0) for i in range(count)}
    snapshot = points.snapshot(points.batch(places, columns))
    rows = snapshot.by_rank
    file = CsvFile(tuple(columns), **{"separator": ";", "bom": False, **options})
    return b"".join(file.pieces(iter([Batch(MarkedSnapshot(snapshot), rows)]))).decode()


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_might_run_gets_an_apostrophe(text):
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_are_unchanged(text):
    assert guarded(text) == text
    assert unguarded(text) == text


@given(texts)
def test_every_text_is_found_again(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {"=", "+", "@", "\t", "\r", "\n"}


@given(st.lists(st.one_of(st.none(), texts), min_size=1, max_size=5), st.sampled_from(";,"))
def test_a_reader_of_csv_finds_every_text_again(values, separator):
    written = file_of({"naam": values}, separator=separator)

    rows = list(csv.DictReader(io.StringIO(written, newline=""), delimiter=separator))
    assert [unguarded(row["naam"]) for row in rows] == [value or "" for value in values]


def test_numbers_and_booleans_have_no_quotes_and_keep_all_digits():
    written = file_of(
        {
            "whole": [-5, 2**53, None],
            "number": [-0.1, 1e300, 1 / 3],
            "yes": [True, False, None],
            "text": ["-5", "true", None],
        }
    )

    lines = written.split("\r\n")
    assert [line.split(";")[5:] for line in lines[1:4]] == [
        ["-5", "-0.1", "true", '"-5"'],
        ["9007199254740992", "1e+300", "false", '"true"'],
        ["", "0.3333333333333333", "", ""],
    ]


def test_name_of_a_property_is_guarded_too():
    assert file_of({"=naam": ["a"]}).splitlines()[0].endswith(""";"'=naam\"""")


def test_byte_order_mark_comes_first():
    assert file_of({"naam": ["a"]}, bom=True).startswith('\ufeff"id"')
