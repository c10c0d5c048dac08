"""What is kept of a page of Signalen, shown on everything that was recorded from a real one."""

from __future__ import annotations

import json
import pickle
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalen_recordings import RECORDINGS, TEXTS, Recording

from wfs_proxy.errors import MalformedDocument
from wfs_proxy.marks.reported_objects import Signal
from wfs_proxy.reports.signal_pages import SignalPage, parse_page, parse_public_page

LAMPS, FULL, GLASS, DRAINS = (
    "lantaarnpaal-straatverlichting",
    "container-is-vol",
    "container-glas-vol",
    "put-riolering-verstopt",
)

ASSETS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (LAMPS, ("GR-104233",)),
    2: (LAMPS, ("GR-104301", "GR-104302", "GR-104303")),
    3: (LAMPS, ("104410",)),
    4: (LAMPS, ()),  # a pin
    5: (LAMPS, ()),  # not on the map, its number typed by the citizen
    6: (FULL, ("HEL-R-00817",)),
    7: (FULL, ("HEL-R-00820", "HEL-P-00113")),
    8: (LAMPS, ("LM-0542",)),
    9: (DRAINS, ("DH-PUT-55120",)),
    10: (DRAINS, ("DH-PUT-60233",)),
    11: (DRAINS, ("",)),  # found by place
    12: (GLASS, ("GRO-GL-0012", "GRO-GL-0013")),
    13: (LAMPS, ("034575",)),
    14: (LAMPS, ()),  # no answers at all
    15: (LAMPS, ()),  # somebody else's signal nearby
    16: (FULL, ("GRO-R-0201", "GRO-P-0202")),
    17: (FULL, ("GRO-R-0201",)),
    18: (FULL, ("GRO-P-0202",)),
    19: (DRAINS, ("DH-PUT-55121",)),
    20: (DRAINS, ("DH-PUT-55122",)),
    21: (LAMPS, ("GR-104377",)),
}
"""Signal -> category and the objects that it names: the table in the corpus's README."""

ALL = tuple(range(21, 0, -1))

PRIVATE_LISTS: dict[str, tuple[int, tuple[int, ...]]] = {
    "01": (21, ALL),
    "02": (21, tuple(range(1, 9))),
    "03": (21, tuple(range(9, 17))),
    "04": (21, tuple(range(17, 22))),
    "06": (13, (8, 10, 12, 13, 14, 15, 17, 18, 16, 20, 19, 21, 9)),
    "08": (13, (21, 20)),
    "09": (9, (21, 14, 13, 8, 5, 4, 3, 2, 1)),
    "10": (6, (18, 17, 16, 12, 7, 6)),
    "13": (21, (21,)),
    "14": (21, ALL),
    "15": (21, (1, 2)),
    "16": (11, (1, 2, 3, 4, 5, 8, 12, 13, 14, 15, 21)),
    "18": (0, ()),
    "19": (21, (21, 20)),
    "80": (14, (1, 2, 3, 4, 5, 6, 8, 12, 13, 14, 15, 21)),
    "81": (5, (1, 2, 3, 4, 6)),
    "82": (2, (6, 1)),
    "83": (1, (1,)),
}
"""Recording -> the count that Signalen gives, and the ids in order."""

PUBLIC_PAGES = {"50": 0, "51": 10, "52": 3, "53": 6, "54": 1, "58": 13, "59": 3, "60": 10}
"""Recording -> places."""

LIST_OF_OTHERS = {"65": 1, "69": 1}
"""Recording -> rows that are no signals, in the same envelope."""

COLLECTION_OF_OTHERS = {"40": 21, "41": 5, "42": 5, "43": 3, "44": 0, "62": 16, "66": 1}
"""Recording -> rows without a category slug: other geographies, which we do not ask for."""

STATES = {
    1: "i", 2: "i", 3: "b", 4: "m", 5: "ingepland", 6: "m", 7: "o", 8: "send failed", 9: "done external",
    10: "reopened", 11: "a", 12: "closure requested", 13: "reaction requested", 14: "forward to external", 15: "o",
    16: "m", 17: "m", 18: "m", 19: "sent", 20: "ready to send", 21: "reopen requested",
}  # fmt: skip


def name_of(recording: Recording) -> str:
    return recording.name


def recordings(numbers: Any) -> list[Recording]:
    return [RECORDINGS[number] for number in sorted(numbers)]


OTHERS = recordings(set(RECORDINGS) - {*PRIVATE_LISTS, *LIST_OF_OTHERS, *PUBLIC_PAGES, *COLLECTION_OF_OTHERS})


def named_in(signal: Signal) -> tuple[str, ...]:
    return tuple("" if asset.id_hash is None else TEXTS[asset.id_hash] for asset in signal.assets)


@pytest.mark.parametrize("recording", recordings(PRIVATE_LISTS), ids=name_of)
def test_private_list_is_read_as_recorded(recording: Recording):
    page = parse_page(recording.body)
    count, ids = PRIVATE_LISTS[recording.number]

    assert (page.count, tuple(signal.id for signal in page.signals)) == (count, ids)
    assert page.rows == len(recording.document["results"])
    assert page.malformed == 0
    assert {signal.id: (signal.category, named_in(signal)) for signal in page.signals} == {
        signal_id: ASSETS[signal_id] for signal_id in ids
    }


@pytest.mark.parametrize("recording", recordings(PUBLIC_PAGES), ids=name_of)
def test_public_page_is_read_as_recorded(recording: Recording):
    page = parse_public_page(recording.body)
    features = recording.document["features"] or []

    assert (page.rows, len(page.signals), page.malformed) == (PUBLIC_PAGES[recording.number],) * 2 + (0,)
    assert [list(signal.place) for signal in page.signals] == [row["geometry"]["coordinates"] for row in features]
    assert [signal.category for signal in page.signals] == [row["properties"]["category"]["slug"] for row in features]
    assert {(signal.state, signal.assets) for signal in page.signals} <= {("", ())}


@pytest.mark.parametrize("recording", recordings(LIST_OF_OTHERS), ids=name_of)
def test_list_of_something_else_is_counted(recording: Recording):
    page = parse_page(recording.body)

    assert (page.signals, page.malformed) == ((), LIST_OF_OTHERS[recording.number])


@pytest.mark.parametrize("recording", recordings(COLLECTION_OF_OTHERS), ids=name_of)
def test_collection_of_something_else_is_counted(recording: Recording):
    page = parse_public_page(recording.body)

    assert (page.signals, page.malformed) == ((), COLLECTION_OF_OTHERS[recording.number])


@pytest.mark.parametrize("read", [parse_page, parse_public_page])
@pytest.mark.parametrize("recording", OTHERS, ids=name_of)
def test_any_other_answer_is_not_a_page(recording: Recording, read: Any):
    with pytest.raises(MalformedDocument):
        read(recording.body)


def test_states_places_and_times_are_those_of_the_recording():
    page = parse_page(RECORDINGS["01"].body)
    rows = {row["id"]: row for row in RECORDINGS["01"].document["results"]}

    assert {signal.id: signal.state for signal in page.signals} == STATES
    for signal in page.signals:
        assert list(signal.place) == rows[signal.id]["location"]["geometrie"]["coordinates"]
        assert signal.created_at == datetime.fromisoformat(rows[signal.id]["created_at"])
        assert signal.updated_at == datetime.fromisoformat(rows[signal.id]["updated_at"])
        assert signal.created_at.tzinfo is signal.updated_at.tzinfo is UTC


def test_parent_and_children_each_name_their_own_objects():
    """Recordings 16-18: nothing is taken from one to the other."""
    signals = {signal.id: signal for signal in parse_page(RECORDINGS["01"].body).signals}

    assert named_in(signals[16]) == ("GRO-R-0201", "GRO-P-0202")
    assert signals[17].assets + signals[18].assets == signals[16].assets


def test_public_rows_keep_their_ids():
    ids = {signal.id for number in ("51", "60") for signal in parse_public_page(RECORDINGS[number].body).signals}

    assert len(ids) == 10
    assert max(ids) < 0


ALLOWED = (
    ("status", "state"),
    ("category", "sub_slug"),
    ("created_at",),
    ("updated_at",),
    ("location", "geometrie", "type"),
    ("extra_properties", "id"),
    ("extra_properties", "answer", "id"),
    ("extra_properties", "answer", "type"),
)
"""Where a text may stand that matters. Neither the type of the geometry nor that of an asset is kept."""


def with_canaries(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Every text that is not allowed becomes a canary; an answer of plain texts gets one more text, with a canary."""
    if isinstance(value, dict):
        return {name: with_canaries(inner, (*path, name)) for name, inner in value.items()}
    if isinstance(value, list):
        items = [with_canaries(inner, path) for inner in value]
        return [*items, "KANARIE 7f3a"] if path[-1:] == ("answer",) else items
    if value is None and path != ("extra_properties",):
        return "KANARIE 7f3a"
    if not isinstance(value, str) or path in ALLOWED:
        return value
    return value if path == ("extra_properties", "answer") else f"KANARIE 7f3a {'.'.join(path)}"


@pytest.mark.parametrize("recording", recordings(PRIVATE_LISTS), ids=name_of)
def test_nothing_else_of_a_signal_is_kept(recording: Recording):
    document = {**recording.document, "results": [with_canaries(row) for row in recording.document["results"]]}
    body = json.dumps(document).encode()
    page = parse_page(body)

    assert body.count(b"KANARIE") >= 20 * len(document["results"])
    assert page == parse_page(recording.body)
    assert b"KANARIE" not in pickle.dumps(page)


def test_place_in_the_repr_of_nothing():
    page = parse_page(RECORDINGS["01"].body)

    for secret in ("53.2", "6.56", "GR-104233", "extra_straatverlichting_nummer", "2026"):
        assert secret not in repr(page) + repr(page.signals)


@pytest.mark.parametrize("read", [parse_page, parse_public_page])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"results": [{"text": "KANARIE 7f3a"}, ', id="cut off"),
        pytest.param(b'["KANARIE 7f3a"]', id="list"),
        pytest.param(b'{"results": "KANARIE 7f3a", "features": {"a": "KANARIE 7f3a"}}', id="no list"),
        pytest.param(b'{"detail": "KANARIE 7f3a"}', id="message"),
        pytest.param(b"<h1>KANARIE 7f3a</h1>", id="HTML"),
        pytest.param(b'"KANARIE \xff"', id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_error_holds_nothing_of_the_document(body: bytes, read: Any):
    with pytest.raises(MalformedDocument) as caught:
        read(body)

    assert "KANARIE" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


ROW: dict[str, Any] = {
    "id": 7,
    "status": {"state": "m"},
    "category": {"sub_slug": LAMPS},
    "location": {"geometrie": {"type": "Point", "coordinates": [6.56, 53.21]}},
    "created_at": "2026-11-23T16:55:06.534039+01:00",
    "updated_at": "2026-11-23T16:55:06Z",
    "extra_properties": None,
}


def page_of(*rows: Any) -> SignalPage:
    return parse_page(json.dumps({"count": len(rows), "results": rows}).encode())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"id": None}, id="no id"),
        pytest.param({"id": True}, id="id that is a boolean"),
        pytest.param({"id": "7"}, id="id that is a text"),
        pytest.param({"id": -7}, id="negative id"),
        pytest.param({"status": None}, id="no status"),
        pytest.param({"status": {"state": ["m"]}}, id="list for a state"),
        pytest.param({"status": {"state": "m" * 10_000}}, id="endless state"),
        pytest.param({"category": {}}, id="no category"),
        pytest.param({"created_at": "2026-11-23T16:55:06"}, id="time without an offset"),
        pytest.param({"created_at": "gisteren"}, id="no time"),
        pytest.param({"updated_at": None}, id="never changed"),
        pytest.param({"updated_at": "0001-01-01T00:00:00+01:00"}, id="time before all times"),
    ],
)
def test_malformed_row_is_counted(change: dict[str, Any]):
    page = page_of({**ROW, **change}, {**ROW, "id": 8}, None, "x")

    assert [signal.id for signal in page.signals] == [8]
    assert (page.rows, page.malformed) == (4, 3)


@pytest.mark.parametrize(
    ("location", "place"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({"geometrie": None}, None, id="no geometry"),
        pytest.param({"geometrie": {"type": "Polygon", "coordinates": [[]]}}, None, id="area"),
        pytest.param({"geometrie": {"type": "Circle", "coordinates": [6.56, 53.21]}}, None, id="circle"),
        pytest.param({"geometrie": {"type": "Point", "coordinates": []}}, None, id="empty point"),
        pytest.param({"geometrie": {"type": "Point", "coordinates": [53.21, 6.56]}}, (6.56, 53.21), id="swapped"),
        pytest.param({"geometrie": {"type": "Point", "coordinates": [6.5, 53.2, 1]}}, (6.5, 53.2), id="height"),
        pytest.param({"geometrie": {"type": "Point", "coordinates": [2.35, 48.85]}}, (2.35, 48.85), id="Paris"),
        pytest.param({"geometrie": {"type": "Point", "coordinates": [233e3, 582e3]}}, None, id="RD"),
    ],
)
def test_place_is_a_place_or_nothing(location: Any, place: Any):
    page = page_of({**ROW, "location": location})

    assert [signal.place for signal in page.signals] == [place]
    assert page.malformed == 0


def test_signal_in_an_unknown_state_is_read():
    page = page_of({**ROW, "status": {"state": "nieuw in 2027"}})

    assert [signal.state for signal in page.signals] == ["nieuw in 2027"]


def test_repeated_signal_is_one():
    page = page_of(ROW, ROW, {**ROW, "id": 8})

    assert ([signal.id for signal in page.signals], page.rows) == ([7, 8], 3)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("1" + "0" * 400, id="integer that no float holds"),
        pytest.param("1" + "0" * 5_000, id="integer of five thousand digits"),
        pytest.param("1e999", id="number without end"),
        pytest.param('"\\ud800"', id="half a character"),
        pytest.param("[" * 50_000 + "]" * 50_000, id="deep list"),
        pytest.param('{"results":[' * 2_000 + "]}" * 2_000, id="pages in a page"),
        pytest.param('"]}, \\"{[" , "x": 1e999', id="brackets in a text"),
    ],
)
def test_row_that_no_parser_takes_costs_one_signal(answer: str):
    row = json.dumps({**ROW, "extra_properties": ["?"]}).replace('"?"', f'{{"id": "q", "answer": {answer}}}')
    others = [json.dumps({**ROW, "id": number, "text": '"]}, {[\\'}) for number in (8, 9)]
    page = parse_page(f'{{"count": 3, "x": [{{}}], "results": [{others[0]}, {row},{others[1]}], "y": [{{}}]}}'.encode())

    assert [signal.id for signal in page.signals] == [8, 9]
    assert (page.rows, page.count, page.malformed) == (3, 3, 1)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(ROW)), inner, max_size=4),
        max_leaves=15,
    ),
    st.sampled_from(sorted(ROW)),
)
def test_no_row_raises(anything: Any, member: str):
    page = page_of({**ROW, member: anything}, anything)
    parse_public_page(json.dumps({"features": [anything, {"geometry": anything, "properties": anything}]}).encode())

    assert page.rows == 2
    assert page.malformed >= 1


@pytest.mark.parametrize("read", [parse_page, parse_public_page])
@pytest.mark.parametrize("body", [b"<!doctype html><title>Inloggen</title>", b"", b"[]", b'{"ok": true}'])
def test_an_answer_of_something_else_says_where_to_look(read, body: bytes):
    """The report form answers every path with its page and 200."""
    with pytest.raises(MalformedDocument, match=r"check that `url` in signalen\.yaml is that of Signalen's API"):
        read(body)
