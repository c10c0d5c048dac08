"""How many answers a second there are at most: by wrk, which costs less than locust and compares nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from bench.load.sessions import Look, steps
from bench.load.truth import Objects
from bench.missing import program

__all__ = ["Peak", "measured"]

_BOXES = 5000
_CONNECTIONS = 64
_AT_MOST = 10
"""Seconds."""

_SEED = 20_261_124


@dataclass(frozen=True, kw_only=True)
class Peak:
    """What wrk measured."""

    per_second: float
    """Answers."""

    p50: float
    """Milliseconds."""

    p99: float
    answers: int
    bad: int
    """Statuses other than 2xx and 3xx, and connections that failed."""

    @property
    def sentence(self) -> str:
        """For the report."""
        return (
            f"{self.per_second:,.0f} answers a second over {_CONNECTIONS} connections, p50 {self.p50:.1f} ms, p99"
            f" {self.p99:.1f} ms, {self.bad} of {self.answers:,} bad"
        )


def measured(address: str, truth: Mapping[str, Objects], folder: Path, *, seconds: int) -> Peak:
    """Ask for boxes as the sessions do, as fast as the proxy answers.

    Args:
        address: of the proxy.
        truth: the layers.
        folder: where the list of boxes is written.
        seconds: how long at most; ten are enough.

    Raises:
        MissingProgram: there is no wrk.
    """
    wrk = program("wrk", package="wrk")
    looks = (step for step in steps(truth, Random(_SEED)) if isinstance(step, Look))
    paths = folder / "paths"
    paths.write_text("".join(f"{look.path}\n" for look in islice(looks, _BOXES)))
    script = Path(__file__).with_name("boxes.lua")
    duration = min(seconds, _AT_MOST)
    done = subprocess.run(
        [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{duration}s", "-s", script, address],
        env={**os.environ, "PATHS": str(paths)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=duration + 30,
    )
    return Peak(**json.loads(done.stdout.splitlines()[-1]))
