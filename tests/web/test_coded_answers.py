"""Content codings over a real server; the compared bodies are the bytes on the wire."""

from __future__ import annotations

import gzip

import httpx
import points
import pytest
from waiting import wait_until

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.serve.content_coding import SMALLEST

FEATURES = "/layers/masten/features"
LARGE = points.fetched(points.batch({"a": (4.3, 52.0), "b": (4.4, 52.1)}, {"omschrijving": ["lang " * 500, "kort"]}))
PATHS = [FEATURES, f"{FEATURES}?bbox=4,51,5,53", f"{FEATURES}/a"]
SMALL_PATHS = [f"{FEATURES}?bbox=1,1,2,2", f"{FEATURES}/b"]
GZIP = {"Accept-Encoding": "gzip"}
IDENTITY = {"Accept-Encoding": "identity"}


@pytest.fixture
def proxy(start):
    """A proxy that has fetched a large object "a" and a small one "b"."""
    proxy = start({"masten": LARGE})
    proxy.get(FEATURES)
    return proxy


def asked(proxy, path: str, method: str = "GET", **fields: str) -> tuple[httpx.Response, bytes]:
    """Return an answer, and its body without decoding."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    request = proxy.client.build_request(method, path)
    request.headers.pop("Accept-Encoding")
    request.headers.update(named)
    response = proxy.client.send(request, stream=True)
    body = b"".join(response.iter_raw())
    response.close()
    return response, body


@pytest.mark.parametrize("path", PATHS)
def test_the_gzipped_body_decodes_to_the_plain_one(proxy, path):
    plain, body = asked(proxy, path)
    coded, coded_body = asked(proxy, path, Accept_Encoding="gzip, br")
    assert coded.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(coded_body) == body
    assert len(coded_body) < len(body) // 5
    for response, content in ((plain, body), (coded, coded_body)):
        assert response.headers["content-length"] == str(len(content))
        assert response.headers["content-type"] == "application/geo+json"


@pytest.mark.parametrize("path", PATHS)
def test_each_coding_has_its_own_etag_and_the_other_fields_are_the_same(proxy, path):
    plain, coded = asked(proxy, path)[0].headers, asked(proxy, path, Accept_Encoding="gzip")[0].headers
    assert coded["etag"] == plain["etag"][:-1] + '-gzip"'
    differ = {"content-length", "content-encoding", "etag", "date"}
    assert {k: v for k, v in plain.items() if k not in differ} == {k: v for k, v in coded.items() if k not in differ}


@pytest.mark.parametrize("path", SMALL_PATHS)
def test_a_small_answer_is_not_compressed_unless_identity_is_forbidden(proxy, path):
    response, body = asked(proxy, path, Accept_Encoding="gzip")
    assert "content-encoding" not in response.headers
    assert not response.headers["etag"].endswith('-gzip"')
    assert len(body) < SMALLEST
    response, forced = asked(proxy, path, Accept_Encoding="gzip, identity;q=0")
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(forced) == body


@pytest.mark.parametrize("path", PATHS + SMALL_PATHS)
@pytest.mark.parametrize("accepted", [{}, IDENTITY, GZIP, {"Accept-Encoding": "gzip, identity;q=0"}])
def test_head_has_the_header_fields_of_get(proxy, path, accepted):
    get, _ = asked(proxy, path, **accepted)
    head, body = asked(proxy, path, "HEAD", **accepted)
    assert (head.status_code, body) == (200, b"")
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


@pytest.mark.parametrize("path", PATHS + SMALL_PATHS)
@pytest.mark.parametrize("accepted", [{}, IDENTITY, GZIP, {"Accept-Encoding": "gzip, identity;q=0"}])
def test_a_client_with_a_current_copy_in_a_coding_that_it_accepts_gets_304(proxy, path, accepted):
    etag = asked(proxy, path, **accepted)[0].headers["etag"]
    for known in (etag, f'"x", W/{etag}'):
        again, body = asked(proxy, path, If_None_Match=known, **accepted)
        assert (again.status_code, body) == (304, b"")
        assert again.headers["etag"] == etag
        assert "content-encoding" not in again.headers
        assert "content-length" not in again.headers


def test_a_plain_copy_stays_current_for_a_client_that_now_accepts_gzip(proxy):
    etag = asked(proxy, FEATURES, **IDENTITY)[0].headers["etag"]
    again, _ = asked(proxy, FEATURES, If_None_Match=etag, **GZIP)
    assert (again.status_code, again.headers["etag"]) == (304, etag)


def test_a_copy_that_the_client_can_no_longer_decode_is_not_current(proxy):
    etag = asked(proxy, FEATURES, **GZIP)[0].headers["etag"]
    assert asked(proxy, FEATURES, If_None_Match=etag, **IDENTITY)[0].status_code == 200
    assert asked(proxy, FEATURES, If_None_Match=etag, Accept_Encoding="gzip;q=0.1, *;q=0")[0].status_code == 304


@pytest.mark.parametrize(
    "path", [*PATHS, *SMALL_PATHS, f"{FEATURES}?bbox=x", f"{FEATURES}/none", "/layers", "/nothing"]
)
@pytest.mark.parametrize("origins", [("*",), ("https://meldingen.example",)])
def test_every_answer_has_one_vary_field_with_accept_encoding(start, path, origins):
    proxy = start({"masten": LARGE}, cors_origins=origins)
    for fields in ({}, GZIP, {**GZIP, "If-None-Match": "*"}, {"Origin": origins[0]}):
        response, _ = asked(proxy, path, **fields)
        (vary,) = response.headers.get_list("vary")
        assert vary.split(", ") == ["Accept-Encoding"] + ([] if origins == ("*",) else ["Origin"])


@pytest.mark.parametrize(
    "path", [f"{FEATURES}?bbox=x", f"{FEATURES}/none", "/layers/none/features", "/layers", "/healthz"]
)
def test_other_answers_are_never_compressed(proxy, path):
    response, body = asked(proxy, path, Accept_Encoding="gzip, identity;q=0.1")
    assert "content-encoding" not in response.headers
    assert response.headers["content-length"] == str(len(body))


def test_a_list_may_be_spread_over_several_fields(proxy):
    etag = asked(proxy, FEATURES, **GZIP)[0].headers["etag"]
    several = [
        ("Accept-Encoding", "br"),
        ("Accept-Encoding", "gzip"),
        ("If-None-Match", '"x"'),
        ("If-None-Match", etag),
    ]
    request = httpx.Request("GET", f"{proxy.client.base_url}{FEATURES}", headers=several)
    assert proxy.client.send(request).status_code == 304


@pytest.mark.parametrize("accepted", [IDENTITY, GZIP])
def test_a_repeated_request_never_gets_an_outdated_answer(start, accepted):
    reports = {"signalen": "default", "categories": ["lamp"]}
    instances = {"default": SignalenInstance(url="http://127.0.0.1:9", poll="30s", marks_stale_for="1h")}
    proxy = start({"masten": LARGE}, (points.layer(reports=reports),), instances=instances)

    def seen() -> list[tuple[str, str]]:
        answers = [proxy.get(f"{FEATURES}?bbox=4,51,5,53", headers=accepted) for _ in range(4)]
        assert len({(answer.content, answer.headers["etag"]) for answer in answers}) == 1
        features = answers[0].json()["features"]
        return [(feature["id"], feature["properties"]["IS_GEMELD"]) for feature in features]

    assert seen() == [("masten.a", "0"), ("masten.b", "0")]
    proxy.report("b")
    assert seen() == [("masten.a", "0"), ("masten.b", "1")]
    proxy.report("a")
    assert seen() == [("masten.a", "1"), ("masten.b", "0")]
    proxy.answers["masten"] = points.fetched(points.batch({"a": (4.3, 52.0), "c": (4.4, 52.1), "d": (4.5, 52.1)}))
    proxy.clock.now += 3700
    wait_until(lambda: "masten.d" in proxy.get(FEATURES).text)
    assert {name for name, _ in seen()} == {"masten.a", "masten.c", "masten.d"}
