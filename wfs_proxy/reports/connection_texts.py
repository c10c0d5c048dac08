"""What may be wrong with the address or the login of a Signalen, in both languages: code -> reason and remedy."""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Text

__all__ = ["TROUBLES"]

_ADDRESS_OF_API = Text(
    "Vraag de beheerder van Signalen om het adres van de API (backend), zonder /signals/v1. Dat is meestal een ander "
    "adres dan dat van het meldformulier.",
    "Ask the administrator of Signalen for the address of the API (backend), without /signals/v1. It usually differs "
    "from that of the report form.",
)
_TRY_LATER = Text(
    "Probeer het later opnieuw, en vraag anders de beheerder van Signalen.",
    "Try again later; otherwise ask the administrator of Signalen.",
)

_ADDRESS = {
    "unreachable": (
        Text("Er antwoordt niets op {address}.", "Nothing answers at {address}."),
        Text(
            "Controleer het adres en de poort. Kloppen die, dan houdt misschien een firewall deze computer tegen.",
            "Check the address and the port. If they are right, a firewall may block this machine.",
        ),
    ),
    "unknown_host": (
        Text(
            "De server {host} bestaat niet, of is vanaf deze computer niet te vinden.",
            "The server {host} does not exist, or cannot be found from this machine.",
        ),
        Text("Controleer het adres op typefouten.", "Check the address for typing errors."),
    ),
    "no_answer": (
        Text("{host} antwoordt niet op tijd.", "{host} does not answer in time."),
        Text(
            "Probeer het later opnieuw. Blijft het zo, dan houdt misschien een firewall deze computer tegen.",
            "Try again later. If it stays so, a firewall may block this machine.",
        ),
    ),
    "lost": (
        Text(
            "De verbinding met {host} viel weg voordat het antwoord compleet was.",
            "The connection to {host} was lost before the answer was complete.",
        ),
        Text("Probeer het later opnieuw.", "Try again later."),
    ),
    "stalled": (
        Text(
            "Het antwoord van {host} begon, maar was niet op tijd compleet.",
            "The answer of {host} began, but was not complete in time.",
        ),
        Text("Probeer het later opnieuw.", "Try again later."),
    ),
    "no_tls": (
        Text("Op {address} antwoordt geen https.", "There is no https at {address}."),
        Text("Controleer het adres en de poort.", "Check the address and the port."),
    ),
    "certificate": (
        Text(
            "De beveiligde verbinding met {host} lukt niet: het certificaat is verlopen, van een andere naam, of van "
            "een onbekende uitgever.",
            "The secure connection to {host} fails: its certificate has expired, is for another name, or has an "
            "unknown issuer.",
        ),
        Text("Vraag de beheerder van Signalen.", "Ask the administrator of Signalen."),
    ),
    "web_page": (
        Text(
            "Op {address} staat een webpagina voor mensen, niet de API van Signalen.",
            "At {address} there is a web page for people, not Signalen's API.",
        ),
        _ADDRESS_OF_API,
    ),
    "other_service": (
        Text(
            "Wat op {address} antwoordt, is geen Signalen: het geeft geen lijst van categorieën.",
            "What answers at {address} is not a Signalen: it returns no list of categories.",
        ),
        _ADDRESS_OF_API,
    ),
    "no_api": (
        Text(
            "Op {address} staat geen API van Signalen (404: niet gevonden).",
            "There is no API of Signalen at {address} (404: not found).",
        ),
        _ADDRESS_OF_API,
    ),
    "redirected": (
        Text("{address} stuurt door naar {other}.", "{address} redirects to {other}."),
        Text(
            "Is dat ook uw Signalen, vul dan dat adres in. Is het een inlogpagina, vraag dan de beheerder van "
            "Signalen om het adres van de API.",
            "If that is your Signalen too, use that address. If it is a login page, ask the administrator of Signalen "
            "for the address of the API.",
        ),
    ),
}

_SERVER = {
    "everything_needs_login": (
        Text(
            "{host} vraagt ook voor de openbare categorieën om een login, of laat deze computer niet toe.",
            "{host} requires a login for the public categories too, or does not admit this machine.",
        ),
        Text(
            "Vraag de beheerder van Signalen om de API voor deze computer open te zetten.",
            "Ask the administrator of Signalen to admit this machine to the API.",
        ),
    ),
    "forward_proxy": (
        Text(
            "De proxyserver van uw netwerk vraagt om een login.", "The forward proxy of your network requires a login."
        ),
        Text(
            "Vraag uw netwerkbeheerder om toegang tot {host}.", "Ask your network administrator for access to {host}."
        ),
    ),
    "busy": (Text("{host} krijgt te veel aanvragen.", "{host} gets too many requests."), _TRY_LATER),
    "failing": (
        Text("{host} antwoordt met een fout van de server.", "{host} answers with a server error."),
        _TRY_LATER,
    ),
    "maintenance": (
        Text("Signalen is in onderhoud of overbelast.", "Signalen is under maintenance, or overloaded."),
        _TRY_LATER,
    ),
    "refused": (
        Text("{host} weigert de aanvraag.", "{host} refuses the request."),
        Text("Vraag de beheerder van Signalen waarom.", "Ask the administrator of Signalen why."),
    ),
}

_LOGIN = {
    "login_refused": (
        Text(
            "Signalen weigert het token: het is verlopen, niet voor deze Signalen gemaakt, of hoort niet bij een "
            "gebruiker van Signalen.",
            "Signalen refuses the token: it has expired, was not issued for this Signalen, or does not belong to one "
            "of its users.",
        ),
        Text(
            "Vraag de beheerder van Signalen om een nieuw token, van een gebruiker die meldingen mag lezen.",
            "Ask the administrator of Signalen for a new token, of a user that may read reports.",
        ),
    ),
    "login_not_allowed": (
        Text(
            "De gebruiker van het token mag geen meldingen lezen, of het token is van een andere uitgever.",
            "The user of the token may not read reports, or the token comes from another issuer.",
        ),
        Text(
            "Vraag de beheerder van Signalen om deze gebruiker de rechten sia_read en sia_can_view_all_categories te "
            "geven.",
            "Ask the administrator of Signalen to give this user the rights sia_read and sia_can_view_all_categories.",
        ),
    ),
    "login_malformed": (
        Text(
            "Signalen antwoordt op het token met een fout (500). Meestal is het token niet compleet, of is het geen "
            "token van Signalen.",
            "Signalen answers to the token with an error (500). Usually the token is incomplete, or is no token of "
            "Signalen.",
        ),
        Text(
            "Kopieer het hele token opnieuw, zonder het woord Bearer ervoor. Helpt dat niet, vraag dan de beheerder "
            "van Signalen.",
            "Copy the whole token again, without the word Bearer before it. If that does not help, ask the "
            "administrator of Signalen.",
        ),
    ),
    "login_failed": (
        Text("Inloggen bij Signalen lukt niet.", "The login at Signalen fails."),
        Text(
            "Controleer de inloggegevens, en vraag anders de beheerder van Signalen.",
            "Check the credentials; otherwise ask the administrator of Signalen.",
        ),
    ),
}

TROUBLES: Mapping[str, tuple[Text, Text]] = {**_ADDRESS, **_SERVER, **_LOGIN}
