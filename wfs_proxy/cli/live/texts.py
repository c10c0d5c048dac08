"""The sentences of `check --live` in both languages: code -> reason and remedy. The braces are filled in."""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Text

__all__ = ["LINES", "TEXTS", "VARIANTS"]

_ID_CHANGES = Text(
    "Twee aanvragen geven hetzelfde object een ander id, dus een melding vindt haar object later niet terug.",
    "Two requests give the same object another id, so a report does not find its object later.",
)

_PLACE_UNCERTAIN = Text(
    "Waar de objecten liggen is niet zeker, dus de laag wordt niet getoond. {reason_nl}",
    "The locations of the objects are not certain, so the layer is not shown ({reason}).",
)

_EXCEPTION = Text(
    "De leverancier antwoordt met een foutmelding ({reason}).",
    "The vendor answers with an exception report ({reason}).",
)

_UNREADABLE = Text(
    "Het antwoord van de leverancier is niet te lezen (technische melding: {reason}).",
    "The vendor's answer cannot be read ({reason}).",
)

_VENDOR = {
    "vendor_unreachable": (
        Text(
            "De dienst van de leverancier is niet bereikbaar (technische melding: {reason}).",
            "The vendor's service cannot be reached ({reason}).",
        ),
        Text(
            "Controleer `source.url`, en vraag anders de leverancier of de netwerkbeheerder.",
            "Check `source.url`; otherwise ask the vendor or the network administrator.",
        ),
    ),
    "vendor_login": (
        Text(
            "De leverancier weigert de toegang (technische melding: {reason}).", "The vendor refuses access ({reason})."
        ),
        Text(
            "Controleer `source.auth`. De leverancier kan ook het adres van deze machine moeten toelaten.",
            "Check `source.auth`. The vendor may also have to admit the address of this machine.",
        ),
    ),
    "type_unknown": (
        Text(
            'De dienst heeft geen laag met de naam "{given}". Die is misschien hernoemd.',
            'The service has no feature type "{given}". It may have been renamed.',
        ),
        Text(
            "Verbeter de naam in `{key}`; de dienst heeft: {names}.",
            "Correct the name in `{key}`; the service has: {names}.",
        ),
    ),
    "vendor_refused": (
        Text(
            "De leverancier weigert de aanvraag (technische melding: {reason}).",
            "The vendor refuses the request ({reason}).",
        ),
        Text(
            "Controleer het blok `source`, en vraag anders de leverancier waarom.",
            "Check the block `source`; otherwise ask the vendor why.",
        ),
    ),
    "vendor_exception": (
        _EXCEPTION,
        Text(
            "Controleer `type_names`, `version` en `srs_name`, en vraag anders de leverancier waarom.",
            "Check `type_names`, `version` and `srs_name`; otherwise ask the vendor why.",
        ),
    ),
    "vendor_unreadable": (
        _UNREADABLE,
        Text(
            "Controleer `source.url` en `output_format`, en vraag anders de leverancier naar de fout.",
            "Check `source.url` and `output_format`; otherwise tell the vendor about it.",
        ),
    ),
    "vendor_failed": (
        Text(
            "De laag kan niet worden opgehaald (technische melding: {reason}).",
            "The layer cannot be fetched ({reason}).",
        ),
        Text(
            "Controleer het blok `source`, en vraag anders de leverancier.",
            "Check the block `source`; otherwise ask the vendor.",
        ),
    ),
    "source_wrong": (
        Text(
            "De bron kan niet worden gelezen (technische melding: {reason}).", "The source cannot be read ({reason})."
        ),
        Text("Verbeter het blok `source`.", "Correct the block `source`."),
    ),
    "place_uncertain": (
        _PLACE_UNCERTAIN,
        Text(
            "Vul `extent` in, en controleer `srs_name` en `axis_order`.",
            "Set `extent`, and check `srs_name` and `axis_order`.",
        ),
    ),
    "id_changes": (
        _ID_CHANGES,
        Text(
            "Noem bij `properties.id` een kenmerk dat hetzelfde blijft, zoals {names}.",
            "Set `properties.id` to an attribute that stays the same, such as {names}.",
        ),
    ),
    "id_changes_always": (
        _ID_CHANGES,
        Text(
            "Vraag de leverancier om een vast nummer per object, of stel `reports.match.place_only` in.",
            "Ask the vendor for a permanent number of each object, or set `reports.match.place_only`.",
        ),
    ),
    "attribute_empty": (
        Text(
            'De leverancier kent het kenmerk "{given}", maar geen enkel object heeft daar een waarde.',
            'The vendor declares the attribute "{given}", but no object has a value.',
        ),
        Text(
            "Vraag de leverancier om het te vullen, of haal het weg.",
            "Ask the vendor to fill it, or remove it.",
        ),
    ),
    "leading_zeros": (
        Text(
            'Bij {count} objecten begint de waarde van "{field}" met een nul, en als getal verdwijnt die.',
            '{count} objects have a value of "{field}" that begins with a zero, which is lost in a number.',
        ),
        Text("Gebruik het type string.", "Use the type string."),
    ),
    "invalid_geojson": (
        Text(
            "{count} objecten zijn geen geldige GeoJSON, zoals {example}.",
            "{count} objects are not valid GeoJSON, such as {example}.",
        ),
        Text(
            "Dit is een fout in de proxy. Stuur de laag en dit bericht aan de makers.",
            "This is an error of the proxy. Send the layer file and this message to its maintainers.",
        ),
    ),
    "unexpected": (
        Text("Onverwachte fout (technische melding: {reason}).", "Unexpected error ({reason})."),
        Text(
            "Dit is een fout in de proxy. Stuur de laag en dit bericht aan de makers.",
            "This is an error of the proxy. Send the layer file and this message to its maintainers.",
        ),
    ),
}

_SIGNALEN = {
    "category_is_main": (
        Text(
            '"{given}" is een hoofdcategorie, dus meldingen in haar subcategorieën tellen niet mee.',
            '"{given}" is a main category, so the reports in its sub categories do not count.',
        ),
        Text("Noem de subcategorieën: {names}.", "Name the sub categories: {names}."),
    ),
    "category_inactive": (
        Text(
            'De categorie "{given}" staat in Signalen uit, dus er komen geen meldingen meer in.',
            'The category "{given}" is not in use in Signalen, so it gets no more reports.',
        ),
        Text(
            "Kies een andere categorie, of haal deze weg als er ook geen open meldingen meer zijn.",
            "Use another category, or remove it if it has no open reports either.",
        ),
    ),
}

_QUESTIONS = {
    "question_missing": (
        Text(
            'De categorie "{category}" heeft in Signalen geen vraag met een kaart.',
            'The category "{category}" has no question with a map in Signalen.',
        ),
        Text(
            "Maak de vraag met: {command} question {layer} --for signalen",
            "Make the question with: {command} question {layer} --for signalen",
        ),
    ),
    "question_of_other_layer": (
        Text(
            'De vraag van "{category}" haalt een andere laag van de proxy op: "{given}".',
            'The question of "{category}" fetches another layer of the proxy: "{given}".',
        ),
        Text(
            "Zet in `endpoint` het adres van {layer}, of geef de laag de id uit `endpoint`.",
            "Set `endpoint` to the address of {layer}, or give the layer the id in `endpoint`.",
        ),
    ),
    "question_elsewhere": (
        Text(
            'De vraag van "{category}" haalt haar objecten bij {host}, niet bij deze laag.',
            'The question of "{category}" fetches its objects from {host}, not from this layer.',
        ),
        Text(
            "Vervang `meta` door de tekst van: {command} question {layer} --for signalen",
            "Replace `meta` by the output of: {command} question {layer} --for signalen",
        ),
    ),
    "endpoint_other_address": (
        Text(
            "`endpoint` begint niet met het openbare adres van de proxy ({address}).",
            "`endpoint` does not begin with the public address of the proxy ({address}).",
        ),
        Text(
            "Verbeter `endpoint`, of WFS_PROXY_PUBLIC_URL als dat adres niet klopt.",
            "Correct `endpoint`, or WFS_PROXY_PUBLIC_URL if that address is wrong.",
        ),
    ),
    "endpoint_path": (
        Text("Op {path} antwoordt de proxy niet.", "The proxy does not answer at {path}."),
        Text("Gebruik {served}.", "Use {served}."),
    ),
}

TEXTS: Mapping[str, tuple[Text, Text]] = {**_VENDOR, **_SIGNALEN, **_QUESTIONS}
"""Code -> reason, remedy."""

VARIANTS: Mapping[str, tuple[Text, Text]] = {
    "vendor_exception_other": (
        _EXCEPTION,
        Text(
            "Controleer het blok `source`, en vraag anders de leverancier waarom.",
            "Check the block `source`; otherwise ask the vendor why.",
        ),
    ),
    "vendor_unreadable_file": (
        Text("Het bestand is niet te lezen (technische melding: {reason}).", "The file cannot be read ({reason})."),
        Text(
            "Zet het goede bestand op deze plaats, of verbeter `source.path`.",
            "Put the right file in its place, or correct `source.path`.",
        ),
    ),
    "vendor_unreadable_other": (
        _UNREADABLE,
        Text(
            "Controleer `source.url` en het type van de bron, en vraag anders de leverancier naar de fout.",
            "Check `source.url` and the type of the source; otherwise tell the vendor about it.",
        ),
    ),
    "verified_now": (
        Text(
            "Volgens het bestand is het niet vergeleken met de dienst van de leverancier. Dat is nu gebeurd.",
            "The file says that it was not verified against the vendor's service. Now it was.",
        ),
        Text(
            "Verbeter wat hier verder staat, en haal de regel `verified: false` weg.",
            "Correct what else is said here, and remove the line `verified: false`.",
        ),
    ),
    "place_elsewhere": (
        Text(
            "De objecten liggen niet of niet allemaal in `extent`, dus de laag wordt niet getoond.",
            "The objects, or some of them, are not in `extent`, so the layer is not shown.",
        ),
        Text(
            "Klopt het gebied van de objecten, schrijf dan: extent: {line}. Of haal de regel weg.",
            "If the area of the objects is right, write: extent: {line}. Or remove the line.",
        ),
    ),
    "place_uncertain_in_extent": (
        _PLACE_UNCERTAIN,
        Text(
            "Controleer `extent`, `srs_name` en `axis_order`.",
            "Check `extent`, `srs_name` and `axis_order`.",
        ),
    ),
    "shared_key_of_others": (
        Text(
            'Bij {count} objecten staat in "{key}" een waarde die ook een ander object heeft.',
            '{count} objects have a value of "{key}" that another object has too.',
        ),
        Text(
            "Noem bij `properties.id` een kenmerk dat bij elk object anders is: {names}.",
            "Set `properties.id` to an attribute that differs for each object: {names}.",
        ),
    ),
}
"""The name of another reason and remedy for a code, where more is known -> these."""

LINES: Mapping[str, Text] = {
    "layer": Text("{layer} ({title}): {objects}", "{layer} ({title}): {objects}"),
    "objects": Text("objecten: {count}, aanvragen: {requests}", "objects: {count}, requests: {requests}"),
    "sampled": Text(
        "bekeken objecten: {count} (de laag wordt in vakken opgehaald), aanvragen: {requests}",
        "objects looked at: {count} (the layer is fetched in cells), requests: {requests}",
    ),
    "not_fetched": Text("niet opgehaald", "not fetched"),
    "signalen_private": Text(
        "Signalen {name}: aangemeld; aanvragen: {requests}", "Signalen {name}: logged in; requests: {requests}"
    ),
    "signalen_public": Text(
        "Signalen {name}: alleen de openbare delen, want er is geen `auth` in signalen.yaml; aanvragen: {requests}",
        "Signalen {name}: only the public parts, because signalen.yaml has no `auth`; requests: {requests}",
    ),
    "signalen_public_refused": Text(
        "Signalen {name}: alleen de openbare delen, want aanmelden lukt niet; aanvragen: {requests}",
        "Signalen {name}: only the public parts, because the login fails; requests: {requests}",
    ),
    "signalen_none": Text(
        "Signalen {name}: niet vergeleken; aanvragen: {requests}", "Signalen {name}: not compared; requests: {requests}"
    ),
    "signalen_absent": Text(
        "Signalen: niet vergeleken, want geen laag noemt bij `reports` een Signalen",
        "Signalen: not compared, because no layer names one in `reports`",
    ),
    "form": Text("alleen in het formulier {forms}", "only in the form {forms}"),
    "question": Text("vraag {key}", "question {key}"),
    "total": Text(
        "fouten: {error}, waarschuwingen: {warning}, opmerkingen: {notice}",
        "errors: {error}, warnings: {warning}, notices: {notice}",
    ),
    "progress": Text("laag {number} van {total}: {layer}", "layer {number} of {total}: {layer}"),
}
"""The other lines of the report."""
