"""The sentences about layers that can be served although an administrator should change them, by code."""

from __future__ import annotations

from wfs_proxy.config.bilingual import Text

__all__ = ["LAYER_TEXTS"]

LAYER_TEXTS = {
    "not_verified": Text(
        "dit bestand is een voorbeeld dat niet is vergeleken met de dienst van de leverancier; doe dat met "
        "`wfs-proxy check --live`, verbeter wat niet klopt en haal daarna deze regel weg",
        "this file is an example that was not verified against the vendor's service; verify it with "
        "`wfs-proxy check --live`, correct what is wrong, and then remove this line",
    ),
    "no_key": Text(
        "zonder `id` is er geen eigenschap die een formulier als `idField` kan gebruiken; noem bij `id` het kenmerk "
        "met het nummer van het object, en zet dat kenmerk ook bij `fields`",
        "without `id` there is no property that a form can use as `idField`; set `id` to the attribute with the number "
        "of the object, and add that attribute to `fields`",
    ),
    "no_id_field": Text(
        'er is geen eigenschap met de sleutel "{key}", dus een formulier heeft geen `idField`; '
        "voeg deze regel toe: {line}",
        'no property shows the key "{key}", so a form has no `idField`; add this line: {line}',
    ),
    "shared_key": Text(
        "{count} objecten hebben een sleutel die ook een ander object heeft; hun id krijgt daarom een achtervoegsel; "
        "vraag de leverancier om elk object een eigen nummer te geven",
        "{count} objects have a key that another object has too, so their ids get a suffix; "
        "ask the vendor to give each object a number of its own",
    ),
    "shared_key_of_number": Text(
        "{count} objecten hebben een sleutel die ook een ander object heeft; een formulier selecteert die samen, omdat "
        '"{field}" een getal is; geef "{field}" het type string, dan krijgt de waarde een achtervoegsel',
        '{count} objects have a key that another object has too; a form selects these together, because "{field}" is a '
        'number; give "{field}" the type string, so that the value gets a suffix',
    ),
    "extent_swapped": Text(
        "de getallen staan niet in de volgorde west, zuid, oost, noord; schrijf: {line}",
        "the numbers are not in the order west, south, east, north; write: {line}",
    ),
    "no_such_file": Text(
        "het bestand {given} is er niet; zet het daar neer, of verbeter het pad",
        "there is no file {given}; put it there, or correct the path",
    ),
    "no_gdal": Text(
        'GDAL leest dit bestand, en dat is niet geïnstalleerd; installeer het met pip install "wfs-proxy[files]"',
        'this file is read with GDAL, which is not installed; install it with pip install "wfs-proxy[files]"',
    ),
    "extent_missed": Text(
        "geen enkel object ligt in dit gebied; schrijf het gebied van de objecten: {line}, of haal de regel weg",
        "no object is in this area; write the area of the objects: {line}, or remove the line",
    ),
    "type_unknown": Text(
        'de dienst van de leverancier heeft geen type met de naam "{given}", dus de laag wordt niet opgehaald; '
        "verbeter de naam",
        'the vendor\'s service has no type named "{given}", so the layer is not fetched; correct the name',
    ),
    "no_objects": Text(
        "de leverancier geeft geen enkel object; controleer de namen in `source`, of vraag de leverancier waarom",
        "the vendor returns no objects; check the names in `source`, or ask the vendor why",
    ),
    "id_absent": Text(
        'geen enkel object heeft het kenmerk "{given}", dus de objecten hebben geen vast nummer; verbeter de naam',
        'no object has the attribute "{given}", so the objects have no permanent number; correct the name',
    ),
    "field_absent": Text(
        'geen enkel object heeft het kenmerk "{given}", dus dit veld is overal leeg; verbeter de naam of haal het veld '
        "weg",
        'no object has the attribute "{given}", so this field is empty everywhere; correct the name or remove the '
        "field",
    ),
    "where_absent": Text(
        'geen enkel object heeft het kenmerk "{given}", dus deze voorwaarde laat alle objecten weg; verbeter de naam '
        "of haal de voorwaarde weg",
        'no object has the attribute "{given}", so this condition leaves out all objects; correct the name or remove '
        "the condition",
    ),
    "vendor_absent": Text(
        'geen enkel object heeft het kenmerk "{given}", dus de leverancier meldt niets; verbeter de naam',
        'no object has the attribute "{given}", so the vendor marks nothing; correct the name',
    ),
    "where_matches_none": Text(
        'geen enkel object heeft bij "{attribute}" een van deze waarden: {values}; daardoor is de laag leeg; '
        "controleer de spelling",
        'no object has one of these values for "{attribute}": {values}; that is why the layer is empty; check the '
        "spelling",
    ),
    "where_unused": Text(
        'geen enkel object heeft bij "{attribute}" de waarde: {values}; controleer de spelling',
        'no object has this value for "{attribute}": {values}; check the spelling',
    ),
    "map_unused": Text(
        'geen enkel object heeft bij "{attribute}" de waarde: {values}; controleer de spelling, als u die wel verwacht',
        'no object has this value for "{attribute}": {values}; check the spelling if you expect it',
    ),
    "vendor_unused": Text(
        'geen enkel object heeft nu bij "{attribute}" de waarde: {values}; controleer de spelling, als u die wel '
        "verwacht",
        'no object has this value for "{attribute}" now: {values}; check the spelling if you expect it',
    ),
    "not_a_type": Text(
        'waarden van "{field}" die niet bij het type {type} passen: {count}; het veld is daar leeg; kies een '
        "ander type, zoals string",
        'values of "{field}" that do not fit the type {type}: {count}; the field is empty there; use another '
        "type, such as string",
    ),
    "not_in_map": Text(
        'waarden van "{field}" die niet in `map` staan: {count}; het veld is daar leeg; vul `map` aan of geef'
        " een `default`",
        'values of "{field}" that are not in `map`: {count}; the field is empty there; add them to `map` or '
        "give a `default`",
    ),
    "left_out_no_geometry": Text(
        "objecten zonder plaats: {count}; ze staan niet op de kaart; vraag de leverancier om de plaats in te vullen",
        "objects without a location: {count}; they are not on the map; ask the vendor to add it",
    ),
    "left_out_placeholder": Text(
        "objecten met een plaats die niet echt is, zoals 0,0: {count}; ze staan niet op de kaart; vraag de "
        "leverancier om de plaats in te vullen",
        "objects with a location that is not real, such as 0,0: {count}; they are not on the map; ask the "
        "vendor to correct it",
    ),
    "left_out_outside": Text(
        "objecten buiten het gebied van de laag: {count}; ze staan niet op de kaart; maak `extent` groter als"
        " ze er wel bij horen, of vraag de leverancier om de plaats te verbeteren",
        "objects outside the area of the layer: {count}; they are not on the map; enlarge `extent` if they "
        "belong to it, or ask the vendor to correct their location",
    ),
    "left_out_crs": Text(
        "objecten met een onbekend coördinatenstelsel: {count}; ze staan niet op de kaart; noem het stelsel "
        "bij `srs_name`",
        "objects with an unknown coordinate reference system: {count}; they are not on the map; set `srs_name`",
    ),
    "left_out": Text(
        "objecten waarvan de plaats niet te lezen is ({reason_nl}): {count}; ze staan niet op de kaart; vraag de"
        " leverancier om die te verbeteren",
        "objects whose location cannot be read ({reason}): {count}; they are not on the map; ask the vendor "
        "to correct it",
    ),
    "unreadable_texts": Text(
        "objecten met een onleesbaar teken (\ufffd) in een tekst: {count}; vraag de leverancier om UTF-8 te sturen",
        "objects with an unreadable character (\ufffd) in a text: {count}; ask the vendor to send UTF-8",
    ),
    "incomplete": Text(
        "misschien ontbreken er objecten: de proxy heeft er {count}, de leverancier noemt er {matched}; stel bij een "
        "WFS `sort_by` in op een uniek kenmerk, of vraag de leverancier hoeveel er in één keer mogen",
        "objects may be missing: the proxy has {count}, the vendor states {matched}; with a WFS set `sort_by` to a "
        "unique attribute, or ask the vendor how many it returns at once",
    ),
    "incomplete_uncounted": Text(
        "misschien ontbreken er objecten: de proxy heeft er {count}, en de leverancier zegt niet hoeveel er zijn; stel "
        "bij een WFS `sort_by` in op een uniek kenmerk, of vraag de leverancier hoeveel er in één keer mogen",
        "objects may be missing: the proxy has {count}, and the vendor does not state how many there are; with "
        "a WFS set `sort_by` to a unique attribute, or ask the vendor how many it returns at once",
    ),
    "category_unknown": Text(
        'Signalen heeft geen categorie "{given}", dus meldingen daarin tellen niet mee; verbeter de naam',
        'Signalen has no category "{given}", so its reports do not count; correct the name',
    ),
    "category_hidden": Text(
        'de categorie "{given}" is in Signalen niet openbaar, dus zonder `auth` tellen haar meldingen niet mee; vul '
        "`auth` in bij signalen.yaml",
        'the category "{given}" is not public in Signalen, so its reports do not count without `auth`; set `auth` in '
        "signalen.yaml",
    ),
}
