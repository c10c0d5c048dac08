"""The sentences of a layer's page, in Dutch and in English, as in `texts.py`."""

from __future__ import annotations

from wfs_proxy.config import Text

__all__ = ["FAILURES", "LAYER", "UNKNOWN_TYPE"]

LAYER = {
    "layer_missing_title": Text("Deze kaartlaag bestaat niet", "This layer does not exist"),
    "layer_missing": Text("Er is geen kaartlaag met de naam {id}.", "There is no layer named {id}."),
    "layer_meant": Text("Bedoelt u {id}?", "Did you mean {id}?"),
    "to_map": Text("Naar de kaart", "To the map"),
    "on_map": Text("Bekijk op de kaart", "Show on the map"),
    "state": Text("Stand van zaken", "State"),
    "object_count": Text("Objecten", "Objects"),
    "unknown": Text("onbekend", "unknown"),
    "in_cells": Text("in de opgehaalde delen van de kaart", "in the parts of the map that were fetched"),
    "freshness": Text("Gegevens", "Data"),
    "layer_fresh": Text("Actueel", "Up to date"),
    "layer_stale": Text("Verouderd", "Out of date"),
    "layer_expired": Text("Te oud om te tonen", "Too old to show"),
    "layer_absent": Text("Nog geen gegevens", "No data yet"),
    "layer_on_demand": Text("Wordt opgehaald waar iemand kijkt", "Is fetched where somebody looks"),
    "fetched_at": Text("Laatst opgehaald", "Last fetched"),
    "served_until": Text("Te zien tot", "Shown until"),
    "if_vendor_fails": Text("als de leverancier niet meer antwoordt", "if the vendor does not answer any more"),
    "attribution": Text("Bronvermelding", "Attribution"),
    "absent_explained": Text(
        "De proxy heeft nog geen gegevens van deze laag. Formulieren en kaarten krijgen nog geen objecten.",
        "The proxy has no data of this layer yet. Forms and maps get no objects yet.",
    ),
    "on_demand_explained": Text(
        "Deze laag is te groot om in een keer op te halen. De proxy haalt de objecten op van de plek die iemand op een "
        "kaart of in een formulier bekijkt. Daar heeft nog niemand naar gekeken.",
        "This layer is too large to be fetched at once. The proxy fetches the objects of a place when somebody looks "
        "at it on a map or in a form. Nobody has done so yet.",
    ),
    "stale_explained": Text(
        "De gegevens worden nog getoond. De proxy probeert ze opnieuw op te halen.",
        "The data are still shown. The proxy is trying to fetch them again.",
    ),
    "expired_explained": Text(
        "De gegevens zijn te oud en worden niet meer getoond. De proxy probeert ze opnieuw op te halen.",
        "The data are too old and no longer shown. The proxy is trying to fetch them again.",
    ),
    "failed_title": Text("Het ophalen is mislukt", "Fetching failed"),
    "failed_once": Text("De laatste poging, op {time}, is mislukt.", "The last attempt, on {time}, failed."),
    "failed_often": Text(
        "De laatste {count} pogingen zijn mislukt, het laatst op {time}.",
        "The last {count} attempts failed, most recently on {time}.",
    ),
    "retried": Text("De proxy probeert het vanzelf opnieuw.", "The proxy tries again by itself."),
    "technical": Text("Technische melding", "Technical message"),
    "quarantined_title": Text("De nieuwe gegevens wachten op een controle", "The new data wait for a check"),
    "quarantined": Text(
        "Op {time} zijn {count} objecten opgehaald. Ze zien er verdacht uit, dus u ziet nog de vorige gegevens. Als de "
        "volgende keer hetzelfde wordt opgehaald, worden de nieuwe gegevens getoond.",
        "On {time} {count} objects were fetched. They look suspicious, so you still see the previous data. If the next "
        "fetch gives the same, the new data are shown.",
    ),
    "quarantined_lost": Text(
        "{lost} van de {total} objecten zijn verdwenen.", "{lost} of the {total} objects disappeared."
    ),
    "quarantined_absent": Text(
        "Geen enkel object heeft nog het kenmerk {name}.", "No object has the attribute {name} any more."
    ),
    "quarantined_incomplete": Text(
        "De gegevens zijn niet volledig: er ontbreken {lost} objecten.", "The data are incomplete: {lost} are missing."
    ),
    "problems": Text("Wat u kunt verbeteren", "What you can improve"),
    "no_problems": Text(
        "De proxy heeft geen problemen met deze laag gevonden.", "The proxy found no problems with this layer."
    ),
    "problems_wait": Text(
        "De proxy vergelijkt de instellingen met de objecten zodra de laag gegevens heeft.",
        "The proxy compares the settings with the objects as soon as the layer has data.",
    ),
    "problem_warning": Text("Verbeteren", "Improve"),
    "problem_notice": Text("Controleren", "Check"),
    "in_file": Text("Regel in het bestand van de laag:", "Key in the layer file:"),
    "fields": Text("Eigenschappen", "Properties"),
    "fields_intro": Text(
        "Dit geeft de laag door van elk object. Andere kenmerken van de leverancier verlaten de proxy niet.",
        "What the layer serves of each object. Other attributes of the vendor do not leave the proxy.",
    ),
    "no_fields": Text(
        "Deze laag geeft geen eigenschappen door. Noem ze in het bestand van de laag, bij `properties`.",
        "This layer serves no properties. Name them in the layer file, under `properties`.",
    ),
    "field_name": Text("Naam", "Name"),
    "field_type": Text("Soort", "Type"),
    "field_filled": Text("Ingevuld", "Filled"),
    "field_examples": Text("Voorbeelden", "Examples"),
    "type_string": Text("tekst", "text"),
    "type_integer": Text("geheel getal", "whole number"),
    "type_number": Text("getal", "number"),
    "type_boolean": Text("ja of nee", "yes or no"),
    "type_date": Text("datum", "date"),
    "type_datetime": Text("datum en tijd", "date and time"),
    "type_geometry": Text("omtrek", "outline"),
    "id_field": Text("nummer voor formulieren", "number for forms"),
    "mark_values": Text(
        "{reported} als het object gemeld is, anders {otherwise}", "{reported} if reported, else {otherwise}"
    ),
    "marks": Text("Meldingen", "Reports"),
    "no_reports": Text(
        "Deze laag laat niet zien wat al gemeld is. Voeg daarvoor `reports` toe aan het bestand van de laag.",
        "This layer does not show what has been reported. Add `reports` to the layer file to do so.",
    ),
    "marks_wait": Text(
        "Meldingen zijn te zien zodra de laag gegevens heeft.", "Reports are shown as soon as the layer has data."
    ),
    "marked": Text("Gemelde objecten", "Reported objects"),
    "marked_by_signalen": Text("Door meldingen in Signalen", "By reports in Signalen"),
    "marked_by_vendor": Text("Door de leverancier zelf", "By the vendor itself"),
    "open_signals": Text("Open meldingen in de categorieën van deze laag", "Open reports in the layer's categories"),
    "unmatched": Text("Meldingen die bij geen object horen", "References that match no object"),
    "ambiguous": Text("Meldingen die bij meer objecten passen", "References that match several objects"),
    "void": Text("Meldingen te ver van hun object", "References too far from their object"),
    "as_of": Text("Signalen gelezen", "Signalen read"),
    "never": Text("nog niet", "not yet"),
    "not_polled": Text(
        "Signalen ({name}) is nog niet gelezen, dus meldingen zijn nog niet te zien.",
        "Signalen ({name}) has not been read yet, so its reports are not shown yet.",
    ),
    "polled_too_long_ago": Text(
        "Signalen ({name}) antwoordt al te lang niet, dus meldingen daaruit zijn niet meer te zien.",
        "Signalen ({name}) has not answered for too long, so its reports are no longer shown.",
    ),
    "poll_failed": Text(
        "Signalen ({name}) is de laatste keer niet gelezen.", "Signalen ({name}) could not be read the last time."
    ),
    "weak": Text(
        "Er is geen toegang tot de meldingen zelf. Alleen openbare meldingen tellen mee, op plaats en een half uur "
        "later.",
        "There is no access to the reports themselves. Only public reports count, by place and half an hour late.",
    ),
    "question": Text("Vraag voor het meldformulier", "Question for the report form"),
    "question_intro": Text(
        "Met deze vraag laat een meldformulier de objecten van deze laag zien.",
        "With this question a report form shows the objects of this layer.",
    ),
    "form_signalen": Text("Signalen", "Signalen"),
    "form_wcag": Text("Signalen, nieuwer formulier (WCAG)", "Signalen, newer form (WCAG)"),
    "form_meldingen": Text("Meldingen (Amsterdam)", "Meldingen (Amsterdam)"),
    "question_of": Text("Vraag voor {form}", "Question for {form}"),
    "public_url": Text("Openbaar adres van de proxy", "Public address of the proxy"),
    "public_url_hint": Text(
        "Het adres waarmee inwoners de proxy bereiken. Vraag het aan de serverbeheerder. De vraag komt dan hieronder.",
        "The address at which residents reach the proxy. Ask the operator. The question is then shown below.",
    ),
    "show_question": Text("Toon de vraag", "Show the question"),
    "copy": Text("Kopieer", "Copy"),
    "copied": Text("Gekopieerd", "Copied"),
    "copy_failed": Text("Kopiëren lukt niet. De tekst is geselecteerd.", "Copying failed. The text is selected."),
    "download": Text("Downloaden", "Download"),
    "download_intro": Text(
        "Alle objecten van deze laag als bestand, met de markering van meldingen.",
        "All objects of this layer as a file, with the marks of reports.",
    ),
    "download_excel": Text("Tabel voor Excel (CSV met puntkomma's)", "Table for Dutch Excel (CSV with semicolons)"),
    "download_csv": Text("Tabel voor andere programma's (CSV met komma's)", "Table for other programs (CSV)"),
    "download_geojson": Text("Kaartbestand (GeoJSON)", "Map file (GeoJSON)"),
    "download_gpkg": Text("Bestand voor QGIS en ArcGIS (GeoPackage)", "File for QGIS and ArcGIS (GeoPackage)"),
    "download_cells": Text(
        "Deze laag is te groot om in een keer op te halen. Een deel downloaden kan wel: zet `bbox=` in het adres.",
        "This layer is too large to be fetched at once. A part can be downloaded: give `bbox=` in the address.",
    ),
    "links": Text("Adressen", "Addresses"),
    "link_map": Text("Kaart", "Map"),
    "link_features": Text("Objecten als GeoJSON", "Objects as GeoJSON"),
    "link_json": Text("Deze pagina als JSON", "This page as JSON"),
    "link_ogcapi": Text(
        "Collectie voor GIS-programma's (OGC API Features)", "Collection for GIS software (OGC API Features)"
    ),
    "link_wfs": Text("WFS voor QGIS en andere GIS-programma's", "WFS for QGIS and other GIS software"),
    "link_tiles": Text("Vectortegels voor webkaarten (TileJSON)", "Vector tiles for web maps (TileJSON)"),
    "link_docs": Text("API-documentatie", "API documentation"),
}

UNKNOWN_TYPE = Text(
    "De dienst van de leverancier heeft een type van deze laag niet. Bij “Wat u kunt verbeteren” staat welk.",
    "The vendor's service does not have a type of this layer. “What you can improve” says which.",
)
"""The kind of failure that a name in the layer file is the cause of."""

FAILURES = {
    "The vendor's service failed": Text(
        "De dienst van de leverancier heeft een storing.", "The vendor's service failed."
    ),
    "The vendor's service cannot be reached": Text(
        "De dienst van de leverancier is niet bereikbaar. Controleer het adres, of vraag de leverancier of er een "
        "storing is.",
        "The vendor's service cannot be reached. Check the address, or ask the vendor whether it has an outage.",
    ),
    "The vendor's service refused the request": Text(
        "De dienst van de leverancier weigert de vraag. Controleer het adres, en `auth` als een login nodig is.",
        "The vendor's service refused the request. Check the address, and `auth` if it needs a login.",
    ),
    "The vendor's service answered with an exception report": Text(
        "De dienst van de leverancier begrijpt de vraag niet. Controleer `type_names` en de kenmerken.",
        "The vendor's service does not understand the request. Check `type_names` and the attributes.",
    ),
    "The vendor's answer is too large": Text(
        "Het antwoord van de leverancier is te groot. Probeer `mode: cells`.",
        "The vendor's answer is too large. Try `mode: cells`.",
    ),
    "The vendor's service did not return the whole layer": Text(
        "De leverancier stuurt niet de hele laag.", "The vendor did not return the whole layer."
    ),
    "The vendor's answer cannot be read": Text(
        "Het antwoord van de leverancier is niet te lezen.", "The vendor's answer cannot be read."
    ),
    "The vendor's answer is unsafe": Text(
        "Het antwoord van de leverancier is onveilig en wordt niet gelezen.",
        "The vendor's answer is unsafe, so it is not read.",
    ),
    "Object locations could not be determined": Text(
        "De plaats van de objecten is niet zeker. Controleer `extent`, `srs_name` en `axis_order`.",
        "The location of the objects is not certain. Check `extent`, `srs_name` and `axis_order`.",
    ),
    "Configuration error": Text(
        "De instellingen van de laag passen niet bij de dienst.", "The settings of the layer do not fit the service."
    ),
}
"""Title of an error -> what an administrator reads; other failures have only the technical message."""
