"""A progress bar that says which layer is being compared, if standard error is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from wfs_proxy.cli.live.live_check import LayerStep
from wfs_proxy.cli.live.texts import LINES
from wfs_proxy.cli.progress_bar import SHOWN_AFTER, progress_bar
from wfs_proxy.config import Language

__all__ = ["layer_progress"]


@contextmanager
def layer_progress(
    console: Console, language: Language, *, shown_after: float = SHOWN_AFTER
) -> Iterator[Callable[[LayerStep], None]]:
    """Yield a function that reports a step; the bar disappears at the end of the block."""
    with progress_bar(console, shown_after=shown_after) as show:

        def on_step(step: LayerStep) -> None:
            details = {"number": str(step.number), "total": str(step.total), "layer": step.layer}
            show(LINES["progress"].filled_in(details).in_language(language), step.number - 1, step.total)

        yield on_step
