"""Who may use the page: the token, the name of the server and the origin of a form."""

from __future__ import annotations

import asyncio

import pytest

from wfs_proxy.setup.setup_request import MOST_BYTES, Guard, read_form

GUARD = Guard(token="tOken_1-x", port=8123)
HOST = (b"host", b"127.0.0.1:8123")
ORIGIN = (b"origin", b"http://127.0.0.1:8123")
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def refusal(path: str = "/tOken_1-x/fields", *headers: tuple[bytes, bytes], method: str = "GET") -> str | None:
    return GUARD.refusal({"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers})


def test_page_and_its_own_forms_are_admitted():
    assert refusal("/tOken_1-x/", HOST) is None
    assert refusal("/tOken_1-x/fields", HOST, method="HEAD") is None
    assert refusal("/tOken_1-x/fields", HOST, ORIGIN, FORM, method="POST") is None
    localhost = (b"host", b"localhost:8123"), (b"origin", b"http://localhost:8123")
    assert refusal("/tOken_1-x/fields", *localhost, FORM, method="POST") is None


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b"evil.example"],
        [b"evil.example:8123"],
        [b"127.0.0.1"],
        [b"127.0.0.1:8124"],
        [b"127.0.0.1:8123.evil.example"],
        [b"127.0.0.1:8123", b"127.0.0.1:8123"],
        [b"0.0.0.0:8123"],
        [b"[::1]:8123"],
    ],
)
def test_name_that_was_bound_to_this_machine_is_refused(hosts: list[bytes]):
    assert refusal("/tOken_1-x/", *((b"host", host) for host in hosts)) == "host"


@pytest.mark.parametrize(
    "path",
    ["/", "", "/fields", "/tOken_1-x", "/token_1-x/", "/tOken_1-xx/", "/tOken_1/", "//tOken_1-x/", "/%74/"],
)
def test_path_without_the_token_is_refused(path: str):
    assert refusal(path, HOST) == "token"


@pytest.mark.parametrize(
    "origins",
    [
        [],
        [b"null"],
        [b"http://evil.example"],
        [b"https://127.0.0.1:8123"],
        [b"http://127.0.0.1:8000"],
        [b"http://localhost:8123"],
        [b"http://127.0.0.1:8123", b"http://127.0.0.1:8123"],
        [b"http://127.0.0.1:8123/"],
    ],
)
def test_form_of_another_origin_is_refused(origins: list[bytes]):
    headers = [HOST, FORM, *((b"origin", origin) for origin in origins)]

    assert refusal("/tOken_1-x/save", *headers, method="POST") == "origin"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(method: str):
    assert refusal("/tOken_1-x/save", HOST, ORIGIN, FORM, method=method) == "method"


@pytest.mark.parametrize("media_type", [b"text/plain", b"application/json", b"multipart/form-data; boundary=x", b""])
def test_body_that_is_no_form_is_refused(media_type: bytes):
    headers = (HOST, ORIGIN, (b"content-type", media_type))

    assert refusal("/tOken_1-x/save", *headers, method="POST") == "media_type"


def test_form_is_read_in_parts_up_to_a_limit():
    def read(*bodies: bytes) -> object:
        messages = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
        messages.append({"type": "http.request", "body": b""})

        async def receive() -> dict[str, object]:
            return messages.pop(0)

        return asyncio.run(read_form(receive))

    assert read(b"a=1&b=%C3%", b"A9+x&b=2&c=") == {"a": ["1"], "b": ["é x", "2"], "c": [""]}
    assert read(b"a=" + b"x" * MOST_BYTES) is None
