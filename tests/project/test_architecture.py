"""Rules for the layout of the package, for the size of its parts, and for its words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest

PACKAGE = needs.ROOT / "wfs_proxy"
TESTS = needs.ROOT / "tests"
MODULES = sorted(PACKAGE.rglob("*.py"))
PYTHON_FILES = [
    path
    for folder in ("wfs_proxy", "tests", "bench", "fixtures", "scripts")
    for path in sorted((needs.ROOT / folder).rglob("*.py"))
]

CORE = ("bbox", "config", "decode", "features", "geo", "marks", "pipeline", "snapshot", "values")
"""From the bytes of an answer to a marked snapshot: bytes in, values out."""

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


def classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            yield node


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


# -- layout


def test_import_contracts_are_kept():
    """The contracts are in pyproject.toml: which package may import which, and which library."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=needs.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_and_its_functions_are_short(path: Path):
    lines = len(path.read_text().splitlines())
    long = {function.name: body_lines(function) for function in functions(path)}

    assert lines <= MAX_FILE_LINES
    assert {name: length for name, length in long.items() if length > MAX_FUNCTION_LINES} == {}


def test_core_has_no_clock_socket_or_environment():
    core = [path for path in MODULES if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in CORE]

    assert {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in core} == set(CORE)
    assert {
        (name_of(path), module)
        for path in core
        for module in imported(path)
        if module in OUTSIDE_THE_CORE or module.split(".")[0] in OUTSIDE_THE_CORE
    } == set()
    assert [name_of(path) for path in core if re.search(r"\.(now|today|utcnow)\(", path.read_text())] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name_of)
def test_init_only_exports(path: Path):
    """A docstring, imports and `__all__`: a package's listing shows where its code is. The version is the exception."""
    docstring, *statements = ast.parse(path.read_text()).body
    assigned = [ast.unparse(node.targets[0]) for node in statements if isinstance(node, ast.Assign)]
    others = [node for node in statements if not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]

    assert isinstance(docstring, ast.Expr)
    assert isinstance(docstring.value, ast.Constant)
    assert others == []
    assert set(assigned) <= ({"__version__"} if path.parent == PACKAGE else {"__all__"})


TESTS_OF_OTHER_FOLDERS = {
    "bench": "tests the folder bench/",
    "project": "tests the checkout: its rules, documents, Makefile and image",
}

TESTS_OF_SEVERAL_MODULES = {
    "cache/test_crash.py": "kills a process at each system call of the whole cache",
    "cache/test_proxy_crash.py": "kills the whole program",
    "cache/test_two_processes.py": "runs two processes on one cache",
    "cache/test_unchanged_documents.py": "follows a document that does not change through the cache",
    "decode/test_corpus.py": "reads every recorded document, from its bytes to its place",
    "decode/test_corpus_failing.py": "converts the small documents that were once converted wrongly",
    "decode/test_corpus_xml.py": "compares every recorded XML document with GDAL",
    "demo/test_demo.py": "runs the whole demo",
    "demo/test_signalen_recordings.py": "sends every recorded request to the demo Signalen",
    "faces/wfs/test_clients.py": "reads every layer with GDAL, OWSLib and QGIS",
    "pages/test_accessibility.py": "looks at every page in a browser, with axe-core",
    "pages/test_first_steps.py": "follows docs/beginnen.md in a browser and makes its screenshots",
    "pages/test_layer_in_browser.py": "uses the page of a layer in a browser",
    "pages/test_map_in_browser.py": "uses the map in a browser",
    "pages/test_setup_in_browser.py": "uses the page of wfs-proxy setup in a browser",
    "recordings/test_fixtures.py": "compares the recordings in fixtures/ with GDAL and with the servers",
    "recordings/test_fixtures_ugliness.py": "checks that fixtures/ has what real vendors send",
    "reports/test_canary.py": "follows personal data through the whole package",
    "reports/test_client_recordings.py": "gives every recorded answer of Signalen to the client",
    "reports/test_histories.py": "compares poller and marks with a database over random histories",
    "reports/test_systems.py": "checks docs/systems.md",
    "run/test_replicas.py": "runs three machines with one Redis",
    "snapshot/test_columns_of_documents.py": "compares columns with features, for every recorded document and layer",
    "sources/arcgis/test_koop.py": "reads layers of Koop, an ArcGIS service that is no double of ours",
    "sources/geojson/test_gisib.py": "fetches a layer from the login to the map, as docs/gisib.md has it",
    "sources/geojson/test_secret_address.py": "looks for a secret of an address in everything that is shown or stored",
    "sources/wfs/test_vendor_scenarios.py": "fetches from a scripted vendor over sockets",
    "test_app_reports.py": "follows a report through the whole application",
    "web/test_coded_answers.py": "compares bytes on the wire of a real server",
    "web/test_marks.py": "sees marks as a client does",
    "web/test_wild_questions.py": "sends every request of a question that was found in public",
}
"""Test file -> what it tests instead of one module."""


def test_every_test_file_is_named_after_what_it_tests():
    tests = {str(path.relative_to(TESTS)): path for path in TESTS.rglob("test_*.py")}
    without_module = {
        name
        for name, path in tests.items()
        if path.relative_to(TESTS).parts[0] not in TESTS_OF_OTHER_FOLDERS and not module_of(path).exists()
    }

    assert without_module == set(TESTS_OF_SEVERAL_MODULES)


def module_of(test: Path) -> Path:
    """Return the module, or else the package, that a test file is named after."""
    mirrored = PACKAGE / test.relative_to(TESTS).parent / test.name.removeprefix("test_")
    return mirrored if mirrored.exists() else mirrored.with_suffix("")


# -- names and words


def test_no_two_classes_share_a_name():
    """Leading underscores do not count: a reader says the name without them."""
    places = defaultdict(list)
    for path in MODULES:
        for node in classes(path):
            places[node.name.lstrip("_")].append(name_of(path))

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_errors_are_only_those_of_the_tree():
    """No code would catch another public error class. A private one stays in its module."""
    strangers = [
        (name_of(path), node.name)
        for path in MODULES
        if path.name != "errors.py"
        for node in classes(path)
        if not node.name.startswith("_")
        and {ast.unparse(base) for base in node.bases} & {"Exception", "BaseException", "RuntimeError", "ValueError"}
    ]

    assert strangers == []


PRIVATE_WORDS = {
    r"holdings": "layer cache",
    r"shel(f|ves)": "cache backend",
    r"recipes?": "entry spec",
    r"(held|hold|holds|holding) back": "quarantined",
    r"judges?": "replacement policy, plausibility",
    r"tidy|tidied|tidies|tidying": "eviction",
    r"durabl[ey]": "atomic",
    r"overlays?": "mark updater",
    r"ledgers?": "match state",
    r"answer cache": "response cache",
    r"stencils?|lessons?": "feature template",
    r"turn pages": "paginate",
    r"askers?": "feature type client",
    r"(?<!ordnance )survey(s|ed|ing)?": "probe",
    r"tally|tallies": "collected features",
    r"host gates?": "concurrency limiter",
    r"sweep(s|ed|er|ing)?": "full synchronisation",
    r"homeland": "service area",
    r"faults?": "error, problem",
    r"first best": "grouped argmax",
    r"harvest\w*": "fetch",
    r"fill(ing)? (path|process|report)": "fetch",
    r"shaped": "output columns",
    r"(un)?seal(s|ed|ing)?": "checksummed",
    r"mend(s|ed|ing)?": "fix, repair, salvage",
    r"whoever|foresaw": "say who, and what happened",
    r"told|tells|telling": "say, give, return, show",
    r"quadrants?": "quadtree, quarters",
}
"""Private words of the first version -> the usual ones. A pattern matches whole words, also inside an identifier."""

ALLOWED_WORDS = {
    ("fault", "serve/layer_status.py"): "a key of /layers, on which monitoring relies",
    ("held back", "serve/layer_status.py"): "a key of /layers, on which monitoring relies",
    ("fault", "pages/layer_page.py"): "reads that key",
    ("held back", "pages/layer_page.py"): "reads that key",
    ("held back", "cache/entry.py"): "a label of a metric, on which dashboards rely",
}
"""(word, file) -> why it stays."""


def words_of(line: str) -> str:
    """Return the words of a line in lower case: `HeldBack`, `held_back` and "held back" all become "held back"."""
    return " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", line)).lower()


@pytest.mark.parametrize("pattern", PRIVATE_WORDS)
def test_package_uses_standard_words(pattern: str):
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for match in re.finditer(rf"\b(?:{pattern})\b", words_of(line))
        if (match.group(), str(path.relative_to(PACKAGE))) not in ALLOWED_WORDS
    ]

    assert found == [], f"say instead: {PRIVATE_WORDS[pattern]}"


FORBIDDEN = {
    "left behind": r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b",
    "not there yet": r"NotImplemented" r"Error",
    "hidden from the type checker without a code": r"# type: ignore(?!\[[a-z, -]+\]  # \S)",
    "hidden from the linter without a code and a reason": r"# noqa(?!: [A-Z]+\d+(, ?[A-Z]+\d+)* +(- )?\w)",
    "a skip without a reason": r"@pytest\.mark\.(skip|xfail)\b(?!\(.*reason=)",
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
