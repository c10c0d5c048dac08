"""Problems are logged when they appear, and not again."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from wfs_proxy.config.diagnostics import Problem
from wfs_proxy.serve.problem_log import ProblemLog


def left_out(count: int) -> Problem:
    return Problem(keys=("source",), code="left_out_no_geometry", details={"count": str(count)})


def logged(caplog, rounds: list[dict[str, list[Problem]]]) -> list[tuple[int, str]]:
    caplog.set_level(logging.INFO)
    coming = iter(rounds)
    log = ProblemLog(lambda: next(coming))
    for _ in rounds:
        log.look()
    return [(record.levelno, record.getMessage()) for record in caplog.records]


def test_a_problem_is_logged_once_although_its_numbers_change(caplog):
    ((level, text),) = logged(caplog, [{"putten": [left_out(2)]}, {"putten": [left_out(3)]}, {"putten": [left_out(3)]}])

    assert level == logging.WARNING
    assert text.startswith("putten: source: objects without a location: 2")


def test_a_problem_that_returns_is_logged_again(caplog):
    assert len(logged(caplog, [{"putten": [left_out(2)]}, {"putten": []}, {"putten": [left_out(2)]}])) == 2


def test_layers_and_details_are_other_problems(caplog):
    absent = [Problem(keys=("properties", "id"), code="id_absent", details={"given": name}) for name in ("a", "b")]

    assert len(logged(caplog, [{"putten": absent[:1]}, {"putten": absent[1:], "masten": absent[:1]}])) == 3


def test_what_may_be_right_is_no_warning(caplog):
    unused = Problem(code="map_unused", details={"attribute": "soort", "values": '"X"'})

    ((level, _),) = logged(caplog, [{"putten": [unused]}])
    assert level == logging.INFO


@pytest.mark.parametrize(("lock", "lines"), [("problems.lock", 1), (None, 2), ("file/problems.lock", 2)])
def test_one_process_of_a_machine_logs_and_another_when_it_ends(caplog, monkeypatch, tmp_path: Path, lock, lines):
    """A folder that cannot be used leaves each process to itself."""
    monkeypatch.setattr("wfs_proxy.serve.problem_log._EVERY", 0.0)
    (tmp_path / "file").write_text("in the way")
    looks = [0, 0]

    def counting(number: int) -> ProblemLog:
        def problems() -> dict[str, list[Problem]]:
            looks[number] += 1
            return {"putten": [left_out(2)]}

        return ProblemLog(problems, lock=None if lock is None else tmp_path / lock)

    async def scenario() -> None:
        first, second = (asyncio.create_task(counting(number).run()) for number in (0, 1))
        while looks[0] < 2:  # noqa: ASYNC110 - the tasks run meanwhile
            await asyncio.sleep(0)
        assert len(caplog.records) == lines
        first.cancel()
        while looks[1] < 1:  # noqa: ASYNC110 - the task runs meanwhile
            await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)

    asyncio.run(scenario())
    assert len(caplog.records) == 2
