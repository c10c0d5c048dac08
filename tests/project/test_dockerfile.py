"""The Dockerfile, as far as it can be shown without a container engine.

Its COPY and RUN instructions are carried out in order in an empty folder in place of the image's root: absolute
paths are put under that folder and `python` is a Python of this machine. So the steps, their order and the context are
shown to be right; the base image and the creation of the user are not.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import needs
import pytest

from bench.ports import free_ports

UNPRIVILEGED = 1001
pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True)
class Instruction:
    keyword: str
    arguments: str


@dataclass
class Image:
    """The result of carrying out the instructions."""

    root: Path
    python: str
    workdir: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def place(self, path: str) -> Path:
        return self.root / Path(self.workdir, path).relative_to("/")

    def command(self, text: str) -> str:
        """A command line for this machine: `python` and the image's absolute paths replaced."""
        text = re.sub(r"(^|[\s;&])python(?=\s)", rf"\1{self.python}", text)
        return re.sub(r"(?<![\w.:/])/(build|opt|cache)\b", rf"{self.root}/\1", text)

    def exec_form(self, keyword: str) -> list[str]:
        return [self.command(part) for part in json.loads(self.settings[keyword])]


def read_dockerfile() -> list[Instruction]:
    text = (needs.ROOT / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def build(place: Path, python: str) -> Image:
    """Carry out all stages; an earlier stage's root becomes `stage-<name>` when the next one begins."""
    image = Image(root=place / "root", python=python)
    stage = ""
    for instruction in read_dockerfile():
        match instruction.keyword:
            case "FROM":
                if image.root.exists():
                    image.root.rename(place / f"stage-{stage}")
                image.root.mkdir()
                image.workdir, stage = "/", instruction.arguments.partition(" AS ")[2]
            case "WORKDIR":
                image.workdir = instruction.arguments
                image.place(".").mkdir(parents=True, exist_ok=True)
            case "COPY":
                copy(image, place, instruction.arguments)
            case "RUN" if not instruction.arguments.startswith("useradd "):
                run(image, instruction.arguments)
            case "ENV":
                image.environment |= dict(pair.split("=", 1) for pair in shlex.split(instruction.arguments))
            case keyword:
                image.settings[keyword] = instruction.arguments
    return image


def copy(image: Image, place: Path, arguments: str) -> None:
    *options, last = shlex.split(arguments)
    stages = [option.partition("=")[2] for option in options if option.startswith("--from=")]
    origin = place / f"stage-{stages[0]}" if stages else needs.ROOT
    for source in (option for option in options if not option.startswith("--")):
        path = origin / source.lstrip("/")
        target = image.place(last) / path.name if last.endswith("/") else image.place(last)
        if path.is_dir():
            shutil.copytree(path, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def run(image: Image, command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["/bin/sh", "-c", image.command(command)],
        cwd=image.place("."),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if "connection" in done.stderr.lower() and done.returncode:
        pytest.skip("connect this machine to the network: the Dockerfile's packages could not be fetched")
    assert done.returncode == 0, f"RUN {command}\n{done.stdout}\n{done.stderr}"


def python_for(uid: int | None) -> str:
    """Return a Python outside the test's own environment that this user can run and that can create environments."""
    for python in ("/usr/bin/python3", "/usr/local/bin/python3", getattr(sys, "_base_executable", sys.executable)):
        try:
            subprocess.run(
                [python, "-c", "import ensurepip, sys; assert sys.version_info >= (3, 11)"],
                user=uid,
                cwd="/",
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("install python3-venv (the image's steps are carried out with the system's Python)")


@pytest.fixture(scope="module")
def uid() -> int | None:
    """The user that runs the image's program: the image's own, if the test may become that user."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def image(uid: int | None) -> Iterator[Image]:
    # not tmp_path: another user must be able to walk into it
    place = Path(tempfile.mkdtemp(prefix="image-"))
    place.chmod(0o755)
    yield build(place, python_for(uid))
    shutil.rmtree(place)


def test_image_runs_as_an_unprivileged_user_without_shell():
    last_stage = read_dockerfile()[::-1]
    last_stage = last_stage[: [instruction.keyword for instruction in last_stage].index("FROM")]
    users = [instruction.arguments for instruction in last_stage if instruction.keyword == "USER"]
    runs = [instruction.arguments for instruction in last_stage if instruction.keyword == "RUN"]
    user = str(UNPRIVILEGED)

    assert users == [user]
    assert [shlex.split(run)[:3] for run in runs] == [["useradd", "--uid", user]]
    assert runs[0].endswith(f" && install -d -o {user} -g {user} -m 0700 /cache")


def test_context_has_what_the_dockerfile_copies_and_nothing_else():
    copied = {
        source
        for instruction in read_dockerfile()
        if instruction.keyword == "COPY" and "--from=" not in instruction.arguments
        for source in shlex.split(instruction.arguments)[:-1]
    }
    ignore = (needs.ROOT / ".dockerignore").read_text().splitlines()

    assert ignore[1] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied


def test_image_holds_the_program_without_tools_tests_or_layers(image: Image):
    package = next(image.root.glob("opt/wfs-proxy/lib/python3*/site-packages"))
    here = {path.relative_to(needs.ROOT) for path in (needs.ROOT / "wfs_proxy").rglob("*.*") if path.suffix != ".pyc"}

    assert [path for path in here if not (package / path).exists()] == []
    assert (package / "pyogrio").is_dir()
    assert not [name for name in ("pytest", "hatchling", "mypy", "tests", "layers") if (package / name).exists()]
    assert image.settings["EXPOSE"] == "8000"


def test_image_shows_the_demo(image: Image, uid: int | None):
    """The wheel holds all that the demo needs, so it works from any folder, even one that cannot be written."""
    folder = image.root / "anywhere"
    folder.mkdir(mode=0o555)
    port = free_ports(3)
    [program] = image.exec_form("ENTRYPOINT")
    process = subprocess.Popen(
        [image.root / "opt/wfs-proxy/bin" / program, "demo", "--port", str(port)],
        user=uid,
        group=uid,
        extra_groups=[] if uid else None,
        cwd=folder,
        env={"HOME": "/nonexistent", "TMPDIR": str(folder), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        example = next(line.split("'")[1] for line in process.stdout if line.startswith("  curl"))
        assert json.load(opened(example))["numberMatched"] > 500
    finally:
        process.terminate()
        process.communicate()


def test_image_has_the_examples_to_copy(image: Image, uid: int | None):
    layers = image.root / "copies"
    layers.mkdir()
    if uid is not None:
        os.chown(layers, uid, uid)
    [program] = image.exec_form("ENTRYPOINT")
    command = [image.root / "opt/wfs-proxy/bin" / program, "example", "moon", "--layers", str(layers), "--lang", "en"]
    done = subprocess.run(
        command,
        user=uid,
        group=uid,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "MOON_WFS_URL  the address of the vendor's WFS" in done.stdout
    assert (layers / "moon-lichtmasten.yaml").stat().st_uid == (os.geteuid() if uid is None else uid)


def opened(address: str) -> http.client.HTTPResponse:
    """Return the answer at this address, as soon as there is one; the test's time limit bounds the wait."""
    while True:
        try:
            return urllib.request.urlopen(address, timeout=60)
        except OSError:  # nothing listens there yet, or the answer is 503
            time.sleep(0.2)


LAYER = """\
title: Lamps
source:
  type: wfs
  url: http://127.0.0.1:9/nobody-listens-here
  type_names: [lamp]
"""


@pytest.fixture
def server(image: Image, uid: int | None) -> Iterator[int]:
    """Run the image's ENTRYPOINT and CMD as a user without a home, in a read-only folder; yield the port."""
    port = free_ports()
    layers = image.root / "layers"
    layers.mkdir(exist_ok=True)
    (layers / "lamps.yaml").write_text(LAYER)
    command = [*image.exec_form("ENTRYPOINT"), *image.exec_form("CMD")]
    command = [{"/layers": str(layers), "8000": str(port), "0.0.0.0": "127.0.0.1"}.get(part, part) for part in command]
    environment = {name: image.command(value) for name, value in image.environment.items()}
    environment["PATH"] = environment["PATH"].replace("$PATH", "/usr/bin:/bin")
    program = shutil.which(command[0], path=environment["PATH"])
    cache = image.root / "cache"
    cache.mkdir(mode=0o700, exist_ok=True)
    if uid is not None:
        os.chown(cache, uid, uid)
    read_only = image.root / "read-only"
    read_only.mkdir(mode=0o555, exist_ok=True)
    process = subprocess.Popen(
        [program, *command[1:]],
        user=uid,
        group=uid,
        extra_groups=[] if uid else None,
        cwd=read_only,
        env=environment | {"HOME": "/nonexistent", "TMPDIR": str(read_only)},
    )
    yield port
    process.terminate()
    assert process.wait(20) in {0, -15}


def test_image_starts_and_its_health_check_agrees(image: Image, server: int, uid: int | None):
    assert opened(f"http://127.0.0.1:{server}/healthz").status == 200
    assert image.environment["WFS_PROXY_CACHE_DIR"] == "/cache"
    kept = image.root / "cache" / "layers"
    while not kept.is_dir():
        time.sleep(0.2)
    assert kept.stat().st_uid == (os.geteuid() if uid is None else uid)
    check = json.loads(image.settings["HEALTHCHECK"].partition("CMD ")[2])
    python = image.root / "opt/wfs-proxy/bin" / check[0]
    code = check[2].replace("127.0.0.1:8000", f"127.0.0.1:{server}")

    assert subprocess.run([python, check[1], code], user=uid, cwd="/", check=False).returncode == 0
    assert subprocess.run(
        [python, check[1], check[2].replace(":8000", ":9")], cwd="/", check=False, stderr=-3
    ).returncode
