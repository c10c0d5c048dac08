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
    "api_name": Text("Naam", "Name"),
    "api_type": Text("Soort", "Type"),
    "api_type_geometry": Text("plaats", "place"),
}
