"""The sentences of `wfs-proxy example`, in Dutch and in English."""

from __future__ import annotations

from wfs_proxy.config import Text

__all__ = ["EXAMPLE_TEXTS"]

EXAMPLE_TEXTS = {
    "list": Text("De meegeleverde voorbeelden:", "The shipped examples:"),
    "id": Text("naam", "name"),
    "kind": Text("soort", "kind"),
    "content": Text("inhoud", "content"),
    "variables": Text("in te vullen", "to fill in"),
    "signalen": Text("de Signalen waarvan meldingen worden gelezen", "the Signalen whose reports are read"),
    "how_to_copy": Text(
        "Kopieer er een naar {folder} met: {command} example NAAM", "Copy one to {folder} with: {command} example NAME"
    ),
    "unknown": Text(
        "Er is geen voorbeeld {given}; er zijn: {names}", "There is no example {given}; there are: {names}"
    ),
    "unknown_near": Text(
        "Er is geen voorbeeld {given}; bedoelt u {names}?", "There is no example {given}; did you mean {names}?"
    ),
    "several": Text(
        "Voor {given} is er meer dan één voorbeeld; kies uit: {names}",
        "There is more than one example for {given}; choose one of: {names}",
    ),
    "exists": Text(
        "{path} bestaat al en wordt niet vervangen; hernoem of verwijder dat bestand, of kies een andere map met "
        "--layers",
        "{path} exists already and is not replaced; rename or remove that file, or choose another folder by --layers",
    ),
    "written": Text("Geschreven: {path} ({content})", "Written: {path} ({content})"),
    "comments": Text(
        "In het bestand staat (in het Engels) wat over de leverancier bekend is en wat is aangenomen.",
        "Comments in the file say what is known about the vendor and what is assumed.",
    ),
    "fill_in": Text(
        "Vul dit in: stel de variabele in waar de proxy start, of zet de waarde in het bestand op de plaats van "
        "${{...}}.",
        "Fill this in: set the variable where the proxy starts, or write the value in the file in place of ${{...}}.",
    ),
    "optional": Text("{meaning} (mag wegblijven: {default})", "{meaning} (optional: {default})"),
    "next": Text("Daarna:", "Then:"),
    "no_signalen": Text(
        "De laag noemt Signalen {name}, maar {folder} heeft geen signalen.yaml. Zonder dat bestand worden geen "
        "meldingen gelezen. Dit maakt het: {command} example signalen --layers {argument}",
        "The layer names Signalen {name}, but {folder} has no signalen.yaml. Without that file no reports are read. "
        "This makes it: {command} example signalen --layers {argument}",
    ),
    "address_wfs": Text(
        "het adres van de WFS van de leverancier, zoals https://kaart.voorbeeld.nl/wfs",
        "the address of the vendor's WFS, such as https://maps.example.org/wfs",
    ),
    "address_arcgis": Text(
        "het adres van de ArcGIS-laag, zoals https://gis.voorbeeld.nl/arcgis/rest/services/masten/FeatureServer/0",
        "the address of the ArcGIS layer, such as https://gis.example.org/arcgis/rest/services/lamps/FeatureServer/0",
    ),
    "address_ogcapi": Text(
        "het adres van de startpagina van de OGC API, zoals https://kaart.voorbeeld.nl/ogc/v1",
        "the address of the landing page of the OGC API, such as https://maps.example.org/ogc/v1",
    ),
    "address_geojson": Text(
        "het adres van het GeoJSON-document, of het pad van een bestand",
        "the address of the GeoJSON document, or the path of a file",
    ),
    "address": Text("het adres van de dienst van de leverancier", "the address of the vendor's service"),
    "address_part": Text("een deel van het adres {written}", "a part of the address {written}"),
    "path": Text("het pad van het bestand met de objecten", "the path of the file with the objects"),
    "username": Text("de gebruikersnaam bij de leverancier", "the user name at the vendor"),
    "password": Text("het wachtwoord bij de leverancier", "the password at the vendor"),
    "value": Text("de sleutel die de leverancier gaf", "the key that the vendor gave"),
    "token": Text("het token dat de leverancier gaf", "the token that the vendor gave"),
    "client_id": Text("de client-id van de proxy bij de leverancier", "the client id of the proxy at the vendor"),
    "client_secret": Text("het geheim bij die client-id", "the secret of that client id"),
    "login_address": Text("het adres waar de proxy inlogt", "the address at which the proxy logs in"),
    "login": Text("een deel van de inloggegevens ({key})", "a part of the login ({key})"),
    "signalen_url": Text(
        "het adres van de API van Signalen, zonder /signals/v1, zoals https://api.meldingen.voorbeeld.nl",
        "the address of Signalen's API without /signals/v1, such as https://api.signalen.example.org",
    ),
    "signalen_auth": Text(
        "het token van een gebruiker van Signalen die alle meldingen mag lezen",
        "the token of a Signalen user who may read all reports",
    ),
    "signalen_poll": Text("hoe vaak om meldingen wordt gevraagd", "how often reports are requested"),
    "other": Text("de waarde van {key}", "the value of {key}"),
}  # fmt: skip
"""Code -> sentence."""
