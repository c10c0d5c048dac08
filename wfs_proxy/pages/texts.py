"""The sentences of the pages, in Dutch and in English. Braces are filled in with the details of the sentence.

`BASE` is for every page, `MAP` for the map page, and `SCRIPT` for what the map's script says; `layer_texts.py` has the
sentences of a layer's page. The Dutch is at level B1 and addresses the reader with "u". A test proves that each
sentence is used, and that each one used exists.
"""

from __future__ import annotations

from wfs_proxy.config import Language, Text
from wfs_proxy.pages.formats import MONTHS
from wfs_proxy.pages.layer_texts import LAYER
from wfs_proxy.pages.ogcapi_texts import OGCAPI
from wfs_proxy.pages.setup_texts import SETUP

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
    "no_layers": Text("Er zijn nog geen kaartlagen.", "There are no layers yet."),
    "no_layers_hint": Text(
        "Beheert u deze proxy? Maak een laag met wfs-proxy setup (in de browser) of wfs-proxy init ADRES, of begin met "
        "een voorbeeld: wfs-proxy example. In het logboek staat welke bestanden de proxy leest.",
        "Do you run this proxy? Make a layer with wfs-proxy setup (in the browser) or wfs-proxy init URL, or start "
        "with an example: wfs-proxy example. The log says which files the proxy reads.",
    ),
    "count_unknown": Text("Aantal onbekend", "Count unknown"),
    "count": Text("{count} objecten", "{count} objects"),
    "count_in_cells": Text(
        "{count} objecten opgehaald, een deel van de laag", "{count} objects fetched, a part of the layer"
    ),
    "reported_count": Text("{count} gemeld", "{count} reported"),
    "fresh": Text("Actueel", "Up to date"),
    "stale": Text("Verouderd, wordt opnieuw opgehaald", "Out of date, being fetched again"),
    "expired": Text("Te oud om te tonen", "Too old to show"),
    "absent": Text("Nog geen gegevens", "No data yet"),
    "on_demand": Text("Wordt opgehaald waar iemand kijkt", "Is fetched where somebody looks"),
    "fetched": Text("opgehaald {time}", "fetched {time}"),
    "about_layer": Text("Details", "Details"),
    "about_layer_named": Text("Details van de laag {title}", "Details of the layer {title}"),
    "zoom_to": Text("Bekijk", "Show"),
    "zoom_to_named": Text("Bekijk de laag {title}", "Show the layer {title}"),
    "search": Text("Zoek op nummer of naam", "Search by number or name"),
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
    "objects": Text("Objecten", "Objects"),
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
        "Deze laag heeft nog geen gegevens van de leverancier. Bij “Details” staat waarom. Probeer het over een minuut "
        "weer.",
        "This layer has no data of the vendor yet. “Details” says why. Try again in a minute.",
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

SCRIPT = {
    "months": Text(" ".join(MONTHS["nl"]), " ".join(MONTHS["en"])),
    "object_list": Text("Objecten in beeld", "Objects in view"),
    "count": MAP["count"],
    "count_in_cells": MAP["count_in_cells"],
    "count_unknown": MAP["count_unknown"],
    "reported_count": MAP["reported_count"],
    "fresh": MAP["fresh"],
    "stale": MAP["stale"],
    "expired": MAP["expired"],
    "absent": MAP["absent"],
    "on_demand": MAP["on_demand"],
    "fetched": MAP["fetched"],
    "reported": MAP["reported"],
    "choose_layer": Text("Zet een kaartlaag aan om de objecten te zien.", "Switch on a layer to see its objects."),
    "zoom_in_title": Text("Inzoomen", "Zoom in"),
    "zoom_out_title": Text("Uitzoomen", "Zoom out"),
    "in_view": Text("{count} objecten in beeld", "{count} objects in view"),
    "in_view_one": Text("1 object in beeld", "1 object in view"),
    "in_view_reported": Text(
        "{count} objecten in beeld, waarvan {reported} gemeld", "{count} objects in view, {reported} reported"
    ),
    "none_in_view": Text("Geen objecten in beeld.", "No objects in view."),
    "none_in_view_hint": Text(
        "Zoom uit of verschuif de kaart, of ga naar een laag met “Bekijk”.",
        "Zoom out or move the map, or go to a layer with “Show”.",
    ),
    "grouped_in_view_hint": Text(
        "Zoom in om de objecten in deze lijst te zien.", "Zoom in to see the objects in this list."
    ),
    "loading": Text("Objecten worden geladen …", "Loading the objects …"),
    "more": Text("Toon er {count} meer", "Show {count} more"),
    "new_marks": Text("Nieuw gemeld: {labels}", "Newly reported: {labels}"),
    "gone_marks": Text("Niet meer gemeld: {labels}", "No longer reported: {labels}"),
    "and_more": Text("{labels} en nog {count}", "{labels} and {count} more"),
    "away": Text(
        "De proxy antwoordt niet. U ziet de gegevens van {time}. De pagina probeert het steeds opnieuw.",
        "The proxy does not answer. You see the data of {time}. The page keeps trying.",
    ),
    "back": Text("De proxy antwoordt weer.", "The proxy answers again."),
    "layer_not_ready": Text(
        "Er zijn nog geen gegevens van de leverancier. Bij “Details” staat waarom. De pagina probeert het opnieuw.",
        "There are no data of the vendor yet. “Details” says why. The page will try again.",
    ),
    "layer_gone": Text("Deze laag bestaat niet (meer).", "This layer does not exist (any more)."),
    "layer_refused": Text(
        "De proxy kan deze laag nu niet tonen (fout {status}).",
        "The proxy cannot show this layer now (error {status}).",
    ),
    "layer_zoom_in": Text("Zoom in om deze laag te zien.", "Zoom in to see this layer."),
    "layer_cut": Text(
        "{title}: {shown} van {total} objecten. Zoom in om alle te zien.",
        "{title}: {shown} of {total} objects. Zoom in to see all.",
    ),
    "zoom_in_for": Text("{title}: zoom in om de objecten te zien.", "{title}: zoom in to see the objects."),
    "being_fetched": Text(
        "{title}: de objecten worden opgehaald bij de leverancier.",
        "{title}: the objects are being fetched from the vendor.",
    ),
    "cluster_legend": Text("Groep, met het aantal objecten", "Group, with the number of objects"),
    "cluster_reported_legend": Text("Groep met meldingen", "Group with reports"),
    "other_kinds": Text("En {count} andere soorten", "And {count} other kinds"),
    "no_kind": Text("Soort onbekend", "Kind unknown"),
    "selected_object": Text("Gekozen object", "Selected object"),
    "close": Text("Sluiten", "Close"),
    "is_reported": Text("Dit object is gemeld", "This object is reported"),
    "is_not_reported": Text("Dit object is niet gemeld", "This object is not reported"),
    "no_marks": Text("Deze laag toont geen meldingen", "This layer does not show reports"),
    "in_form": Text("In de lijst van het meldformulier", "In the list of the report form"),
    "form_hidden": Text(
        "Het meldformulier kan dit object niet tonen: de laag geeft er geen nummer van door.",
        "The report form cannot list this object: the layer serves no number of it.",
    ),
    "form_hint": Text(
        "Zo toont Signalen dit object, als u de vraag van deze laag ongewijzigd heeft geplakt.",
        "This is how Signalen shows this object, if the layer's question was pasted unchanged.",
    ),
    "properties": Text("Eigenschappen", "Properties"),
    "place": Text("Plaats", "Place"),
    "layer": Text("Kaartlaag", "Layer"),
    "empty_value": Text("leeg", "empty"),
    "yes": Text("ja", "yes"),
    "no": Text("nee", "no"),
    "as_json": Text("Object als GeoJSON", "Object as GeoJSON"),
    "show_here": Text("Toon op de kaart", "Show on the map"),
    "has_footprint": Text("De omtrek staat op de kaart.", "The outline is on the map."),
    "object_gone": Text("Dit object bestaat niet (meer).", "This object does not exist (any more)."),
    "search_empty": Text("Typ een nummer of naam.", "Type a number or name."),
    "search_none": Text("Niets gevonden voor “{text}”.", "Nothing found for “{text}”."),
    "search_partly": Text(
        "Gezocht in de objecten in beeld, niet in de hele laag: {titles}.",
        "Searched the objects in view, not the whole layer: {titles}.",
    ),
    "search_found": Text("{count} gevonden voor “{text}”", "{count} found for “{text}”"),
    "search_close": Text("Sluit de zoekresultaten", "Close the search results"),
    "searching": Text("Zoeken …", "Searching …"),
    "background_show": MAP["background_show"],
    "background_hide": Text("Achtergrondkaart verbergen", "Hide the background map"),
    "background_failed": Text(
        "De achtergrondkaart van {source} is niet bereikbaar.", "The background map of {source} cannot be reached."
    ),
}

_ALL = {**BASE, **MAP, **LAYER, **OGCAPI, **SETUP}


def text_of(language: Language, key: str, /, **details: object) -> str:
    """Return a sentence.

    Raises:
        KeyError: there is no sentence with this key, or it needs a detail that is not given.
    """
    text = _ALL[key].in_language(language)
    return text.format(**details) if details else text


def script_texts(language: Language) -> dict[str, str]:
    """Return the sentences of the map's script; it fills in the braces itself."""
    return {key: text.in_language(language) for key, text in SCRIPT.items()}
