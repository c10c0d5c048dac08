"""Waiting for a condition instead of a time, so that no test depends on how busy the machine is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds after which a condition is given up: far more than any needs, even on a busy machine."""


def wait_until(condition: Callable[[], bool], *, pause: float = 0.02) -> None:
    """Wait until it holds, from outside an event loop."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(pause)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds, and let the event loop run meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the condition has no event
            await asyncio.sleep(0.001)
