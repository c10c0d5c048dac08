"""What `check` and the log say about the files, in Dutch for the functional administrator and in English.

One table: what is wrong -> the sentence. The names are pydantic's error types, and our own for the rest; braces are
filled in with the problem's details. A test proves that everything the model can refuse has its sentence here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

__all__ = ["LAST_RESORT", "TEXTS", "Language", "Text"]

Language = Literal["nl", "en"]


class Text(NamedTuple):
    """One sentence in both languages."""

    nl: str
    en: str


LAST_RESORT = Text("deze waarde klopt niet", "this value is not right")
"""For what nobody thought of."""

_FILES = {
    "file_unreadable": Text("dit bestand is niet te lezen ({reason})", "this file cannot be read ({reason})"),
    "directory_unreadable": Text("deze map is niet te lezen ({reason})", "this directory cannot be read ({reason})"),
    "no_layers": Text(
        "hier staat geen enkele laag: verwacht worden bestanden als lichtmasten.yaml",
        "there is no layer here: expected are files such as lichtmasten.yaml",
    ),
    "no_layer": Text(
        "dit bestand is geen laag: het noemt de Signalen-instanties; controleer de hele map",
        "this file is no layer: it names the Signalen instances; check the whole directory",
    ),
    "duplicate_layer": Text(
        "deze laag heeft dezelfde id als {other}; geef een van beide een andere id",
        "this layer has the same id as {other}; give one of them another id",
    ),
    "layer_id_of_file": Text(
        "de bestandsnaam kan geen id zijn; geef een id van letters, cijfers, - _ en .",
        "the file's name cannot be an id; give an id of letters, digits, - _ and .",
    ),
}

_YAML = {
    "yaml_too_large": Text("het bestand is groter dan {limit} bytes", "the file is larger than {limit} bytes"),
    "yaml_not_utf8": Text(
        "hier staat een teken dat geen UTF-8 is; sla het bestand op als UTF-8",
        "here is a character that is not UTF-8; save the file as UTF-8",
    ),
    "yaml_control": Text(
        "hier staat een onzichtbaar besturingsteken ({character}); haal het weg",
        "here is an invisible control character ({character}); remove it",
    ),
    "yaml_empty": Text("het bestand is leeg", "the file is empty"),
    "yaml_no_mapping": Text(
        "een bestand bestaat uit sleutels met een waarde, zoals `title: Lichtmasten` (met een spatie na de :)",
        "a file consists of keys with a value, such as `title: Lichtmasten` (with a space after the :)",
    ),
    "yaml_documents": Text(
        "hier begint een tweede document (`---`); maak er twee bestanden van",
        "here begins a second document (`---`); make it two files",
    ),
    "yaml_duplicate": Text(
        "deze sleutel staat er al, op regel {line}; laat er een weg",
        "this key is there already, on line {line}; leave one out",
    ),
    "yaml_key": Text("een sleutel moet gewone tekst zijn", "a key must be plain text"),
    "yaml_tag": Text(
        "tags zoals {tag} mogen niet; zet tekst die met ! begint tussen aanhalingstekens",
        "tags such as {tag} are not allowed; put text that begins with ! between quotes",
    ),
    "yaml_alias": Text(
        "*{name} verwijst naar niets dat hierboven staat; zet tekst die met * begint tussen aanhalingstekens",
        "*{name} refers to nothing earlier in the file; put text that begins with * between quotes",
    ),
    "yaml_too_deep": Text("hier is dieper genest dan {limit} niveaus", "this is nested deeper than {limit} levels"),
    "yaml_too_many": Text(
        "het bestand heeft meer dan {limit} waarden, herhalingen met * meegeteld",
        "the file has more than {limit} values, counting repetitions with *",
    ),
    "yaml_tab": Text("hier staat een tab; spring in met spaties", "here is a tab; indent with spaces"),
    "yaml_start": Text(
        "een waarde mag niet met dit teken beginnen; zet de waarde tussen aanhalingstekens",
        "a value must not begin with this character; put the value between quotes",
    ),
    "yaml_colon": Text(
        "onverwachte dubbele punt: kijk of het inspringen klopt, of zet de waarde tussen aanhalingstekens",
        "an unexpected colon: check the indentation, or put the value between quotes",
    ),
    "yaml_no_colon": Text(
        "na deze sleutel ontbreekt de dubbele punt met een spatie erachter",
        "the colon and the space after this key are missing",
    ),
    "yaml_indent": Text(
        "deze regel springt anders in dan de regels waar hij bij hoort",
        "this line is indented differently from the lines that it belongs to",
    ),
    "yaml_dash": Text(
        "een lijst met streepjes begint op een eigen regel, niet achter de dubbele punt",
        "a list with dashes begins on a line of its own, not after the colon",
    ),
    "yaml_quote": Text("dit aanhalingsteken wordt niet gesloten", "this quotation mark is never closed"),
    "yaml_bracket": Text(
        "dit haakje wordt niet gesloten, of er ontbreekt een komma",
        "this bracket is never closed, or a comma is missing",
    ),
    "yaml_escape": Text(
        "een backslash tussen dubbele aanhalingstekens betekent iets bijzonders; gebruik enkele aanhalingstekens",
        "a backslash between double quotes has a special meaning; use single quotes",
    ),
    "yaml": Text("dit is geen YAML ({problem})", "this is not YAML ({problem})"),
}

_VARIABLES = {
    "variable_unset": Text(
        "de omgevingsvariabele {variable} bestaat niet; stel haar in of schrijf ${{{variable}:-standaardwaarde}}",
        "the environment variable {variable} is not set; set it or write ${{{variable}:-default}}",
    ),
    "variable_malformed": Text(
        "{variable} verwijst niet naar een variabele; schrijf ${{NAAM}} of ${{NAAM:-anders}}, en $${{ voor ${{ zelf",
        "{variable} refers to no variable; write ${{NAME}} or ${{NAME:-default}}, and $${{ for ${{ itself",
    ),
    "variable_in_key": Text("variabelen werken in waarden, niet in sleutels", "variables work in values, not in keys"),
}

_STRUCTURE = {
    "missing": Text("deze sleutel ontbreekt en is verplicht", "this key is missing and required"),
    "extra_forbidden": Text("deze sleutel bestaat niet", "there is no such key"),
    "union_tag_not_found": Text("`type` ontbreekt", "`type` is missing"),
    "union_tag_invalid": Text("dit `type` bestaat niet", "there is no such `type`"),
    "literal_error": Text("deze waarde kan hier niet", "this value is not possible here"),
    "model_type": Text("hier hoort een blok met sleutels en waarden", "here belongs a block of keys and values"),
    "model_attributes_type": Text(
        "hier hoort een blok met sleutels en waarden", "here belongs a block of keys and values"
    ),
    "dict_type": Text("hier hoort een blok met sleutels en waarden", "here belongs a block of keys and values"),
    "mapping_type": Text("hier hoort een blok met sleutels en waarden", "here belongs a block of keys and values"),
    "tuple_type": Text("hier hoort een lijst, zoals [eerste, tweede]", "here belongs a list, such as [first, second]"),
    "empty": Text(
        "dit mag niet leeg zijn; vul iets in of laat de sleutel weg",
        "this must not be empty; fill something in or leave the key out",
    ),
}

_SCALARS = {
    "string_type": Text(
        'hier hoort tekst; zet getallen en true/false tussen aanhalingstekens, zoals "2024"',
        'here belongs text; put numbers and true/false between quotes, such as "2024"',
    ),
    "string_unicode": Text("hier staan tekens die geen UTF-8 zijn", "here are characters that are not UTF-8"),
    "string_too_long": Text(
        "deze tekst is langer dan {max_length} tekens", "this text is longer than {max_length} characters"
    ),
    "bool_type": Text("hier hoort true of false", "here belongs true or false"),
    "bool_parsing": Text("hier hoort true of false", "here belongs true or false"),
    "int_type": Text("hier hoort een geheel getal, zoals 1000", "here belongs a whole number, such as 1000"),
    "int_parsing": Text("hier hoort een geheel getal, zoals 1000", "here belongs a whole number, such as 1000"),
    "int_parsing_size": Text("dit getal is te groot", "this number is too large"),
    "int_from_float": Text("hier hoort een geheel getal, zoals 1000", "here belongs a whole number, such as 1000"),
    "float_type": Text("hier hoort een getal, zoals 4.18", "here belongs a number, such as 4.18"),
    "float_parsing": Text(
        "hier hoort een getal met een punt, zoals 4.18", "here belongs a number with a point, such as 4.18"
    ),
    "finite_number": Text("hier hoort een gewoon getal, zoals 4.18", "here belongs an ordinary number, such as 4.18"),
    "greater_than": Text("dit moet meer zijn dan {gt}", "this must be more than {gt}"),
    "greater_than_equal": Text("dit moet minstens {ge} zijn", "this must be at least {ge}"),
    "less_than_equal": Text("dit mag hoogstens {le} zijn", "this must be at most {le}"),
    "duration": Text(
        "een duur is een getal met een eenheid: 500ms, 20s, 5m, 1h of 7d",
        "a duration is a number and a unit: 500ms, 20s, 5m, 1h or 7d",
    ),
    "distance": Text("een afstand is een aantal meters, zoals 0.5m", "a distance is a number of metres, such as 0.5m"),
    "extent": Text(
        "een gebied is vier getallen in graden: [west, zuid, oost, noord], zoals [4.18, 52.01, 4.42, 52.13]",
        "an extent is four numbers in degrees: [west, south, east, north], such as [4.18, 52.01, 4.42, 52.13]",
    ),
    "extent_degrees": Text(
        "dit zijn geen graden; geef lengte en breedte (WGS84), geen RD-coördinaten",
        "these are no degrees; give longitudes and latitudes (WGS84), no RD coordinates",
    ),
    "extent_corners": Text(
        "west moet kleiner zijn dan oost en zuid kleiner dan noord: [west, zuid, oost, noord]",
        "west must be less than east and south less than north: [west, south, east, north]",
    ),
    "comparable": Text(
        "hier hoort een waarde om mee te vergelijken: tekst, een getal of true/false",
        "here belongs a value to compare with: text, a number or true/false",
    ),
    "comparables": Text(
        "hier hoort een lijst met minstens één waarde, zoals [in gebruik]",
        "here belongs a list with at least one value, such as [in gebruik]",
    ),
    "scalar": Text(
        "hier hoort een enkele waarde: tekst, een getal, true/false of null",
        "here belongs a single value: text, a number, true/false or null",
    ),
    "mark_value": Text(
        'hier hoort tekst, een geheel getal of true/false; let op: "1" is voor de kaart iets anders dan 1',
        'here belongs text, a whole number or true/false; mind that "1" is not 1 for the map',
    ),
    "blank": Text("dit mag niet leeg zijn", "this must not be empty"),
    "names": Text(
        "hier hoort een lijst met minstens één naam, zoals [gwsw:put]",
        "here belongs a list with at least one name, such as [gwsw:put]",
    ),
    "twice": Text('"{given}" staat er twee keer', '"{given}" is there twice'),
}

_ADDRESSES = {
    "address": Text(
        "dit is geen adres; verwacht wordt iets als https://kaart.voorbeeld.nl/wfs",
        "this is no address; expected is something like https://maps.example.org/wfs",
    ),
    "address_scheme": Text("een adres begint met https:// of http://", "an address begins with https:// or http://"),
    "address_credentials": Text(
        "zet gebruikersnaam en wachtwoord niet in het adres maar in het blok `auth`",
        "put user name and password into the block `auth`, not into the address",
    ),
    "address_template": Text(
        "hier hoort het kale adres van de dienst, zonder invulplekken zoals {{west}} of {{srsName}}",
        "here belongs the bare address of the service, without blanks such as {{west}} or {{srsName}}",
    ),
    "path": Text("hier hoort het pad van een bestand", "here belongs the path of a file"),
    "layer_id": Text(
        "gebruik letters, cijfers, - _ en . (hoogstens 100, te beginnen met een letter of cijfer)",
        "use letters, digits, - _ and . (at most 100, beginning with a letter or digit)",
    ),
    "header_name": Text("dit kan geen naam van een HTTP-header zijn", "this cannot be the name of an HTTP header"),
    "header_value": Text(
        "de waarde van een header bestaat uit gewone ASCII-tekens op één regel",
        "a header's value consists of plain ASCII characters on one line",
    ),
    "user_name": Text(
        "een gebruikersnaam heeft geen dubbele punt en geen besturingstekens",
        "a user name has no colon and no control characters",
    ),
    "srs_name": Text(
        "dit coördinatenstelsel is onbekend; verwacht wordt iets als EPSG:28992",
        "this coordinate reference system is unknown; expected is something like EPSG:28992",
    ),
    "type_name": Text(
        "een naam per regel of tussen komma's in een lijst, zoals [gwsw:put, gwsw:leiding]",
        "one name a line, or a list such as [gwsw:put, gwsw:leiding]",
    ),
}

_RULES = {
    "cells_document": Text(
        "een GeoJSON-document is altijd de hele laag en heeft geen vakken; schrijf `mode: snapshot`",
        "a GeoJSON document is always the whole layer and has no cells; write `mode: snapshot`",
    ),
    "cells_centroid": Text(
        "gaat niet samen met `mode: cells`: een zwaartepunt kan buiten het object liggen, en dan vindt geen vak het; "
        "kies `inside`",
        "does not go with `mode: cells`: a centroid may lie outside its object, and then no cell finds it; "
        "choose `inside`",
    ),
    "reserved": Text(
        "`created_at` mag niet: daarmee verliest de kaart van Signalen zijn selectie; kies een andere naam",
        "`created_at` is reserved: Signalen's map loses its selection by it; choose another name",
    ),
    "name_taken": Text(
        'de naam "{given}" wordt al gebruikt door {other}', 'the name "{given}" is used already by {other}'
    ),
    "template_and_from": Text(
        "`template` en `from` gaan niet samen; laat een van beide weg",
        "`template` and `from` exclude each other; leave one out",
    ),
    "template_syntax": Text(
        "in een sjabloon staan veldnamen tussen accolades, zoals {{nummer}}; elke {{ moet gesloten worden",
        "in a template field names stand between braces, such as {{nummer}}; each {{ must be closed",
    ),
    "template_unknown": Text(
        'het sjabloon noemt "{given}", maar dat is geen veld van deze laag',
        'the template names "{given}", which is no field of this layer',
    ),
    "template_cycle": Text(
        "dit sjabloon verwijst via andere velden naar zichzelf", "this template refers to itself by way of other fields"
    ),
    "default_type": Text("deze waarde past niet bij het type {type}", "this value does not fit the type {type}"),
    "match_unknown": Text(
        'er is geen veld "{given}" in deze laag (en het is ook niet `properties.id`)',
        'there is no field "{given}" in this layer (nor is it `properties.id`)',
    ),
    "vendor_empty": Text(
        "geef `values` of `states`: anders is nooit iets gemeld", "give `values` or `states`: else nothing is reported"
    ),
    "mark_same": Text(
        "`reported` en `otherwise` zijn gelijk, dus is er niets te zien",
        "`reported` and `otherwise` are the same, so nothing would be seen",
    ),
    "state": Text("Signalen kent deze status niet", "Signalen has no such state"),
    "instance_unknown": Text('signalen.yaml heeft geen instantie "{given}"', 'signalen.yaml has no instance "{given}"'),
}

_NOTES = {
    "idle_cell_zoom": Text(
        "doet niets: dit geldt alleen bij `mode: cells`", "does nothing: this is for `mode: cells` only"
    ),
    "later_source": Text(
        "doet nog niets: dit soort bron wordt nog niet opgehaald",
        "does nothing yet: this kind of source is not fetched",
    ),
}

_CHECK = {
    "check_layer": Text(
        "{layer} ({title}): in orde; eigenschappen: {fields}", "{layer} ({title}): in order; properties: {fields}"
    ),
    "check_fine": Text("alles in orde, lagen: {count}", "all in order, layers: {count}"),
    "check_problems": Text("te herstellen: {count}", "to mend: {count}"),
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
    **_CHECK,
}
"""What is wrong, or does nothing -> the sentence."""
