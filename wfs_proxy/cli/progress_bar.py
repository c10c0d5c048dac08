"""A progress bar with one changing text, if the console is a terminal that can show it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

__all__ = ["SHOWN_AFTER", "progress_bar"]

SHOWN_AFTER = 1.0
"""Seconds: a bar that flashes is worse than none."""


@contextmanager
def progress_bar(console: Console, *, shown_after: float) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that shows (text, steps done, all steps); the bar disappears at the end of the block.

    Args:
        console: of standard error.
        shown_after: seconds; work that takes less shows nothing.
    """
    animated = console.is_terminal and not console.is_dumb_terminal
    columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
    progress = Progress(*columns, console=console, transient=True, disable=not animated)
    task = progress.add_task("", total=1)
    # a timer and not the event loop: a single request may take longer than a second
    timer = threading.Timer(shown_after, progress.start)
    timer.daemon = True

    def show(text: str, done: int, total: int) -> None:
        progress.update(task, description=text, completed=done, total=total)

    timer.start()
    try:
        yield show
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
