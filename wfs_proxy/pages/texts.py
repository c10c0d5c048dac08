"""The sentences of the pages, in Dutch and in English. Braces are filled in with the details of the sentence.

`BASE` is for every page, `MAP` for the map page, and `SCRIPT` for what the map's script says. The Dutch is at level B1
and addresses the reader with "u". A test proves that each sentence is used, and that each one used exists.
"""

from __future__ import annotations

from wfs_proxy.config import Language, Text

__all__ = ["BASE", "MAP", "SCRIPT", "script_texts", "text_of"]

BASE = {
    "skip_to_content": Text("Ga naar de inhoud", "Skip to the content"),
    "skip_links": Text("Snel naar", "Skip links"),
    "product": Text("Objecten op de kaart", "Objects on the map"),
    "language": Text("Taal", "Language"),
    "documentation": Text("API-documentatie", "API documentation"),
    "version": Text("wfs_proxy versie {version}", "wfs_proxy version {version}"),
    "pages": Text("Pagina's", "Pages"),
    "map": Text("Kaart", "Map"),
}

MAP = {
    "map_title": Text("Kaart met objecten", "Map of the objects"),
    "skip_to_map": Text("Ga naar de kaart", "Skip to the map"),
    "skip_to_list": Text("Ga naar de lijst met objecten", "Skip to the list of objects"),
    "layers": Text("Kaartlagen", "Layers"),
    "no_layers": Text("Er zijn geen kaartlagen.", "There are no layers."),
    "count_unknown": Text("Aantal onbekend", "Count unknown"),
    "count": Text("{count} objecten", "{count} objects"),
    "reported_count": Text("{count} gemeld", "{count} reported"),
    "fresh": Text("Actueel", "Up to date"),
    "stale": Text("Verouderd, wordt opnieuw opgehaald", "Out of date, being fetched again"),
    "expired": Text("Te oud om te tonen", "Too old to show"),
    "absent": Text("Nog geen gegevens", "No data yet"),
    "fetched": Text("opgehaald {time}", "fetched {time}"),
    "about_layer": Text("Over deze laag", "About this layer"),
    "about_layer_named": Text("Over deze laag: {title}", "About this layer: {title}"),
    "zoom_to": Text("Bekijk de objecten", "Show the objects"),
    "zoom_to_named": Text("Bekijk de objecten: {title}", "Show the objects: {title}"),
    "search": Text("Zoek op nummer of naam", "Search by number or name"),
    "search_hint": Text("Bijvoorbeeld het nummer op de lichtmast", "For example the number on the lamp post"),
    "search_button": Text("Zoek", "Search"),
    "loading_map": Text("De kaart wordt geladen …", "Loading the map …"),
    "no_script": Text(
        "Voor de kaart is JavaScript nodig. De lijst werkt ook zonder.",
        "The map needs JavaScript. The list also works without it.",
    ),
    "map_keys": Text(
        "Verschuif de kaart met de pijltjestoetsen en zoom met + en -. Met Enter kiest u het object dat het dichtst "
        "bij het midden ligt. De lijst bevat dezelfde objecten.",
        "Move the map with the arrow keys and zoom with + and -. Enter selects the object nearest the centre. The list "
        "has the same objects.",
    ),
    "legend": Text("Legenda", "Legend"),
    "object_list": Text("Objecten in beeld", "Objects in view"),
    "object_list_of": Text("Objecten van {title}", "Objects of {title}"),
    "choose_layer": Text("Kies een kaartlaag om de objecten te zien.", "Choose a layer to see its objects."),
    "reported": Text("Gemeld", "Reported"),
    "shown_of": Text("{first} tot en met {last} van {total}", "{first} to {last} of {total}"),
    "pages_of_list": Text("Pagina's van de lijst", "Pages of the list"),
    "first_page": Text("Eerste pagina", "First page"),
    "next_page": Text("Volgende pagina", "Next page"),
    "no_objects": Text("Deze laag heeft geen objecten.", "This layer has no objects."),
    "unknown_layer": Text(
        "Er is geen kaartlaag met de naam {layer}. Kies een laag uit de lijst.",
        "There is no layer named {layer}. Choose a layer from the list.",
    ),
    "not_ready": Text(
        "Deze laag heeft nog geen gegevens: de leverancier heeft nog niet geantwoord. Probeer het over een minuut "
        "weer.",
        "This layer has no data yet: the vendor has not answered. Try again in a minute.",
    ),
    "refreshed": Text(
        "De laag is intussen vernieuwd. Begin weer bij de eerste pagina.",
        "The layer was refreshed in the meantime. Start again at the first page.",
    ),
    "only_on_map": Text(
        "Deze laag is te groot voor een lijst. Bekijk de objecten op de kaart.",
        "This layer is too large for a list. Look at the objects on the map.",
    ),
    "background_show": Text("Achtergrondkaart van {source} laden", "Load the background map of {source}"),
    "background_hint": Text(
        "{source} ziet dan uw IP-adres en waar u kijkt.", "{source} then sees your IP address and where you look."
    ),
}

SCRIPT: dict[str, Text] = {}

_ALL = {**BASE, **MAP}


def text_of(language: Language, key: str, /, **details: object) -> str:
    """Return a sentence.

    Raises:
        KeyError: there is no sentence with this key, or it needs a detail that is not given.
    """
    text: str = getattr(_ALL[key], language)
    return text.format(**details) if details else text


def script_texts(language: Language) -> dict[str, str]:
    """Return the sentences of the map's script; it fills in the braces itself."""
    return {key: getattr(text, language) for key, text in SCRIPT.items()}
