"""Fields that should not be served without a thought: personal data, internal users, free text, the vendor's own mark.

Both the name and the values count, and one e-mail address among thousands of values is enough. The rules rather leave
out too much: a field that is left out is named in the layer file, and an administrator can add it. They do not replace
that look, because a name in an ordinary field cannot be recognised with certainty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wfs_proxy.inspect.report import FieldRole, MarkCandidate
from wfs_proxy.values import comparable_text

__all__ = ["is_personal", "mark_in", "role_of", "words_of"]

_PERSONAL_ANYWHERE = re.compile(
    r"email|e_mail|mailadres|telefoon|telephone|phone|mobiel_?n|geboorte|birth|burgerservice|achternaam|voornaam|"
    r"voorletter|surname|first_?name|last_?name|contact_?persoon|contact_?gegeven|melder_?naam|naam_?melder|bewoner|"
    r"huurder|aanvrager|klant_?naam|persoon|initialen|rekening_?n|kenteken|gemeld_door|reported_by|reporter|"
    r"eigenaar_?naam|naam_?eigenaar|owner_?name|geslacht|woonadres|huisadres"
)
_PERSONAL_WORDS = frozenset(
    [
        "bsn",
        "tel",
        "telnr",
        "mail",
        "melder",
        "iban",
        "contact",
        "eigenaar",
        "owner",
        "person",
        "citizen",
        "burger",
        "gsm",
    ]
)
_INTERNAL_ANYWHERE = re.compile(
    r"(?:created|edited|modified|updated|changed|last_edited|inserted|deleted|checked)_?(?:by|user)|user_?name|"
    r"gebruiker|bewerker|medewerker|inspecteur|inspector|monteur|behandelaar|opsteller|invoerder|controleur|"
    r"(?:gewijzigd|wijziging|gemuteerd|mutatie|ingevoerd|invoer|aangemaakt|bewerkt|gecontroleerd|geinspecteerd|"
    r"afgehandeld|goedgekeurd|uitgevoerd)_?door|user_?id|employee"
)
_INTERNAL_WORDS = frozenset(["user", "editor", "creator", "login", "auteur", "author", "operator", "account"])
_FREE_TEXT_ANYWHERE = re.compile(
    r"opmerking|toelichting|notitie|memo|bijzonderhe|remark|comment|vrije_?tekst|free_?text|annotatie|aantekening"
)
_FREE_TEXT_WORDS = frozenset(["note", "notes", "opm"])

_STREET = re.compile(r"straat|street|weg$|adres|wijk|buurt|plaats|locatie|gemeente|openbare_?ruimte|road")
"""Names of fields whose values look like names of persons: streets are named after them."""

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?:\+31|0031)[\s()-]*\d(?:[\s-]*\d){7,9}|06[\s-]*\d(?:[\s-]*\d){7}|0\d{1,3}[\s-]+\d(?:[\s-]*\d){5,6}"
)
_IBAN = re.compile(r"[A-Z]{2}\d{2}\s?[A-Z]{4}\s?\d{4}\s?\d{4}\s?\d{2}")
_PERSON = re.compile(
    r"(?:dhr\.?|mevr?\.?|mw\.?|fam\.?)\s.*|"
    r"(?!N\.V\.|B\.V\.|V\.O\.F\.|S\.A\.)(?:[A-Z]\.\s?)+"
    r"(?:(?:van|von|de|der|den|ten|ter|te|het|'t|la|el)\s)*[A-Z][\w'-]+(?:[ -][A-Z][\w'-]+)*",
)
_STREET_NAME = re.compile(
    r"(?:straat|laan|weg|plein|kade|hof|dijk|pad|singel|gracht|park|plantsoen|dreef|ring|baan|steeg|markt|wal)\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{2,}\\[\w.-]+")

_MANY_PERSONS = 0.3
_MANY_NUMBERS = 0.5
"""Shares of the distinct values."""

_FEWEST_BSN = 5
_BSN_DIGITS = 9
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def words_of(name: str) -> str:
    """Return a name in lower case with its words joined by `_`: `CREATED_USER` and `createdUser` become the same."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.rpartition(":")[2].rpartition("|")[2])
    return re.sub(r"[^a-z0-9]+", "_", spaced.casefold()).strip("_")


def role_of(name: str, values: Sequence[str]) -> FieldRole | None:
    """Return "personal", "internal" or "free_text" if a field's name or its distinct values look like that."""
    words = words_of(name)
    alone = set(words.split("_"))
    if _PERSONAL_ANYWHERE.search(words) or alone & _PERSONAL_WORDS:
        return "personal"
    if _INTERNAL_ANYWHERE.search(words) or alone & _INTERNAL_WORDS:
        return "internal"
    if _FREE_TEXT_ANYWHERE.search(words) or alone & _FREE_TEXT_WORDS:
        return "free_text"
    if _has_personal_values(words, values):
        return "personal"
    return "internal" if _share(_ACCOUNT, values) >= _MANY_NUMBERS else None


def is_personal(value: str) -> bool:
    """Whether a single value contains an address, a number or a name of a person; it is then no example."""
    return any(pattern.search(value) for pattern in (_EMAIL, _IBAN, _PHONE)) or _is_person(value.strip())


def _is_person(value: str) -> bool:
    return _PERSON.fullmatch(value) is not None and not _STREET_NAME.search(value)


def _has_personal_values(words: str, values: Sequence[str]) -> bool:
    if any(_EMAIL.search(value) for value in values) or any(_IBAN.search(value) for value in values):
        return True
    if _share(_PHONE, values) >= _MANY_NUMBERS or _are_bsn(values):
        return True
    if _STREET.search(words):
        return False
    return _share(_PERSON, [value for value in values if not _STREET_NAME.search(value)]) >= _MANY_PERSONS


def _share(pattern: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(pattern.fullmatch(value.strip()) is not None for value in values) / len(values) if values else 0.0


def _are_bsn(values: Sequence[str]) -> bool:
    """Whether all values are citizen service numbers, by the test of eleven, which one of eleven numbers passes."""
    return len(values) >= _FEWEST_BSN and all(map(_is_bsn, values))


def _is_bsn(value: str) -> bool:
    if len(value) != _BSN_DIGITS or not (value.isascii() and value.isdigit()):
        return False
    return sum(weight * int(digit) for weight, digit in zip(_BSN_WEIGHTS, value, strict=True)) % 11 == 0


_MARK_NAME = re.compile(r"gemeld|melding|storing|defect|reported|is_kapot|signaal|heeft_klacht")
_STATUS_NAME = re.compile(r"status|toestand|staat$|state")
_NO_MARK_NAME = re.compile(
    r"nummer|_nr|_id$|datum|date|tekst|text|door|by|omschrijving|aantal|count|tijd|_op$|soort|type"
)
_MOST_MARK_VALUES = 12
_REPORTED_TEXT = re.compile(
    r"gemeld|storing|defect|kapot|reported|in behandeling|melding open|open melding|in onderzoek"
)
_NOT_REPORTED_TEXT = re.compile(r"\b(?:niet|geen|not|no|none)\b|opgelost|gereed|afgehandeld|hersteld|gesloten|solved")
_OPPOSITES = {
    "1": "0", "j": "n", "ja": "nee", "y": "n", "yes": "no", "t": "f", "true": "false", "waar": "onwaar",
}  # fmt: skip
"""Reported -> not reported."""


def mark_in(name: str, values: Sequence[str]) -> MarkCandidate | None:
    """Return a field as the vendor's own mark; None when it is not one.

    Args:
        name: of the field.
        values: its distinct values as text.
    """
    words = words_of(name)
    says_so, status = _MARK_NAME.search(words), _STATUS_NAME.search(words)
    if not (says_so or status) or (_NO_MARK_NAME.search(words) and "status" not in words):
        return None
    known = list(dict.fromkeys(map(comparable_text, values)))
    if not known or len(known) > _MOST_MARK_VALUES:
        return None
    reported = _flags(known) if says_so else ()
    if not reported:
        texts = [(value, value.casefold()) for value in known]
        reported = tuple(v for v, low in texts if _REPORTED_TEXT.search(low) and not _NOT_REPORTED_TEXT.search(low))
    if not reported:
        return None
    return MarkCandidate(field=name, reported=reported, others=tuple(value for value in known if value not in reported))


def _flags(known: Sequence[str]) -> tuple[str, ...]:
    """Return the value that means "reported" of a field with two values; where only the other occurs, its opposite."""
    folded = {value.casefold(): value for value in known}
    for yes, no in _OPPOSITES.items():
        if set(folded) <= {yes, no}:
            return (folded[yes],) if yes in folded else (_cased_like(yes, folded[no]),)
    return ()


def _cased_like(text: str, model: str) -> str:
    if model.isupper():
        return text.upper()
    return text.capitalize() if model[:1].isupper() else text
