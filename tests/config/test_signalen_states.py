"""The states of Signalen and the statuses of MOON are exactly those of the published tables."""

from __future__ import annotations

import html
import re

import needs
import pytest
from signalen_recordings import RECORDINGS

from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.report_rules import VendorState
from wfs_proxy.config.scalars import STATES as STATES_OF_LAYER_FILES
from wfs_proxy.config.signalen_states import DEFAULT_OPEN, STATES, open_states, word_of

FACTS = needs.corpus().parent / "facts"
EXAMPLE = needs.ROOT / "layers" / "examples" / "moon-statussen.yaml"


def test_states_are_those_of_signalen():
    """As collected from Signalen's source."""
    section = (FACTS / "signalen.md").read_text().partition("## 3. States")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")][2:]

    assert set(STATES) == {code.strip() for codes in rows for code in codes.split(" / ")}


def test_states_are_those_of_layer_files():
    assert set(STATES) == set(STATES_OF_LAYER_FILES)


def test_all_but_four_states_are_open():
    assert set(STATES) - DEFAULT_OPEN == {"o", "a", "s", "done external"}
    assert open_states("default") == DEFAULT_OPEN


def test_open_states_are_the_layers_own():
    assert open_states(("m", "done external")) == {"m", "done external"}


def test_a_real_signalen_accepts_the_open_states_as_a_filter():
    """Recording 09 has these states in its URL and succeeded; recording 11, with an unknown state, was refused."""
    asked = set(re.findall(r"status=([^&]+)", RECORDINGS["09"].path.replace("%20", " ")))

    assert asked == DEFAULT_OPEN
    assert RECORDINGS["09"].status == 200


@pytest.mark.parametrize("code", STATES)
def test_public_words_name_no_internal_step(code: str):
    assert word_of(code) in {"gemeld", "in behandeling", "ingepland", "heropend", "afgehandeld"}


def test_unknown_state_has_no_word():
    assert word_of("nieuw in 2027") is None


def rows_of_the_document() -> list[tuple[str, str, str]]:
    """(text without its number, code, what Signalen says) of the table about MOON."""
    page = (FACTS / "signalen-couplings.md").read_text()
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    return [(re.sub(r"^// \d\.\d ", "", html.unescape(row[0])), row[1], row[3]) for row in rows if row]


def moon_states() -> tuple[VendorState, ...]:
    vendor = load_layer(EXAMPLE, {}, needs_address=False).reports.vendor
    assert vendor is not None
    return vendor.states


def is_reported(row: VendorState) -> bool:
    return row.state in DEFAULT_OPEN if row.reported is None else row.reported


def test_moon_has_the_rows_of_the_document():
    assert [(row.text, row.state) for row in moon_states()] == [row[:2] for row in rows_of_the_document()]
    assert len(moon_states()) == 16


def test_moon_marks_a_grid_failure_although_signalen_is_done():
    failures = {text for text, code, said in rows_of_the_document() if "netwerkstoring" in said and code == "o"}
    exceptions = {row.text: (row.state, row.reported, row.word) for row in moon_states() if row.reported is not None}

    assert len(failures) == 2
    assert exceptions == dict.fromkeys(failures, ("o", True, "netstoring"))


def test_moon_unmarks_only_what_is_fixed():
    assert [row.text for row in moon_states() if not is_reported(row)] == ["Beheerder - verwerking goedgekeurd"]


def test_moon_points_at_the_rotated_rows():
    """At three rows the document names the status of another of the three rows; the comment is above them."""
    rows = rows_of_the_document()
    statuses = {text for text, _, _ in rows}
    strangers = [
        text
        for text, code, said in rows
        if (said.startswith("Moon: ") and said != f"Moon: {text}") or (code == "o" and text.endswith("onderaannemer"))
    ]
    lines = EXAMPLE.read_text().splitlines()
    comment = next(number for number, line in enumerate(lines) if "look rotated" in line)
    below = [line for line in lines[comment:] if line.lstrip().startswith("- {text:")]

    assert len(strangers) == 3
    assert [line.split("text: ")[1].split(", state")[0] for line in below[:3]] == strangers
    assert {said.removeprefix("Moon: ") for text, _, said in rows if text in strangers[1:]} <= statuses
