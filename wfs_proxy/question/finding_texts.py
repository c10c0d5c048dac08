"""The reason and the remedy of every finding, in Dutch for functional administrators and in English."""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config import Text

__all__ = ["TEXTS"]

_TAKE_OURS = Text(
    "Plak de tekst die `wfs-proxy question` geeft.",
    "Paste the text that `wfs-proxy question` prints.",
)
_PUBLIC_ADDRESS = Text(
    "Gebruik het openbare adres van de proxy, zoals https://wfs-proxy.voorbeeld.nl.",
    "Use the public address of the proxy, such as https://wfs-proxy.example.org.",
)

TEXTS: Mapping[str, tuple[Text, Text]] = {
    "field_type": (
        Text(
            'Dit formulier toont geen kaart bij het type "{given}".', 'This form shows no map for the type "{given}".'
        ),
        Text("Kies AssetSelect (asset_select).", "Choose AssetSelect (asset_select)."),
    ),
    "meta_type": (
        Text("Hier staat geen JSON-object, dus het formulier toont niets.", "This is not a JSON object."),
        _TAKE_OURS,
    ),
    "key_not_read": (
        Text(
            'De proxy leest alleen antwoorden op de vragen {keys}, dus niet op "{given}".',
            'The proxy reads answers to the questions {keys} only, so not to "{given}".',
        ),
        Text(
            "Voeg de key toe aan `reports.question_keys` van de laag.",
            "Add the key to `reports.question_keys` of the layer.",
        ),
    ),
    "endpoint_missing": (
        Text("Zonder endpoint heeft de kaart geen objecten.", "Without an endpoint the map has no objects."),
        _TAKE_OURS,
    ),
    "endpoint_relative": (
        Text(
            '"{given}" is geen volledig webadres: het ene formulier stopt ermee, het andere vraagt het aan zijn eigen '
            "website.",
            '"{given}" is not a complete web address: one form fails, and the other asks its own site.',
        ),
        _PUBLIC_ADDRESS,
    ),
    "endpoint_this_machine": (
        Text(
            "{given} is in de browser van een melder diens eigen machine.",
            "In the browser of a reporter, {given} is the reporter's own machine.",
        ),
        _PUBLIC_ADDRESS,
    ),
    "endpoint_insecure": (
        Text(
            "Een formulier op https:// mag van de browser niets van http:// laden.",
            "Browsers do not let a form on https:// load anything from http://.",
        ),
        Text("Maak de proxy bereikbaar op https://.", "Make the proxy available on https://."),
    ),
    "endpoint_internal": (
        Text("{given} bestaat alleen in het eigen netwerk.", "{given} exists in the internal network only."),
        _PUBLIC_ADDRESS,
    ),
    "endpoint_elsewhere": (
        Text("Dit adres is niet dat van de laag {layer}.", "This is not the address of the layer {layer}."),
        Text("Het adres van de laag eindigt op {path}.", "The address of the layer ends in {path}."),
    ),
    "endpoint_old_placeholder": (
        Text(
            "De vorm {{{{bboxLatLng}}}} is van voor 2022; de formulieren vullen die niet meer in.",
            "The form {{{{bboxLatLng}}}} is older than 2022; the forms no longer replace it.",
        ),
        Text(
            "Schrijf bbox={{west}},{{south}},{{east}},{{north}}&srsName={{srsName}}.",
            "Write bbox={{west}},{{south}},{{east}},{{north}}&srsName={{srsName}}.",
        ),
    ),
    "endpoint_no_box": (
        Text(
            "Hier ontbreekt {names}, dus de kaart vraagt niet om het zichtbare gebied.",
            "{names} is missing, so the map does not ask for what it shows.",
        ),
        Text(
            "Schrijf bbox={{west}},{{south}},{{east}},{{north}}&srsName={{srsName}}.",
            "Write bbox={{west}},{{south}},{{east}},{{north}}&srsName={{srsName}}.",
        ),
    ),
    "endpoint_repeated": (
        Text(
            "Het nieuwe formulier vult van {names} alleen de eerste in.",
            "The newer form replaces only the first {names}.",
        ),
        Text("Gebruik elk invulveld één keer.", "Use each placeholder once."),
    ),
    "language_missing": (
        Text("Zonder `language` stopt het nieuwe formulier.", "Without `language` the newer form fails."),
        _TAKE_OURS,
    ),
    "language_default": (
        Text("Zonder `language` spreekt het formulier van objecten.", "Without `language` the form says objects."),
        _TAKE_OURS,
    ),
    "no_feature_types": (
        Text(
            "Zonder `featureTypes` stoppen beide formulieren, of tonen ze niets.",
            "Without `featureTypes` both forms fail or show nothing.",
        ),
        _TAKE_OURS,
    ),
    "id_field_missing": (
        Text(
            "Zonder `idField` zijn alle objecten voor het formulier hetzelfde.",
            "Without `idField` the form takes all objects for the same.",
        ),
        Text("Noem de eigenschap met het vaste nummer.", "Name the property with the permanent number."),
    ),
    "type_value_missing": (
        Text(
            'Deze regel geldt alleen voor objecten die "{field}" niet hebben.',
            'This entry is only for objects without "{field}".',
        ),
        Text(
            "Vul `typeValue` in, of haal `typeField` weg: dan geldt de regel voor alle objecten.",
            "Add `typeValue`, or remove `typeField`: then the entry is for all objects.",
        ),
    ),
    "type_field_missing": (
        Text("Zonder `typeField` geldt deze regel nooit.", "Without `typeField` this entry is never used."),
        Text("Vul `typeField` in, of haal `typeValue` weg.", "Add `typeField`, or remove `typeValue`."),
    ),
    "label_missing": (
        Text(
            "Zonder `label` staat er niets bij het icoon in de legenda.", "Without `label` the legend has no text here."
        ),
        Text("Vul `label` in.", "Add `label`."),
    ),
    "icon_missing": (
        Text("Zonder `icon` stopt het nieuwe formulier.", "Without `icon` the newer form fails."),
        _TAKE_OURS,
    ),
    "icon_default": (
        Text(
            "Zonder `icon.iconUrl` toont de kaart een algemeen icoon.",
            "Without `icon.iconUrl` the map shows a default icon.",
        ),
        Text("Kies een icoon van de proxy: /icons/lamp.svg.", "Choose an icon of the proxy: /icons/lamp.svg."),
    ),
    "icon_not_shipped": (
        Text("Het nieuwe formulier heeft {given} niet.", "The newer form does not have {given}."),
        Text(
            "Gebruik het volledige adres van een icoon van de proxy, zoals https://wfs-proxy.voorbeeld.nl/icons/lamp.svg.",
            "Use the full address of an icon of the proxy, such as https://wfs-proxy.example.org/icons/lamp.svg.",
        ),
    ),
    "icon_relative": (Text('"{given}" is geen webadres.', '"{given}" is not a web address.'), _PUBLIC_ADDRESS),
    "icon_this_machine": (
        Text(
            "{given} is in de browser van een melder diens eigen machine, dus het icoon ontbreekt.",
            "In the browser of a reporter, {given} is the reporter's own machine, so the icon is missing.",
        ),
        _PUBLIC_ADDRESS,
    ),
    "template_no_space": (
        Text(
            "Voor }}}} ontbreekt een spatie, dus het formulier toont {template} letterlijk.",
            "There is no space before }}}}, so the form shows {template} literally.",
        ),
        Text("Schrijf {better}.", "Write {better}."),
    ),
    "template_dot": (
        Text(
            "Het formulier kan geen eigenschap met een punt tonen: {template}.",
            "The form cannot show a property with a dot: {template}.",
        ),
        Text("Geef het veld in de laag een naam zonder punt.", "Give the field of the layer a name without a dot."),
    ),
    "template_not_served": (
        Text(
            "Geen object heeft de eigenschap van {template}, dus het formulier toont dat letterlijk.",
            "No object has the property of {template}, so the form shows it literally.",
        ),
        Text("Bedoelt u: {hint}?", "Did you mean: {hint}?"),
    ),
    "template_empty": (
        Text(
            "Bij {count} objecten is de eigenschap van {template} leeg; daar staat dit letterlijk.",
            "For {count} objects the property of {template} is empty; they show it literally.",
        ),
        Text("Gebruik een eigenschap die altijd een waarde heeft.", "Use a property that always has a value."),
    ),
    "description_no_dash": (
        Text(
            'Het nieuwe formulier bewaart van "{given}" alleen wat voor het eerste streepje staat.',
            'Of "{given}" the newer form stores only what is before the first hyphen.',
        ),
        Text("Schrijf: Lichtmast - {{{{ nummer }}}}.", "Write: Lichtmast - {{{{ nummer }}}}."),
    ),
    "all_not_last": (
        Text(
            "Deze regel geldt voor alle objecten, dus de regels erna worden nooit gebruikt.",
            "This entry is for all objects, so those after it are never used.",
        ),
        Text("Zet deze regel als laatste.", "Put this entry last."),
    ),
    "reported_not_first": (
        Text(
            "Een gemeld object past al bij een eerdere regel, dus het ziet er niet gemeld uit.",
            "A reported object matches an earlier entry, so it does not look reported.",
        ),
        Text("Zet de regel voor gemelde objecten als eerste.", "Put the entry for reported objects first."),
    ),
    "mark_not_shown": (
        Text(
            "De vraag laat niet zien welke objecten gemeld zijn.",
            "The question does not show which objects are reported.",
        ),
        Text(
            "Zet een regel met `typeField` {property} en `typeValue` {value} als eerste in featureTypes.",
            "Put an entry with `typeField` {property} and `typeValue` {value} first in featureTypes.",
        ),
    ),
    "looks_reported": (
        Text(
            "Deze regel geldt ook voor objecten die niet gemeld zijn, maar heeft het icoon van gemelde objecten.",
            "This entry is also for objects that are not reported, but has the picture of reported ones.",
        ),
        Text(
            "Schrijf `typeField` {property} en `typeValue` {value}, of kies een ander icoon.",
            "Write `typeField` {property} and `typeValue` {value}, or choose another icon.",
        ),
    ),
    "type_field_not_served": (
        Text('Geen object heeft de eigenschap "{field}".', 'No object has the property "{field}".'),
        Text("Bedoelt u: {hint}?", "Did you mean: {hint}?"),
    ),
    "type_value_differs": (
        Text(
            "De objecten hebben {served}, en dat is voor het formulier iets anders dan {given}.",
            "The objects have {served}, which for the form differs from {given}.",
        ),
        Text(
            "Schrijf {served}, met of zonder aanhalingstekens zoals hier.",
            "Write {served}, with or without quotes as here.",
        ),
    ),
    "choice_blocked": (
        Text(
            'Objecten met "reported" staan op de kaart, maar een melder kan ze niet kiezen.',
            'Objects with "reported" are on the map, but a reporter cannot choose them.',
        ),
        Text(
            "Is dat niet de bedoeling? Gebruik dan een andere waarde in `reports.mark`.",
            "If that is not intended, use another value in `reports.mark`.",
        ),
    ),
    "type_value_reserved": (
        Text(
            "{given} heeft voor het formulier een eigen betekenis, en de proxy leest zo'n antwoord niet.",
            "{given} has a meaning of its own for the form, and the proxy does not read such an answer.",
        ),
        Text("Geef deze soort in de laag een andere naam.", "Give this kind another name in the layer."),
    ),
    "icon_shared": (
        Text(
            "Een eerdere regel heeft ook {given} als `typeValue`; de lijst toont daarom het icoon van die regel.",
            "An earlier entry has {given} as `typeValue` too, so the list shows the icon of that entry.",
        ),
        Text("Gebruik voor elke regel een andere waarde.", "Use another value for each entry."),
    ),
    "objects_hidden": (
        Text(
            "{count} van {total} objecten passen bij geen enkele regel en zijn onzichtbaar.",
            "{count} of {total} objects match no entry and are invisible.",
        ),
        Text(
            "Sluit af met een regel zonder `typeField` en `typeValue`.",
            "End with an entry without `typeField` and `typeValue`.",
        ),
    ),
    "id_field_not_served": (
        Text(
            'Geen object heeft een waarde in "{field}"; het formulier kiest dan alles tegelijk.',
            'No object has a value in "{field}", so the form selects all at once.',
        ),
        Text("Bedoelt u: {hint}? Hoofdletters tellen.", "Did you mean: {hint}? Capitals count."),
    ),
    "id_field_empty": (
        Text(
            '{count} objecten hebben geen waarde in "{field}"; die zijn niet apart te kiezen.',
            '{count} objects have no value in "{field}", so they cannot be chosen one by one.',
        ),
        Text("Gebruik een eigenschap die altijd een waarde heeft.", "Use a property that always has a value."),
    ),
    "id_field_shared": (
        Text(
            "{count} waarden horen bij meer objecten, zoals {example}; die worden samen gekozen.",
            "{count} values belong to several objects, such as {example}; these are selected together.",
        ),
        Text("Gebruik een eigenschap die bij elk object anders is.", "Use a property that differs for each object."),
    ),
    "feature_without_properties": (
        Text(
            "Er zijn objecten zonder eigenschappen, en daarop stopt het formulier.",
            "There are objects without properties, on which the form fails.",
        ),
        Text("Gebruik het adres van de proxy.", "Use the address of the proxy."),
    ),
    "feature_not_point": (
        Text(
            "{count} objecten zijn geen punt, en daarop stopt het formulier.",
            "{count} objects are not points, on which the form fails.",
        ),
        Text("Gebruik het adres van de proxy, die punten geeft.", "Use the address of the proxy, which serves points."),
    ),
    "feature_created_at": (
        Text(
            "Door de eigenschap `created_at` raakt het nieuwe formulier de keuze kwijt.",
            "The property `created_at` makes the newer form lose the selection.",
        ),
        Text("Gebruik het adres van de proxy.", "Use the address of the proxy."),
    ),
    "feature_number_id": (
        Text(
            "Het eerste object heeft een getal als id, en dan toont het formulier niets.",
            "The first object has a number as id, and then the form shows nothing.",
        ),
        Text("Gebruik het adres van de proxy.", "Use the address of the proxy."),
    ),
    "status_ignored": (
        Text("Het nieuwe formulier kent featureStatusTypes niet.", "The newer form does not know featureStatusTypes."),
        Text(
            "Toon gemelde objecten met de eerste regel van featureTypes.",
            "Show reported objects by the first entry of featureTypes.",
        ),
    ),
    "status_type_value": (
        Text(
            "Zonder `typeValue` staat bij alle objecten dat ze gemeld zijn.",
            "Without `typeValue` all objects are said to be reported.",
        ),
        Text('Schrijf "typeValue": "reported".', 'Write "typeValue": "reported".'),
    ),
    "status_icon_missing": (
        Text(
            "Zonder `icon` stopt het formulier bij een gemeld object.",
            "Without `icon` the form fails on a reported object.",
        ),
        _TAKE_OURS,
    ),
    "status_values_missing": (
        Text("`statusValues` is geen lijst.", "`statusValues` is not a list."),
        _TAKE_OURS,
    ),
    "status_values_falsy": (
        Text(
            '0, false en "" herkent het formulier nooit als status.',
            'The form never recognises 0, false and "" as a status.',
        ),
        Text("Gebruik een andere waarde in `reports.mark`.", "Use another value in `reports.mark`."),
    ),
    "status_field_missing": (Text("`statusField` ontbreekt.", "`statusField` is missing."), _TAKE_OURS),
    "status_field_other": (
        Text(
            'Het formulier kijkt alleen naar "{field}", van de eerste regel.',
            'The form looks at "{field}" of the first entry only.',
        ),
        Text("Gebruik in alle regels hetzelfde `statusField`.", "Use the same `statusField` in all entries."),
    ),
    "id_not_matched": (
        Text(
            'Het formulier bewaart de waarde van "{field}", maar de proxy herkent een object daar niet aan.',
            'The form stores the value of "{field}", by which the proxy does not recognise an object.',
        ),
        Text(
            'Zet "{field}" bij `reports.match.fields` van de laag.',
            'Add "{field}" to `reports.match.fields` of the layer.',
        ),
    ),
    "argument_missing": (
        Text("Dit argument ontbreekt, maar is verplicht.", "This argument is missing."),
        _TAKE_OURS,
    ),
    "base_url_query": (
        Text(
            "Meldingen laat bij de controle alles achter het vraagteken weg.",
            "Meldingen drops everything after the question mark in its check.",
        ),
        Text("Gebruik het adres zonder vraagteken: {path}.", "Use the address without a question mark: {path}."),
    ),
    "filter_placeholder": (
        Text(
            "{name} moet precies één keer in het filter staan; Meldingen vult alleen de eerste in.",
            "{name} must be in the filter exactly once; Meldingen replaces the first only.",
        ),
        _TAKE_OURS,
    ),
    "filter_xml": (
        Text("Het filter is geen geldige XML.", "The filter is not well-formed XML."),
        _TAKE_OURS,
    ),
    "label_spaces": (
        Text(
            "Meldingen vult {template} niet in: tussen de accolades mogen alleen letters, cijfers en _ staan.",
            "Meldingen does not replace {template}: braces may contain letters, digits and _ only.",
        ),
        Text("Schrijf {better}.", "Write {better}."),
    ),
    "property_not_served": (
        Text('Geen object heeft de eigenschap "{field}".', 'No object has the property "{field}".'),
        Text("Bedoelt u: {hint}?", "Did you mean: {hint}?"),
    ),
    "icon_entry_not_text": (
        Text(
            '"{field}" is geen tekst, en daarop stopt de kaart van Meldingen.',
            '"{field}" is not text, on which the map of Meldingen fails.',
        ),
        Text("Kies een eigenschap met tekst.", "Choose a property with text."),
    ),
    "type_names_other": (
        Text('De laag heet {layer}, niet "{given}".', 'The layer is called {layer}, not "{given}".'),
        Text("Schrijf {layer}.", "Write {layer}."),
    ),
}
"""Code -> what is wrong, what to do."""
