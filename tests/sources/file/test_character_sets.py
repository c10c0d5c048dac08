"""The character set of texts, by their bytes."""

from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.sources.file.character_sets import decode_columns, file_character_set

TEXT = "Café; 's-Gravenzande \u2013 €"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", None),
        ("utf-16", None),
        ("utf-8-sig", "cp1252"),
        ("cp850", "cp850"),
        ("cp1252", "windows-1252"),
    ],
)
def test_character_set_of_a_text_file(tmp_path, encoding, told):
    text = TEXT.replace("\u2013", "-").replace("€", "e") if encoding == "cp850" else TEXT
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))

    assert path.read_text(file_character_set(path, told)) == text


def test_a_broken_character_does_not_change_the_character_set(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(("é" * 1000).encode() + b"\xe9 " + "é".encode())

    assert file_character_set(path, None) == "utf-8"


def test_character_that_spans_two_pieces_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a" * ((1 << 20) - 1) + "é".encode())

    assert file_character_set(path, None) == "utf-8"


def as_bytes(texts, encoding):
    values = [text if text is None else text.encode(encoding).decode("latin-1") for text in texts]
    return {"a": np.array(values, dtype=object), "n": np.array([1] * len(values), dtype=object)}


@pytest.mark.parametrize(
    ("encoding", "told", "declared"),
    [
        ("utf-8", None, None),
        ("utf-8", None, "iso8859-1"),
        ("cp1252", None, None),
        ("cp1252", None, "cp1252"),
        ("cp850", None, "cp850"),
        ("cp850", "cp850", None),
        ("cp1252", None, "utf-8"),
        ("utf-8", "utf-8", "cp1252"),
    ],
)
def test_columns_are_decoded_whatever_the_label_says(encoding, told, declared):
    texts = ["Café", "034575", None, "Zoë"]

    columns = decode_columns(as_bytes(texts, encoding), told, declared)
    assert (columns["a"].tolist(), columns["n"].tolist()) == (texts, [1] * 4)
