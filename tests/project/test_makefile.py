"""`make` creates the environment, does so once, and says what is missing.

A shell script replaces Python: it logs its arguments, and fails where a test tells it to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import needs
import pytest

STAND_IN = """\
#!/bin/sh
case "$*" in
  *version_info*) exit ${WRONG_VERSION:-0} ;;
  *ensurepip*) exit ${NO_VENV:-0} ;;
  '-m venv --clear .venv') mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo venv >>log ;;
  '-m venv --clear .venv/ogctests')
    mkdir -p .venv/ogctests/bin && cp "$0" .venv/ogctests/bin/python && echo ogctests >>log ;;
  '-m venv --clear .venv/pygeoapi')
    mkdir -p .venv/pygeoapi/bin && cp "$0" .venv/pygeoapi/bin/python && echo pygeoapi >>log ;;
  '-m pip --version') ;;
  *' install '*) [ -z "$OFFLINE" ] || { echo 'no route to host' >&2; exit 1; }; echo "${*#*install }" >>log ;;
esac
"""

RUNNING = [
    "--require-hashes -r requirements.lock -r requirements-build.lock",
    "--no-deps --no-build-isolation --no-index -e .",
]

DEVELOPING = [
    "--require-hashes -r requirements-dev.lock",
    "--require-hashes --no-deps --upgrade --target .venv/schemas -r requirements-schemas.lock",
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    needs.program("make", package="make")
    for path in (needs.ROOT / "Makefile", needs.ROOT / "pyproject.toml", *needs.ROOT.glob("*.lock")):
        shutil.copy(path, tmp_path)
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "PYTHON=./stand-in", *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def log(checkout: Path) -> list[str]:
    path = checkout / "log"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_environment_is_made_once(checkout: Path):
    first, first_log = make(checkout, ".venv/.running"), log(checkout)
    second, second_log = make(checkout, ".venv/.running"), log(checkout)

    assert (first.returncode, first_log) == (0, ["venv", *RUNNING])
    assert (second.returncode, second_log) == (0, [])


def test_tests_need_more_than_the_proxy_even_when_made_at_once(checkout: Path):
    make(checkout, "-j4", ".venv/.developing", ".venv/.running")

    assert log(checkout) == ["venv", *RUNNING, *DEVELOPING]


def test_conformance_tests_have_an_environment_of_their_own(checkout: Path):
    first, first_log = make(checkout, "ogctests"), log(checkout)
    second, second_log = make(checkout, "ogctests"), log(checkout)

    assert (first.returncode, first_log) == (
        0,
        ["venv", *RUNNING, "ogctests", "--require-hashes -r requirements-ogctests.lock"],
    )
    assert (second.returncode, second_log) == (0, [])


def test_pygeoapi_has_an_environment_of_its_own(checkout: Path):
    first, first_log = make(checkout, "pygeoapi"), log(checkout)
    second, second_log = make(checkout, "pygeoapi"), log(checkout)

    assert (first.returncode, first_log) == (
        0,
        ["venv", *RUNNING, "pygeoapi", "--require-hashes -r requirements-pygeoapi.lock"],
    )
    assert (second.returncode, second_log) == (0, [])


def test_conformance_tests_that_cannot_be_installed_are_an_error(checkout: Path):
    make(checkout, ".venv/.running")
    done = make(checkout, "ogctests", OFFLINE="1")

    assert done.returncode != 0
    assert "could not be installed" in done.stderr
    assert not (checkout / ".venv/ogctests/.installed").exists()


def test_changed_lock_file_installs_again_into_the_same_environment(checkout: Path):
    make(checkout, ".venv/.running")
    log(checkout)
    stamp = (checkout / ".venv/.running").stat().st_mtime
    os.utime(checkout / "requirements.lock", (stamp + 1, stamp + 1))
    make(checkout, ".venv/.running")

    assert log(checkout) == RUNNING


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"WRONG_VERSION": "1"}, "is not Python 3.11, 3.12 or 3.13. Install one"),
        ({"NO_VENV": "1"}, "sudo apt install python3-venv"),
        ({"OFFLINE": "1"}, "Is there a network connection?"),
    ],
    ids=["Python too old or too new", "no python3-venv", "no network"],
)
def test_what_is_missing_is_said_and_done_again_next_time(checkout: Path, environment: dict[str, str], sentence: str):
    failed = make(checkout, "demo", **environment)

    assert failed.returncode != 0
    assert sentence in failed.stderr
    assert make(checkout, ".venv/.running").returncode == 0
    assert log(checkout)[-2:] == RUNNING


@pytest.mark.parametrize(
    ("arguments", "environment", "port"),
    [((), {}, "8000"), (("PORT=9000",), {}, "9000"), ((), {"PORT": "9000"}, "9000")],
    ids=["neither", "make demo PORT=9000", "PORT=9000 make demo"],
)
def test_port_of_the_demonstration(checkout: Path, arguments: tuple[str, ...], environment: dict[str, str], port: str):
    recipe = make(checkout, "--dry-run", "demo", *arguments, **environment).stdout

    assert recipe.splitlines()[-1].endswith(f"demo --port {port}")


def test_missing_python_is_said(checkout: Path):
    assert "was not found" in make(checkout, "demo", "PYTHON=python3-that-is-not-here").stderr


def test_real_python_passes_the_checks(checkout: Path):
    """The other tests replace Python; here a real one runs the two checks of the recipe."""
    recipe = make(checkout, "--dry-run", ".venv/.running", f"PYTHON={sys.executable}").stdout
    questions = [line.removesuffix("|| { \\") for line in recipe.splitlines() if line.startswith(sys.executable)]

    assert len(questions) == 2
    assert [subprocess.run(["/bin/sh", "-c", question], check=False).returncode for question in questions] == [0, 0]
