"""The guided page of `wfs-proxy setup` as a test uses it: the command, and going from step to step."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browser import Visit
from waiting import PATIENCE

PRIMARY = "main button.primary"


@contextmanager
def running_setup(folder: Path) -> Iterator[str]:
    """Run the command; yields the address that it prints."""
    command = [sys.executable, "-m", "wfs_proxy", "setup", "--no-browser", "--layers", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", process.stderr.readline())
            assert found is not None
            yield found.group()
        finally:
            process.terminate()
    # one that was ending by its own button may be too far to catch the signal
    assert process.returncode in {0, -signal.SIGTERM}


def step(visited: Visit) -> str:
    return re.sub(r"\?.*", "", visited.page.url).rpartition("/")[2]


def reach(visited: Visit, name: str) -> None:
    """Wait for the page of a step; a condition in the page would end with the page before."""
    visited.page.wait_for_url(re.compile(rf"/{name}(\?.*)?$"), timeout=PATIENCE * 1000)


def appears(visited: Visit, selector: str) -> None:
    visited.page.wait_for_selector(selector, timeout=PATIENCE * 1000)


def advance(visited: Visit, name: str) -> None:
    visited.page.click(PRIMARY)
    reach(visited, name)


def inspect(visited: Visit, address: str) -> None:
    visited.page.fill("#address", address)
    visited.page.click(PRIMARY)
    reach(visited, "objects")
    visited.drawn()
