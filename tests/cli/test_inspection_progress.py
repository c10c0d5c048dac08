"""The progress bar of an inspection."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from waiting import wait_until

from wfs_proxy.cli.inspection_progress import inspection_progress
from wfs_proxy.inspect.report import InspectionStep

STEP = InspectionStep(part="counts", done=2, total=8)


def console(*, terminal: bool, **environment: str) -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, force_terminal=terminal, width=60, _environ={"TERM": "xterm", **environment}), written


def test_bar_names_the_part_and_disappears():
    shown, written = console(terminal=True)
    with inspection_progress(shown, "nl", shown_after=0.0) as on_step:
        on_step(STEP)
        wait_until(lambda: "objecten tellen" in written.getvalue())

    assert written.getvalue().rstrip().endswith(("\x1b[2K", "\x1b[?25h", "\x1b[1A\x1b[2K"))


def test_short_work_shows_nothing():
    shown, written = console(terminal=True)
    with inspection_progress(shown, "nl", shown_after=3600.0) as on_step:
        on_step(STEP)

    assert "tellen" not in written.getvalue()


@pytest.mark.parametrize(("terminal", "term"), [(False, "xterm"), (True, "dumb")])
def test_nothing_is_animated_where_that_is_impossible(terminal, term):
    shown, written = console(terminal=terminal, TERM=term)
    with inspection_progress(shown, "en", shown_after=0.0) as on_step:
        on_step(STEP)

    assert "\x1b[" not in written.getvalue()
