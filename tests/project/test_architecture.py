"""The house keeps its own rules."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest

PACKAGE = needs.ROOT / "wfs_proxy"
MODULES = sorted(PACKAGE.rglob("*.py"))
PYTHON_FILES = [
    path
    for folder in ("wfs_proxy", "tests", "bench", "fixtures", "scripts")
    for path in sorted((needs.ROOT / folder).rglob("*.py"))
]

CORE = ("config", "decode", "features", "geo", "marks", "pipeline", "snapshot", "values")
"""What is between an answer's bytes and a marked snapshot: bytes in, values out."""

OUTSIDE_THE_CORE = {
    "asyncio", "concurrent", "httpx", "logging", "multiprocessing", "os", "random", "secrets", "signal", "socket",
    "subprocess", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
"""Without the docstring."""


def name_of(path: Path) -> str:
    return str(path.relative_to(needs.ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_import_contracts_are_kept():
    """The floors, and who may know which library, stand in pyproject.toml."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=needs.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_one_room(path: Path):
    lines = len(path.read_text().splitlines())
    long = {function.name: body_lines(function) for function in functions(path)}

    assert lines <= MAX_FILE_LINES
    assert {name: length for name, length in long.items() if length > MAX_FUNCTION_LINES} == {}


def test_core_has_no_clock_socket_or_environment():
    core = [path for path in MODULES if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in CORE]

    assert len(core) > len(CORE)
    assert {
        (name_of(path), module)
        for path in core
        for module in imported(path)
        if module in OUTSIDE_THE_CORE or module.split(".")[0] in OUTSIDE_THE_CORE
    } == set()
    assert [name_of(path) for path in core if re.search(r"\.(now|today|utcnow)\(", path.read_text())] == []


def test_errors_are_only_those_of_the_tree():
    """Any other class would be caught by nobody; a private one is its own module's affair."""
    strangers = [
        (name_of(path), node.name)
        for path in MODULES
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and {ast.unparse(base) for base in node.bases} & {"Exception", "BaseException", "RuntimeError", "ValueError"}
    ]

    assert strangers == []


FORBIDDEN = {
    "left behind": r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b",
    "not there yet": r"NotImplemented" r"Error",
    "hidden from the type checker without a code": r"# type: ignore(?!\[[a-z, -]+\]  # \S)",
    "hidden from the linter without a code and a reason": r"# noqa(?!: [A-Z]+\d+(, ?[A-Z]+\d+)* +(- )?\w)",
    "a skip that tells no reason": r"@pytest\.mark\.(skip|xfail)\b(?!\(.*reason=)",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_has(what: str):
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in PYTHON_FILES
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []
