"""The sentences of the guided page of `wfs-proxy setup`, in Dutch at level B1 and in English."""

from __future__ import annotations

from wfs_proxy.config import Text

__all__ = ["SETUP"]

_FRAME = {
    "setup_product": Text("Kaartlaag maken", "Make a layer"),
    "setup_steps": Text("Stappen", "Steps"),
    "step_address": Text("Adres", "Address"),
    "step_type": Text("Laag", "Type"),
    "step_objects": Text("Objecten", "Objects"),
    "step_fields": Text("Velden", "Fields"),
    "step_id": Text("Nummer", "Id"),
    "step_reports": Text("Meldingen", "Reports"),
    "step_save": Text("Opslaan", "Save"),
    "step_question": Text("Vraag", "Question"),
    "setup_next": Text("Verder", "Continue"),
    "setup_back": Text("Terug", "Back"),
    "setup_end": Text("Stoppen", "Stop"),
    "setup_done": Text("Klaar", "Done"),
    "setup_another": Text("Nog een laag maken", "Make another layer"),
    "setup_file": Text("Het bestand tot nu toe", "The file so far"),
    "setup_file_hint": Text(
        "Dit schrijft de pagina voor u in {name}. U hoeft daar niets voor te doen.",
        "This is what the page writes into {name} for you. You need not do anything for that.",
    ),
    "setup_technical": Text(
        "Technische melding, voor wie u om hulp vraagt (Engels)", "Technical message, for whom you ask for help"
    ),
    "setup_notes": Text("Wat ook opviel ({count})", "What else was noticed ({count})"),
    "setup_errors": Text("Er klopt nog iets niet", "Something is not right yet"),
    "error_title_prefix": Text("Fout:", "Error:"),
}

_ADDRESS = {
    "address_title": Text("Waar staan de objecten?", "Where are the objects?"),
    "address_lead": Text(
        "U kreeg van de leverancier een adres van een dienst (WFS, OGC API of ArcGIS). Plak het hier. De pagina "
        "kijkt dan wat er te vinden is. Er wordt niets opgeslagen tot u dat zelf doet.",
        "The vendor gave you the address of a service (WFS, OGC API or ArcGIS). Paste it here. The page then looks "
        "at what there is. Nothing is saved until you do so yourself.",
    ),
    "address_label": Text("Adres van de dienst", "Address of the service"),
    "address_hint": Text(
        "Bijvoorbeeld https://leverancier.example/wfs. Een adres van een kaart of met vraagtekens erin mag ook.",
        "For example https://vendor.example/wfs. An address of a map, or one with question marks, is fine too.",
    ),
    "address_button": Text("Bekijk de dienst", "Look at the service"),
    "address_try": Text("Probeer een van deze adressen:", "Try one of these addresses:"),
    "error_address": Text(
        "Dit is geen adres. Plak het hele adres, zoals https://leverancier.example/wfs.",
        "This is not an address. Paste the whole address, such as https://vendor.example/wfs.",
    ),
    "login_title": Text("Inloggen bij de leverancier", "Log in at the vendor"),
    "login_hint": Text(
        "Alleen nodig als de leverancier u inloggegevens gaf. Ze komen in een apart bestand dat alleen u kunt lezen, "
        "niet in het bestand van de laag.",
        "Needed only if the vendor gave you credentials. They are put into a separate file that only you can read, not "
        "into the file of the layer.",
    ),
    "login_none": Text("Niet inloggen", "No login"),
    "login_keep": Text("Met de inloggegevens die u al gaf", "With the credentials that you gave"),
    "login_basic": Text("Gebruikersnaam en wachtwoord", "User name and password"),
    "login_header": Text("Sleutel in een header", "Key in a header"),
    "login_token": Text("Token (Bearer)", "Token (Bearer)"),
    "login_user": Text("Gebruikersnaam", "User name"),
    "login_header_name": Text("Naam van de header", "Name of the header"),
    "login_secret": Text("Wachtwoord, sleutel of token", "Password, key or token"),
    "error_user": Text("Vul een gebruikersnaam in zonder dubbele punt.", "Enter a user name without a colon."),
    "error_secret": Text(
        "Vul het wachtwoord, de sleutel of het token in.", "Enter the password, the key or the token."
    ),
    "error_login": Text(
        "Dit kan niet in een aanvraag. Een sleutel of token bestaat uit gewone tekens op één regel.",
        "This cannot be part of a request. A key or token has ordinary characters on one line.",
    ),
    "wait_title": Text("De dienst wordt bekeken", "Looking at the service"),
    "wait_lead": Text(
        "Dit duurt meestal een paar seconden, bij een trage server langer. Antwoordt de server niet meer, dan hoort u "
        "dat binnen een minuut.",
        "This usually takes a few seconds, and longer with a slow server. If the server stops answering, you hear so "
        "within a minute.",
    ),
    "wait_cancel": Text("Annuleren", "Cancel"),
}

_TYPE = {
    "type_title": Text("Welke laag wilt u tonen?", "Which type do you want to show?"),
    "type_lead_one": Text("{service} heeft één laag.", "{service} has one type."),
    "type_lead": Text("{service} heeft {count} lagen.", "{service} has {count} types."),
    "type_label": Text("Lagen van de dienst", "Types of the service"),
    "type_count_at_least": Text("{count} objecten of meer", "{count} objects or more"),
    "type_button": Text("Bekijk deze laag", "Look at this type"),
    "error_type": Text("Kies een laag uit de lijst.", "Choose a type from the list."),
}

_OBJECTS = {
    "objects_title": Text("De objecten van {title}", "The objects of {title}"),
    "objects_lead_all": Text("De laag heeft {count} objecten.", "The type has {count} objects."),
    "objects_lead_sample": Text(
        "De laag heeft {count} objecten. Hier ziet u er {sample}.",
        "The type has {count} objects. {sample} of them are shown here.",
    ),
    "objects_lead_uncounted": Text(
        "De leverancier telt de objecten niet. Hier ziet u er {sample}.",
        "The vendor does not count the objects. {sample} of them are shown here.",
    ),
    "objects_on_map": Text("{count} staan op de kaart.", "{count} are on the map."),
    "objects_no_preview": Text(
        "De objecten kunnen niet op de kaart. Hieronder staat waarom.",
        "The objects cannot be shown on the map. The reason is below.",
    ),
    "preview_keys": Text(
        "Staan de objecten op de goede plek? Klik op een object, of verschuif de kaart met de pijltjestoetsen en kies "
        "met Enter.",
        "Are the objects in the right place? Click an object, or move the map with the arrow keys and select with "
        "Enter.",
    ),
    "layer_title_label": Text("Naam van de laag", "Name of the layer"),
    "layer_title_hint": Text(
        "Zo heet de laag op de kaart. U mag de naam veranderen.", "The name on the map. You may change it."
    ),
    "error_title": Text("Vul een naam in van hoogstens 200 tekens.", "Enter a name of at most 200 characters."),
    "served_title": Text("Zo geeft de proxy de objecten door", "This is how the proxy serves the objects"),
    "served_property": Text("Veld", "Field"),
    "served_object": Text("Object {number}", "Object {number}"),
    "mark_as_text": Text(
        "Het teken waarmee het meldformulier het icoon kiest: {reported} is gemeld, {otherwise} is niet gemeld.",
        "The mark by which the report form chooses the icon: {reported} is reported, {otherwise} is not.",
    ),
    "mark_as_number": Text(
        "Hetzelfde teken als getal, waarmee het eerste meldformulier van Signalen waarschuwt: {reported} is gemeld, "
        "{otherwise} is niet gemeld.",
        "The same mark as a number, by which Signalen's first form warns: {reported} is reported, {otherwise} is not.",
    ),
    "served_empty": Text("leeg", "empty"),
}

_FIELDS = {
    "fields_title": Text("Wat mag iedereen van een object zien?", "What may everybody see of an object?"),
    "fields_lead": Text(
        "Alleen de velden die u aanvinkt, worden openbaar. Laat weg wat u niet nodig heeft.",
        "Only the fields that you tick become public. Leave out what you do not need.",
    ),
    "fields_offered": Text("Velden", "Fields"),
    "fields_none": Text(
        "Geen enkel veld is zonder meer geschikt. Kijk bij de velden hieronder.",
        "No field is suitable just like that. See the fields below.",
    ),
    "fields_others": Text("Weggelaten velden ({count})", "Fields that were left out ({count})"),
    "fields_others_hint": Text(
        "Bij elk veld staat waarom. Vink er alleen een aan als u zeker weet dat iedereen het mag zien.",
        "Each says why. Tick one only if you are certain that everybody may see it.",
    ),
    "field_share": Text("{share} % gevuld", "{share} % filled"),
    "field_distinct": Text("{count} verschillende waarden", "{count} different values"),
    "examples_are": Text("Bijvoorbeeld", "For example"),
    "role_personal": Text("lijkt een persoonsgegeven", "looks like personal data"),
    "role_internal": Text("lijkt een medewerker of account", "looks like an employee or account"),
    "role_free_text": Text("vrije tekst, daar kan alles in staan", "free text, which can contain anything"),
    "role_nested": Text("samengestelde waarde, kan niet gekozen worden", "nested value, cannot be chosen"),
    "role_empty": Text("nergens gevuld", "empty everywhere"),
    "error_fields": Text("Vink minstens één veld aan.", "Tick at least one field."),
}

_ID = {
    "id_title": Text("Waaraan herkennen we een object?", "What identifies an object?"),
    "id_lead": Text(
        "Elk object heeft een nummer nodig dat nooit verandert. Daarmee vindt Signalen het object later terug. De "
        "beste keuze staat bovenaan.",
        "Each object needs a number that never changes. With it Signalen finds the object later. The best choice comes "
        "first.",
    ),
    "id_label": Text("Velden die een object kunnen aanwijzen", "Fields that may identify an object"),
    "id_none_usable": Text(
        "Geen enkel veld is echt geschikt. Vraag de leverancier om een vast nummer per object.",
        "No field is really suitable. Ask the vendor for a permanent number of each object.",
    ),
    "id_of_vendor": Text("De id van de leverancier", "The id of the vendor"),
    "id_unique": Text("uniek in {count} objecten", "unique in {count} objects"),
    "id_repeats": Text("{distinct} verschillende in {count} objecten", "{distinct} different in {count} objects"),
    "id_stable": Text("bleef gelijk bij een tweede aanvraag", "stayed the same in a second request"),
    "id_changes": Text("verandert per aanvraag", "changes with each request"),
    "id_unseen": Text("niet te zien of het gelijk blijft", "not seen whether it stays the same"),
    "id_by_place": Text("De plaats van het object", "The place of the object"),
    "id_by_place_hint": Text(
        "Verplaatst de leverancier een object, dan raakt het zijn meldingen kwijt.",
        "If the vendor moves an object, it loses its reports.",
    ),
    "id_others": Text("Een ander veld ({count})", "Another field ({count})"),
    "id_sure": Text("Ga toch door met deze keuze", "Go on with this choice"),
    "error_id_none": Text(
        "Zonder een veld met een vast nummer komen de objecten wel op de kaart, maar kan niemand ze op het "
        "meldformulier kiezen: er is dan geen vraag. Kies een ander veld, of ga door als alleen de kaart genoeg is.",
        "Without a field with a permanent number the objects are on the map, but nobody can select them in the report "
        "form: there is no question then. Choose another field, or go on if the map is enough.",
    ),
    "error_id_repeats": Text(
        "Dit veld heeft niet voor elk object een eigen waarde. Een melding kan dan bij het verkeerde object komen. "
        "Kies een ander veld, of ga door als u zeker bent.",
        "This field does not have a value of its own for each object. A report may then be of the wrong object. Choose "
        "another field, or go on if you are certain.",
    ),
    "error_id_changes": Text(
        "De waarden van dit veld veranderen per aanvraag. Een melding vindt haar object dan later niet terug. Kies een "
        "ander veld, of ga door als u zeker bent.",
        "The values of this field change with each request. A report then does not find its object later. Choose "
        "another field, or go on if you are certain.",
    ),
    "error_id": Text("Kies een van de velden.", "Choose one of the fields."),
}

_REPORTS = {
    "reports_title": Text("Hoe weten we dat iets al gemeld is?", "How do we know what has been reported?"),
    "reports_lead": Text(
        "Een gemeld object krijgt een teken op de kaart. Dat kan de leverancier doorgeven, of Signalen, of allebei.",
        "A reported object gets a mark on the map. The vendor can say so, or Signalen, or both.",
    ),
    "mark_label": Text("Teken van de leverancier", "The vendor's own mark"),
    "mark_hint": Text(
        "Deze velden lijken te zeggen dat een object gemeld is.", "These fields seem to say that an object is reported."
    ),
    "mark_none_found": Text(
        "Er is geen veld gevonden dat zegt of een object gemeld is.",
        "No field was found that says whether an object is reported.",
    ),
    "mark_reported": Text("gemeld is", "reported is"),
    "mark_others": Text("niet gemeld is", "not reported is"),
    "mark_not": Text("Geen van deze velden gebruiken", "Use none of these fields"),
    "signalen_label": Text("Meldingen in Signalen", "Reports in Signalen"),
    "signalen_hint": Text(
        "De proxy kijkt elke minuut welke meldingen open staan. Van een melding komt niets op de kaart dan het teken.",
        "Every minute the proxy looks which reports are open. Nothing of a report is on the map but the mark.",
    ),
    "signalen_known": Text("Verbinden met Signalen ({name})", "Connect Signalen ({name})"),
    "signalen_connect": Text("Verbinden met Signalen", "Connect Signalen"),
    "signalen_later": Text("Nu niet verbinden", "Do not connect now"),
    "signalen_url": Text("Adres van de API van Signalen", "Address of Signalen's API"),
    "signalen_url_hint": Text(
        "Zonder /signals/v1, bijvoorbeeld https://api.meldingen.example.",
        "Without /signals/v1, for example https://api.signalen.example.",
    ),
    "signalen_token": Text("Token (mag leeg blijven)", "Token (may stay empty)"),
    "signalen_token_hint": Text(
        "Van een gebruiker die meldingen mag lezen. Zonder token telt alleen de openbare kaart met meldingen, een half "
        "uur later.",
        "Of a user that may read reports. Without one only the public map of reports counts, half an hour late.",
    ),
    "signalen_token_kept": Text(
        "U gaf al een token. Laat leeg om het te houden.", "You gave one. Leave empty to keep it."
    ),
    "signalen_no_token": Text("Gebruik geen token", "Use no token"),
    "categories_button": Text("Toon de subcategorieën van Signalen", "Show the sub categories of Signalen"),
    "categories_label": Text("Subcategorie", "Sub category"),
    "categories_another": Text("Nog een subcategorie (mag leeg blijven)", "Another sub category (may stay empty)"),
    "categories_hint": Text(
        "Kies er een uit de lijst, of typ de korte naam (slug).", "Choose one from the list, or type the slug."
    ),
    "categories_hint_unknown": Text(
        "De korte naam (slug) zoals in het beheer van Signalen, bijvoorbeeld lantaarnpaal-straatverlichting. Weet u "
        "die niet? Gebruik dan de knop hierboven.",
        "The slug as in Signalen's administration, for example lantaarnpaal-straatverlichting. If you do not know it, "
        "use the button above.",
    ),
    "categories_all": Text("Alle subcategorieën van Signalen ({count})", "All sub categories of Signalen ({count})"),
    "category_unknown": Text(
        'Signalen heeft geen subcategorie "{given}". Bedoelt u: {names}?',
        'Signalen has no sub category "{given}". Did you mean: {names}?',
    ),
    "category_unlike_any": Text(
        'Signalen heeft geen subcategorie "{given}". Kies er een uit de lijst.',
        'Signalen has no sub category "{given}". Choose one from the list.',
    ),
    "category_is_main": Text(
        '"{given}" is een hoofdcategorie. Kies een of meer van haar subcategorieën: {names}.',
        '"{given}" is a main category. Choose one or more of its sub categories: {names}.',
    ),
    "category_inactive": Text(
        'De subcategorie "{given}" staat in Signalen uit, dus er komen geen meldingen meer in. Kies een andere.',
        'The sub category "{given}" is not in use in Signalen, so it gets no more reports. Choose another one.',
    ),
    "category_hidden": Text(
        'De subcategorie "{given}" staat niet op de openbare kaart van Signalen. Vul een token in, anders tellen haar '
        "meldingen niet mee.",
        'The sub category "{given}" is not on the public map of Signalen. Enter a token, or its reports do not count.',
    ),
    "error_no_category": Text(
        "Kies een subcategorie. Met de knop ziet u welke Signalen heeft.",
        "Choose a sub category. The button shows which ones Signalen has.",
    ),
    "error_instance": Text(
        "In signalen.yaml zit een fout, of het adres van Signalen is nog niet ingesteld. De pagina kan Signalen dus "
        "niet vragen of alles klopt. De opdracht wfs-proxy check zegt wat er nodig is.",
        "signalen.yaml has an error, or the address of Signalen is not set yet. So the page cannot ask Signalen "
        "whether everything is right. The command wfs-proxy check says what is needed.",
    ),
    "unchecked_hint": Text(
        "Kan deze computer Signalen niet bereiken, of weet u zeker dat het klopt? Dan kunt u doorgaan. Controleer het "
        "later met: {command} check --live {folder}",
        "If this machine cannot reach Signalen, or you are certain that everything is right, you can go on. Check it "
        "later with: {command} check --live {folder}",
    ),
    "unchecked_button": Text("Ga door zonder controle", "Go on without this check"),
    "error_signalen": Text("Kies een van de mogelijkheden.", "Choose one of the options."),
    "error_signalen_url": Text(
        "Vul het hele adres in, zoals https://api.meldingen.example.",
        "Enter the whole address, such as https://api.signalen.example.",
    ),
    "error_signalen_token": Text(
        "Een token bestaat uit gewone tekens zonder spaties.", "A token has ordinary characters without spaces."
    ),
    "error_categories": Text(
        "Vul de slug van een subcategorie in: letters, cijfers en streepjes.",
        "Enter the slug of a sub category: letters, digits and hyphens.",
    ),
}

_SAVE = {
    "save_title": Text("Klopt alles?", "Is everything right?"),
    "save_accepted": Text(
        "Het bestand is gecontroleerd en klopt. De proxy kan van de bekeken objecten er {count} tonen.",
        "The file was checked and is correct. Of the objects that were looked at, the proxy can show {count}.",
    ),
    "save_not_accepted": Text(
        "De proxy kan deze laag nog niet tonen. Ga terug naar de stap waar het over gaat.",
        "The proxy cannot show this layer yet. Go back to the step that this is about.",
    ),
    "save_without_id": Text(
        "De laag heeft geen veld met een vast nummer per object. De objecten komen wel op de kaart, maar er is geen "
        "vraag voor het meldformulier. Bij de stap Nummer kunt u een veld kiezen.",
        "The layer has no field with a permanent number of each object. The objects are on the map, but there is no "
        "question for the report form. You can choose a field in the step Id.",
    ),
    "name_label": Text("Naam van het bestand", "Name of the file"),
    "name_hint": Text(
        "Het komt in de map {folder}. De naam staat straks ook in het adres van de laag.",
        "It is put into the folder {folder}. The name is also part of the layer's address.",
    ),
    "error_name": Text(
        "Gebruik letters, cijfers en streepjes, en niet de naam signalen.",
        "Use letters, digits and hyphens, and not the name signalen.",
    ),
    "error_taken": Text(
        "Een ander bestand in de map heeft deze naam als id. Kies een andere naam.",
        "Another file in the folder has this name as its id. Choose another name.",
    ),
    "error_check": Text(
        "Het bestand is nog niet goed; de reden staat hieronder.", "The file is not correct yet; the reason is below."
    ),
    "error_exists": Text(
        "Dit bestand bestaat al. Kies een andere naam, of vink aan dat u het wilt vervangen.",
        "This file exists already. Choose another name, or tick that you want to replace it.",
    ),
    "replace_label": Text("Vervang {path}", "Replace {path}"),
    "save_secrets": Text(
        "De inloggegevens komen in {folder}/secrets, alleen voor u leesbaar.",
        "The credentials are put into {folder}/secrets, readable by you only.",
    ),
    "save_button": Text("Opslaan", "Save"),
    "write_failed_title": Text("Het bestand kan niet geschreven worden", "The file cannot be written"),
    "failed_remedy": Text(
        "Controleer of u in de map mag schrijven en of er ruimte is. Probeer het daarna opnieuw.",
        "Check that you may write in the folder and that there is room. Then try again.",
    ),
}

_QUESTION = {
    "question_title": Text("De laag is klaar", "The layer is ready"),
    "question_saved": Text("Opgeslagen: {path}", "Saved: {path}"),
    "question_signalen_saved": Text("Signalen staat in {path}", "Signalen is in {path}"),
    "question_secrets_saved": Text(
        "Inloggegevens staan in {folder}. Zet ze niet in versiebeheer en maak ze op de server leesbaar voor de proxy.",
        "Credentials are in {folder}. Keep them out of version control, and make them readable for the proxy on the "
        "server.",
    ),
    "question_serve": Text(
        "Start de proxy met dit commando, of zet het bestand op de server waar de proxy draait:",
        "Start the proxy with this command, or put the file onto the server where the proxy runs:",
    ),
    "question_unchecked": Text(
        "De verbinding met Signalen is niet gecontroleerd. Doe dat later met: {command} check --live {folder}",
        "The connection to Signalen was not checked. Do so later with: {command} check --live {folder}",
    ),
    "question_without_id": Text(
        "Er is geen vraag voor het meldformulier van Signalen, want de laag heeft geen veld met een vast nummer per "
        "object. De objecten staan wel op de kaart. Kies bij de stap Nummer een ander veld en sla opnieuw op. Is er "
        "geen, vraag dan de leverancier om een vast nummer per object.",
        "There is no question for Signalen's report form, because the layer has no field with a permanent number of "
        "each object. The objects are on the map. Choose another field in the step Id and save again. If there is "
        "none, ask the vendor for a permanent number of each object.",
    ),
    "question_to_id": Text("Naar de stap Nummer", "To the step Id"),
    "question_command": Text("Commando", "Command"),
    "question_heading": Text("De vraag voor het meldformulier", "The question for the report form"),
    "public_url_button": Text("Maak de vraag", "Make the question"),
    "error_public_url": Text(
        "Vul een adres in dat iedereen kan bereiken, zoals https://objecten.gemeente.example.",
        "Enter an address that everybody can reach, such as https://objects.municipality.example.",
    ),
    "unsaved_title": Text("Stoppen zonder op te slaan?", "Stop without saving?"),
    "unsaved_lead": Text(
        "Uw keuzes voor {title} zijn nog niet opgeslagen.", "Your choices for {title} have not been saved."
    ),
    "unsaved_end": Text("Stop zonder op te slaan", "Stop without saving"),
    "unsaved_back": Text("Ga verder met opslaan", "Go on to save"),
    "ended_title": Text("Klaar", "Done"),
    "ended_close": Text(
        "Het commando is gestopt. U kunt dit venster sluiten.", "The command has ended. You can close this window."
    ),
    "ended_serve": Text("Zo start u de proxy:", "This starts the proxy:"),
}

SETUP = {**_FRAME, **_ADDRESS, **_TYPE, **_OBJECTS, **_FIELDS, **_ID, **_REPORTS, **_SAVE, **_QUESTION}
