"""The documentation is correct: links resolve, commands run, files load, lists are complete."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import httpx
import needs
import pytest

from bench.ports import free_ports
from wfs_proxy import errors
from wfs_proxy.cli.live.findings import finding as live_finding
from wfs_proxy.cli.live.report import LiveReport
from wfs_proxy.cli.live.texts import TEXTS as LIVE_TEXTS
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer_messages import LAYER_TEXTS
from wfs_proxy.demo import recorded
from wfs_proxy.settings import PREFIX, Settings

pytestmark = pytest.mark.timeout(600)
"""Seconds: commands start programs, which takes minutes on a busy machine."""

OPERATIONS = needs.ROOT / "docs" / "operations.md"
LARGEST_IMAGE = 100_000
"""Bytes."""

PROXY = Path(sys.executable).with_name("wfs-proxy")

DOCUMENTS = [
    *sorted(needs.ROOT.glob("*.md")),
    *sorted((needs.ROOT / "docs").rglob("*.md")),
    *sorted((needs.ROOT / "deploy").glob("*.md")),
]


def name_of(path: Path) -> str:
    return str(path.relative_to(needs.ROOT))


def table(path: Path) -> list[list[str]]:
    """Return the cells of the rows of all tables, without backticks."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub makes for the headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_resolve_to_files_and_headings(path: Path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_every_image_is_small_and_on_a_page():
    pages = "".join(path.read_text() for path in DOCUMENTS)
    sizes = {path.name: path.stat().st_size for path in (needs.ROOT / "docs" / "images").iterdir()}

    assert sizes
    assert [name for name, size in sizes.items() if size > LARGEST_IMAGE or f"](images/{name})" not in pages] == []


def test_error_page_lists_the_error_tree():
    tree = {
        name: (
            "" if kind.__base__ is errors.WfsProxyError else kind.__base__.__name__,
            str(kind.status),
            kind.title,
        )
        for name in errors.__all__
        if (kind := getattr(errors, name)) is not errors.WfsProxyError
    }
    page = {
        row[0]: (row[1], row[2], row[3]) for row in table(needs.ROOT / "docs" / "errors.md") if row[0] in errors.__all__
    }

    assert page == tree


@dataclass(frozen=True)
class Block:
    """A fenced code block."""

    document: Path
    number: int
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file named in a comment on the first line, or an empty string."""
        return self.text.removeprefix("# ").splitlines()[0] if self.text.startswith("# ") else ""

    @property
    def commands(self) -> list[str]:
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line for line in lines if line.strip() and not line.startswith("#")]

    def __str__(self) -> str:
        return f"{name_of(self.document)}:{self.number}"


def blocks(path: Path) -> list[Block]:
    found = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [Block(path, number, language, textwrap.dedent(text)) for number, (language, text) in enumerate(found, 1)]


BLOCKS = [block for path in DOCUMENTS for block in blocks(path)]
COMMANDS = [(block, command) for block in BLOCKS if block.language == "sh" for command in block.commands]
ANSWERS = [
    (question.commands[-1], answer)
    for question, answer in pairwise(BLOCKS)
    if question.document == answer.document
    and question.language == "sh"
    and {"json": "curl", "text": ".venv/bin/wfs-proxy"}.get(answer.language) == question.text.split(maxsplit=1)[0]
]
"""The last command of a block, and the next block, which shows its output."""
LAYERS = [block for block in BLOCKS if block.language == "yaml"]
WITH_PROBLEMS = [layer for layer in LAYERS if any(layer.file and layer.file in command for command, _ in ANSWERS)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo as `make demo` does; yield host and port of the proxy."""
    with running_demo(tmp_path_factory.mktemp("demo") / "log", free_ports(3)) as address:
        yield address


@contextlib.contextmanager
def running_demo(log: Path, port: int) -> Iterator[str]:
    with log.open("w") as output:
        process = subprocess.Popen(
            [PROXY, "demo", "--port", str(port)], cwd=needs.ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_until_ready(process, port, log)
            yield f"127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(120)
    assert code == 0, log.read_text()


def wait_until_ready(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + 300  # seconds: only a bound, for a busy machine
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Return a folder like the checkout, with the layer files that code blocks name in their first line."""
    for name in ("fixtures", "Makefile", "pyproject.toml", *(path.name for path in needs.ROOT.glob("*.lock"))):
        (tmp_path / name).symlink_to(needs.ROOT / name)
    (tmp_path / ".venv").symlink_to(PROXY.parents[1])
    shutil.copytree(recorded.LAYERS, tmp_path / "layers")
    for block in LAYERS:
        if block.file:
            (tmp_path / block.file).parent.mkdir(exist_ok=True)
            (tmp_path / block.file).write_text(block.text)
    return tmp_path


def run(command: str, workplace: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=workplace, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize(("block", "command"), COMMANDS, ids=str)
def test_command_works_as_printed(block: Block, command: str, workplace: Path, request: pytest.FixtureRequest):
    """Docker and Kubernetes are skipped.

    Of `make`, only the target is checked; of commands that serve or ask a vendor, only the options.
    """
    match command.split():
        case ["curl", *_]:
            needs.program("curl", package="curl")
            command = command.replace("127.0.0.1:8000", request.getfixturevalue("demo")) + " --fail --silent"
        case ["ogrinfo" | "ogr2ogr" as program, *_]:
            needs.program(program, package="gdal-bin")
            command = command.replace("127.0.0.1:8000", request.getfixturevalue("demo"))
        case ["make", *_]:
            command += " --dry-run --assume-old=.venv/.developing"
        case [".venv/bin/wfs-proxy", "serve" | "setup" | "demo", *_] | [".venv/bin/wfs-proxy", "check", "--live", *_]:
            command += " --help"
        case [".venv/bin/wfs-proxy", *_]:
            pass
        case [program, *_]:
            assert program in {"docker", "kubectl"}, f"{block} has a command that is not tested"
            return
    done = run(command, workplace)

    expected = 1 if any(layer.file in command for layer in WITH_PROBLEMS) else 0
    assert done.returncode == expected, done.stdout + done.stderr


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "python"], ids=str)
def test_program_works_as_printed(block: Block, workplace: Path, request: pytest.FixtureRequest):
    program = block.text.replace("127.0.0.1:8000", request.getfixturevalue("demo"))
    done = subprocess.run([sys.executable, "-c", program], cwd=workplace, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("command", "answer"), ANSWERS, ids=str)
def test_output_is_as_printed(command: str, answer: Block, workplace: Path, request: pytest.FixtureRequest):
    if answer.language == "json":
        needs.program("curl", package="curl")
        command = command.replace("127.0.0.1:8000", request.getfixturevalue("demo"))
        assert json.loads(run(command, workplace).stdout) == json.loads(answer.text)
    else:
        assert run(command, workplace).stdout == answer.text


@pytest.mark.parametrize("block", [layer for layer in LAYERS if layer not in WITH_PROBLEMS], ids=str)
def test_layer_loads_as_printed(block: Block, tmp_path: Path):
    path = tmp_path / "lamps.yaml"
    path.write_text(block.text)
    variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block.text), "https://vendor.example/interface")

    assert load_layer(path, variables).id == "lamps"


def test_every_setting_is_documented_with_its_default():
    documented = {row[0]: row[2] for row in table(OPERATIONS) if row[0].startswith(PREFIX)}
    cache_dir = documented.pop(f"{PREFIX}CACHE_DIR")
    unset, as_documented = Settings.from_environment({}), Settings.from_environment(documented)
    names = [field.name for field in fields(Settings) if field.name not in ("environment", "cache_dir")]

    assert set(documented) == {PREFIX + name.upper() for name in names}
    assert [getattr(as_documented, name) for name in names] == [getattr(unset, name) for name in names]
    assert cache_dir == "$XDG_CACHE_HOME/wfs-proxy`, or `$HOME/.cache/wfs-proxy"


def test_every_code_and_member_of_a_live_check_is_documented():
    text = OPERATIONS.read_text()
    finding = live_finding("notice", "leading_zeros", "vendor", "properties.fields.a", count="2", field="a")
    members = LiveReport(files=(finding,)).as_json()

    names = {*LIVE_TEXTS, *LAYER_TEXTS, *members, *members["files"][0]}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_metric_is_documented(demo: str):
    text = httpx.get(f"http://{demo}/metrics").text
    names = set(re.findall(r"^# TYPE (wfs_proxy_\w+) ", text, flags=re.MULTILINE))
    documented = {row[0] for row in table(OPERATIONS) if row[0].startswith("wfs_proxy_")}

    assert {name for name in names if not name.endswith("_created")} == documented


def test_development_page_names_every_package_and_top_level_module():
    package = needs.ROOT / "wfs_proxy"
    modules = {path.name for path in package.glob("*.py") if not path.name.startswith("_")}
    packages = {f"{path.parent.relative_to(package)}/" for path in package.glob("*/**/__init__.py")}
    rows = table(needs.ROOT / "docs" / "development.md")
    named = {name for row in rows for name in re.findall(r"[a-z_/]+(?:/|\.py)(?=`|$)", row[0])}
    mentioned = [(row[0].strip("`"), module) for row in rows for module in re.findall(r"`(\w+\.py)", " ".join(row[1:]))]

    assert modules | packages <= named
    assert [(name, module) for name, module in mentioned if not (package / name / module).exists()] == []
    assert [name for name in named if not (package / name).exists()] == []
