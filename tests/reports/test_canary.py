"""No personal data leaves the proxy: every personal field of every recorded signal has a unique word, a canary.

The whole proxy runs against a Signalen that serves such signals, and then fails in every possible way with canaries in
its errors. The test searches all answers, all log records (at DEBUG, with those of the HTTP client and tracebacks), all
printed text and all files. The ids and places of signals are kept, but stay inside: they may be in the published file,
and in no answer or log.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import redis_server
import running_proxy
import vendor
from recorded_signalen import recording
from running_proxy import running, until_ready

from wfs_proxy.http import retry
from wfs_proxy.settings import Settings
from wfs_proxy.snapshot.names import hash_of_name

PREFIX = "Kanarie"
TOKEN = f"{PREFIX}-token"
FIRST_ID = 31_415_926_535_001
"""Ids of signals that cannot be mistaken for another number."""

LIST = "/signals/v1/private/signals/"
ASSET_TYPES = {"not-on-map", "unknown", "nearby"}
KEPT = {("created_at",), ("updated_at",), ("status", "state"), ("category", "sub_slug")}
ADDRESSES = (
    "/layers",
    "/layers/lampen",
    "/layers/lampen/features",
    "/layers/lampen/features?bbox=6.5,53.2,6.6,53.3",
    "/layers/lampen/features/lampen.GR-104302",
    "/layers/lampen/features/nowhere",
    "/layers/lampen/features?bbox=x",
    "/readyz",
    "/healthz",
    "/metrics",
    "/openapi.json",
)


class Canaries:
    """Words that must not leave the proxy, and the field of each."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def word(self, path: tuple[object, ...]) -> str:
        """A new word, of letters only, so that it is not read as the number of an object."""
        number, letters = len(self.places), ""
        for _ in range(4):
            number, rest = divmod(number, 26)
            letters += chr(ord("a") + rest)
        word = f"{PREFIX}{letters}"
        self.places[word] = ".".join(map(str, path))
        return word

    def put(self, value: Any, path: tuple[object, ...] = ()) -> Any:
        """The value with a word in every text, and wherever a text could be."""
        if path in KEPT or path[:2] == ("location", "geometrie"):
            return value
        if path and path[0] == "extra_properties" and value is not None:
            return self._answers(value)
        if isinstance(value, dict):
            return {key: self.put(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.put(inner, (*path, index)) for index, inner in enumerate(value)] or [self.word((*path, 0))]
        return self.word(path) if isinstance(value, str) or value is None else value

    def _answers(self, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        words = {"id": "vrije_tekst", "label": self.word(("extra", "label")), "category_url": "", "answer": ""}
        spoken = {**words, "answer": f"Ik heet {self.word(('extra', 'free text'))}, bel 06-12345678 of huisnummer 12"}
        return [
            *(
                {"id": one["id"], "label": self.word(("extra", "label")), "answer": self._answer(one["answer"])}
                for one in questions
            ),
            spoken,
        ]

    def _answer(self, answer: Any) -> Any:
        if isinstance(answer, list):
            return [self._answer(item) for item in answer]
        if isinstance(answer, str):
            return answer  # the number of an object, as old forms stored it
        asset = ("type" in answer or "coordinates" in answer) and answer.get("type") not in ASSET_TYPES
        kept = {"coordinates", "type", *(["id"] if asset else [])}
        return {
            key: inner if key in kept else self.put(inner, ("answer", key)) for key, inner in answer.items()
        }  # fmt: skip


Failure = Callable[["World", str], vendor.Answer]
"""(the signals of Signalen, the requested order) -> the answer in place of a page."""


@dataclass
class World:
    """Signalen with canaries in its signals, and the way in which it fails."""

    canaries: Canaries
    rows: list[dict[str, Any]]
    fail: Failure | None = None
    good: int = 0
    failed: int = 0

    def answer(self, seen: vendor.Seen) -> vendor.Answer:
        """The list in the requested order, or an error."""
        if not seen.path.startswith(LIST):
            return vendor.Answer(status=404)
        if self.fail is not None:
            self.failed += 1
            return self.fail(self, seen.query.get("ordering", ""))
        self.good += 1
        return vendor.Answer(body=self.page(seen.query.get("ordering", "")), media_type="application/json")

    def places(self) -> set[str]:
        """The longitudes of the signals, as text."""
        return {f"{row['location']['geometrie']['coordinates'][0]:.7f}" for row in self.rows}

    def page(self, ordering: str) -> bytes:
        """A page with all rows."""
        name = ordering.removeprefix("-") or "created_at"
        rows = sorted(self.rows, key=lambda row: row[name], reverse=ordering.startswith("-"))
        links = {"self": {"href": self.canaries.word(("_links",))}, "next": {"href": None}}
        return json.dumps({"_links": links, "count": len(rows), "results": rows}).encode()

    def word(self) -> str:
        """A word for an error message."""
        return self.canaries.word(("failure",))


def a_world() -> World:
    """All recorded rows and details of signals."""
    canaries = Canaries()
    found = [row for number in (14, 15, 16, 80, 82) for row in recording(number).body["results"]]
    found += [recording(number).body for number in (20, 21, 23)]
    rows = []
    for number, row in enumerate(found):
        place = row["location"]["geometrie"]["coordinates"]
        place[0] += 0.0000123
        rows.append({**canaries.put(row), "id": FIRST_ID + number})
    return World(canaries, rows)


def status(code: int, body: str = '{{"detail": "{word}", "reporter": {{"email": "{word}"}}}}', **options: Any):
    def fail(world: World, _: str) -> vendor.Answer:
        content = body.format(word=world.word()).encode()
        return vendor.Answer(status=code, body=content, media_type="application/json", **options)

    return fail


def redirect(location: str):
    def fail(world: World, _: str) -> vendor.Answer:
        return vendor.Answer(status=302, headers={"Location": location.format(word=world.word())})

    return fail


def damaged(damage: Callable[[bytes], bytes], **options: Any):
    def fail(world: World, ordering: str) -> vendor.Answer:
        return vendor.Answer(body=damage(world.page(ordering)), media_type="application/json", **options)

    return fail


def rows_with(change: Callable[[dict[str, Any], str], dict[str, Any]]):
    def fail(world: World, ordering: str) -> vendor.Answer:
        page = json.loads(world.page(ordering))
        page["results"] = [change(row, world.word()) for row in page["results"]]
        return vendor.Answer(body=json.dumps(page).encode(), media_type="application/json")

    return fail


HTML = "<html><title>{word}</title><body>Traceback: reporter={word}</body></html>"
FAILURES = {
    "none": None,
    **{f"status {code}": status(code) for code in (401, 403, 404, 409, 418, 429, 500, 502, 503, 504)},
    "unknown category": status(400, '{{"category_slug": ["Selecteer een geldige keuze. {word}"]}}'),
    "other refusal": status(400, '{{"updated_after": ["{word}"]}}'),
    "debug page": status(500, HTML),
    "login page": status(200, HTML),
    "plain text": status(200, "{word}"),
    "an array": status(200, '["{word}"]'),
    "no results": status(200, '{{"results": "{word}"}}'),
    "redirect": redirect("https://elsewhere.example/{word}?for={word}"),
    "redirect to nowhere": redirect("mailto:{word}"),
    "truncated": damaged(lambda body: body[: len(body) // 2]),
    "half a body": damaged(lambda body: body, break_within=True),
    "silence": damaged(lambda body: body, hang_within=True),
    "not UTF-8": damaged(lambda body: body.replace(PREFIX.encode(), PREFIX.encode() + b"\xff", 1)),
    "broken gzip": damaged(lambda body: gzip.compress(body)[:-9], headers={"Content-Encoding": "gzip"}),
    "nested without end": damaged(lambda body: b'{"results": ' + b"[" * 100_000 + body),
    "lone surrogate": damaged(lambda body: body.replace(b'"id"', b'"x": "\\ud800", "id"', 1)),
    "ids are texts": rows_with(lambda row, word: {**row, "id": word}),
    "times are texts": rows_with(lambda row, word: {**row, "created_at": word, "updated_at": word}),
    "states are new": rows_with(lambda row, word: {**row, "status": {"state": word.lower()}}),
    "categories are new": rows_with(lambda row, word: {**row, "category": {"sub_slug": word.lower()}}),
    "answers are text": rows_with(lambda row, word: {**row, "extra_properties": word}),
    "rows are texts": rows_with(lambda _, word: word),
}


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[[str], Settings]:
    """The proxy's settings, with a layer of the lamps that the recorded signals name."""

    def make(url: str, question_keys: Sequence[str] = ()) -> Settings:
        lamps = [(f"GR-10430{number}", 6.562 + number / 1000, 53.2169) for number in range(1, 4)]
        features = [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]}, "properties": {"nummer": name}}
            for name, x, y in lamps
        ]
        (tmp_path / "lamps.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        layers = tmp_path / "layers"
        layers.mkdir()
        (layers / "lampen.yaml").write_text(
            f"title: Lampen\nsource: {{type: geojson, url: {tmp_path / 'lamps.geojson'}}}\n"
            "properties: {id: nummer, fields: {nummer: string}}\n"
            "reports: {signalen: default, categories: [lantaarnpaal-straatverlichting], match: {fields: [nummer]},"
            f" question_keys: {json.dumps(list(question_keys))},"
            " word: status, age: sinds}\n"
        )
        (layers / "signalen.yaml").write_text(
            f"instances: {{default: {{url: '{url}', auth: {{type: bearer, token: {TOKEN}}}, poll: 50ms,"
            " timeout: 300ms, full_sync: 100ms}}\n"
        )
        return Settings(layers=layers, cache_dir=tmp_path / "cache")

    return make


@pytest.fixture
def everything_is_logged(caplog, monkeypatch) -> None:
    """Log everything, and retry without a pause.

    Except httpcore, which logs the header fields of answers at DEBUG. `configure_logging` always raises its level.
    """
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.01)
    for name in ("", "httpx", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.WARNING, logger="httpcore")


async def all_answers(
    world: World, failure: Failure | None, settings: Settings, log: Callable[[], str]
) -> dict[str, str]:
    """All answers of the proxy: before Signalen fails, and while it fails."""
    answers = {}

    async def ask(when: str) -> None:
        for address in ADDRESSES:
            answer = await client.get(address)
            answers[f"{when}: {address}"] = f"{answer.headers}\n{answer.text}"

    async with running(settings) as client:
        await until_ready(client)
        await eventually(lambda: world.good >= 4)
        await ask("good")
        world.fail = failure
        if failure is not None:
            await eventually(lambda: world.failed >= 4 or "cannot be read" in log())
            await ask("failing")
    return answers


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - other tasks run meanwhile
            await asyncio.sleep(0.01)


def files(directory: Path) -> Iterator[tuple[str, str]]:
    for path in directory.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(directory)), path.read_bytes().decode("latin-1")


@pytest.mark.anyio
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.usefixtures("everything_is_logged")
async def test_nothing_personal_leaves_the_proxy(failure, settings_for, caplog, capfd, tmp_path):
    world = a_world()
    with vendor.serving(world.answer) as server:
        settings = settings_for(server.url.removesuffix("/wfs"))
        outputs = await all_answers(world, FAILURES[failure], settings, lambda: caplog.text)
    outputs["log"] = caplog.text
    outputs["printed"] = "".join(capfd.readouterr())
    published = dict(files(tmp_path / "cache"))

    assert "lampen.GR-104302" in outputs["good: /layers/lampen/features"]
    leaks = [(where, word) for where, text in {**outputs, **published}.items() for word in words(text)]
    assert [(where, world.canaries.places.get(word, word)) for where, word in leaks] == []
    assert [where for where, text in outputs.items() if str(FIRST_ID)[:11] in text] == []
    assert [where for where, text in outputs.items() if any(place in text for place in world.places())] == []


PERSONAL = {
    "licence plate": "12-KNR-3",
    "postcode": "9876ZX",
    "telephone": "0201234567",
    "telephone, international": "+31201234567",
    "mobile": "0687654321",
    "e-mail": "kanarie12@example.org",
    "IBAN": "NL91ABNA0417164300",
    "BSN": "123456782",
    "date of birth": "1980-02-29",
    "Dutch date of birth": "29-02-1980",
    "name": "Kanarievogel",
    "name and number": "Kanarievogel-12",
    "name beyond ASCII": "Kanariëvogel-12",
}
"""What citizens type into questions of every kind."""

LAMP = "GR-104302"
"""An object of the layer."""


def answers_with(text: str) -> list[Any]:
    """The text in every shape of `extra_properties` that was ever seen, and in some that anybody can post."""
    place = {"lat": 53.2169, "lng": 6.564}
    numbers = [int(text), {"id": int(text), "type": "4"}] if text.isdecimal() else []
    answers = [
        text,
        f" {text} ",
        [text],
        [text, LAMP],
        {"id": text, "type": "Feature"},
        [{"id": text, "type": "Lichtmast", "coordinates": place, "label": text, "address": {"postcode": text}}],
        {"id": text, "type": "lamp", "location": {"coordinates": place}},
        {"id": text, "type": "not-on-map", "label": text},
        {"id": text, "label": text, "info": text},
        {"label": text, "value": text},
        [{"id": LAMP, "type": text, "coordinates": place}],
        *numbers,
    ]
    one = {"label": text, "shortLabel": text, "category_url": text}
    return [
        *([{**one, "id": key, "answer": answer}] for answer in answers for key in ("kenteken", "extra_lamp", text)),
        [{**one, "id": "extra_lamp", "answer": LAMP}, *({**one, "id": "x", "answer": answer} for answer in answers)],
        {"kenteken": text, text: LAMP},
        {"kenteken": {"answer": text}, text: {"answer": [LAMP]}},
        {"id": text, "answer": text, "label": text},
        {"extra_lamp": [text], text: text},
    ]


def a_world_of_answers() -> World:
    """Signals with every personal text in every shape, and at last one that names an object by its number alone."""
    row = json.loads(json.dumps(recording(14).body["results"][0]))
    row["category"]["sub_slug"] = "lantaarnpaal-straatverlichting"
    row["status"]["state"] = "m"
    row["location"]["geometrie"]["coordinates"] = [6.564, 53.2169]
    named = [{"id": "extra_lamp", "label": "", "category_url": "", "answer": LAMP}]
    answered = [*(answer for text in PERSONAL.values() for answer in answers_with(text)), named]
    rows = [{**row, "id": FIRST_ID + number, "extra_properties": answer} for number, answer in enumerate(answered)]
    return World(Canaries(), rows)


def traces_of(text: str) -> set[bytes]:
    """The text and the hash of it as an id, as JSON may contain them."""
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    escaped = {json.dumps(form)[1:-1] for form in forms}
    return {one.encode() for one in {*forms, *escaped, str(hash_of_name(text))}}


def everything_in(client: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """All keys of Redis and what they contain, decompressed where it is compressed."""
    for key in client.scan_iter("*"):
        values = [*client.hgetall(key).items()] if client.type(key) == b"hash" else [(b"", client.get(key) or b"")]
        for field, value in values:
            yield f"{key.decode()} {field.decode()}", key + field + value
            with suppress(zlib.error):
                yield f"{key.decode()} {field.decode()}", zlib.decompress(value)


async def until_marked(client: httpx.AsyncClient, *names: str) -> None:
    async def marked() -> bool:
        features = (await client.get("/layers/lampen/features")).json()["features"]
        reported = {feature["id"] for feature in features if feature["properties"]["IS_GEMELD"] == "1"}
        return reported == {f"lampen.{name}" for name in names}

    await running_proxy.eventually(marked)


@pytest.mark.anyio
@pytest.mark.parametrize("question_keys", [[], ["extra_lamp"]], ids=["all questions", "one question"])
async def test_no_text_that_a_citizen_typed_is_kept(question_keys, settings_for, tmp_path):
    world = a_world_of_answers()
    with vendor.serving(world.answer) as server, redis_server.serving(tmp_path / "redis") as shared:
        polling = replace(
            settings_for(server.url.removesuffix("/wfs"), question_keys=question_keys), redis_url=shared.url
        )
        async with running(polling) as client:
            await until_ready(client)
            first = world.good
            await eventually(lambda: world.good >= first + 20)  # the names of the objects are known by now
            await until_marked(client, LAMP)
        found = [*everything_in(shared.client)]
        found += [(str(path), path.read_bytes()) for path in (tmp_path / "cache").rglob("*") if path.is_file()]
        world.fail = FAILURES["status 503"]
        for cache in (tmp_path / "cache", tmp_path / "another machine"):
            async with running(replace(polling, cache_dir=cache)) as client:
                await until_ready(client)
                await until_marked(client, LAMP)  # read from what was published

    leaks = [
        (what, where)
        for what, text in PERSONAL.items()
        for where, content in found
        if any(trace in content for trace in traces_of(text))
    ]
    assert leaks == []
    assert any(str(hash_of_name(LAMP)).encode() in content for where, content in found if "reports" in where)
    assert any(str(hash_of_name(LAMP)).encode() in content for where, content in found if "signalen-" in where)


def words(text: str) -> list[str]:
    return re.findall(rf"{PREFIX}[a-z-]+", text, flags=re.IGNORECASE)


def test_canaries_are_in_every_personal_field():
    world = a_world()
    fields = {re.sub(r"\.\d+", "", path) for path in world.canaries.places.values()}
    personal = """text text_extra reporter.email reporter.phone status.text status.user status.email_override
        assigned_user_email location.address location.address.openbare_ruimte location.address_text location.postcode
        location.created_by notes.text notes.created_by signal_id id_display _display source category.created_by
        priority.created_by type.created_by attachments answer.address.huisnummer answer.label extra.label
        status.extra_properties.sigmax_reden _links.self.href"""
    assert set(personal.split()) <= fields
    assert len(world.canaries.places) > 1000
