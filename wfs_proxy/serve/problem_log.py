"""Logs once what the data of a layer, and its Signalen, show that an administrator should change.

All processes of a machine find the same, so only the one that holds a file lock logs it. When that one ends, another
takes over, and logs the problems that there are then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from wfs_proxy.cache import try_lock, unlock
from wfs_proxy.config import NOTICES, Problem, render

__all__ = ["ProblemLog"]

LOG = logging.getLogger(__name__)

_EVERY = 10.0
"""Seconds between two looks. A look takes a tenth of a millisecond for a layer, or some microseconds for each cell."""

Identity = tuple[str, tuple[str | int, ...], tuple[tuple[str, str], ...]]


class ProblemLog:
    """Remembers what was logged. A problem that went away is logged again when it returns."""

    def __init__(self, problems: Callable[[], Mapping[str, Iterable[Problem]]], *, lock: Path | None = None) -> None:
        """Log nothing yet.

        Args:
            problems: returns layer -> its problems now, without those of its file: loading the file logs these.
            lock: a file that the processes of the machine share; None: this process logs whatever others do.
        """
        self._problems = problems
        self._lock = lock
        self._descriptor: int | None = None
        self._logged: dict[str, set[Identity]] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        try:
            while True:
                if self._may_log():
                    self.look()
                await asyncio.sleep(_EVERY)
        finally:
            if self._descriptor is not None:
                unlock(self._descriptor)

    def _may_log(self) -> bool:
        """Whether this process is the one that logs, or cannot know."""
        if self._lock is None or self._descriptor is not None:
            return True
        try:
            self._descriptor = try_lock(self._lock)
        except OSError:
            return True  # the reason is logged by what stores data in that folder
        return self._descriptor is not None

    def look(self) -> None:
        """Log the problems that are new."""
        now = {layer: {_identity(problem): problem for problem in each} for layer, each in self._problems().items()}
        for layer, problems in now.items():
            for identity, problem in problems.items():
                if identity not in self._logged.get(layer, ()):
                    level = logging.INFO if problem.code in NOTICES else logging.WARNING
                    LOG.log(level, "%s: %s", layer, render(problem, "en"), extra={"layer": layer})
        self._logged = {layer: set(problems) for layer, problems in now.items()}


def _identity(problem: Problem) -> Identity:
    """Return what makes a problem another one. A number of objects does not: it changes with every fetch."""
    details = ((name, text) for name, text in problem.details.items() if name not in ("count", "matched"))
    return problem.code, tuple(problem.keys), tuple(sorted(details))
