"""The line that says which layer is being compared."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from waiting import wait_until

from wfs_proxy.cli.live.live_check import LayerStep
from wfs_proxy.cli.live.progress import layer_progress

STEP = LayerStep(layer="lampen", number=2, total=5)


def console(*, terminal: bool, term: str = "xterm") -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, force_terminal=terminal, width=60, _environ={"TERM": term}), written


def test_line_names_the_layer():
    shown, written = console(terminal=True)
    with layer_progress(shown, "nl", shown_after=0.0) as on_step:
        on_step(STEP)
        wait_until(lambda: "laag 2 van 5: lampen" in written.getvalue())


@pytest.mark.parametrize(("terminal", "term"), [(False, "xterm"), (True, "dumb")])
def test_nothing_is_animated_where_that_is_impossible(term: str, *, terminal: bool):
    shown, written = console(terminal=terminal, term=term)
    with layer_progress(shown, "nl", shown_after=0.0) as on_step:
        on_step(STEP)

    assert "\x1b[" not in written.getvalue()
