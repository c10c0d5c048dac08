"""What a technical message about a vendor or a Signalen means, in Dutch.

Errors have one message, in English, for the log. The usual ones are recognised here by their wording; a test makes them
with the code that raises them. Of another message the page has only the kind of failure (`layer_texts.FAILURES`).
"""

from __future__ import annotations

import re

from wfs_proxy.http import UNKNOWN_HOST

__all__ = ["message_in_dutch"]

_HOST = r"(?P<host>[^\s:]+(?::\d+)?)"
_ANSWERED = r".+ \((?P<host>[^()]*)\) answered"
_WRONG_NAME = rf"no connection to {_HOST}: .*(?:{UNKNOWN_HOST}).*"

_CONNECTION = (
    (rf"{_HOST} did not accept a connection in time", "{host} neemt geen verbinding aan."),
    (rf"{_HOST} is busy: no connection became available in time", "{host} is te druk."),
    (rf"{_HOST} did not answer in time", "{host} antwoordt niet op tijd."),
    (
        rf"{_HOST} did not answer in time: its answer began, but was not complete",
        "Het antwoord van {host} begon, maar was niet op tijd compleet.",
    ),
    (_WRONG_NAME, "De naam {host} bestaat niet, of is niet te vinden. Controleer het adres."),
    (rf"no connection to {_HOST}: .*refused.*", "{host} weigert de verbinding."),
    (rf"no connection to {_HOST}: .*", "Er komt geen verbinding met {host} tot stand."),
    (rf"the forward proxy refused to connect to {_HOST}: .*", "De proxyserver laat {host} niet toe."),
    (
        rf"the connection to {_HOST} was lost before the answer was complete.*",
        "De verbinding met {host} viel weg voordat het antwoord compleet was.",
    ),
    (rf"the answer of {_HOST} is truncated", "Het antwoord van {host} is afgekapt."),
    (
        r"it took longer than (?P<seconds>\d+) s and was cancelled",
        "Het ophalen duurde langer dan {seconds} seconden en is gestopt.",
    ),
    (
        rf"the answer of {_HOST} is larger than (?P<bytes>[\d,]+) bytes(?: after decompression)?",
        "Het antwoord van {host} is groter dan {bytes} bytes.",
    ),
    (rf"{_HOST}: too many redirects", "{host} blijft doorsturen naar een ander adres."),
)

_CERTIFICATES = (
    (rf"{_HOST}: its certificate has expired", "Het certificaat van {host} is verlopen."),
    (
        rf"{_HOST}: its certificate is self-signed.*",
        "Het certificaat van {host} is zelf ondertekend. Noem het bij `tls`, als dat de bedoeling is.",
    ),
    (
        rf"{_HOST}: its certificate authority is unknown.*",
        "Het certificaat van {host} komt van een onbekende uitgever. Noem die bij `tls`.",
    ),
    (
        rf"{_HOST}: its certificate is for another (?:host name|IP address)",
        "Het certificaat van {host} is voor een ander adres.",
    ),
    (rf"{_HOST}: its certificate is not trusted: .*", "Het certificaat van {host} is niet te vertrouwen."),
    (
        rf"{_HOST}: it requires a client certificate.*",
        "{host} vraagt om een clientcertificaat. Vul `auth` in.",
    ),
    (rf"{_HOST}: it does not trust the client certificate.*", "{host} weigert het clientcertificaat."),
    (rf"{_HOST}: no TLS connection: .*", "De beveiligde verbinding met {host} lukt niet."),
)

_STATUSES = (
    (
        rf"{_ANSWERED} (?P<status>401|498|499)\b.*",
        "{host} weigert de login: die in `auth` klopt niet of ontbreekt (fout {status}).",
    ),
    (rf"{_ANSWERED} 403\b.*", "Deze login, of dit adres, heeft geen toegang tot {host} (fout 403)."),
    (rf"{_ANSWERED} 404\b.*", "Op dit adres van {host} is niets te vinden (fout 404). Controleer `url`."),
    (
        rf"{_ANSWERED} 429\b.*",
        "{host} krijgt te veel vragen (fout 429).",
    ),
    (rf"{_ANSWERED} (?P<status>\d{{3}})\b.*", "{host} antwoordt met fout {status}."),
)

_NUMBERS = r"\((?P<count>\d+) objects, the first at (?P<first>\S+) (?P<second>[^\s;)]+)[;)]?.*"
_PLACES = (
    (
        rf"srsName (?P<label>.+?): no reading puts (?P<share>\d+%) of the objects in .+? {_NUMBERS}",
        (
            "Bij srsName {label} ligt minder dan {share} van de {count} objecten op een plaats die kan kloppen. De "
            "getallen van het eerste zijn {first} en {second}."
        ),
    ),
    (
        rf"there is no srsName .+ only with y first.*? {_NUMBERS}",
        (
            "Er is geen srsName, en de getallen van de {count} objecten passen alleen bij RD met y eerst: {first} en "
            "{second}. Zet `axis_order: yx` als het RD is."
        ),
    ),
    (
        rf"there is no srsName .+ neither degrees nor RD .*? {_NUMBERS}",
        (
            "Er is geen srsName, en de getallen van de {count} objecten zijn geen graden en geen RD: {first} en "
            "{second}. Vul `srs_name` in."
        ),
    ),
    (
        r"srsName (?P<label>.+?)(?:: PROJ does not know| is not a known| is a placeholder| is only described).*",
        "Het coördinatenstelsel {label} is onbekend. Vul `srs_name` in.",
    ),
)

_DOCUMENTS = (
    (r".+ is empty: the server sent no document", "De leverancier stuurt een leeg antwoord."),
    (
        r".*(?:XML ends before its first element|XML is not well-formed|is truncated or not well-formed JSON).*",
        "Het antwoord van de leverancier is afgekapt of beschadigd.",
    ),
    (r".+ sent a body that cannot be decompressed.*", "Het antwoord is niet uit te pakken."),
)

_TEXTS = tuple(
    (re.compile(pattern, re.DOTALL), text)
    for pattern, text in (*_CONNECTION, *_CERTIFICATES, *_STATUSES, *_PLACES, *_DOCUMENTS)
)

_PAUSED = re.compile(r".+?: circuit open after \d+ consecutive failures; the last: (?P<last>.*)", re.DOTALL)
"""The message while a service gets no requests for a while; what went wrong is at its end."""


def message_in_dutch(message: str) -> str | None:
    """Return what a message means, as sentences; None for a message that is not known here."""
    paused = _PAUSED.fullmatch(message)
    if paused is not None:
        return message_in_dutch(paused["last"])
    for pattern, dutch in _TEXTS:
        found = pattern.fullmatch(message)
        if found is not None:
            return dutch.format(**found.groupdict())
    return None
