"""`make bench` measures what it says; how fast it is, is not tested."""

from __future__ import annotations

import json
from pathlib import Path

import needs
import pytest
from rich.console import Console

from bench import fill, marks, missing, report
from bench.__main__ import main


@pytest.fixture
def console() -> Console:
    return Console(quiet=True)


@pytest.mark.parametrize(
    ("goal", "ratio", "reached"),
    [(">= 5", 5.0, True), (">= 5", 4.9, False), ("<= 3", 3.0, True), ("<= 3", 3.1, False), (None, 1.0, None)],
)
def test_row_reaches_its_goal(goal: str | None, ratio: float, reached):
    assert report.Row(id="x", what="x", value=1, unit="s", ratio=ratio, goal=goal).reached is reached


def test_rows_are_written_as_the_contract_says(tmp_path: Path):
    row = report.Row(id="a", what="b", value=1.0, unit="s", reference=5.0, ratio=5.0, goal=">= 5")
    report.write([row], tmp_path / "results" / "latest.json")

    assert json.loads((tmp_path / "results" / "latest.json").read_text()) == [
        {
            "id": "a",
            "what": "b",
            "value": 1.0,
            "unit": "s",
            "reference": 5.0,
            "ratio": 5.0,
            "goal": ">= 5",
            "reached": True,
        }
    ]


def test_fill_measures_against_ogr2ogr_and_lxml(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("ogr2ogr", package="gdal-bin")
    monkeypatch.setattr(fill, "COUNT", 20)
    monkeypatch.setattr(fill, "ROUNDS", 1)

    rows = {row.id: row for row in fill.rows(console)}

    assert list(rows) == ["fill-ogr2ogr", "fill-lxml", "fill-memory", "fill-process"]
    assert all(row.value > 0 for row in rows.values())
    assert rows["fill-ogr2ogr"].ratio == rows["fill-ogr2ogr"].reference / rows["fill-ogr2ogr"].value
    assert rows["fill-lxml"].ratio == rows["fill-lxml"].value / rows["fill-lxml"].reference


def test_marks_are_measured_against_decoding_and_against_an_answer_without(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    needs.program("mapserv", package="cgi-mapserver")
    for name, few in {"OBJECTS": 2000, "REPORTS": 400, "CHANGES": 10, "ROUNDS": 1, "REQUESTS": 5}.items():
        monkeypatch.setattr(marks, name, few)

    rows = {row.id: row for row in marks.rows(console)}

    assert list(rows) == ["marks-full", "marks-increment", "marks-memory", "marks-answer"]
    assert all(row.value > 0 for row in rows.values())
    full, answer = rows["marks-full"], rows["marks-answer"]
    assert full.ratio == full.value / full.reference
    assert answer.reference > 0


def test_missing_program_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(missing, "find_program", lambda _: None)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "latest.json")

    assert main(["fill"]) == 1
    assert "install gdal-bin" in capsys.readouterr().out
    assert json.loads((tmp_path / "latest.json").read_text()) == []


def test_unknown_subject_is_wrong_use(capsys: pytest.CaptureFixture[str]):
    assert main(["nonsense"]) == 2
    assert "There are: fill" in capsys.readouterr().out
