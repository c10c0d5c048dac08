"""Technical messages in Dutch, each made by the code that raises it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator

import httpx
import pytest

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import DecodeError, PlaceError, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.geo.crs.axis_order import decide_readings
from wfs_proxy.http.httpx_errors import TRANSLATIONS, translated
from wfs_proxy.http.status_errors import OF_ISSUERS, OF_VENDORS, Wording, refused
from wfs_proxy.pages.failure_texts import message_in_dutch

HOST = "vendor.example:8080"


SETTINGS = {httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL, ssl.SSLError}
"""Errors about an address or a header; and that of TLS, which has a reason."""

OF_SIGNALEN = Wording(who="Signalen", hints={500: ": the login may be the cause: Signalen answers this to"})


def message_of(error: Exception) -> str:
    with pytest.raises(WfsProxyError) as caught, translated(HOST):
        raise error
    return str(caught.value)


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, "revoked"
    return error


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError()
    error.reason = reason
    return error


def of_connections() -> Iterator[str]:
    for kind in TRANSLATIONS.keys() - SETTINGS:
        yield message_of(kind("text"))
    for reason in ("[Errno -2] Name or service not known", "[Errno 111] Connection refused", "All attempts failed"):
        yield message_of(httpx.ConnectError(reason))
    for code in (10, 18, 19, 20, 62, 64, 99):
        yield message_of(certificate_error(code))
    for reason in ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_UNKNOWN_CA", "WRONG_VERSION_NUMBER"):
        yield message_of(tls_error(reason))


def of_statuses() -> Iterator[str]:
    request = httpx.Request("GET", f"http://{HOST}/wfs")
    for wording in (OF_VENDORS, OF_ISSUERS, OF_SIGNALEN):
        for status in (400, 401, 403, 404, 429, 500, 503):
            yield str(refused(httpx.Response(status, request=request), wording))


@pytest.mark.parametrize("message", sorted({*of_connections(), *of_statuses()}))
def test_messages_about_connections_are_dutch_and_name_the_host(message: str):
    dutch = message_in_dutch(message)

    assert dutch is not None
    assert dutch.endswith(".")
    if HOST in message or "(vendor.example)" in message:
        assert "vendor.example" in dutch or "uit te pakken" in dutch
    assert not {"the", "connection", "answer", "its", "not"} & set(dutch.lower().split())


def test_a_paused_service_says_why():
    message = f"vendor.example: circuit open after 5 consecutive failures; the last: {HOST} did not answer in time"

    assert message_in_dutch(message) == f"{HOST} antwoordt niet op tijd."


def place_error(position: tuple[float, float], srs: str | None) -> str:
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": position}}
    document = {"type": "FeatureCollection", "features": [feature] * 3}
    if srs is not None:
        document["crs"] = {"type": "name", "properties": {"name": srs}}
    with pytest.raises(PlaceError) as caught:
        decide_readings(decode(Payload(body=json.dumps(document).encode())))
    return str(caught.value)


@pytest.mark.parametrize(
    ("position", "srs", "says"),
    [
        ((1.0, 2.0), "EPSG:28992", "ligt minder dan 95% van de 3 objecten"),
        ((463_000.0, 155_000.0), None, "alleen bij RD met y eerst: 463000 en 155000"),
        ((34_000_000.0, 36.0), None, "geen graden en geen RD: 34000000 en 36"),
        ((1.0, 2.0), "EPSG:999999", "Het coördinatenstelsel 'EPSG:999999' is onbekend"),
        ((1.0, 2.0), "onzin", "Het coördinatenstelsel 'onzin' is onbekend"),
        ((1.0, 2.0), "EPSG:404000", "Het coördinatenstelsel 'EPSG:404000' is onbekend"),
    ],
)
def test_a_refused_reading_of_coordinates_is_said_in_dutch(position, srs, says):
    assert says in (message_in_dutch(place_error(position, srs)) or "")


@pytest.mark.parametrize(
    "body",
    [b"", b'{"type": "FeatureCollection", "features": [{"type": ', b"<a><b></a>", b"<?xml version='1.0'?>  "],
)
def test_an_answer_that_stops_half_way_is_said_in_dutch(body: bytes):
    with pytest.raises(DecodeError) as caught:
        decode(Payload(body=body, source="vendor.example"))

    assert message_in_dutch(str(caught.value)) in {
        "De leverancier stuurt een leeg antwoord.",
        "Het antwoord van de leverancier is afgekapt of beschadigd.",
    }


def test_another_message_is_not_guessed():
    assert message_in_dutch("Something else happened") is None


@pytest.mark.parametrize(
    "reason",
    [
        "[Errno -2] Name or service not known",
        "[Errno -3] Temporary failure in name resolution",
        "[Errno -5] No address associated with hostname",
        "[Errno 8] nodename nor servname provided, or not known",
        "[Errno 11001] getaddrinfo failed",
    ],
)
def test_a_name_that_no_resolver_finds_is_said_in_dutch(reason: str):
    dutch = f"De naam {HOST} bestaat niet, of is niet te vinden. Controleer het adres."
    assert message_in_dutch(message_of(httpx.ConnectError(reason))) == dutch
