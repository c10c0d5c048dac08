"""The sentences of an inspection, in Dutch for functional administrators and in English.

The keys are the codes of `Finding` and `Diagnosis`; braces are filled in with their details.
"""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Language, Text
from wfs_proxy.inspect.fields import printable
from wfs_proxy.inspect.report import Diagnosis, Finding, Part

__all__ = ["DIAGNOSES", "FINDINGS", "PARTS", "reading_line", "sentence"]

PARTS: Mapping[Part, Text] = {
    "service": Text("dienst zoeken", "finding the service"),
    "versions": Text("versies proberen", "trying versions"),
    "counts": Text("objecten tellen", "counting objects"),
    "schema": Text("velden opvragen", "requesting the fields"),
    "sample": Text("objecten bekijken", "looking at objects"),
    "stability": Text("id's vergelijken", "comparing ids"),
    "paging": Text("volgende pagina proberen", "trying the next page"),
    "formats": Text("formaten proberen", "trying formats"),
}

_LOGIN = {
    "login_required": Text(
        "{host} vraagt om een gebruikersnaam en wachtwoord of een sleutel. Vraag die aan de leverancier en probeer het "
        "daarmee opnieuw",
        "{host} requires a user name and password or a key. Ask the vendor for them, and try again with them",
    ),
    "login_refused": Text(
        "{host} weigert de toegang. Controleer de inloggegevens; of de leverancier moet het adres van deze computer "
        "toelaten",
        "{host} refuses access. Check the credentials; or the vendor has to admit the address of this machine",
    ),
    "login_page": Text(
        "dit is een inlogpagina voor mensen ({text}). Vraag de leverancier om het adres van de WFS en om inloggegevens "
        "voor een programma (basic, header of token)",
        "this is a login page for people ({text}). Ask the vendor for the address of the WFS and for the credentials "
        "of a program (basic, header or token)",
    ),
    "proxy_login": Text(
        "de proxyserver van uw netwerk vraagt om een login. Vraag uw netwerkbeheerder om toegang tot {host}",
        "the forward proxy of your network requires a login. Ask your network administrator for access to {host}",
    ),
    "redirected": Text(
        "{host} stuurt door naar een andere server (technische melding: {reason}). Meestal is dat een "
        "inlogpagina; is het de nieuwe plek van de dienst, gebruik dan dat adres",
        "{host} redirects to another server ({reason}). Usually that is a login page; if the service has moved, use "
        "that address",
    ),
}

_CONNECTION = {
    "unknown_host": Text(
        "de server {host} bestaat niet, of is vanaf deze computer niet te vinden. Controleer het adres op typefouten",
        "the server {host} does not exist, or cannot be found from this machine. Check the address for typing errors",
    ),
    "no_answer": Text(
        "{host} antwoordt niet op tijd. Probeer het later opnieuw; blijft het zo, vraag dan of een firewall het "
        "tegenhoudt",
        "{host} does not answer in time. Try again later; if it stays so, ask whether a firewall blocks it",
    ),
    "unreachable": Text(
        "er is geen verbinding met {host} (technische melding: {reason}). Controleer het adres, de poort en de "
        "firewall",
        "there is no connection to {host} ({reason}). Check the address, the port and the firewall",
    ),
    "certificate": Text(
        "de beveiligde verbinding met {host} lukt niet (technische melding: {reason}). Vraag de leverancier om "
        "een geldig certificaat",
        "the secure connection to {host} fails ({reason}). Ask the vendor for a valid certificate",
    ),
}

_ADDRESSES = {
    "address": Text(
        "dit is geen adres van een dienst. Verwacht: iets zoals https://leverancier.example/wfs",
        "this is not the address of a service. Expected: something like https://vendor.example/wfs",
    ),
    "not_found": Text(
        "op {address} staat niets (404). Controleer het pad; vaak eindigt het op /wfs of /ows",
        "there is nothing at {address} (404). Check the path; it often ends in /wfs or /ows",
    ),
    "refused": Text(
        "{host} weigert de aanvraag (technische melding: {reason}). Vraag de leverancier waarom",
        "{host} refuses the request ({reason}). Ask the vendor why",
    ),
    "exception": Text(
        "{host} antwoordt met een foutmelding: {reason}. Is het adres compleet, met de parameter map= als de "
        "leverancier die noemt?",
        "{host} answers with an error: {reason}. Is the address complete, with the parameter map= if the vendor names "
        "one?",
    ),
}

_OTHER_DOCUMENTS = {
    "page": Text(
        "dit is een webpagina voor mensen ({text}), geen dienst. Vraag de leverancier om het adres van de WFS",
        "this is a web page for people ({text}), not a service. Ask the vendor for the address of the WFS",
    ),
    "page_with_links": Text(
        "dit is een webpagina voor mensen ({text}), geen dienst. Op de pagina staan adressen die op een WFS lijken; "
        "probeer een daarvan",
        "this is a web page for people ({text}), not a service. It has addresses that look like a WFS; try one of them",
    ),
    "other_service": Text(
        "dit is een {service}, die plaatjes of beschrijvingen geeft en geen objecten; een WFS is op deze server niet "
        "gevonden. Vraag de leverancier om de WFS aan te zetten, of om het adres ervan",
        "this is a {service}, which gives pictures or descriptions and no objects; no WFS was found on this server. "
        "Ask the vendor to enable the WFS, or for its address",
    ),
    "arcgis": Text(
        "dit is een ArcGIS-dienst zonder WFS. Vraag de leverancier om WFS aan te zetten op deze dienst (het adres "
        "eindigt dan op /WFSServer)",
        "this is an ArcGIS service without a WFS. Ask the vendor to enable WFS on it (the address then ends in "
        "/WFSServer)",
    ),
    "ogc_api": Text(
        "dit is een OGC API Features, die deze versie nog niet kan lezen. Vraag de leverancier om een WFS",
        "this is an OGC API Features, which this version cannot read yet. Ask the vendor for a WFS",
    ),
    "features_only": Text(
        "dit adres geeft objecten, maar geen beschrijving van de dienst (GetCapabilities). Vraag de leverancier om het "
        "adres van de WFS",
        "this address returns objects but no description of the service (GetCapabilities). Ask the vendor for the "
        "address of the WFS",
    ),
    "json": Text(
        "dit is JSON, maar geen GeoJSON met objecten ({text}). Vraag de leverancier om het adres van de WFS",
        "this is JSON, but no GeoJSON with objects ({text}). Ask the vendor for the address of the WFS",
    ),
    "empty": Text(
        "{host} antwoordt zonder inhoud. Vraag de leverancier of de dienst werkt",
        "{host} answers without content. Ask the vendor whether the service works",
    ),
    "not_a_service": Text(
        "dit is geen WFS; het antwoord begint met: {text}. Vraag de leverancier om het adres van de WFS",
        "this is not a WFS; the answer begins with: {text}. Ask the vendor for the address of the WFS",
    ),
    "no_types": Text(
        "dit is een WFS, maar hij biedt geen enkele laag aan. Vraag de leverancier om de lagen voor u open te zetten",
        "this is a WFS, but it offers no feature type at all. Ask the vendor to publish the types for you",
    ),
    "unsafe": Text(
        "het antwoord is niet veilig te lezen (technische melding: {reason}). Vraag de leverancier om XML zonder "
        "DOCTYPE",
        "the answer cannot be read safely ({reason}). Ask the vendor for XML without a DOCTYPE",
    ),
    "too_large": Text(
        "het antwoord is te groot (technische melding: {reason}). Vraag de leverancier om een dienst met alleen "
        "uw lagen",
        "the answer is too large ({reason}). Ask the vendor for a service with your types only",
    ),
    "unreadable": Text(
        "het antwoord is niet te lezen (technische melding: {reason}). Meestal is het afgekapt; probeer het opnieuw "
        "of vraag de leverancier",
        "the answer cannot be read ({reason}). Usually it was truncated; try again or ask the vendor",
    ),
}

DIAGNOSES: Mapping[str, Text] = {**_LOGIN, **_CONNECTION, **_ADDRESSES, **_OTHER_DOCUMENTS}
"""Code of a `Diagnosis` -> sentence."""

_MISSING = {
    "missing_versions": Text(
        "niet alle versies zijn geprobeerd (technische melding: {reason})", "not all versions were tried: {reason}"
    ),
    "missing_counts": Text(
        "niet alle lagen zijn geteld (technische melding: {reason})", "not all types were counted: {reason}"
    ),
    "missing_schema": Text(
        "de beschrijving van de velden is niet opgehaald (technische melding: {reason}); de velden komen van de "
        "objecten zelf",
        "the description of the fields was not fetched ({reason}); the fields are those of the objects themselves",
    ),
    "missing_sample": Text(
        "de objecten zijn niet opgehaald (technische melding: {reason}). Probeer het later opnieuw of vraag de "
        "leverancier",
        "the objects were not fetched ({reason}). Try again later or ask the vendor",
    ),
    "login_for_objects": Text(
        "de dienst vertelt zonder login wat er is, maar geeft de objecten niet (technische melding: {reason}). "
        "Vraag de leverancier om inloggegevens en probeer het daarmee opnieuw",
        "the service says without a login what it has, but does not return the objects ({reason}). Ask the vendor for "
        "credentials, and try again with them",
    ),
    "missing_stability": Text(
        "er is niet gekeken of de id's hetzelfde blijven (technische melding: {reason})",
        "it was not checked whether ids stay the same: {reason}",
    ),
    "missing_paging": Text(
        "er is niet gekeken of de volgende pagina werkt (technische melding: {reason})",
        "it was not checked whether the next page works: {reason}",
    ),
    "missing_formats": Text(
        "niet alle formaten zijn geprobeerd (technische melding: {reason})", "not all formats were tried: {reason}"
    ),
}

_OBJECTS = {
    "no_objects": Text(
        "deze laag heeft geen objecten. Vraag de leverancier of de laag gevuld is en of u er rechten op heeft",
        "this type has no objects. Ask the vendor whether it has data and whether you may see them",
    ),
    "sampled": Text(
        "bekeken zijn {sample} van de {total} objecten; aantallen, waarden en id's gelden voor dat deel",
        "{sample} of {total} objects were looked at; numbers, values and ids are those of that part",
    ),
    "sampled_of_unknown": Text(
        "bekeken zijn {sample} objecten; hoeveel het er zijn, telt de leverancier niet. Aantallen, waarden en id's "
        "gelden voor dat deel",
        "{sample} objects were looked at; how many there are, the vendor does not count. Numbers, values and ids are "
        "those of that part",
    ),
    "huge": Text(
        "deze laag heeft minstens {total} objecten; de proxy haalt daarom alleen het stuk van de kaart op dat iemand "
        "bekijkt (mode: cells)",
        "this type has at least {total} objects; the proxy therefore fetches only the part of the map that somebody "
        "looks at (mode: cells)",
    ),
    "no_geometry": Text(
        "geen enkel object heeft een locatie, dus deze laag kan niet op de kaart. Kies een andere laag",
        "no object has a location, so this type cannot be shown on a map. Choose another one",
    ),
    "some_without_geometry": Text(
        "{count} van de {sample} objecten hebben geen locatie en komen niet op de kaart",
        "{count} of {sample} objects have no location and are not shown on the map",
    ),
    "place_uncertain": Text(
        "het is niet zeker waar de objecten liggen (technische melding: {reason}). Vul `extent` in, of vraag de "
        "leverancier naar het coördinatenstelsel",
        "it is not certain where the objects are ({reason}). Fill in `extent`, or ask the vendor for the coordinate "
        "reference system",
    ),
    "misplaced": Text(
        "{count} objecten hebben geen bruikbare plaats (ver buiten het gebied, of 0,0) en komen niet op de kaart",
        "{count} objects have no usable place (far outside the area, or 0,0) and are not shown on the map",
    ),
    "id_changes": Text(
        "bij een tweede aanvraag hadden dezelfde objecten een andere waarde in {names}; dat is geen id",
        "in a second request the same objects had other values in {names}; that is no id",
    ),
    "no_id": Text(
        "geen enkel veld is geschikt als id. De proxy gebruikt dan de plaats van een object; verplaatst de leverancier "
        "een object, dan raakt het zijn meldingen kwijt. Vraag de leverancier om een vast nummer",
        "no field can serve as id. The proxy then uses the place of an object; if the vendor moves an object, it loses "
        "its reports. Ask the vendor for a permanent number",
    ),
}

_FETCHING = {
    "paging_repeats": Text(
        "een volgende pagina herhaalt objecten; de proxy haalt de laag dan in stukken van de kaart op",
        "a next page repeats objects; the proxy then fetches the type in parts of the map",
    ),
    "paging_ignored": Text(
        "de leverancier geeft geen volgende pagina; de proxy haalt de laag dan in één keer of in stukken "
        "van de kaart op",
        "the vendor gives no next page; the proxy then fetches the type at once or in parts of the map",
    ),
    "paging_refused": Text(
        "de leverancier weigert een volgende pagina; de proxy haalt de laag dan in één keer of in stukken "
        "van de kaart op",
        "the vendor refuses a next page; the proxy then fetches the type at once or in parts of the map",
    ),
    "cap": Text(
        "de leverancier geeft hoogstens {cap} objecten per keer", "the vendor returns at most {cap} objects at once"
    ),
    "broken_formats": Text(
        "deze formaten biedt de leverancier aan, maar ze werken niet: {names}",
        "the vendor offers these formats, but they do not work: {names}",
    ),
}

_FIELDS = {
    "fields_personal": Text(
        "weggelaten, want dit lijken persoonsgegevens: {names}",
        "left out because they look like personal data: {names}",
    ),
    "fields_internal": Text(
        "weggelaten, want dit lijken medewerkers of accounts: {names}",
        "left out because they look like employees or accounts: {names}",
    ),
    "fields_free_text": Text(
        "weggelaten, want in vrije tekst kan alles staan: {names}",
        "left out because free text can contain anything: {names}",
    ),
    "mark": Text(
        "{field} lijkt het teken van de leverancier dat een object al gemeld is; gemeld is: {values}. Controleer dit",
        "{field} looks like the vendor's own mark of a reported object; reported means: {values}. Check this",
    ),
}

_SERVICE = {
    "texts_unreadable": Text(
        "de titels van de lagen zijn niet te lezen (technische melding: {reason}); de namen gelden",
        "the titles of the types cannot be read ({reason}); their names are used",
    ),
    "filter_dropped": Text(
        "het filter in het adres wordt niet gebruikt; schrijf het in het bestand als `where`",
        "the filter in the address is not used; write it in the file as `where`",
    ),
}

FINDINGS: Mapping[str, Text] = {**_MISSING, **_OBJECTS, **_FETCHING, **_FIELDS, **_SERVICE}
"""Code of a `Finding` -> sentence."""


_READING = (
    Text("ligt in `extent` van de laag", "lies in the layer's extent"),
    Text("ligt rond het opgevraagde vak", "lies in the surroundings of the cell"),
    Text("ligt in het gebied dat de dienst noemt", "lies in the declared extent"),
    Text("ligt in Nederland of België", "lies in the Netherlands and Belgium"),
    Text("`axis_order` van de laag", "axis_order of the layer"),
    Text("anders kan niet", "no other reading is possible"),
    Text("de volgorde die deze srsName belooft in", "the order that this srsName promises in"),
    Text("de gebruikelijke volgorde in", "the order that is customary in"),
    Text("geen srsName,", "no srsName"),
    Text("gelezen als", "read as"),
)
"""The parts of a reading of coordinates, as `geo.crs.axis_order` writes it."""


def reading_line(reading: str, language: Language) -> str:
    """Return why coordinates are read as they are: one line, from the one or more English lines of a report."""
    line = "; ".join(reading.splitlines())
    for part in _READING:
        line = line.replace(part.en, part.in_language(language))
    return line


def sentence(found: Finding | Diagnosis, language: Language) -> str:
    """Return the text of a finding or a diagnosis: one line that ends without a full stop."""
    texts = FINDINGS if isinstance(found, Finding) else DIAGNOSES
    details = {name: printable(text) for name, text in found.details.items()}
    return texts[found.code].filled_in(details).in_language(language)
