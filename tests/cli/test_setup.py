"""`wfs-proxy setup` as a process: what it prints, what it opens, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-m", "wfs_proxy"]


def test_address_has_a_new_token_each_time_and_ctrl_c_ends_it(tmp_path: Path):
    addresses = []
    for _ in range(2):
        with subprocess.Popen(
            [*COMMAND, "setup", "--no-browser", "--layers", str(tmp_path)], stderr=subprocess.PIPE, text=True
        ) as process:
            found = re.search(r"http://127\.0\.0\.1:\d+/([\w-]{32})/", process.stderr.readline())
            process.send_signal(signal.SIGINT)
            assert process.wait() == 0
            addresses.append(found[1])

    assert addresses[0] != addresses[1]
    assert list(tmp_path.iterdir()) == []


def test_button_ends_the_command(tmp_path: Path):
    with subprocess.Popen(
        [*COMMAND, "setup", "--no-browser", "--layers", str(tmp_path)], stderr=subprocess.PIPE, text=True
    ) as process:
        url = re.search(r"http://\S+", process.stderr.readline())[0]
        origin = "/".join(url.split("/")[:3])
        form = {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
        assert httpx.get(f"{url}address").status_code == 200
        assert httpx.post(f"{url}end").status_code == 403
        assert httpx.post(f"{url}end", headers=form).status_code == 200
        assert process.wait() == 0


def test_browser_is_opened_at_the_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from wfs_proxy.cli import setup  # noqa: PLC0415 - after the patch

    opened: list[str] = []
    shown: list[str] = []
    monkeypatch.setattr(setup.webbrowser, "open", opened.append)
    monkeypatch.setattr(setup, "serve_socket", lambda _app, _bound, started: started())
    flags = setup.SetupFlags(
        folder=tmp_path, address="", port=0, public_url="", tiles=None, browser=True, environment={}
    )

    setup.run_setup(flags, shown.append)
    for thread in setup.threading.enumerate():
        if thread.daemon and thread.name.startswith("Thread"):
            thread.join()

    assert opened == shown
