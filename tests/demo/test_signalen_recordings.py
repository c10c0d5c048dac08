"""The demo's Signalen answers every recorded request as the real one did."""

from __future__ import annotations

import json
import re

import httpx
import needs
import pytest
from recorded_signalen import HOST, TOKENS, Recorded, recorded_signalen, recording, recordings, stored_signal

UNEQUAL = {
    24: "only the last status of a signal is known",
    **dict.fromkeys((51, 53, 58, 59, 60), "sorted by coordinates, not by PostGIS's curve"),
    69: "four categories instead of Amsterdam's 168",
    71: "another uuid and another moment",
}
"""Recordings whose answer has the same shape, but cannot have the same values."""

KEPT_HEADERS = (
    "Content-Type",
    "X-API-Version",
    "X-Total-Count",
    "Link",
    "WWW-Authenticate",
    "Allow",
    "Vary",
    "X-Frame-Options",
)
CORS_HEADERS = tuple(
    f"access-control-{name}" for name in ("allow-origin", "expose-headers", "allow-headers", "allow-methods", "max-age")
)

ALL = [pytest.param(found, id=found.path.stem) for found in recordings()]


async def ask(recorded) -> httpx.Response:
    """Send a recorded request to the service in the state of that time."""
    signalen = recorded_signalen(recorded.number)
    headers = dict(recorded.request.get("headers", {}))
    user = re.fullmatch(r"Bearer <redacted:(\w[\w-]*)>", headers.get("Authorization", ""))
    if user:
        headers["Authorization"] = f"Bearer {TOKENS[user[1]](signalen.provider)}"
    transport = httpx.ASGITransport(signalen)
    async with httpx.AsyncClient(transport=transport) as http:
        request = httpx.Request(
            recorded.request["method"],
            HOST + recorded.request["path"],
            headers=headers,
            json=recorded.request.get("body"),
        )
        return await http.send(request)


def shape(value):
    """Return keys and types; of an array those of its first item."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


def body_of(answer: httpx.Response):
    return answer.json() if answer.headers["Content-Type"].startswith("application/json") else answer.text


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", ALL)
async def test_recorded_request_gets_the_recorded_answer(recorded):
    answer = await ask(recorded)
    body = body_of(answer)
    assert answer.status_code == recorded.response["status"]
    if recorded.number in UNEQUAL:
        assert shape(body) == shape(recorded.body)
        assert body != recorded.body, "equal after all: take it out of UNEQUAL"
    else:
        assert body == recorded.body


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", [one for one in ALL if "headers" in one.values[0].response])
async def test_recorded_request_gets_the_recorded_headers(recorded):
    expected = {name.lower(): value for name, value in recorded.response["headers"].items()}
    answer = await ask(recorded)
    for name in (*KEPT_HEADERS, *CORS_HEADERS):
        given = answer.headers.get(name)
        assert given == expected.get(name.lower()) or recorded.number in {61, 69}, name


@pytest.mark.anyio
@pytest.mark.parametrize("number", [51, 53, 58, 60])
async def test_public_geography_has_the_recorded_features_in_another_order(number):
    recorded = recording(number)

    def features(body):
        return sorted(body["features"], key=str)

    assert features((await ask(recorded)).json()) == features(recorded.body)


SECOND = sorted((needs.corpus() / "signalen" / "second").glob("*.json"))


@pytest.mark.anyio
@pytest.mark.parametrize("path", SECOND, ids=lambda path: path.stem)
async def test_second_recording_gets_an_answer_of_the_recorded_shape(path):
    """One signal each, created by a form."""
    recorded = Recorded(path, json.loads(path.read_text()))
    signalen = recorded_signalen()
    (row,) = recorded.body["results"]
    signalen.backend.insert(stored_signal(row, row["reporter"]))
    token = TOKENS["svc-assetproxy"](signalen.provider)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(signalen), base_url=HOST) as http:
        answer = await http.get(recorded.request["path"], headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == recorded.response["status"]
    assert shape(answer.json()) == shape(recorded.body)
    (found,) = answer.json()["results"]
    for name in ("id", "created_at", "updated_at", "status", "extra_properties", "priority", "has_parent"):
        assert found[name] == row[name]
    assert found["location"]["geometrie"] == row["location"]["geometrie"]
    for name, value in recorded.response["headers"].items():
        assert answer.headers[name] == value
