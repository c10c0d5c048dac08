"""The states of the demo's Signalen are those of the proxy, with the names and transitions of a real Signalen."""

from __future__ import annotations

import re

import needs
from signalen_recordings import RECORDINGS

from wfs_proxy.config.signalen_states import STATES
from wfs_proxy.demo.signalen.states import APP_ONLY, DISPLAY, HIDDEN_FROM_MAP, HIDDEN_FROM_PUBLIC, may_follow

FACTS = needs.corpus().parent / "facts"


def table_of_states() -> dict[str, tuple[str, bool]]:
    """Code -> name and whether the API can set it, as collected from Signalen's source."""
    section = (FACTS / "signalen.md").read_text().partition("## 3. States")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    found = {}
    for codes, _, displays, settable in rows[2:]:
        plain = re.sub(r" \((unreachable|needs|historical|from)[^)]*\)", "", displays)
        both = zip(codes.split(" / "), ("Reactie gevraagd", "Reactie ontvangen"), strict=False)
        pairs = both if " / " in codes else [(codes, plain)]
        found |= {code: (display, settable == "yes") for code, display in pairs}
    return found


def test_every_state_of_the_proxy_has_a_name_and_transitions():
    assert set(DISPLAY) == set(STATES)
    assert all(isinstance(may_follow(state, "m"), bool) for state in STATES)


def test_names_and_settable_states_are_those_of_signalen():
    reachable = {code for code in DISPLAY if any(may_follow(state, code) for state in DISPLAY)}
    settable = reachable - APP_ONLY

    assert {code: (name, code in settable) for code, name in DISPLAY.items()} == table_of_states()


def test_names_are_those_that_a_real_signalen_shows():
    shown = {row["status"]["state"]: row["status"]["state_display"] for row in RECORDINGS["01"].document["results"]}

    assert len(shown) >= 13
    assert {code: DISPLAY[code] for code in shown} == shown


def test_public_geography_and_map_hide_what_signalen_hides():
    """As found in the source of the backend; they are two of its three definitions of closed."""
    assert {"o", "done external", "a", "s", "reopen requested"} == HIDDEN_FROM_PUBLIC
    assert {"o", "done external", "a", "reopen requested"} == HIDDEN_FROM_MAP
