"""CSV in the dialects that spreadsheets write."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.errors import MalformedDocument
from wfs_proxy.sources.file.csv_rows import TOO_MANY_VALUES, open_rows


def read(tmp_path, text, *, encoding="utf-8", **options):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    rows = open_rows(path, encoding=None, delimiter=None, **options) if not options else open_rows(path, **options)
    with rows.file:
        found = [tuple(row) for row in rows]
    return rows, found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["", "sep=;\n", "SEP=;\n", '"sep=;"\n'])
def test_files_of_excel(tmp_path, encoding, line_end, first):
    text = f'{first}nummer;naam\n034575;"Café ""Zoë"""\n2;"twee\nregels"\n'.replace("\n", line_end)
    rows, found = read(tmp_path, text, encoding=encoding)

    assert rows.names == ("nummer", "naam")
    assert found == [("034575", 'Café "Zoë"'), ("2", f"twee{line_end}regels")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiter_is_the_one_that_divides_the_rows_alike(tmp_path, delimiter):
    rows = [["nummer", "x", "omschrijving"], ["1", "155000,5", "a, b; c"], ["2", "155001,5", "d, e"]]
    body = io.StringIO()
    csv.writer(body, delimiter=delimiter).writerows(rows)

    assert read(tmp_path, body.getvalue())[1] == [tuple(row) for row in rows[1:]]


def test_delimiter_of_the_layer_file_counts_more(tmp_path):
    rows, found = read(tmp_path, "a;b,c\n1;2,3\n", encoding="utf-8")
    assert rows.delimiter == ";"
    path = tmp_path / "a.csv"
    rows = open_rows(path, encoding=None, delimiter=",")
    with rows.file:
        assert (rows.names, [tuple(row) for row in rows]) == (("a;b", "c"), [("1;2", "3")])
    assert found == [("1", "2,3")]


def test_rows_of_another_width(tmp_path):
    rows, found = read(tmp_path, "a;b;c\n1;2;3\n4;5\n6;7;8;\n;;\n\n9;10;11;12\n")

    assert found == [("1", "2", "3"), ("4", "5", None), ("6", "7", "8"), ("", "", "")]
    assert rows.left_out == {TOO_MANY_VALUES: 1}
    assert not rows.cut_off


@pytest.mark.parametrize(
    ("text", "cut_off"),
    [("a;b\n1;2\n", False), ("a;b\n1;2", False), ("a;b\n1;2\n3", True), ("a;b\n1;2\n3\n", False), ("a;b\n", False)],
)
def test_last_line_without_its_end_may_be_cut_off(tmp_path, text, cut_off):
    assert read(tmp_path, text)[0].cut_off is cut_off


@pytest.mark.parametrize("text", ['a;b\n1;"2\n3;4\n', 'a;b\n1;"' + "x" * 200_000 + '"\n'])
def test_quotation_mark_that_is_not_closed_is_an_error(tmp_path, text):
    with pytest.raises(MalformedDocument, match="line"):
        read(tmp_path, text)


_values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(rows=st.lists(st.tuples(_values, _values, _values), min_size=1, max_size=8))
def test_what_python_writes_is_what_is_read(tmp_path_factory, rows):
    body = io.StringIO(newline="")
    csv.writer(body, delimiter=";", quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])

    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(body.getvalue().encode("utf-8-sig"))
    found = open_rows(path, encoding=None, delimiter=None)
    with found.file:
        assert [tuple(row) for row in found] == rows
