"""The sentences of the pages of OGC API Features, in Dutch and in English, as in `texts.py`."""

from __future__ import annotations

from wfs_proxy.config import Text

__all__ = ["OGCAPI"]

OGCAPI = {
    "api_title": Text("OGC API Features", "OGC API Features"),
    "api_intro": Text(
        "Met dit adres opent u de objecten in GIS-programma's zoals QGIS. Programma's krijgen op hetzelfde adres JSON.",
        "With this address you open the objects in GIS software such as QGIS. Programs get JSON at the same address.",
    ),
    "api_path": Text("Plaats in de API", "Place in the API"),
    "api_collections": Text("Collecties", "Collections"),
    "api_collections_hint": Text("Alle kaartlagen, met hun objecten.", "All layers, with their objects."),
    "api_conformance": Text("Conformiteit", "Conformance"),
    "api_conformance_hint": Text(
        "De delen van de standaard die deze API volgt.", "The parts of the standard that this API follows."
    ),
    "api_definition": Text("API-documentatie", "API documentation"),
    "api_definition_hint": Text(
        "Alle adressen en parameters (OpenAPI 3.0).", "All addresses and parameters (OpenAPI 3.0)."
    ),
    "api_json": Text("Deze pagina als JSON", "This page as JSON"),
    "api_no_collections": Text("Er zijn geen collecties.", "There are no collections."),
    "api_items": Text("Objecten", "Objects"),
    "api_queryables": Text("Waarop u kunt filteren", "What you can filter by"),
    "api_schema": Text("Eigenschappen van de objecten", "Properties of the objects"),
    "api_extent": Text("Gebied in graden (west, zuid, oost, noord)", "Extent in degrees (west, south, east, north)"),
    "api_systems": Text("Coördinatenstelsels", "Coordinate reference systems"),
    "api_layer": Text("Stand van zaken van deze kaartlaag", "State of this layer"),
    "api_identifier": Text("Object", "Object"),
    "api_position": Text("Lengte- en breedtegraad", "Longitude and latitude"),
    "api_position_in": Text("Coördinaten in {system}", "Coordinates in {system}"),
    "api_shown": Text("{returned} van {matched} objecten", "{returned} of {matched} objects"),
    "api_table": Text("Tabel met objecten", "Table of objects"),
    "api_none": Text("Er zijn geen objecten die aan uw vraag voldoen.", "No objects match your request."),
    "api_error_400": Text("Deze vraag klopt niet", "This request is wrong"),
    "api_error_400_hint": Text(
        "Het adres bevat een fout. De melding hieronder is in het Engels en zegt welke.",
        "The address has a mistake. The message below says which.",
    ),
    "api_error_404": Text("Deze pagina bestaat niet", "There is no such page"),
    "api_error_404_hint": Text(
        "Misschien is het adres niet goed overgenomen, of bestaat de kaartlaag of het object niet meer.",
        "The address may be incomplete, or the layer or object may not exist any more.",
    ),
    "api_error_410": Text("De kaartlaag is intussen vernieuwd", "The layer has been refreshed"),
    "api_error_410_hint": Text(
        "Begin opnieuw bij de eerste pagina. Dan mist u geen objecten.",
        "Start again at the first page, so that you miss no objects.",
    ),
    "api_error_503": Text("De objecten zijn er nog niet", "The objects are not there yet"),
    "api_error_503_hint": Text(
        "De proxy heeft van deze kaartlaag nog geen gegevens. Probeer het over een minuut opnieuw.",
        "The proxy has no data of this layer yet. Try again in a minute.",
    ),
    "api_error_other": Text("Deze pagina kan niet worden getoond", "This page cannot be shown"),
    "api_error_other_hint": Text(
        "Probeer het later opnieuw. Blijft het zo, vraag het dan aan uw beheerder.",
        "Try again later. If it stays like this, ask your administrator.",
    ),
    "api_first_page": Text("Naar de eerste pagina", "To the first page"),
    "api_name": Text("Naam", "Name"),
    "api_type": Text("Soort", "Type"),
    "api_type_geometry": Text("plaats", "place"),
}
