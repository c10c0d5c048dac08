"""What a test needs that pip cannot install.

A need that is not met skips the test with a text that says what to do; where CI=true, `conftest.py` makes a failure of
every skip.

    import needs

    mapserv = needs.program("mapserv", package="cgi-mapserver")
    document = needs.corpus() / "wfs" / "geoserver" / "topp_states.xml"

Both can be called in a test, in a fixture, and while a module is collected.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.fastcgi import find_program

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

CORPUS_ABSENT = "the corpus of recorded documents is not beside this checkout (../shared/corpus)"
"""The one skip that a run on another machine may have."""


def program(name: str, *, package: str) -> Path:
    """The path of a program, `package` being the Debian package that has it."""
    found = find_program(name)
    if found is None:
        pytest.skip(f"install {package} (it has the program {name})", allow_module_level=True)
    return found


def corpus() -> Path:
    """The folder of documents recorded from the world's WFS servers; it lives beside the checkout, not in it."""
    path = ROOT.parent / "shared" / "corpus"
    if not path.is_dir():
        pytest.skip(CORPUS_ABSENT, allow_module_level=True)
    return path
