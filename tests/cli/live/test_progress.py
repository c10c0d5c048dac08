"""The line that says which layer is being compared."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from wfs_proxy.cli.live.live_check import LayerStep
from wfs_proxy.cli.live.progress import layer_progress

STEP = LayerStep(layer="lampen", number=2, total=5)


def shown(*, terminal: bool, term: str = "xterm") -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=60, _environ={"TERM": term})
    with layer_progress(console, "nl") as on_step:
        on_step(STEP)
    return written.getvalue()


def test_line_names_the_layer():
    assert "laag 2 van 5: lampen" in shown(terminal=True)


@pytest.mark.parametrize(("terminal", "term"), [(False, "xterm"), (True, "dumb")])
def test_nothing_is_animated_where_that_is_impossible(term: str, *, terminal: bool):
    assert "\x1b[" not in shown(terminal=terminal, term=term)
