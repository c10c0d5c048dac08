"""The sentences about a question: why it cannot be printed, what to do with it, and what to know about it."""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Text

__all__ = ["ADDRESSES", "INSTRUCTIONS", "NOTES", "OBSTACLES"]

_ASK_FOR_ADDRESS = Text(
    "Vraag de serverbeheerder om het openbare adres van de proxy, zoals https://wfs-proxy.voorbeeld.nl. Stel het in "
    "met WFS_PROXY_PUBLIC_URL, of geef het op met --public-url (in een webadres: publicUrl=).",
    "Ask the operator for the public address of the proxy, such as https://wfs-proxy.example.org. Set it in "
    "WFS_PROXY_PUBLIC_URL, or give it with --public-url (in a URL: publicUrl=).",
)


def _address(nl: str, en: str) -> Text:
    return Text(f"{nl} {_ASK_FOR_ADDRESS.nl}", f"{en} {_ASK_FOR_ADDRESS.en}")


ADDRESSES: Mapping[str, Text] = {
    "missing": _address(
        "Het openbare adres van de proxy is niet bekend, dus de vraag kan er niet naar verwijzen.",
        "The public address of the proxy is not known, so a question cannot refer to it.",
    ),
    "malformed": _address(
        "Dit is geen volledig webadres: het begint met https:// en heeft geen ? of #.",
        "This is not a complete web address: it starts with https:// and has no ? or #.",
    ),
    "credentials": _address(
        "Een openbaar adres bevat geen gebruikersnaam of wachtwoord.",
        "A public address contains no user name or password.",
    ),
    "this_machine": _address(
        "Dit adres werkt alleen op deze machine, en niet in de browser van een melder.",
        "This address works on this machine only, and not in the browser of a reporter.",
    ),
}
"""What is wrong with a public address -> the sentence, with the remedy."""

OBSTACLES: Mapping[str, Text] = {
    "no_text": Text(
        "De laag heeft geen eigenschap met tekst, en Meldingen heeft die nodig voor het icoon (icon_entry). Voeg bij "
        "`properties.fields` een veld met `type: string` toe.",
        "The layer has no property with text, which Meldingen needs for the icon (icon_entry). Add a field with "
        "`type: string` to `properties.fields`.",
    ),
}
"""Why a layer has no question."""

INSTRUCTIONS: Mapping[str, Text] = {
    "signalen": Text(
        "Maak in het beheer van Signalen een vraag (Questions) met key {key} en field type {field_type}, en zet een "
        "vinkje bij required. Plak de tekst hierboven ongewijzigd in het veld meta. Koppel de vraag aan: {categories}.",
        "In the administration of Signalen, make a question (Questions) with the key {key} and the field type "
        "{field_type}, and tick required. Paste the text above unchanged into the field meta. Connect the question to: "
        "{categories}.",
    ),
    "meldingen": Text(
        "Maak in het beheer van Meldingen een asset type, en vul per veld de waarde hierboven in. Via de API kunt u de "
        "tekst in zijn geheel versturen (POST /asset-type/).",
        "In the administration of Meldingen, make an asset type, and enter the value above for each field. With the "
        "API you can send the text as a whole (POST /asset-type/).",
    ),
    "no_categories": Text("de juiste categorie", "the right category"),
}
"""Form -> what to do with what was printed."""

NOTES: Mapping[str, Text] = {
    "no_marks": Text(
        "De laag heeft geen blok `reports`, dus de vraag toont niet welke objecten al gemeld zijn.",
        "The layer has no block `reports`, so the question does not show which objects have been reported.",
    ),
    "no_status": Text(
        "Geen waarde van `reports.mark` is geschikt voor featureStatusTypes: het formulier herkent 0, false en lege "
        "tekst niet. Gemelde objecten zijn wel te zien, door de eerste regel van featureTypes.",
        "No value of `reports.mark` suits featureStatusTypes: the form does not recognise 0, false and empty text. "
        "Reported objects do show, by the first entry of featureTypes.",
    ),
    "blocks": Text(
        'De waarde van {property} voor gemelde objecten is "reported". Daarom kan een melder die objecten niet kiezen.',
        'The value of {property} for reported objects is "reported", so a reporter cannot choose these objects.',
    ),
    "icon_files": Text(
        "Meldingen zoekt het icoon op zijn eigen site, als /{folder}/{example}.svg, met de waarde van {entry} als "
        "naam. Ontbreekt het bestand, dan toont Meldingen een algemeen icoon. De iconen van de proxy: {icons}.",
        "Meldingen looks for the icon on its own site, as /{folder}/{example}.svg: the name is the value of {entry}. "
        "Without the file it shows its default icon. The icons of the proxy are below {icons}.",
    ),
    "marks_by_icon": Text(
        "Meldingen kent geen gemelde objecten. Alleen het icoon of het label kan laten zien dat iets al gemeld is.",
        "Meldingen has no notion of a reported object. Only the icon or the label can show it.",
    ),
}
"""What an administrator should know about a question that can be used."""
