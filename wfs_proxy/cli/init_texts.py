"""The sentences of `wfs-proxy init`, in Dutch and in English."""

from __future__ import annotations

from wfs_proxy.config import Language, Text
from wfs_proxy.inspect import printable

__all__ = ["INIT_TEXTS", "say"]

INIT_TEXTS = {
    "technical": Text("  Technische melding, in het Engels: {message}", "  Technical message: {message}"),
    "no_address": Text("Geef het adres van de dienst", "Give the address of the service"),
    "ask_address": Text("Adres van de dienst", "Address of the service"),
    "only_type": Text("De dienst heeft één laag: {name}", "The service has one type: {name}"),
    "types": Text("De lagen van {title}", "The types of {title}"),
    "type": Text("laag", "type"),
    "title": Text("titel", "title"),
    "objects": Text("objecten", "objects"),
    "ask_type": Text("Welke laag? Typ het nummer of de naam", "Which type? Enter the number or the name"),
    "choose_type": Text(
        "De dienst heeft meer dan één laag; kies er een met --type",
        "The service has several types; choose one by --type",
    ),
    "no_such_type": Text(
        "De dienst heeft geen laag {name}; zie de tabel", "The service has no type {name}; see the table"
    ),
    "no_such_choice": Text("{given} is geen nummer of naam uit de lijst", "{given} is no number or name in the list"),
    "ids": Text("Velden die een object kunnen aanwijzen:", "Fields that may identify an object:"),
    "id_unique": Text("uniek", "unique"),
    "id_same": Text("bleef gelijk", "stayed the same"),
    "id_changed": Text("verandert per aanvraag", "changes with each request"),
    "id_repeats": Text("{distinct} verschillende in {objects}", "{distinct} different in {objects}"),
    "feature_id": Text("(de id van de leverancier)", "(the id of the vendor)"),
    "id_not_unique": Text(
        "Let op: {name} heeft {distinct} verschillende waarden in {objects} objecten; objecten met dezelfde id krijgen "
        "een achtervoegsel",
        "Note: {name} has {distinct} different values in {objects} objects; objects with the same id get a suffix",
    ),
    "no_question": Text(
        "Let op: zonder een veld als id komen de objecten wel op de kaart, maar kan niemand ze op het meldformulier "
        "kiezen; er is dan geen vraag",
        "Note: without a field as id the objects are on the map, but nobody can select them in the report form; there "
        "is no question then",
    ),
    "ask_id": Text("Welk veld is de id?", "Which field is the id?"),
    "no_such_field": Text("Er is geen veld {name}; er zijn: {names}", "There is no field {name}; there are: {names}"),
    "ask_output": Text("Bestand", "File"),
    "no_yaml": Text("{path} eindigt niet op .yaml", "{path} does not end in .yaml"),
    "ask_overwrite": Text("{path} bestaat al. Vervangen?", "{path} exists already. Replace it?"),
    "exists": Text(
        "{path} bestaat al; kies een ander bestand met --output, of vervang het met --force",
        "{path} exists already; choose another file by --output, or replace it by --force",
    ),
    "written": Text("Geschreven: {path}", "Written: {path}"),
    "secrets_written": Text(
        "Inloggegevens staan in {folder}, alleen voor u leesbaar; zet ze niet in versiebeheer en maak ze op de server "
        "leesbaar voor de proxy",
        "Credentials are in {folder}, readable by you only; keep them out of version control, and make them readable "
        "for the proxy on the server",
    ),
    "no_secrets_on_stdout": Text(
        "Met inloggegevens kan de laag niet naar standaarduitvoer; geef met --output een bestand op",
        "With credentials the layer cannot go to standard output; name a file by --output",
    ),
    "next": Text(
        "Bekijk het bestand en typ daarna: {command} check {path} en {command} serve --layers {folder}",
        "Look at the file, then enter: {command} check {path} and {command} serve --layers {folder}",
    ),
    "use_auth": Text(
        "Geef de inloggegevens op met --auth en --secret-from", "Give the credentials by --auth and --secret-from"
    ),
    "ask_login": Text(
        "Hoe logt de proxy in? 1 gebruikersnaam en wachtwoord, 2 sleutel in een header, 3 token",
        "How does the proxy log in? 1 user name and password, 2 key in a header, 3 token",
    ),
    "ask_user": Text("Gebruikersnaam", "User name"),
    "ask_password": Text("Wachtwoord (onzichtbaar)", "Password (hidden)"),
    "ask_header": Text("Naam van de header", "Name of the header"),
    "ask_key": Text("Sleutel (onzichtbaar)", "Key (hidden)"),
    "ask_token": Text("Token (onzichtbaar)", "Token (hidden)"),
    "login_invalid": Text(
        "Deze inloggegevens kunnen niet in een aanvraag: een gebruikersnaam heeft geen dubbele punt, en een sleutel of "
        "token bestaat uit gewone tekens op één regel",
        "These credentials cannot be part of a request: a user name has no colon, and a key or token consists of "
        "printable ASCII characters on one line",
    ),
    "login_kind": Text("--auth is basic, header of token", "--auth is basic, header or token"),
    "login_secret": Text(
        "Zeg met --secret-from waar het geheim staat: een bestand, - voor standaardinvoer, of env:NAAM",
        "Say by --secret-from where the secret is: a file, - for standard input, or env:NAME",
    ),
    "login_user": Text("Geef de gebruikersnaam met --user", "Give the user name by --user"),
    "login_empty": Text("Er staat geen geheim in {place}", "There is no secret in {place}"),
    "login_unused": Text(
        "--user, --header en --secret-from horen bij --auth", "--user, --header and --secret-from belong to --auth"
    ),
    "yes": Text("j", "y"),
    "no": Text("n", "n"),
}  # fmt: skip
"""Code -> sentence."""


def say(code: str, language: Language, **details: str) -> str:
    """Return a sentence; details are made one harmless line each."""
    return INIT_TEXTS[code].filled_in({name: printable(value) for name, value in details.items()}).in_language(language)
