"""The sentences of `check` and the log about layer files, in Dutch for functional administrators and in English.

The keys of the tables are error codes: pydantic's error types, and our own codes for the rest. Braces are filled in
with the details of the problem. A test proves that every error that the model can raise has a sentence here.
"""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config.bilingual import Language, Text
from wfs_proxy.config.layer_messages import LAYER_TEXTS

__all__ = ["LAST_RESORT", "TEXTS", "Language", "Text"]

LAST_RESORT = Text("deze waarde klopt niet", "this value is not valid")
"""For an error code without a sentence of its own."""

_FILES = {
    "file_unreadable": Text("dit bestand is niet te lezen ({reason})", "this file cannot be read ({reason})"),
    "directory_unreadable": Text("deze map is niet te lezen ({reason})", "this directory cannot be read ({reason})"),
    "no_layers": Text(
        "deze map bevat geen lagen; maak er een met `wfs-proxy setup` of `wfs-proxy init ADRES`, of kopieer een "
        "voorbeeld met `wfs-proxy example`",
        "this directory contains no layers; make one with `wfs-proxy setup` or `wfs-proxy init URL`, or copy an "
        "example with `wfs-proxy example`",
    ),
    "no_layer": Text(
        "dit bestand is geen laag, maar een lijst van Signalen-instanties; controleer de hele map",
        "this file is not a layer but the list of Signalen instances; check the whole directory",
    ),
    "duplicate_layer": Text(
        "deze laag heeft dezelfde id als {other}; geef één van de twee een andere id",
        "this layer has the same id as {other}; change one of the two",
    ),
    "unread_file": Text(
        "dit bestand wordt niet gelezen; noem het {name} als het een laag is (in Windows: zet de "
        "bestandsnaamextensies aan), en haal het anders weg",
        "this file is not read; name it {name} if it is a layer, and remove it otherwise",
    ),
    "unread_copy": Text(
        "dit bestand wordt niet gelezen, {name} wel; haal het weg als het een oude kopie is",
        "this file is not read, {name} is; remove it if it is an old copy",
    ),
    "unread_folder": Text(
        "deze map wordt niet gelezen; zet de bestanden in {target} als het lagen zijn ({count}, zoals {example})",
        "this folder is not read; move the files to {target} if they are layers ({count}, such as {example})",
    ),
    "layer_id_of_file": Text(
        "de bestandsnaam is niet geschikt als id; voeg een `id` toe met alleen letters, cijfers, - _ en .",
        "the file name is not a valid id; add an `id` that consists of letters, digits, - _ and .",
    ),
}

_YAML = {
    "yaml_too_large": Text("het bestand is groter dan {limit} bytes", "the file is larger than {limit} bytes"),
    "yaml_not_utf8": Text(
        "dit teken is geen geldige UTF-8; sla het bestand op als UTF-8 (in Kladblok: Opslaan als, Codering: UTF-8)",
        "this character is not valid UTF-8; save the file as UTF-8",
    ),
    "yaml_control": Text(
        "hier staat een onzichtbaar teken ({character}); haal het weg",
        "invisible control character ({character}); remove it",
    ),
    "yaml_empty": Text("het bestand is leeg", "the file is empty"),
    "yaml_no_mapping": Text(
        "verwacht: sleutels met een waarde, zoals `title: Lichtmasten` (met een spatie na de :)",
        "expected keys with values, such as `title: Lichtmasten` (with a space after the :)",
    ),
    "yaml_documents": Text(
        "hier begint een tweede document (`---`); zet het in een eigen bestand",
        "a second document (`---`) starts here; move it to a file of its own",
    ),
    "yaml_duplicate": Text(
        "deze sleutel staat al op regel {line}; haal één van de twee weg",
        "duplicate key, first used on line {line}; remove one of them",
    ),
    "yaml_key": Text("een sleutel moet gewone tekst zijn", "a key must be plain text"),
    "yaml_tag": Text(
        "een tag zoals {tag} mag niet; zet tekst die met ! begint tussen aanhalingstekens",
        "tags such as {tag} are not allowed; quote text that starts with !",
    ),
    "yaml_alias": Text(
        "*{name} verwijst naar niets eerder in het bestand; zet tekst die met * begint tussen aanhalingstekens",
        "*{name} does not refer to anything earlier in the file; quote text that starts with *",
    ),
    "yaml_too_deep": Text(
        "deze waarde zit dieper dan {limit} niveaus", "this value is nested deeper than {limit} levels"
    ),
    "yaml_too_many": Text(
        "het bestand heeft meer dan {limit} waarden; herhalingen met * tellen mee",
        "the file has more than {limit} values, including repetitions with *",
    ),
    "yaml_tab": Text("hier staat een tab; spring in met spaties", "tab character; indent with spaces"),
    "yaml_start": Text(
        "een waarde mag niet met dit teken beginnen; zet de waarde tussen aanhalingstekens",
        "a value must not start with this character; quote the value",
    ),
    "yaml_colon": Text(
        "onverwachte dubbele punt; controleer het inspringen of zet de waarde tussen aanhalingstekens",
        "unexpected colon; check the indentation, or quote the value",
    ),
    "yaml_no_colon": Text(
        "na deze sleutel ontbreekt een dubbele punt met een spatie",
        "missing colon and space after this key",
    ),
    "yaml_indent": Text(
        "deze regel springt anders in dan de regels waar hij bij hoort",
        "the indentation differs from the lines that this line belongs to",
    ),
    "yaml_dash": Text(
        "een lijst met streepjes begint op een nieuwe regel, niet achter de dubbele punt",
        "a list with dashes starts on a new line, not after the colon",
    ),
    "yaml_quote": Text("dit aanhalingsteken wordt niet afgesloten", "this quotation mark is not closed"),
    "yaml_bracket": Text(
        "dit haakje wordt niet afgesloten, of er ontbreekt een komma",
        "this bracket is not closed, or a comma is missing",
    ),
    "yaml_escape": Text(
        "een backslash heeft tussen dubbele aanhalingstekens een speciale betekenis; gebruik enkele aanhalingstekens",
        "a backslash has a special meaning in double quotes; use single quotes",
    ),
    "yaml": Text("dit is geen geldige YAML ({problem})", "not valid YAML ({problem})"),
}

_VARIABLES = {
    "variable_unset": Text(
        "de omgevingsvariabele {variable} is niet ingesteld; vraag de serverbeheerder om die in te stellen, "
        "of schrijf ${{{variable}:-standaardwaarde}}",
        "the environment variable {variable} is not set; set it or write ${{{variable}:-default}}",
    ),
    "not_configured": Text(
        "niet ingesteld, want er ontbreekt: {missing}; vul het adres hier in op de plaats van {written}, of stel de "
        "variabele in waar de proxy start, zoals `export {example}=...`, of een regel `{example}=...` in .env voor "
        "Docker Compose",
        "not configured, because this is missing: {missing}; write the address here in place of {written}, or set the "
        "variable where the proxy starts, such as `export {example}=...`, or a line `{example}=...` in .env for Docker "
        "Compose",
    ),
    "variable_malformed": Text(
        "{variable} is geen geldige variabele; schrijf ${{NAAM}}, ${{NAAM:-waarde}} of ${{file:pad}}, "
        "en $${{ voor de tekens ${{",
        "{variable} is not a valid variable; write ${{NAME}}, ${{NAME:-default}} or ${{file:path}}, "
        "and $${{ for the characters ${{",
    ),
    "secret_unreadable": Text(
        "het bestand {path} is niet te lezen ({reason}); vraag de serverbeheerder om het daar neer te zetten",
        "the file {path} cannot be read ({reason}); put it there, and let the proxy's user read it",
    ),
    "secret_empty": Text("het bestand {path} is leeg", "the file {path} is empty"),
    "secret_not_text": Text(
        "het bestand {path} is geen tekst in UTF-8 van hoogstens 64 kB",
        "the file {path} is not UTF-8 text of at most 64 kB",
    ),
    "variable_in_key": Text(
        "een variabele kan in een waarde staan, niet in een sleutel", "variables are allowed in values, not in keys"
    ),
}

_STRUCTURE = {
    "missing": Text("deze regel ontbreekt, maar is verplicht", "this required key is missing"),
    "extra_forbidden": Text("deze sleutel bestaat niet", "unknown key"),
    "union_tag_not_found": Text("`type` ontbreekt", "`type` is missing"),
    "union_tag_invalid": Text("dit `type` bestaat niet", "unknown `type`"),
    "literal_error": Text("deze waarde is niet toegestaan", "this value is not allowed here"),
    "model_type": Text("verwacht: een blok met sleutels en waarden", "expected a mapping of keys and values"),
    "model_attributes_type": Text(
        "verwacht: een blok met sleutels en waarden", "expected a mapping of keys and values"
    ),
    "dict_type": Text("verwacht: een blok met sleutels en waarden", "expected a mapping of keys and values"),
    "mapping_type": Text("verwacht: een blok met sleutels en waarden", "expected a mapping of keys and values"),
    "tuple_type": Text("verwacht: een lijst, zoals [eerste, tweede]", "expected a list, such as [first, second]"),
    "empty": Text(
        "dit mag niet leeg zijn; vul iets in of haal de sleutel weg",
        "must not be empty; add a value or remove the key",
    ),
}

_SCALARS = {
    "string_type": Text(
        'verwacht: tekst; zet getallen en true/false tussen aanhalingstekens, zoals "2024"',
        'expected text; quote numbers and true/false, such as "2024"',
    ),
    "string_unicode": Text(
        "deze tekst bevat tekens die geen geldige UTF-8 zijn", "this text contains characters that are not valid UTF-8"
    ),
    "string_too_long": Text(
        "deze tekst is langer dan {max_length} tekens", "this text is longer than {max_length} characters"
    ),
    "bool_type": Text("verwacht: true of false", "expected true or false"),
    "bool_parsing": Text("verwacht: true of false", "expected true or false"),
    "int_type": Text("verwacht: een geheel getal, zoals 1000", "expected a whole number, such as 1000"),
    "int_parsing": Text("verwacht: een geheel getal, zoals 1000", "expected a whole number, such as 1000"),
    "int_parsing_size": Text("dit getal is te groot", "this number is too large"),
    "int_from_float": Text("verwacht: een geheel getal, zoals 1000", "expected a whole number, such as 1000"),
    "float_type": Text("verwacht: een getal, zoals 4.18", "expected a number, such as 4.18"),
    "float_parsing": Text(
        "verwacht: een getal met een punt, zoals 4.18", "expected a number with a decimal point, such as 4.18"
    ),
    "finite_number": Text("verwacht: een gewoon getal, zoals 4.18", "expected a finite number, such as 4.18"),
    "greater_than": Text("dit moet meer zijn dan {gt}", "must be more than {gt}"),
    "greater_than_equal": Text("dit moet minstens {ge} zijn", "must be at least {ge}"),
    "less_than_equal": Text("dit mag hoogstens {le} zijn", "must be at most {le}"),
    "duration": Text(
        "verwacht: een tijdsduur met een eenheid, zoals 500ms, 20s, 5m, 1h of 7d",
        "expected a duration with a unit, such as 500ms, 20s, 5m, 1h or 7d",
    ),
    "distance": Text("verwacht: een afstand in meters, zoals 0.5m", "expected a distance in metres, such as 0.5m"),
    "extent": Text(
        "verwacht: vier getallen in graden: [west, zuid, oost, noord], zoals [4.18, 52.01, 4.42, 52.13]",
        "expected four numbers in degrees: [west, south, east, north], such as [4.18, 52.01, 4.42, 52.13]",
    ),
    "extent_degrees": Text(
        "dit zijn geen graden; gebruik lengte en breedte (WGS84), geen RD-coördinaten",
        "not degrees; use longitudes and latitudes (WGS84) instead of RD coordinates",
    ),
    "extent_corners": Text(
        "west moet kleiner zijn dan oost en zuid kleiner dan noord: [west, zuid, oost, noord]",
        "west must be less than east and south less than north: [west, south, east, north]",
    ),
    "comparable": Text(
        "verwacht: tekst, een getal of true/false om mee te vergelijken",
        "expected a value to compare with: text, a number or true/false",
    ),
    "comparables": Text(
        "verwacht: een lijst met minstens één waarde, zoals [in gebruik]",
        "expected a list with at least one value, such as [in gebruik]",
    ),
    "scalar": Text(
        "verwacht: één waarde: tekst, een getal, true/false of null",
        "expected a single value: text, a number, true/false or null",
    ),
    "mark_value": Text(
        'verwacht: tekst, een geheel getal of true/false; let op: voor de kaart is "1" iets anders dan 1',
        'expected text, a whole number or true/false; note that "1" and 1 differ for the map',
    ),
    "blank": Text("dit mag niet leeg zijn", "must not be empty"),
    "layer_numbers": Text(
        "verwacht: een lijst met minstens één nummer van een laag, zoals [0, 2]",
        "expected a list with at least one number of a layer, such as [0, 2]",
    ),
    "names": Text(
        "verwacht: een lijst met minstens één naam, zoals [gwsw:put]",
        "expected a list with at least one name, such as [gwsw:put]",
    ),
    "twice": Text('"{given}" komt twee keer voor', '"{given}" occurs twice'),
}

_ADDRESSES = {
    "address": Text(
        "dit is geen geldig adres; verwacht: iets zoals https://kaart.voorbeeld.nl/wfs",
        "not a valid URL; expected something like https://maps.example.org/wfs",
    ),
    "address_scheme": Text("een adres begint met https:// of http://", "a URL starts with https:// or http://"),
    "address_credentials": Text(
        "zet gebruikersnaam en wachtwoord in het blok `auth`, niet in het adres",
        "put the user name and password in the block `auth`, not in the URL",
    ),
    "address_template": Text(
        "verwacht: het adres van de dienst zonder invulvelden zoals {{west}} of {{srsName}}",
        "expected the URL of the service without placeholders such as {{west}} or {{srsName}}",
    ),
    "address_placeholder": Text(
        "in dit adres mogen alleen {{west}}, {{south}}, {{east}}, {{north}}, {{offset}} en {{limit}} tussen accolades "
        "staan, en niet in de naam van de server",
        "only {{west}}, {{south}}, {{east}}, {{north}}, {{offset}} and {{limit}} may be in braces in this URL, and not "
        "in the name of the server",
    ),
    "path": Text("verwacht: het pad van een bestand", "expected the path of a file"),
    "character_set": Text(
        "onbekende tekenset; verwacht: iets zoals windows-1252 of utf-8",
        "unknown character set; expected something like windows-1252 or utf-8",
    ),
    "delimiter": Text(
        'verwacht: één teken tussen aanhalingstekens, zoals ";", of tab',
        'expected one character in quotes, such as ";", or tab',
    ),
    "layer_id": Text(
        "gebruik letters, cijfers, - _ en . (hoogstens 100 tekens; het eerste is een letter of cijfer)",
        "use letters, digits, - _ and . (at most 100 characters; the first is a letter or digit)",
    ),
    "header_name": Text("dit is geen geldige naam van een HTTP-header", "not a valid HTTP header name"),
    "header_value": Text(
        "de waarde van een HTTP-header bestaat uit gewone ASCII-tekens op één regel",
        "the value of an HTTP header consists of printable ASCII characters on one line",
    ),
    "user_name": Text(
        "in een gebruikersnaam mogen geen dubbele punt en geen onzichtbare tekens staan",
        "a user name must not contain a colon or control characters",
    ),
    "srs_name": Text(
        "onbekend coördinatenstelsel; verwacht: iets zoals EPSG:28992",
        "unknown coordinate reference system; expected something like EPSG:28992",
    ),
    "type_name": Text(
        "zet elke naam apart in een lijst, zoals [gwsw:put, gwsw:leiding]",
        "put each name in a list, such as [gwsw:put, gwsw:leiding]",
    ),
}

_RULES = {
    "url_path": Text(
        "dit is geen pad van een webadres; verwacht: iets zoals /geoserver/luminizer_317/ows, zonder host en zonder "
        "vraagteken",
        "not the path of a URL; expected something like /geoserver/luminizer_317/ows, without a host and without a "
        "question mark",
    ),
    "own_path": Text(
        "dit pad gebruikt de proxy zelf; haal het weg",
        "this path is one of the proxy's own; remove it",
    ),
    "type_name_taken": Text(
        'de laag in {other} heet in de WFS ook "{given}"; haal de naam bij één van de twee weg',
        'the layer in {other} is also named "{given}" in the WFS; remove the name from one of the two',
    ),
    "alias_served": Text(
        '"{given}" is al de naam van een eigenschap van deze laag; haal deze regel weg',
        '"{given}" is already the name of a property of this layer; remove this line',
    ),
    "alias_unknown": Text(
        '"{given}" is geen eigenschap van deze laag',
        '"{given}" is not a property of this layer',
    ),
    "login_expires": Text(
        "`expires` werkt alleen samen met `token`: zonder `token` is het hele antwoord het token; noem bij `token` "
        "waar het token in het antwoord staat, of gebruik `lifetime`",
        "`expires` requires `token`: without it, the whole answer is the token; set `token` to the place of the token "
        "in the answer, or use `lifetime`",
    ),
    "login_send": Text(
        "`parameter` kan niet samen met `header` of `prefix`: het token staat óf in het adres, óf in een header",
        "`parameter` cannot be used together with `header` or `prefix`: the token is either in the URL or in a header",
    ),
    "cells_document": Text(
        "`mode: cells` werkt hier alleen met een `url` waarin het vak staat, zoals "
        "https://kaart.voorbeeld.nl/masten?bbox={{west}},{{south}},{{east}},{{north}}; schrijf anders `mode: snapshot`",
        "`mode: cells` requires a `url` with the box, such as "
        "https://maps.example.org/lamps?bbox={{west}},{{south}},{{east}},{{north}}; otherwise write `mode: snapshot`",
    ),
    "template_half": Text(
        "in dit adres ontbreekt {missing}; een vak heeft {{west}}, {{south}}, {{east}} en {{north}}",
        "this URL lacks {missing}; a box has {{west}}, {{south}}, {{east}} and {{north}}",
    ),
    "template_whole": Text(
        "een adres met {{west}}, {{south}}, {{east}} en {{north}} wordt per vak van de kaart opgehaald; voeg "
        "`fetch: {{mode: cells}}` toe, of schrijf in plaats daarvan de getallen van het hele gebied",
        "a URL with {{west}}, {{south}}, {{east}} and {{north}} is fetched in squares of the map; add "
        "`fetch: {{mode: cells}}`, or write the numbers of the whole area instead",
    ),
    "template_limit": Text(
        "{{limit}} werkt alleen samen met {{offset}}, het nummer van het eerste object van een pagina; voeg {{offset}} "
        "toe, of schrijf een getal in plaats van {{limit}}",
        "{{limit}} requires {{offset}}, the number of the first object of a page; add {{offset}}, or write a number "
        "instead of {{limit}}",
    ),
    "cells_table": Text(
        "een CSV-bestand of ZIP-archief wordt altijd in zijn geheel gelezen, nooit in vakken; schrijf "
        "`mode: snapshot`, of bewaar de objecten als GeoPackage",
        "a CSV file or ZIP archive is always read as a whole, never in cells; write `mode: snapshot`, or save the "
        "objects as GeoPackage",
    ),
    "only_x_or_y": Text(
        "noem beide kolommen: `x` en `y`",
        "name both columns: `x` and `y`",
    ),
    "cells_centroid": Text(
        "kan niet met `mode: cells`: een zwaartepunt kan buiten het object liggen, en dan geeft geen vak het object; "
        "kies `inside`",
        "cannot be used with `mode: cells`: a centroid may be outside its object, and then no cell returns the object; "
        "use `inside`",
    ),
    "reserved": Text(
        "`created_at` mag niet: daardoor raakt de kaart van Signalen de selectie kwijt; kies een andere naam",
        "`created_at` is reserved because it makes the map in Signalen lose its selection; use another name",
    ),
    "name_taken": Text(
        'de naam "{given}" wordt al gebruikt door {other}', 'the name "{given}" is already used by {other}'
    ),
    "template_and_from": Text(
        "`template` en `from` kunnen niet samen; haal één van de twee weg",
        "`template` and `from` cannot be used together; remove one of them",
    ),
    "template_syntax": Text(
        "zet veldnamen in een sjabloon tussen accolades, zoals {{nummer}}; sluit elke {{ af met }}",
        "write field names in a template in braces, such as {{nummer}}; close each {{ with }}",
    ),
    "template_unknown": Text(
        'het sjabloon gebruikt "{given}", maar dat is geen veld van deze laag',
        'the template uses "{given}", which is not a field of this layer',
    ),
    "template_cycle": Text(
        "dit sjabloon verwijst naar zichzelf, mogelijk via andere velden",
        "this template refers to itself, maybe through other fields",
    ),
    "default_type": Text("deze waarde past niet bij het type {type}", "this value does not match the type {type}"),
    "match_unknown": Text(
        '"{given}" is geen veld van deze laag en ook niet `properties.id`',
        '"{given}" is neither a field of this layer nor `properties.id`',
    ),
    "vendor_empty": Text(
        "vul `values` of `states` in; zonder die twee geldt geen enkel object als gemeld",
        "add `values` or `states`; without them no object counts as reported",
    ),
    "mark_same": Text(
        "`reported` en `otherwise` zijn gelijk, dus een melding is op de kaart niet te zien",
        "`reported` and `otherwise` are equal, so a report would not show",
    ),
    "state": Text("Signalen kent deze status niet", "Signalen has no such state"),
    "instance_unknown": Text(
        'signalen.yaml kent geen Signalen met de naam "{given}"', 'signalen.yaml has no instance "{given}"'
    ),
}

_NOTES = {
    "idle_cell_zoom": Text(
        "heeft geen effect: dit werkt alleen met `mode: cells`", "has no effect: it requires `mode: cells`"
    ),
    "idle_page_size": Text(
        "heeft geen effect: dit werkt alleen met {{limit}} in `url`", "has no effect: it requires {{limit}} in `url`"
    ),
}

_CHECK = {
    "layer_not_configured": Text(
        "{file}: niet ingesteld, dus de laag bestaat niet; stel in: {missing}",
        "{file}: not configured, so the layer does not exist; set {missing}",
    ),
    "signalen_not_configured": Text(
        "{file}: Signalen {name} is niet ingesteld, dus meldingen worden niet gelezen; stel in: {missing}",
        "{file}: Signalen {name} is not configured, so no reports are read; set {missing}",
    ),
    "check_unconfigured": Text("niet ingesteld: {count}", "not configured: {count}"),
    "check_layer": Text(
        "{layer} ({title}): in orde; eigenschappen: {fields}", "{layer} ({title}): OK; properties: {fields}"
    ),
    "check_fine": Text("alles in orde, aantal lagen: {count}", "no problems found, layers: {count}"),
    "check_warnings": Text(
        "geen fouten, aantal lagen: {count}, aantal waarschuwingen: {warnings}",
        "no errors, layers: {count}, warnings: {warnings}",
    ),
    "check_problems": Text("aantal fouten: {count}", "problems to fix: {count}"),
}

TEXTS: Mapping[str, Text] = {
    **_FILES,
    **_YAML,
    **_VARIABLES,
    **_STRUCTURE,
    **_SCALARS,
    **_ADDRESSES,
    **_RULES,
    **_NOTES,
    **LAYER_TEXTS,
    **_CHECK,
}
"""Error code -> sentence."""
