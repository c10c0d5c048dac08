"""Fields that should not be served without a thought. Names are those of real vendors and of common databases."""

from __future__ import annotations

import pytest

from wfs_proxy.inspect.roles import is_personal, mark_in, role_of, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CREATED_USER", "created_user"),
        ("createdUser", "created_user"),
        ("LastEditedBy", "last_edited_by"),
        ("gwsw:Naam", "naam"),
        ("beheer|naam", "naam"),
        ("E-mail adres", "e_mail_adres"),
        ("OBJECTID", "objectid"),
        ("IS_GEMELD", "is_gemeld"),
        ("LumiId", "lumi_id"),
        ("ID", "id"),
    ],
)
def test_words_of_a_name(name: str, words: str):
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("email", "personal"),
        ("E_MAIL", "personal"),
        ("emailadres", "personal"),
        ("telefoonnummer", "personal"),
        ("TEL", "personal"),
        ("BSN", "personal"),
        ("melder", "personal"),
        ("NaamMelder", "personal"),
        ("eigenaar", "personal"),
        ("eigenaarnaam", "personal"),
        ("contactpersoon", "personal"),
        ("geboortedatum", "personal"),
        ("voornaam", "personal"),
        ("gemeld_door", "personal"),
        ("CREATED_USER", "internal"),
        ("LAST_EDITED_USER", "internal"),
        ("last_edited_by", "internal"),
        ("gewijzigdDoor", "internal"),
        ("mutatiedoor", "internal"),
        ("gebruikersnaam", "internal"),
        ("Editor", "internal"),
        ("inspecteur", "internal"),
        ("username", "internal"),
        ("opmerkingen", "free_text"),
        ("Toelichting", "free_text"),
        ("MEMO", "free_text"),
        ("remarks", "free_text"),
        ("notes", "free_text"),
    ],
)
def test_name_that_looks_like_it_is_left_out(name: str, role: str):
    assert role_of(name, ["x", "y"]) == role


@pytest.mark.parametrize(
    "name",
    [
        "OBJECTID",
        "MASTNUMMER",
        "SOORTOBJECT",
        "STRAATNAAM",
        "naam",
        "uri",
        "LumiId",
        "KastCode",
        "beheerder",
        "status",
        "Maaiveldhoogte",
        "doorsnede",
        "hotel",
        "lichtpunthoogte",
        "GlobalID",
        "contactdoos_type",
        "rookmelder_type",
        "armatuurtype",
        "woonplaats",
        "wijk",
        "postcode",
        "plaatsing",
        "stelseltype",
        "created_date",
        "last_edited_date",
    ],
)
def test_name_of_an_ordinary_field_stays(name: str):
    assert role_of(name, ["x", "y"]) is None


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["kast", "bel j.jansen@example.org", "mast"], "personal"),
        (["06-12345678", "0612345679", "06 1234 5680"], "personal"),
        (["+31 6 12345678", "0031612345678"], "personal"),
        (["050-3123456", "0598 312345"], "personal"),
        (["NL91ABNA0417164300"], "personal"),
        (["111222333", "123456782", "100000009", "100000010", "100000022"], "personal"),
        (["A. Buur", "J. de Vries", "P.J. van den Berg", "onbekend"], "personal"),
        (["dhr. Jansen", "mw. Pietersen", "fam. de Boer"], "personal"),
        (["GEMEENTE\\jansen", "GEMEENTE\\vries"], "internal"),
    ],
)
def test_values_that_look_like_it_are_left_out_whatever_the_name(values: list[str], role: str):
    assert role_of("kenmerk1", values) == role


@pytest.mark.parametrize(
    "values",
    [
        ["034100", "034101", "034102"],
        ["111222333", "123456783", "100000009", "100000011", "100000022"],
        ["0363100012345678", "0363100012345679"],
        ["1998-03-04", "2004-01-01"],
        ["P.C. Hooftstraat", "J. van Oldenbarneveltlaan", "A.M. de Jongplein", "Markt"],
        ["LED 18W", "PLL 36W"],
        ["http://data.gwsw.nl/1.6/totaal/Kolk"],
        ["Gemeente Den Haag", "Rijkswaterstaat", "N.V. Waterbedrijf"],
        [],
    ],
)
def test_ordinary_values_stay(values: list[str]):
    assert role_of("kenmerk1", values) is None


@pytest.mark.parametrize(
    ("value", "personal"),
    [
        ("bel jan@example.org", True),
        ("bel 06-12345678 na vijven", True),
        ("J. de Vries", True),
        ("P.C. Hooftstraat", False),
        ("Lichtmast", False),
        ("034100", False),
        ("", False),
    ],
)
def test_single_value_that_is_no_example(value, personal):
    assert is_personal(value) is personal


def test_streets_are_named_after_persons():
    assert role_of("straatnaam", ["A. Schweitzer", "J. Cats", "M.L. King"]) is None


@pytest.mark.parametrize(
    ("name", "values", "reported"),
    [
        ("IS_GEMELD", ["0", "1"], ("1",)),
        ("IS_GEMELD", ["0"], ("1",)),
        ("gemeld", ["N", "J"], ("J",)),
        ("gemeld", ["N"], ("J",)),
        ("Gemeld", ["nee", "ja"], ("ja",)),
        ("gemeld", ["Nee"], ("Ja",)),
        ("meldingstatus", ["0", "1"], ("1",)),
        ("AMS_Meldingstatus", ["1"], ("1",)),
        ("storingstatus", ["0", "1"], ("1",)),
        ("storing", ["false", "true"], ("true",)),
        ("isReported", ["false"], ("true",)),
        ("status", ["In bedrijf", "Storing gemeld"], ("Storing gemeld",)),
        ("status", ["Gemeld", "Afgehandeld", "In behandeling"], ("Gemeld", "In behandeling")),
        ("meldingstatus", ["Geen melding", "Gemeld"], ("Gemeld",)),
    ],
)
def test_mark_of_the_vendor_is_recognised(name: str, values: list[str], reported: tuple[str, ...]):
    mark = mark_in(name, values)

    assert mark.reported == reported
    assert set(mark.others) == set(values) - set(reported)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status", ["in gebruik", "vervallen"]),
        ("status", ["0", "1"]),
        ("meldingnummer", ["1", "0"]),
        ("meldingsdatum", ["1", "0"]),
        ("soort_melding", ["1"]),
        ("actief", ["0", "1"]),
        ("gemeld", []),
        ("gemeld", [str(number) for number in range(50)]),
        ("meldingstatus", ["Niet gemeld", "Geen storing"]),
    ],
)
def test_other_fields_are_no_mark(name: str, values: list[str]):
    assert mark_in(name, values) is None
