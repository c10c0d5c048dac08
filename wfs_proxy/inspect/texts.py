"""The sentences of an inspection, in Dutch for functional administrators and in English.

The keys are the codes of `Finding` and `Diagnosis`; braces are filled in with their details.
"""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Language, Text
from wfs_proxy.inspect.fields import printable
from wfs_proxy.inspect.report import Diagnosis, Finding, Part

__all__ = ["DIAGNOSES", "FINDINGS", "PARTS", "reading_line", "sentence", "technical"]

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

_RECORDING = Text(
    "Op dit adres staat een opname van een leverancier, zoals in de demo. Een opname antwoordt alleen op de "
    "vragen die zijn opgenomen. Gebruik het adres van een echte dienst",
    "At this address there is a recording of a vendor, as in the demo. A recording answers only the requests that "
    "were recorded. Use the address of a real service",
)

_LOGIN = {
    "login_required": Text(
        "{host} vraagt om een gebruikersnaam en wachtwoord, een sleutel of een token. Vraag die aan de leverancier en "
        "probeer het daarmee opnieuw",
        "{host} requires a user name and password, a key or a token. Ask the vendor for them, and try again with them",
    ),
    "login_refused": Text(
        "{host} weigert de toegang. Controleer de inloggegevens; of de leverancier moet het adres van deze computer "
        "toelaten",
        "{host} refuses access. Check the credentials; or the vendor has to admit the address of this machine",
    ),
    "login_page": Text(
        "Dit is een inlogpagina voor mensen ({text}). Vraag de leverancier om het adres van de WFS en om "
        "inloggegevens voor een programma: een gebruikersnaam en wachtwoord, een sleutel in een header, of een token "
        "(Bearer)",
        "This is a login page for people ({text}). Ask the vendor for the address of the WFS and for the credentials "
        "of a program: a user name and password, a key in a header, or a token (Bearer)",
    ),
    "proxy_login": Text(
        "De proxyserver van uw netwerk vraagt om een login. Vraag uw netwerkbeheerder om toegang tot {host}",
        "The forward proxy of your network requires a login. Ask your network administrator for access to {host}",
    ),
    "redirected": Text(
        "{host} stuurt door naar een andere server ({other}). Meestal is dat een inlogpagina; is het de nieuwe plek "
        "van de dienst, gebruik dan dat adres",
        "{host} redirects to another server ({other}). Usually that is a login page; if the service has moved, use "
        "that address",
    ),
}

_CONNECTION = {
    "unknown_host": Text(
        "De server {host} bestaat niet, of is vanaf deze computer niet te vinden. Controleer het adres op typefouten",
        "The server {host} does not exist, or cannot be found from this machine. Check the address for typing errors",
    ),
    "no_answer": Text(
        "{host} antwoordt niet op tijd. Probeer het later opnieuw; blijft het zo, vraag dan of een firewall het "
        "tegenhoudt",
        "{host} does not answer in time. Try again later; if it stays so, ask whether a firewall blocks it",
    ),
    "unreachable": Text(
        "Er is geen verbinding met {host}. Controleer het adres, de poort en de firewall",
        "There is no connection to {host}. Check the address, the port and the firewall",
    ),
    "lost": Text(
        "De verbinding met {host} viel weg voordat het antwoord compleet was. Probeer het later opnieuw of vraag de "
        "leverancier",
        "The connection to {host} was lost before the answer was complete. Try again later or ask the vendor",
    ),
    "stalled": Text(
        "Het antwoord van {host} begon, maar daarna kwam er niets meer of kwam het te langzaam. Probeer het later "
        "opnieuw of vraag de leverancier",
        "The answer of {host} began, but then nothing more came, or it came too slowly. Try again later or ask the "
        "vendor",
    ),
    "no_tls": Text(
        "Op deze poort van {host} antwoordt geen https. Probeer het adres met http:// of zonder poort, of vraag de "
        "leverancier om het adres met https://",
        "There is no https at this port of {host}. Try the address with http:// or without a port, or ask the vendor "
        "for the address with https://",
    ),
    "certificate": Text(
        "De beveiligde verbinding met {host} lukt niet. Vraag de leverancier om een geldig certificaat",
        "The secure connection to {host} fails. Ask the vendor for a valid certificate",
    ),
}

_ADDRESSES = {
    "address": Text(
        "Dit is geen adres van een dienst. Verwacht: iets zoals https://leverancier.example/wfs",
        "This is not the address of a service. Expected: something like https://vendor.example/wfs",
    ),
    "not_found": Text(
        "Op {address} staat niets (404). Controleer het pad; vaak eindigt het op /wfs of /ows",
        "There is nothing at {address} (404). Check the path; it often ends in /wfs or /ows",
    ),
    "refused": Text(
        "{host} weigert de aanvraag. Vraag de leverancier waarom",
        "{host} refuses the request. Ask the vendor why",
    ),
    "server_error": Text(
        "Er is een storing bij {host} (fout {status}). Probeer het later opnieuw; blijft het zo, vraag dan de "
        "leverancier",
        "{host} has a failure (error {status}). Try again later; if it stays so, ask the vendor",
    ),
    "exception": Text(
        "{host} antwoordt met een foutmelding: {said}. Is het adres compleet, met de parameter map= als de "
        "leverancier die noemt?",
        "{host} answers with an error: {said}. Is the address complete, with the parameter map= if the vendor names "
        "one?",
    ),
}

_OTHER_DOCUMENTS = {
    "page": Text(
        "Dit is een webpagina voor mensen ({text}), geen dienst. Vraag de leverancier om het adres van de WFS",
        "This is a web page for people ({text}), not a service. Ask the vendor for the address of the WFS",
    ),
    "page_with_links": Text(
        "Dit is een webpagina voor mensen ({text}), geen dienst. Op de pagina staan adressen die op een WFS lijken; "
        "probeer een daarvan",
        "This is a web page for people ({text}), not a service. It has addresses that look like a WFS; try one of them",
    ),
    "other_service": Text(
        "Dit is een {service}, die plaatjes of beschrijvingen geeft en geen objecten; een WFS is op deze server niet "
        "gevonden. Vraag de leverancier om de WFS aan te zetten, of om het adres ervan",
        "This is a {service}, which gives pictures or descriptions and no objects; no WFS was found on this server. "
        "Ask the vendor to enable the WFS, or for its address",
    ),
    "arcgis": Text(
        "Dit is een ArcGIS-server, maar op dit adres staan geen lagen met objecten. Vraag de leverancier om het adres "
        "van de dienst; het eindigt op /FeatureServer of /MapServer",
        "This is an ArcGIS server, but there are no layers with objects at this address. Ask the vendor for the "
        "address of the service; it ends in /FeatureServer or /MapServer",
    ),
    "arcgis_directory": Text(
        "Dit is de lijst met diensten van een ArcGIS-server ({count}). Kies er een",
        "This is the list of services of an ArcGIS server ({count}). Choose one of them",
    ),
    "ogc_api": Text(
        "Dit is een OGC API, maar de lijst van collecties is niet te lezen. Vraag de leverancier om het adres van de "
        "OGC API Features",
        "This is an OGC API, but its list of collections cannot be read. Ask the vendor for the address of the OGC API "
        "Features",
    ),
    "file": Text(
        "{text} is niet te gebruiken. Wat wel kan: GeoPackage, FlatGeobuf, Shapefile, CSV, of een ZIP met een daarvan",
        "{text} cannot be used. What can be: GeoPackage, FlatGeobuf, Shapefile, CSV, or a ZIP archive with one of them",
    ),
    "features_only": Text(
        "Dit adres geeft objecten, maar geen beschrijving van de dienst (GetCapabilities). Vraag de leverancier om "
        "het adres van de WFS",
        "This address returns objects but no description of the service (GetCapabilities). Ask the vendor for the "
        "address of the WFS",
    ),
    "json": Text(
        "Dit is JSON, maar geen GeoJSON met objecten ({text}). Vraag de leverancier om het adres van de WFS",
        "This is JSON, but no GeoJSON with objects ({text}). Ask the vendor for the address of the WFS",
    ),
    "empty": Text(
        "{host} antwoordt zonder inhoud. Vraag de leverancier of de dienst werkt",
        "{host} answers without content. Ask the vendor whether the service works",
    ),
    "not_a_service": Text(
        "Dit is geen WFS; het antwoord begint met: {text}. Vraag de leverancier om het adres van de WFS",
        "This is not a WFS; the answer begins with: {text}. Ask the vendor for the address of the WFS",
    ),
    "recording": _RECORDING,
    "no_types": Text(
        "Deze dienst werkt, maar biedt geen enkele laag aan. Vraag de leverancier om de lagen voor u open te zetten",
        "This service works, but it offers no feature type at all. Ask the vendor to publish the types for you",
    ),
    "unsafe": Text(
        "Het antwoord is niet veilig te lezen. Vraag de leverancier om XML zonder DOCTYPE",
        "The answer cannot be read safely. Ask the vendor for XML without a DOCTYPE",
    ),
    "too_large": Text(
        "Het antwoord is te groot. Vraag de leverancier om een dienst met alleen uw lagen",
        "The answer is too large. Ask the vendor for a service with your types only",
    ),
    "unreadable": Text(
        "Het antwoord is niet te lezen. Meestal is het afgekapt; probeer het opnieuw of vraag de leverancier",
        "The answer cannot be read. Usually it was truncated; try again or ask the vendor",
    ),
}

DIAGNOSES: Mapping[str, Text] = {**_LOGIN, **_CONNECTION, **_ADDRESSES, **_OTHER_DOCUMENTS}
"""Code of a `Diagnosis` -> sentence."""

_MISSING = {
    "missing_versions": Text("Niet alle versies zijn geprobeerd", "Not all versions were tried"),
    "missing_counts": Text("Niet alle lagen zijn geteld", "Not all types were counted"),
    "missing_schema": Text(
        "De beschrijving van de velden is niet opgehaald; de velden komen van de objecten zelf",
        "The description of the fields was not fetched; the fields are those of the objects themselves",
    ),
    "missing_sample": Text(
        "De objecten zijn niet opgehaald. Probeer het later opnieuw of vraag de leverancier",
        "The objects were not fetched. Try again later or ask the vendor",
    ),
    "recorded_objects": _RECORDING,
    "login_for_objects": Text(
        "De dienst vertelt zonder login wat er is, maar geeft de objecten niet. Vraag de leverancier om inloggegevens "
        "en probeer het daarmee opnieuw",
        "The service says without a login what it has, but does not return the objects. Ask the vendor for "
        "credentials, and try again with them",
    ),
    "missing_stability": Text(
        "Er is niet gekeken of de id's hetzelfde blijven",
        "It was not checked whether ids stay the same",
    ),
    "missing_paging": Text(
        "Er is niet gekeken of de volgende pagina werkt",
        "It was not checked whether the next page works",
    ),
    "missing_formats": Text("Niet alle formaten zijn geprobeerd", "Not all formats were tried"),
}

_OBJECTS = {
    "no_objects": Text(
        "Deze laag heeft geen objecten. Vraag de leverancier of de laag gevuld is en of u er rechten op heeft",
        "This type has no objects. Ask the vendor whether it has data and whether you may see them",
    ),
    "sampled": Text(
        "Bekeken zijn {sample} van de {total} objecten; aantallen, waarden en id's gelden voor dat deel",
        "{sample} of {total} objects were looked at; numbers, values and ids are those of that part",
    ),
    "sampled_of_unknown": Text(
        "Bekeken zijn {sample} objecten; hoeveel het er zijn, telt de leverancier niet. Aantallen, waarden en id's "
        "gelden voor dat deel",
        "{sample} objects were looked at; how many there are, the vendor does not count. Numbers, values and ids are "
        "those of that part",
    ),
    "huge": Text(
        "Deze laag heeft minstens {total} objecten; de proxy haalt daarom alleen het stuk van de kaart op dat iemand "
        "bekijkt (mode: cells)",
        "This type has at least {total} objects; the proxy therefore fetches only the part of the map that somebody "
        "looks at (mode: cells)",
    ),
    "no_geometry": Text(
        "Geen enkel object heeft een locatie, dus deze laag kan niet op de kaart. Kies een andere laag",
        "No object has a location, so this type cannot be shown on a map. Choose another one",
    ),
    "some_without_geometry": Text(
        "{count} van de {sample} objecten hebben geen locatie en komen niet op de kaart",
        "{count} of {sample} objects have no location and are not shown on the map",
    ),
    "place_uncertain": Text(
        "Het is niet zeker waar de objecten liggen. Vul `extent` in, of vraag de leverancier naar het "
        "coördinatenstelsel",
        "It is not certain where the objects are. Fill in `extent`, or ask the vendor for the coordinate reference "
        "system",
    ),
    "misplaced": Text(
        "{count} objecten hebben geen bruikbare plaats (ver buiten het gebied, of 0,0) en komen niet op de kaart",
        "{count} objects have no usable place (far outside the area, or 0,0) and are not shown on the map",
    ),
    "id_changes": Text(
        "Bij een tweede aanvraag hadden dezelfde objecten een andere waarde in {names}; dat is geen id",
        "In a second request the same objects had other values in {names}; that is no id",
    ),
    "no_id": Text(
        "Geen enkel veld is geschikt als id. Objecten zijn dan wel te zien op de kaart, maar niet te kiezen of te "
        "markeren in het meldformulier. Vraag de leverancier om een vast nummer per object",
        "No field can serve as id. Objects can then be shown on the map, but not selected or marked in the report "
        "form. Ask the vendor for a permanent number of each object",
    ),
}

_FETCHING = {
    "paging_repeats": Text(
        "Een volgende pagina herhaalt objecten; de proxy haalt de laag dan in stukken van de kaart op",
        "A next page repeats objects; the proxy then fetches the type in parts of the map",
    ),
    "paging_ignored": Text(
        "De leverancier geeft geen volgende pagina; de proxy haalt de laag dan in één keer of in stukken van de kaart "
        "op",
        "The vendor gives no next page; the proxy then fetches the type at once or in parts of the map",
    ),
    "paging_refused": Text(
        "De leverancier weigert een volgende pagina; de proxy haalt de laag dan in één keer of in stukken van de "
        "kaart op",
        "The vendor refuses a next page; the proxy then fetches the type at once or in parts of the map",
    ),
    "cap": Text(
        "De leverancier geeft hoogstens {cap} objecten per keer", "The vendor returns at most {cap} objects at once"
    ),
    "broken_formats": Text(
        "Deze formaten biedt de leverancier aan, maar ze werken niet: {names}",
        "The vendor offers these formats, but they do not work: {names}",
    ),
}

_FIELDS = {
    "fields_personal": Text(
        "Weggelaten, want dit lijken persoonsgegevens: {names}",
        "Left out because they look like personal data: {names}",
    ),
    "fields_internal": Text(
        "Weggelaten, want dit lijken medewerkers of accounts: {names}",
        "Left out because they look like employees or accounts: {names}",
    ),
    "fields_free_text": Text(
        "Weggelaten, want in vrije tekst kan alles staan: {names}",
        "Left out because free text can contain anything: {names}",
    ),
    "mark": Text(
        "{field} lijkt het teken van de leverancier dat een object al gemeld is; gemeld is: {values}. Controleer dit",
        "{field} looks like the vendor's own mark of a reported object; reported means: {values}. Check this",
    ),
}

_SERVICE = {
    "texts_unreadable": Text(
        "De titels van de lagen zijn niet te lezen; de namen gelden",
        "The titles of the types cannot be read; their names are used",
    ),
    "filter_dropped": Text(
        "Het filter in het adres wordt niet gebruikt; schrijf het in het bestand als `where`",
        "The filter in the address is not used; write it in the file as `where`",
    ),
}

_BROKEN_OFF: Mapping[str, Text] = {
    "lost": Text(
        "De verbinding met de leverancier viel weg voordat het antwoord compleet was",
        "The connection to the vendor was lost before the answer was complete",
    ),
    "stalled": Text(
        "Het antwoord van de leverancier begon, maar daarna kwam er niets meer of kwam het te langzaam",
        "The answer of the vendor began, but then nothing more came, or it came too slowly",
    ),
    "no_answer": Text("De leverancier antwoordde niet op tijd", "The vendor did not answer in time"),
}
"""What was wrong with the connection while a part was inspected -> the sentence after that of the part. After another
failure the vendor cannot be reached at all."""

_UNREACHABLE = Text("De leverancier was niet meer te bereiken", "The vendor could no longer be reached")

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


def technical(found: Finding | Diagnosis) -> str:
    """Return the message of the error behind a finding or a diagnosis, in English; "" where there is none.

    It is for the person whom an administrator asks for help, so it is shown apart from the sentence.
    """
    return printable(found.details.get("reason", "")) if "said" not in found.details else ""


def sentence(found: Finding | Diagnosis, language: Language) -> str:
    """Return the text of a finding or a diagnosis: one line that ends without a full stop."""
    texts = FINDINGS if isinstance(found, Finding) else DIAGNOSES
    details = {name: printable(text) for name, text in found.details.items()}
    said = texts[found.code].filled_in(details).in_language(language)
    if "connection" not in details:
        return said
    return f"{said}. {_BROKEN_OFF.get(details['connection'], _UNREACHABLE).in_language(language)}"
