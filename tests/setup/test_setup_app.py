"""The page over HTTP, with a vendor that the test scripts."""

from __future__ import annotations

import asyncio
import html
import re
import shlex
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import vendor
from a_signalen import ASignalen
from running_proxy import eventually
from scripted_arcgis import SERVICE, ScriptedArcgis
from scripted_ogcapi import ScriptedOgcApi
from scripted_wfs import ScriptedWfs, Thing, things
from served_signalen import answers_of, token_of
from vendor import Answer, Seen

from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.demo.recorded import shipped_recordings
from wfs_proxy.recordings.exchanges import RecordedRequest, canonical_query, query_text
from wfs_proxy.recordings.replay import Replay, read_recordings
from wfs_proxy.setup.answers import KEPT_LOGIN
from wfs_proxy.setup.setup_app import SetupOptions, create_setup

TOKEN = "T0ken"
ORIGIN = "http://127.0.0.1:8123"


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str = "") -> httpx.Response:
        return await self.client.get(f"/{TOKEN}/{path}", follow_redirects=True)

    async def send(self, path: str, **form: object) -> httpx.Response:
        headers = {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
        return await self.client.post(f"/{TOKEN}/{path}", data=form, headers=headers)

    async def inspect(self, address: str, **form: object) -> httpx.Response:
        await self.send("address", address=address, **form)
        return await self._finished()

    async def choose(self, type_name: str) -> httpx.Response:
        await self.send("type", type=type_name)
        return await self._finished()

    async def _finished(self) -> httpx.Response:
        async def finished() -> bool:
            return bool((await self.get("progress")).json()["done"])

        await eventually(finished)
        return await self.get("wait")


@asynccontextmanager
async def visiting(folder: Path, ended: Callable[[], None] = lambda: None, **options: str) -> AsyncIterator[Visitor]:
    app = create_setup(SetupOptions(folder=folder, token=TOKEN, port=8123, **options), ended)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        client.headers["Accept-Language"] = "en"
        yield Visitor(client)


def scripted(**options: object) -> Callable[[Seen], Answer]:
    return ScriptedWfs(**{"things": things(60), **options})


def with_password(seen: Seen) -> Answer:
    if seen.headers.get("authorization") != "Basic amFuOmdlaGVpbQ==":
        return Answer(status=401)
    return scripted()(seen)


def assert_mistake(shown: httpx.Response, sentence: str) -> None:
    """A form with a mistake is answered with its page, which begins with what is wrong, and with a status of success.

    Browsers report every other status as an error in their console.
    """
    assert shown.status_code == 200
    assert "<title>Error: " in shown.text
    summary = re.search(r'<div class="error-summary" role="alert".*?</div>', shown.text, re.DOTALL)
    assert summary is not None
    assert sentence in shown.text


def test_address_of_the_command_is_shown_without_its_password(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path, address=address.replace("://", "://jan:geheim@")) as visitor:
            page = (await visitor.get()).text
            assert f'value="{address}"' in page
            assert "geheim" not in page
            assert str((await visitor.inspect(address, login="keep")).url).endswith("/objects")

    with vendor.serving(with_password) as server:
        asyncio.run(visit(server.url))


def test_from_address_to_file_without_javascript(tmp_path: Path):
    ended = []

    async def visit(address: str) -> None:
        async with visiting(tmp_path / "layers", lambda: ended.append(True)) as visitor:
            assert str((await visitor.get("save")).url).endswith("/address")
            shown = await visitor.inspect(address)
            assert str(shown.url).endswith("/objects")
            assert "60 objects" in shown.text
            collection = (await visitor.get("objects.geojson")).json()
            assert len(collection["features"]) == 60
            assert (await visitor.send("objects", title="Masten")).headers["location"] == "fields"
            fields = (await visitor.get("fields")).text
            assert 'value="number" checked' in fields
            assert (await visitor.send("fields", field=["number"])).headers["location"] == "id"
            assert (await visitor.send("id", id="number")).headers["location"] == "reports"
            assert (await visitor.send("reports", mark="", signalen="")).headers["location"] == "save"
            assert not (tmp_path / "layers").exists()
            assert (await visitor.send("save", name="masten")).headers["location"] == "question"
            await visitor.send("question", public_url="https://objecten.example")
            assert "https://objecten.example/layers/masten/features" in (await visitor.get("question")).text
            assert "wfs-proxy serve" in (await visitor.send("end")).text

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))

    layer = load_layer(tmp_path / "layers" / "masten.yaml", {})
    assert (layer.title, layer.properties.id, list(layer.properties.fields)) == ("Masten", "number", ["number"])
    assert ended == [True]


def test_login_goes_into_a_secret_file_and_never_back_to_the_page(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            refused = await visitor.inspect(address, login="none")
            assert str(refused.url).endswith("/address")
            assert "requires a user name and password" in refused.text
            shown = await visitor.inspect(address, login="basic", user="jan", secret="geheim")
            pages = [shown.text, *[(await visitor.get(step)).text for step in ("address", "fields", "save")]]
            await visitor.send("save", name="masten")
            pages.append((await visitor.get("question")).text)
            assert not any("geheim" in page for page in pages)

    with vendor.serving(with_password) as server:
        asyncio.run(visit(server.url))

    secret = tmp_path / "secrets" / "masten-password"
    assert secret.read_text() == "geheim\n"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "geheim" not in (tmp_path / "masten.yaml").read_text()
    assert load_layer(tmp_path / "masten.yaml", {}).source.auth.password.get_secret_value() == "geheim"


@pytest.mark.parametrize(
    "login",
    [
        {"login": "basic", "user": "jan", "secret": "fout"},
        {"login": "header", "header": "X-Sleutel", "secret": "fout"},
        {"login": "token", "secret": "fout"},
    ],
    ids=lambda login: login["login"],
)
def test_refused_login_is_typed_again_but_for_its_secret(tmp_path: Path, login: dict[str, str]):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            refused = (await visitor.inspect(address, **login)).text
            assert f'value="{login["login"]}" checked' in refused
            assert f'value="{KEPT_LOGIN}" checked' not in refused
            assert refused.count(" checked") == 1
            assert f'name="user" type="text" autocomplete="off" value="{login.get("user", "")}"' in refused
            assert f'value="{login.get("header", "X-Api-Key")}"' in refused
            assert "fout" not in refused
            accepted = await visitor.inspect(address, login="basic", user="jan", secret="geheim")
            assert str(accepted.url).endswith("/objects")
            assert f'value="{KEPT_LOGIN}" checked' in (await visitor.get("address")).text

    with vendor.serving(with_password) as server:
        asyncio.run(visit(server.url))


def test_credentials_in_the_address_are_used_and_written_apart(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            refused = await visitor.inspect(address, login="none")
            assert 'value="basic" checked' in refused.text
            with_login = address.replace("://", "://jan:geheim@")
            shown = await visitor.inspect(with_login, login="basic", user="", secret="")
            assert str(shown.url).endswith("/objects")
            pages = [shown.text, *[(await visitor.get(step)).text for step in ("address", "fields", "save")]]
            await visitor.send("save", name="masten")
            assert not any("geheim" in page for page in pages)

    with vendor.serving(with_password) as server:
        asyncio.run(visit(server.url))

    assert "geheim" not in (tmp_path / "masten.yaml").read_text()
    assert load_layer(tmp_path / "masten.yaml", {}).source.auth.password.get_secret_value() == "geheim"


def test_address_after_a_login_page_starts_afresh(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            refused = await visitor.inspect(f"{address}/login")
            assert "login page for people" in refused.text
            assert 'value="basic" checked' in refused.text
            shown = await visitor.inspect(f"{address}/wfs", login="basic", user="", header="X-Api-Key", secret="")
            assert str(shown.url).endswith("/objects")

    page = Answer(body=b"<html><form><input type=password></form></html>", media_type="text/html")
    wfs = scripted()
    with vendor.serving(lambda seen: page if "login" in seen.path else wfs(seen)) as server:
        asyncio.run(visit(server.url))


def test_existing_file_is_replaced_only_when_asked(tmp_path: Path):
    mine, other = tmp_path / "masten.yaml", tmp_path / "other.yaml"
    mine.write_text("mine\n")

    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            asked = await visitor.send("save", name="masten")
            assert_mistake(asked, "exists already")
            assert mine.read_text() == "mine\n"
            assert (await visitor.send("save", name="masten", replace="yes")).status_code == 303
            other.write_text(mine.read_text().replace("title:", "id: taken\ntitle:", 1))
            taken = await visitor.send("save", name="taken")
            assert_mistake(taken, "as its id")
            assert not (tmp_path / "taken.yaml").exists()

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))

    assert load_layer(mine, {}).id == "masten"


def error_of(shown: httpx.Response, control: str) -> str:
    """Return the sentence beside a control; "" without one."""
    found = re.search(rf'<p class="field-error" id="{control}-error">(.*?)</p>', shown.text, re.DOTALL)
    return "" if found is None else html.unescape(found[1])


@contextmanager
def served_signalen(service: ASignalen) -> Iterator[str]:
    with vendor.serving(answers_of(service)) as server:
        yield server.url.removesuffix("/wfs")


def new_signalen(url: str, token: str = "", categories: str = "put-riolering-verstopt") -> dict[str, str]:
    return {"signalen": "new:", "signalen_url": url, "signalen_token": token, "categories": categories}


def test_new_signalen_is_written_with_its_token_apart(tmp_path: Path):
    service = ASignalen()
    token = token_of(service)

    async def visit(address: str, signalen: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            connected = await visitor.send("reports", **new_signalen(signalen, token))
            assert connected.headers["location"] == "save"
            await visitor.send("save", name="masten")
            assert "not checked" not in (await visitor.get("question")).text
            assert "Connect Signalen (default)" in (await visitor.get("reports")).text
            again = await visitor.send("reports", signalen="default", categories="container-is-vol")
            assert again.headers["location"] == "save"

    with vendor.serving(scripted()) as server, served_signalen(service) as signalen:
        asyncio.run(visit(server.url, signalen))

    assert load_layer(tmp_path / "masten.yaml", {}).reports.categories == ("put-riolering-verstopt",)
    assert "${file:secrets/signalen-token}" in (tmp_path / "signalen.yaml").read_text()
    assert (tmp_path / "secrets" / "signalen-token").read_text() == f"{token}\n"


def test_signalen_is_asked_whether_all_is_right(tmp_path: Path):
    """Each mistake is said beside its control, in plain words, and nothing is written."""
    service = ASignalen()
    good = token_of(service)
    page = Answer(body=b"<!doctype html><title>Meldingen</title>", media_type="text/html")
    with vendor.serving(lambda _: page) as nobody:
        dead = nobody.url.removesuffix("/wfs")

    async def visit(address: str, signalen: str, web_page: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)

            async def refused(control: str, sentence: str, **form: str) -> httpx.Response:
                no_token = form.pop("no_token", "")
                shown = await visitor.send("reports", **new_signalen(**form), no_token=no_token)
                assert_mistake(shown, "")
                assert sentence in error_of(shown, control), shown.text
                assert 'name="unchecked" value="yes"' in shown.text
                assert form.get("token", "geen") not in shown.text
                return shown

            await refused("signalen_url", "Nothing answers at", url=dead)
            await refused("signalen_url", "a web page for people", url=web_page)
            await refused("signalen_url", "is not a Signalen", url=address)
            await refused("signalen_token", "Signalen", url=signalen, token="wrong.token.here")
            await refused("categories", "Did you mean: put-riolering", url=signalen, token=good, categories="put")
            shown = await refused("categories", "main category", url=signalen, token=good, categories="afval")
            assert '<option value="put-riolering-verstopt">' in shown.text
            await refused("categories", "not on the public map", url=signalen, no_token="yes")
            assert str((await visitor.get("question")).url).endswith("/objects")

    with (
        vendor.serving(scripted()) as server,
        served_signalen(service) as signalen,
        vendor.serving(lambda _: page) as web_page,
    ):
        asyncio.run(visit(server.url, signalen, web_page.url.removesuffix("/wfs")))

    assert list(tmp_path.iterdir()) == []


def test_categories_are_listed_before_one_is_chosen(tmp_path: Path):
    service = ASignalen()

    async def visit(address: str, signalen: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            assert "<option" not in (await visitor.get("reports")).text
            listed = await visitor.send("reports", **new_signalen(signalen, categories=""), lookup="yes")
            assert "error-summary" not in listed.text
            assert '<option value="lantaarnpaal-straatverlichting">Straatverlichting</option>' in listed.text
            none_chosen = await visitor.send("reports", **new_signalen(signalen, categories=""))
            assert_mistake(none_chosen, "Choose a sub category")
            two = {**new_signalen(signalen), "categories": ["lantaarnpaal-straatverlichting", ""]}
            assert (await visitor.send("reports", **two, lookup="yes")).headers["location"] == "save"
            assert (await visitor.get("reports")).text.count('name="categories"') == 2

    with vendor.serving(scripted()) as server, served_signalen(service) as signalen:
        asyncio.run(visit(server.url, signalen))


def test_unreachable_signalen_can_be_prepared_by_choice(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            form = new_signalen("http://127.0.0.1:9", "geheim")
            assert 'name="unchecked"' not in (await visitor.get("reports")).text
            assert_mistake(await visitor.send("reports", **form), "Nothing answers at http://127.0.0.1:9.")
            assert_mistake(await visitor.send("reports", **{**form, "categories": "a b!"}, unchecked="yes"), "the slug")
            on = await visitor.send("reports", **{**form, "signalen_token": ""}, unchecked="yes")
            assert on.headers["location"] == "save"
            await visitor.send("save", name="masten")
            assert "was not checked" in (await visitor.get("question")).text

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))

    assert load_layer(tmp_path / "masten.yaml", {}).reports.categories == ("put-riolering-verstopt",)
    assert (tmp_path / "secrets" / "signalen-token").read_text() == "geheim\n"


def test_known_signalen_is_asked_too(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            shown = await visitor.send("reports", signalen="stad", categories="put-riolering-verstopt")
            assert "Nothing answers at" in error_of(shown, "signalen")
            (tmp_path / "signalen.yaml").write_text("instances:\n  stad:\n    ulr: http://127.0.0.1:9\n")
            faulty = await visitor.send("reports", signalen="stad", categories="put-riolering-verstopt")
            assert "signalen.yaml has an error" in error_of(faulty, "signalen")

    (tmp_path / "signalen.yaml").write_text("instances:\n  stad:\n    url: http://127.0.0.1:9\n")
    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))


def test_form_that_is_only_looked_at_does_not_ask_signalen(tmp_path: Path):
    async def visit(address: str, signalen: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            headers = {"Origin": ORIGIN, "Accept": "text/plain"}
            answer = await visitor.client.post(f"/{TOKEN}/reports", data=new_signalen(signalen), headers=headers)
            assert "put-riolering-verstopt" in answer.text

    with vendor.serving(scripted()) as server, vendor.serving(lambda _: Answer()) as signalen:
        asyncio.run(visit(server.url, signalen.url))
        assert signalen.seen == []


def test_layer_without_a_usable_id_says_so_from_the_step_to_the_last_page(tmp_path: Path):
    no_number = [Thing(7, thing.place, thing.kind) for thing in things(60)]

    async def visit(address: str) -> None:
        async with visiting(tmp_path, public_url="https://objecten.example") as visitor:
            await visitor.inspect(address)
            step = (await visitor.get("id")).text
            assert "nobody can select them" in step
            assert 'name="id" value="number"' in step
            asked = await visitor.send("id", id="")
            assert_mistake(asked, "there is no question then")
            assert 'name="sure" value="yes"' in asked.text
            assert_mistake(await visitor.send("id", id="number"), "a value of its own")
            assert (await visitor.send("id", id="", sure="yes")).headers["location"] == "reports"
            save = (await visitor.get("save")).text
            assert "there is no question" in save
            assert ".yaml:" not in save, "the place in a file that nobody wrote by hand"
            assert "without `id`" not in save, "the page has a sentence of its own"
            await visitor.send("save", name="masten")
            last = (await visitor.get("question")).text
            assert "Make the question" not in last
            assert "There is no question for Signalen&#39;s report form, because" in last
            assert "Ask the vendor" in html.unescape(last) or "ask the vendor" in html.unescape(last)

    with vendor.serving(scripted(things=no_number, ids="absent")) as server:
        asyncio.run(visit(server.url))

    assert load_layer(tmp_path / "masten.yaml", {}).properties.id is None


def test_marks_are_explained_beside_the_objects(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            form = new_signalen("http://127.0.0.1:9")
            await visitor.send("reports", **form, unchecked="yes")
            table = re.search(r'<table class="served">.*?</table>', (await visitor.get("save")).text, re.DOTALL)[0]
            assert re.search(
                r'<th scope="row">IS_GEMELD <span class="hint">The mark by which the report form chooses',
                table,
            )
            assert re.search(
                r'<th scope="row">meldingstatus <span class="hint">The same mark as a number, by which', table
            )
            assert re.search(r'<th scope="row">number</th><td>', table)

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))


def test_recorded_vendor_is_named_as_such(tmp_path: Path):
    replay = Replay(read_recordings(shipped_recordings()))

    def recorded(seen: Seen) -> Answer:
        query = query_text(canonical_query(urlencode(dict(seen.query))))
        request = RecordedRequest(method=seen.method, path=seen.path, query=query)
        status, headers, body = replay.answer(request, f"http://{seen.headers['host']}")
        return Answer(status=status, body=body, media_type=headers["content-type"])

    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            for path in ("moon", "techview", "nothing"):
                shown = await visitor.inspect(f"{address}/{path}")
                assert re.search(r"At this address there is a recording|is nothing at", shown.text), path
                assert path == "nothing" or "Use the address of a real service" in shown.text
                assert "not recorded" not in shown.text

    with vendor.serving(recorded) as server:
        asyncio.run(visit(server.url.removesuffix("/wfs")))


def test_message_of_an_error_is_apart_and_marked_as_english(tmp_path: Path):
    async def visit() -> None:
        async with visiting(tmp_path) as visitor:
            visitor.client.headers["Accept-Language"] = "nl"
            shown = await visitor.inspect("http://127.0.0.1:9/wfs")
            alert = re.search(r'<div class="problem" role="alert"><p>(.*?)</p>(.*?)</div>', shown.text, re.DOTALL)
            assert alert[1] == "Er is geen verbinding met 127.0.0.1. Controleer het adres, de poort en de firewall."
            assert re.search(r'<code lang="en">[^<]*no connection', alert[2])

    asyncio.run(visit())


def test_file_that_cannot_be_written_is_said_in_the_language_of_the_reader(tmp_path: Path):
    folder = tmp_path / "lagen"
    folder.write_text("a file\n")

    async def visit(address: str) -> None:
        async with visiting(folder) as visitor:
            visitor.client.headers["Accept-Language"] = "nl"
            await visitor.inspect(address)
            shown = (await visitor.send("save", name="masten")).text
            alert = re.search(r'<div class="problem" role="alert"><p>(.*?)</p>(.*?)</div>', shown, re.DOTALL)
            assert alert[1].startswith("Controleer of u in de map mag schrijven")
            assert re.search(r'<code lang="en">.+</code>', alert[2])

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))


@pytest.mark.parametrize(
    ("path", "headers", "status", "dutch"),
    [
        (f"/{TOKEN}/address", {"Host": "evil.example"}, 403, "Dit adres is niet"),
        ("/wrong/address", {}, 403, "Deze pagina is van"),
        (f"/{TOKEN}/nothing", {}, 404, "Hier staat niets"),
    ],
)
def test_refusals_are_in_both_languages(tmp_path: Path, path: str, headers: dict[str, str], status: int, dutch: str):
    async def visit() -> None:
        async with visiting(tmp_path) as visitor:
            answer = await visitor.client.get(path, headers=headers)
            assert (answer.status_code, dutch in answer.text) == (status, True)

    asyncio.run(visit())


def test_last_page_names_the_command_as_it_was_typed(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path / "mijn lagen", command=".venv/bin/wfs-proxy") as visitor:
            await visitor.inspect(address)
            await visitor.send("save", name="masten")
            command = f".venv/bin/wfs-proxy serve --layers {shlex.quote(str(tmp_path / 'mijn lagen'))}"
            assert command in html.unescape((await visitor.get("question")).text)
            assert command in html.unescape((await visitor.send("end")).text)

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))


def test_form_that_is_only_looked_at_changes_nothing(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.inspect(address)
            before = (await visitor.get("objects")).text
            answer = await visitor.client.post(
                f"/{TOKEN}/objects", data={"title": "Andere naam"}, headers={"Origin": ORIGIN, "Accept": "text/plain"}
            )
            assert "title: Andere naam" in answer.text
            assert (await visitor.get("objects")).text == before

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))


def test_address_that_is_no_service_says_what_to_try(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            shown = await visitor.inspect(address)
            assert str(shown.url).endswith("/address")
            assert "web page for people" in shown.text
            wrong = await visitor.send("address", address="<b>zomaar</b>")
            assert_mistake(wrong, "&lt;b&gt;zomaar")

    page = Answer(body=b"<html><title>Kaart</title><body>Welkom</body></html>", media_type="text/html")
    with vendor.serving(lambda _: page) as server:
        asyncio.run(visit(server.url))


def test_public_address_is_asked_until_everybody_can_reach_it(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path, public_url="http://localhost:8000") as visitor:
            await visitor.inspect(address)
            await visitor.send("save", name="masten")
            assert "&#34;endpoint&#34;" not in (await visitor.get("question")).text
            assert_mistake(await visitor.send("question", public_url="/proxy"), "that everybody can reach")
            await visitor.send("question", public_url="http://10.0.0.5")
            shown = (await visitor.get("question")).text
            assert "10.0.0.5 exists in the internal network only." in shown
            assert "load anything from http://" in shown
            await visitor.send("question", public_url="https://objecten.example/")
            assert "in the internal network only" not in (await visitor.get("question")).text
            assert "https://objecten.example/layers/masten" in (await visitor.get("question")).text

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))


def test_pages_cannot_be_kept_framed_or_referred_to(tmp_path: Path):
    async def visit() -> None:
        async with visiting(tmp_path) as visitor:
            page = await visitor.get("address")
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["referrer-policy"] == "same-origin"
            assert page.headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert "'unsafe" not in page.headers["content-security-policy"]
            refused = await visitor.client.get("/address")
            assert (refused.status_code, TOKEN in refused.text) == (403, False)
            foreign = await visitor.client.post(f"/{TOKEN}/end", headers={"Origin": "https://evil.example"})
            assert foreign.status_code == 403
            assert (await visitor.client.get(f"/{TOKEN}/nothing")).status_code == 404

    asyncio.run(visit())


def test_one_of_several_types_is_chosen_and_another_follows(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            shown = await visitor.inspect(f"{address}?request=GetFeature&typeNames=app:mast")
            assert str(shown.url).endswith("/type")
            assert 'value="app:mast" checked' in shown.text
            assert_mistake(await visitor.send("type", type="app:other"), "Choose a type from the list")
            for name in ("app:mast", "app:lamp"):
                await visitor.choose(name)
                await visitor.send("save", name=name.partition(":")[2])
                assert (await visitor.send("another")).headers["location"] == "type"

    with vendor.serving(scripted(types=("app:lamp", "app:mast"))) as server:
        asyncio.run(visit(server.url))

    layers = [load_layer(tmp_path / f"{name}.yaml", {}) for name in ("lamp", "mast")]
    assert [layer.source.type_names for layer in layers] == [("app:lamp",), ("app:mast",)]


@pytest.mark.parametrize(
    ("scenario", "path", "chosen", "source"),
    [
        (
            ScriptedArcgis(layers={0: "Bomen", 4: "Lichtmasten"}),
            f"{SERVICE}/4/query?f=html",
            "4",
            {"type": "arcgis", "layers": (4,)},
        ),
        (
            ScriptedOgcApi(collections=("lamp", "pole")),
            "/wfs/collections/pole/items?f=html",
            "pole",
            {"type": "ogcapi", "collections": ("pole",)},
        ),
    ],
    ids=["arcgis", "ogcapi"],
)
def test_every_kind_of_service_has_the_same_steps(
    tmp_path: Path, scenario: vendor.Scenario, path: str, chosen: str, source: dict[str, object]
):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            types = (await visitor.inspect(address)).text
            assert f'value="{chosen}" checked' in types
            assert "100 objects" in types
            objects = await visitor.choose(chosen)
            assert str(objects.url).endswith("/objects")
            await visitor.send("save", name="lampen")

    with vendor.serving(scenario) as server:
        asyncio.run(visit(server.url.removesuffix("/wfs") + path))

    layer = load_layer(tmp_path / "lampen.yaml", {})
    assert {key: getattr(layer.source, key) for key in source} == source


def test_login_for_the_objects_only_is_asked_for(tmp_path: Path):
    def vendor_of_both(seen: Seen) -> Answer:
        wanted = seen.query.get("request", "").lower() == "getfeature"
        return with_password(seen) if wanted else scripted()(seen)

    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            refused = await visitor.inspect(address)
            assert str(refused.url).endswith("/address")
            assert "does not return the objects" in refused.text
            shown = await visitor.inspect(address, login="basic", user="jan", secret="geheim")
            assert str(shown.url).endswith("/objects")

    with vendor.serving(vendor_of_both) as server:
        asyncio.run(visit(server.url))


def test_sentences_about_a_part_of_the_objects_have_a_space_between_them(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            lead = re.search(r'<p class="lead">(.*?)</p>', (await visitor.inspect(address)).text, re.DOTALL)
            assert lead is not None
            sentences = "The type has 3,000 objects. 2,500 of them are shown here. 2,500 are on the map."
            assert " ".join(lead[1].split()) == sentences

    with vendor.serving(scripted(things=things(3000))) as server:
        asyncio.run(visit(server.url))


def test_type_without_objects_says_so_and_another_can_be_chosen(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            shown = await visitor.inspect(address)
            assert str(shown.url).endswith("/type")
            assert "has no objects" in shown.text
            assert str((await visitor.get("save")).url).endswith("/type")

    with vendor.serving(scripted(things=[])) as server:
        asyncio.run(visit(server.url))


def test_inspection_of_a_vendor_that_hangs_can_be_cancelled(tmp_path: Path):
    async def visit(address: str) -> None:
        async with visiting(tmp_path) as visitor:
            await visitor.send("address", address=address)
            assert "Cancel" in (await visitor.get("fields")).text
            assert (await visitor.send("cancel")).headers["location"] == "address"
            assert address in (await visitor.get("wait")).text

    with vendor.serving(lambda _: Answer(hang_before=True)) as server:
        asyncio.run(visit(server.url))
        server.released.set()


def test_ending_with_unsaved_choices_asks_first(tmp_path: Path):
    ended: list[bool] = []

    async def visit(address: str) -> None:
        async with visiting(tmp_path, lambda: ended.append(True)) as visitor:
            await visitor.inspect(address)
            assert "Stop without saving?" in (await visitor.send("end")).text
            assert ended == []
            assert (await visitor.get("save")).status_code == 200
            await visitor.send("end", sure="yes")

    with vendor.serving(scripted()) as server:
        asyncio.run(visit(server.url))

    assert ended == [True]
    assert list(tmp_path.iterdir()) == []
