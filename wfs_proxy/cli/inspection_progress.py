"""A progress bar for an inspection that takes longer than a second, if standard error is a terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from wfs_proxy.config import Language
from wfs_proxy.inspect import PARTS, InspectionStep
from wfs_proxy.inspect import Progress as OnStep

__all__ = ["inspection_progress"]

SHOWN_AFTER = 1.0
"""Seconds: a bar that flashes is worse than none."""


@contextmanager
def inspection_progress(console: Console, language: Language, *, shown_after: float = SHOWN_AFTER) -> Iterator[OnStep]:
    """Yield a function that reports a step; the bar disappears at the end of the block."""
    animated = console.is_terminal and not console.is_dumb_terminal
    columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
    progress = Progress(*columns, console=console, transient=True, disable=not animated)
    task = progress.add_task("", total=1)
    # a timer and not the event loop: a single request may take longer than a second
    timer = threading.Timer(shown_after, progress.start)
    timer.daemon = True

    def on_step(step: InspectionStep) -> None:
        description = PARTS[step.part].in_language(language)
        progress.update(task, description=description, completed=step.done, total=step.total)

    timer.start()
    try:
        yield on_step
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
