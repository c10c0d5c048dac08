from __future__ import annotations

from dataclasses import replace

import pytest
from type_reports import SERVICE, field, type_report

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.inspect.login import new_login
from wfs_proxy.inspect.proposal import propose
from wfs_proxy.inspect.report import IdCandidate, MarkCandidate
from wfs_proxy.setup.answers import (
    NEW_INSTANCE,
    NO_CATEGORY,
    Accepted,
    NewSignalen,
    answer_fields,
    answer_id,
    answer_name,
    answer_objects,
    answer_reports,
    read_address_answer,
)
from wfs_proxy.setup.setup_request import SetupRequest

MARK = MarkCandidate(field="gemeld", reported=("1",), others=("0",))
REPORT = type_report(fields=(field("nummer"), field("soort"), field("email", role="personal"), field("created_at")))
DRAFT = propose(SERVICE, REPORT)
VENDOR = "https://x.nl/wfs"


def form(**given: str | list[str]) -> SetupRequest:
    values = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
    return SetupRequest(method="POST", path="", query={}, accept="", accept_language=None, form=values)


def test_address_with_credentials_of_each_kind():
    basic = read_address_answer(form(address=VENDOR, login="basic", user="jan", secret=" g h "), "", None)
    header = read_address_answer(form(address=VENDOR, login="header", header="X-Sleutel", secret="abc"), "", None)
    token = read_address_answer(form(address=VENDOR, login="token", secret="abc"), "", None)
    in_address = read_address_answer(form(address="https://jan:geheim@x.nl/wfs", login="none"), "", None)

    assert (basic.login.kind, basic.login.secret, basic.login.public) == ("basic", " g h ", {"username": "jan"})
    assert header.login.public == {"name": "X-Sleutel"}
    assert token.login.block("masten")["value"] == "Bearer ${file:secrets/masten-token}"
    assert in_address.login.secret == "geheim"
    assert [each.errors for each in (basic, header, token, in_address)] == [{}, {}, {}, {}]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"address": "zomaar"}, {"address"}),
        ({"address": ""}, {"address"}),
        ({"address": VENDOR, "login": "basic"}, {"user", "secret"}),
        ({"address": VENDOR, "login": "basic", "user": "a:b", "secret": "x"}, {"user"}),
        ({"address": VENDOR, "login": "header", "secret": "é\n"}, {"login"}),
        ({"address": VENDOR, "login": "digest", "secret": "x"}, {"login"}),
    ],
)
def test_what_is_missing_is_said_beside_it(given: dict[str, str], wrong: set[str]):
    answer = read_address_answer(form(**given), "", None)

    assert set(answer.errors) == wrong
    assert answer.login is None


@pytest.mark.parametrize("address", ["https://y.nl/wfs", "http://x.nl/wfs", "https://x.nl:8443/wfs"])
def test_credentials_of_one_server_are_not_kept_for_another(address: str):
    kept = new_login("token", "geheim")
    answer = read_address_answer(form(address=address, login="keep"), VENDOR, kept)

    assert read_address_answer(form(address=f"{VENDOR}?map=1", login="keep"), VENDOR, kept).login is kept
    assert (answer.login, answer.errors) == (None, {})


@pytest.mark.parametrize("address", ["https://y.nl/wfs", "https://x.nl/geo/wfs", "https://x.nl/wfs?map=1", "y.nl/wfs"])
@pytest.mark.parametrize("kind", ["basic", "header", "token"])
def test_new_address_starts_afresh_after_a_login_was_asked_for(address: str, kind: str):
    """The page had chosen a kind of login for the address before."""
    chosen = {"login": kind, "user": " ", "header": "X-Api-Key", "secret": ""}

    answer = read_address_answer(form(address=address, **chosen), VENDOR, None)
    suggested = read_address_answer(form(suggestion=address, **chosen), VENDOR, None)
    same = read_address_answer(form(address=VENDOR, **chosen), VENDOR, None)
    begun = read_address_answer(form(address=address, **{**chosen, "user": "jan"}), VENDOR, None)

    assert (answer.address, answer.login, answer.errors) == (address, None, {})
    assert (suggested.login, suggested.errors) == (None, {})
    assert "secret" in same.errors
    assert "secret" in begun.errors


@pytest.mark.parametrize("kind", ["", "none", "keep", "basic", "header", "token"])
@pytest.mark.parametrize("before", ["", VENDOR, "https://y.nl/wfs"])
def test_credentials_in_the_address_are_used_whatever_was_chosen(kind: str, before: str):
    kept = new_login("token", "oud")
    given = form(address="https://jan:ge%40heim@x.nl/wfs?map=1", login=kind, user="oud", secret="")
    answer = read_address_answer(given, before, kept)

    assert answer.errors == {}
    assert (answer.login.kind, answer.login.secret, answer.login.public) == ("basic", "ge@heim", {"username": "jan"})
    assert answer.address == "https://x.nl/wfs?map=1"


def test_typed_credentials_are_newer_than_those_in_the_address():
    given = form(address="https://jan:geheim@x.nl/wfs", login="token", secret="nieuw")
    answer = read_address_answer(given, "", None)

    assert (answer.login.kind, answer.login.secret) == ("token", "nieuw")
    assert answer.address == "https://x.nl/wfs"


def test_credentials_in_the_address_that_cannot_be_sent_are_an_error():
    answer = read_address_answer(form(address="https://a%3Ab:geheim@x.nl/wfs", login="none"), "", None)

    assert set(answer.errors) == {"login"}
    assert "geheim" not in answer.address


def test_title_is_one_line_and_not_empty():
    assert answer_objects(DRAFT, form(title="  Masten \n stad ")).draft.title == "Masten stad"
    assert answer_objects(DRAFT, form(title=" ")).errors == {"title": "error_title"}
    assert answer_objects(DRAFT, form(title="x" * 201)).errors == {"title": "error_title"}


def test_fields_are_those_of_the_type_that_can_be_served():
    given = form(field=["soort", "email", "created_at", "no such field", "nummer"])

    assert answer_fields(DRAFT, REPORT, given).draft.fields == ("nummer", "soort", "email")
    assert answer_fields(DRAFT, REPORT, form()).errors == {"field": "error_fields"}


def test_id_is_a_field_or_the_id_of_the_vendor():
    assert answer_id(DRAFT, REPORT, form(id="email")).draft.fields == ("email", "nummer", "soort")
    assert answer_id(DRAFT, REPORT, form(id="")).draft.id_field is None
    assert answer_id(DRAFT, REPORT, form(id="other")).errors == {"id": "error_id"}
    assert answer_id(DRAFT, REPORT, form()).errors == {"id": "error_id"}


CANDIDATES = type_report(
    fields=(field("nummer"), field("straat", distinct=40), field("nieuw", distinct=100), field("leeg", filled=0.9)),
    ids=(
        IdCandidate(name="nummer", objects=100, distinct=100, stable=True),
        IdCandidate(name=None, objects=100, distinct=100, stable=True),
        IdCandidate(name="straat", objects=100, distinct=99, stable=None),
        IdCandidate(name="nieuw", objects=100, distinct=100, stable=False),
    ),
)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("nummer", None),
        ("", "error_id_none"),
        ("straat", "error_id_repeats"),
        ("nieuw", "error_id_changes"),
        ("leeg", "error_id_repeats"),
    ],
)
def test_id_with_which_the_form_does_not_work_is_taken_knowingly(given: str, error: str | None):
    first = answer_id(DRAFT, CANDIDATES, form(id=given))
    sure = answer_id(DRAFT, CANDIDATES, form(id=given, sure="yes"))

    assert first.errors == ({} if error is None else {"id": error})
    assert sure.errors == {}
    assert sure.draft.id_field == (given or None)


def test_another_field_may_be_the_id_if_each_object_has_its_own_value():
    report = type_report(fields=(field("code", distinct=100), field("soort")), ids=())

    assert answer_id(DRAFT, report, form(id="code")).errors == {}
    assert answer_id(DRAFT, report, form(id="soort")).errors == {"id": "error_id_repeats"}


KNOWN = {"default": SignalenInstance(url="https://s.nl")}


def reports(
    instances: dict[str, SignalenInstance] | None = None, before: NewSignalen | None = None, **given: str | list[str]
) -> Accepted:
    marked = replace(REPORT, marks=(MARK,))
    return answer_reports(DRAFT, marked, form(**given), instances or {}, before or NewSignalen())


def test_mark_and_category_are_chosen():
    new = {"signalen": NEW_INSTANCE, "signalen_url": "https://api.s.nl/signals/v1/", "signalen_token": "abc"}

    none = reports(mark="", signalen="")
    vendor = reports(mark="gemeld", signalen="", categories="ignored")
    known = reports(KNOWN, signalen="default", categories="a-1, b_2 a-1")
    connected = reports(**new, categories="a-1")

    assert (none.draft.mark, none.draft.categories, none.errors) == (None, (), {})
    assert (vendor.draft.mark, vendor.draft.signalen) == (MARK, "")
    assert (known.draft.signalen, known.draft.categories) == ("default", ("a-1", "b_2"))
    assert (connected.draft.signalen, connected.signalen_url) == ("default", "https://api.s.nl")
    assert connected.signalen_token == "abc"
    assert (known.instance, none.instance) == (KNOWN["default"], None)
    assert connected.instance.auth.token.get_secret_value() == "abc"


def test_categories_are_named_in_several_controls_or_with_commas():
    named = reports(KNOWN, signalen="default", categories=["a-1", "", " b_2 ,c", "Put / riolering verstopt"])

    assert named.categories == ("a-1", "b_2", "c", "Put / riolering verstopt")
    assert named.errors == {"categories": "error_categories"}
    assert reports(KNOWN, signalen="default", categories=["", " "]).errors == NO_CATEGORY


def test_token_of_one_signalen_is_not_kept_for_another():
    before = NewSignalen(url="https://s.nl", token="geheim")
    same = {"signalen": NEW_INSTANCE, "signalen_url": "https://s.nl/", "categories": "a"}

    assert reports(before=before, **same).signalen_token == "geheim"
    assert reports(before=before, **{**same, "signalen_url": "https://t.nl"}).signalen_token == ""
    assert "geheim" not in repr(reports(before=before, **same))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"signalen": "default", "categories": "a"}, {"signalen"}),
        ({"signalen": NEW_INSTANCE, "signalen_url": "s.nl", "categories": "a"}, {"signalen_url"}),
        ({"signalen": NEW_INSTANCE, "signalen_url": 'https://s.nl/"\n', "categories": "a"}, {"signalen_url"}),
        ({"signalen": NEW_INSTANCE, "signalen_url": "https://s.nl", "categories": ""}, {"categories"}),
        ({"signalen": NEW_INSTANCE, "signalen_url": "https://s.nl", "categories": "Een zin!"}, {"categories"}),
        (
            {"signalen": NEW_INSTANCE, "signalen_url": "https://s.nl", "categories": "a", "signalen_token": "a b"},
            {"signalen_token"},
        ),
    ],
)
def test_connection_that_cannot_work_is_not_written(given: dict[str, str], wrong: set[str]):
    accepted = reports(**given)

    assert set(accepted.errors) == wrong
    assert (accepted.draft.signalen, accepted.draft.categories) == ("", ())


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".hidden", "signalen", "SIGNALEN.yaml", "a b", "x" * 101])
def test_name_stays_in_the_folder(name: str):
    assert answer_name(DRAFT, form(name=name)).errors == {"name": "error_name"}


def test_suffix_may_be_typed():
    assert answer_name(DRAFT, form(name="masten.yaml")).draft.id == "masten"
