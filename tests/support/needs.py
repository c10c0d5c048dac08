"""Requirements of tests that pip cannot install: programs, and the corpus of recorded documents.

If one is missing, the test is skipped with a message that says what to do. Where CI=true, `conftest.py` turns every
skip into a failure.

    import needs

    mapserv = needs.program("mapserv", package="cgi-mapserver")
    document = needs.corpus() / "wfs" / "geoserver" / "topp_states.xml"

Call them in a test, in a fixture, or at the top of a test module.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bench import koop_server
from fixtures.fastcgi import find_program

ROOT = Path(__file__).resolve().parents[2]
"""Root of the checkout."""

CORPUS_ABSENT = "the corpus of recorded documents is not next to this checkout (../shared/corpus)"
"""The only skip that is acceptable on another machine."""


def program(name: str, *, package: str) -> Path:
    """Return the path of a program, or skip the test. `package` is the Debian package that contains the program."""
    found = find_program(name)
    if found is None:
        pytest.skip(f"install {package} (it has the program {name})", allow_module_level=True)
    return found


def chromium() -> Path:
    """Return the path of the browser, or skip the test."""
    return program("chromium", package="chromium")


def spectral() -> Path:
    """Return the path of the OpenAPI linter, or skip the test."""
    found = shutil.which("spectral", path=ROOT / ".spectral" / "node_modules" / ".bin") or shutil.which("spectral")
    if found is None:
        pytest.skip("run `make spectral` (it needs Debian's npm) to check the OpenAPI documents")
    return Path(found)


def koop() -> None:
    """Skip the test unless Koop is installed, an ArcGIS feature service; `bench.koop_server` runs it."""
    if koop_server.modules() is None:
        pytest.skip("run `make koop` (it needs Debian's npm) to read layers of Koop", allow_module_level=True)


def qgis_python() -> Path:
    """Return the system's Python, which can import QGIS, or skip the test."""
    python = Path("/usr/bin/python3")
    if (
        not python.exists()
        or subprocess.run([python, "-c", "import qgis.core"], check=False, stderr=subprocess.DEVNULL).returncode
    ):
        pytest.skip("install python3-qgis (QGIS for the Python of the system)")
    return python


def ogctests() -> Path:
    """Return the Python that has the conformance tests of OGC API Features, or skip the test."""
    python = ROOT / ".venv" / "ogctests" / "bin" / "python"
    if not (python.parents[1] / ".installed").exists():
        pytest.skip("run make ogctests (the conformance tests of OGC API Features)")
    return python


def pygeoapi() -> Path:
    """Return the Python that has pygeoapi, or skip the test."""
    python = ROOT / ".venv" / "pygeoapi" / "bin" / "python"
    if not (python.parents[1] / ".installed").exists():
        pytest.skip("run make pygeoapi (a server of OGC API Features)")
    return python


def corpus() -> Path:
    """Return the folder of documents that were recorded from public WFS servers. It is next to the checkout."""
    path = ROOT.parent / "shared" / "corpus"
    if not path.is_dir():
        pytest.skip(CORPUS_ABSENT, allow_module_level=True)
    return path


def ogc_schemas() -> Path:
    """Return the folder of OGC's schemas, which `make test` installs, or skip the test."""
    path = ROOT / ".venv" / "schemas" / "pycsw" / "core" / "schemas" / "ogc"
    if not path.is_dir():
        pytest.skip("the schemas of OGC are not installed; run `make test` once", allow_module_level=True)
    return path
