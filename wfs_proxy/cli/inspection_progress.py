"""A progress bar for an inspection that takes longer than a second, if standard error is a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from wfs_proxy.cli.progress_bar import SHOWN_AFTER, progress_bar
from wfs_proxy.config import Language
from wfs_proxy.inspect import PARTS, InspectionStep
from wfs_proxy.inspect import Progress as OnStep

__all__ = ["inspection_progress"]


@contextmanager
def inspection_progress(console: Console, language: Language, *, shown_after: float = SHOWN_AFTER) -> Iterator[OnStep]:
    """Yield a function that reports a step; the bar disappears at the end of the block."""
    with progress_bar(console, shown_after=shown_after) as show:

        def on_step(step: InspectionStep) -> None:
            show(PARTS[step.part].in_language(language), step.done, step.total)

        yield on_step
