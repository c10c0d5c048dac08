"""Problems are logged when they appear, and not again."""

from __future__ import annotations

import logging

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
