"""A line that says which layer is being compared, if standard error is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from wfs_proxy.cli.live.live_check import LayerStep
from wfs_proxy.cli.live.texts import LINES
from wfs_proxy.config import Language

__all__ = ["layer_progress"]


@contextmanager
def layer_progress(console: Console, language: Language) -> Iterator[Callable[[LayerStep], None]]:
    """Yield a function that reports a step; the line disappears at the end of the block."""
    animated = console.is_terminal and not console.is_dumb_terminal
    columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not animated) as progress:
        task = progress.add_task("", total=1)

        def on_step(step: LayerStep) -> None:
            details = {"number": str(step.number), "total": str(step.total), "layer": step.layer}
            description = LINES["progress"].filled_in(details).in_language(language)
            progress.update(task, description=description, completed=step.number - 1, total=step.total)

        yield on_step
