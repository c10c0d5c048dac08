"""What the documents say is true: links lead somewhere, commands run, files load, lists are whole."""

from __future__ import annotations

import re
from pathlib import Path

import needs
import pytest

from wfs_proxy import errors

DOCUMENTS = [
    *sorted(needs.ROOT.glob("*.md")),
    *sorted((needs.ROOT / "docs").glob("*.md")),
    *sorted((needs.ROOT / "deploy").glob("*.md")),
]


def name_of(path: Path) -> str:
    return str(path.relative_to(needs.ROOT))


def table(path: Path) -> list[list[str]]:
    """The cells of all tables' rows, without code marks."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def anchors(path: Path) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_to_files_and_headings(path: Path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    dead = []
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)

    assert dead == []


def test_error_page_is_the_tree():
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
