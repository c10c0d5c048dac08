"""What is said about the address and the login of a Signalen, with the demo's Signalen and servers that are none."""

from __future__ import annotations

import asyncio
import string
from dataclasses import replace

import pytest
import vendor
from a_signalen import LIGHT, ASignalen
from vendor import Answer

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.reports.connection_check import SignalenTrouble, read_categories, try_login
from wfs_proxy.reports.connection_texts import TROUBLES
from wfs_proxy.reports.form_content import SignalenCategory

PAGE = b"<!DOCTYPE html><html><title>Meldingen</title><body>Doe een melding</body></html>"


async def no_sleep(_: float) -> None:
    return None


def categories_at(address: str, **settings: object) -> tuple[SignalenCategory, ...] | SignalenTrouble:
    async def ask() -> tuple[SignalenCategory, ...] | SignalenTrouble:
        async with HttpClients(HttpPolicy(sleep=no_sleep)) as http:
            return await read_categories(SignalenInstance(url=address, timeout=2, **settings), http, asyncio.to_thread)

    return asyncio.run(ask())


def login_at(service: ASignalen, instance: SignalenInstance, *slugs: str) -> SignalenTrouble | None:
    async def ask() -> SignalenTrouble | None:
        async with service.http() as http:
            return await try_login(instance, http, asyncio.to_thread, slugs)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(body=PAGE, media_type="text/html"), "web_page"),
        (Answer(body=b"\xef\xbb\xbf\n<!-- x --><HTML>", media_type="text/plain"), "web_page"),
        (Answer(body=b"<WFS_Capabilities/>"), "other_service"),
        (Answer(body=b'{"type": "FeatureCollection", "features": []}'), "other_service"),
        (Answer(body=b'{"results": [{"id": 1, "name": "ander"}]}'), "other_service"),
        (Answer(body=b"[]"), "other_service"),
        (Answer(body=b""), "other_service"),
        (Answer(status=404, body=PAGE), "no_api"),
        (Answer(status=401), "everything_needs_login"),
        (Answer(status=403), "everything_needs_login"),
        (Answer(status=400), "refused"),
        (Answer(status=500), "failing"),
        (Answer(status=503, body=b"API in maintenance mode"), "maintenance"),
        (Answer(status=302, headers={"Location": "https://login.example/x?y=z"}), "redirected"),
        (Answer(hang_before=True), "no_answer"),
    ],
)
def test_address_of_something_else_says_what_it_is(answer: Answer, code: str):
    with vendor.serving(lambda _: answer) as server:
        found = categories_at(server.url)
        server.released.set()

    assert isinstance(found, SignalenTrouble)
    assert (found.code, found.where) == (code, "url")
    assert found.reason.nl
    assert "{" not in f"{found.reason}{found.remedy}"
    assert code != "redirected" or "https://login.example:443" in found.reason.nl


def test_address_at_which_nothing_answers():
    with vendor.serving(lambda _: Answer()) as server:
        address = server.url
    found = categories_at(address)

    assert (found.code, found.reason.nl) == ("unreachable", f"Er antwoordt niets op {address}.")


def test_token_that_is_wrong_is_distinguished_from_one_without_rights():
    service = ASignalen()
    codes = {}
    for token in ("verkeerd", "a.b.c"):
        found = login_at(service, service.instance(auth={"type": "bearer", "token": token}))
        codes[token] = (found.code, found.where)
        assert token not in f"{found}{found.reason}"
    service.backend.users = {}
    unknown_user = login_at(service, service.instance())

    assert set(codes.values()) <= {("login_malformed", "auth"), ("login_refused", "auth")}
    assert unknown_user.code == "login_refused"


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "login_failed"), (407, "forward_proxy"), (429, "busy"), (502, "failing"), (503, "maintenance")],
)
def test_failure_of_a_server_is_not_one_of_the_login(status: int, code: str):
    async def ask(address: str) -> SignalenTrouble | None:
        instance = SignalenInstance(url=address, auth={"type": "bearer", "token": "geheim"}, timeout=2)
        async with HttpClients(HttpPolicy(sleep=no_sleep)) as http:
            return await try_login(instance, http, asyncio.to_thread)

    with vendor.serving(lambda _: Answer(status=status)) as server:
        assert asyncio.run(ask(server.url)).code == code


def test_user_without_the_right_to_read():
    service = ASignalen()
    reader = next(iter(service.backend.users))
    service.backend.users = {reader: replace(service.backend.users[reader], read=False)}

    assert login_at(service, service.instance()).code == "login_not_allowed"


def test_login_that_works():
    service = ASignalen()

    assert login_at(service, service.instance(), LIGHT) is None
    assert login_at(service, service.instance(), "not-in-use") is None


def test_login_is_not_sent_for_what_everybody_may_read():
    with vendor.serving(lambda _: Answer(body=b'{"results": []}', media_type="application/json")) as server:
        found = categories_at(server.url, auth={"type": "bearer", "token": "geheim"})
        (request,) = server.seen

    assert found == ()
    assert "authorization" not in request.headers


@pytest.mark.parametrize("code", TROUBLES)
def test_texts_are_sentences_without_unknown_details(code: str):
    for text in TROUBLES[code]:
        for said in text:
            names = {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}
            assert names <= {"host", "address", "other"}
            assert said.endswith(".")
            assert said[0].isupper() or said[0] == "{"
