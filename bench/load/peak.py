"""The peak rate, by wrk, which uses less processor time than locust and does not check answers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from bench.load.sessions import Move, steps
from bench.load.truth import Objects
from bench.missing import program

__all__ = ["Peak", "measured"]

_BOXES = 5000
_CONNECTIONS = 64
_MAX_SECONDS = 10

_SEED = 20_261_124


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The result of wrk."""

    per_second: float
    """Answers per second."""

    p50: float
    """Milliseconds."""

    p99: float
    answers: int
    bad: int
    """Answers other than 2xx and 3xx, and failed connections."""

    @property
    def sentence(self) -> str:
        """The result as text for the report."""
        return (
            f"{self.per_second:,.0f} answers per second over {_CONNECTIONS} connections, p50 {self.p50:.1f} ms, p99"
            f" {self.p99:.1f} ms, {self.bad} of {self.answers:,} bad"
        )


def measured(address: str, truth: Mapping[str, Objects], folder: Path, *, seconds: int) -> Peak:
    """Request boxes as the sessions do, as fast as the proxy answers.

    Args:
        address: of the proxy.
        truth: the contents of the layers.
        folder: for the list of boxes.
        seconds: the duration; at most ten are used.

    Raises:
        MissingProgram: wrk is not installed.
    """
    wrk = program("wrk", package="wrk")
    moves = (step for step in steps(truth, Random(_SEED)) if isinstance(step, Move))
    paths = folder / "paths"
    paths.write_text("".join(f"{move.path}\n" for move in islice(moves, _BOXES)))
    script = Path(__file__).with_name("boxes.lua")
    duration = min(seconds, _MAX_SECONDS)
    done = subprocess.run(
        [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{duration}s", "--timeout=30s", "-s", script, address],
        env={**os.environ, "PATHS": str(paths)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=duration + 60,
    )
    return Peak(**json.loads(done.stdout.splitlines()[-1]))
