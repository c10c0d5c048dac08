"""The answers of a form -> the settings of the layer, or what is wrong with an answer. Pure.

Each function takes the settings so far and the form of one step. An error belongs to one control of the form; its text
says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from wfs_proxy.config import LAYER_ID, SIGNALEN_FILES, BearerToken, SignalenInstance, Text
from wfs_proxy.inspect import (
    LOGIN_KINDS,
    LayerDraft,
    Login,
    PastedAddress,
    TypeReport,
    login_from_address,
    may_be_served,
    new_login,
    read_address,
    with_id_field,
)
from wfs_proxy.setup.setup_request import SetupRequest

__all__ = [
    "KEPT_LOGIN",
    "NEW_INSTANCE",
    "NO_CATEGORY",
    "NO_LOGIN",
    "UNSUITABLE_IDS",
    "Accepted",
    "AddressAnswer",
    "Errors",
    "NewSignalen",
    "answer_fields",
    "answer_id",
    "answer_name",
    "answer_objects",
    "answer_reports",
    "read_address_answer",
    "without_login",
]

NO_LOGIN = "none"
KEPT_LOGIN = "keep"
NEW_INSTANCE = "new:"
"""Values of radio buttons. The colon cannot be part of an instance's name."""

FEATURE_ID = ""
"""The value of the radio button for the id of the vendor; an attribute's name is never empty."""

_LONGEST_TITLE = 200
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"[A-Za-z0-9._~:/%\[\]-]+")
"""No character that means something in YAML or in a placeholder."""

_HEADER_TOKEN = re.compile(r"[!-~]+")

Errors = Mapping[str, str | Text]
"""Name of a control -> the sentence, or its code in `pages.setup_texts`."""

NO_CATEGORY: Errors = {"categories": "error_no_category"}

UNSUITABLE_IDS = frozenset(["error_id_none", "error_id_repeats", "error_id_changes"])
"""Errors of the control for the id after which the person may go on."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The settings after a form."""

    draft: LayerDraft
    errors: Errors = field(default_factory=dict)
    """Empty if all answers could be used; else the settings have those that could."""

    signalen_url: str = ""
    signalen_token: str = field(default="", repr=False)
    instance: SignalenInstance | None = field(default=None, repr=False)
    """The Signalen to ask; None without one, and if its settings cannot be used."""

    categories: tuple[str, ...] = ()
    """Those that were named, also if they cannot be used."""


@dataclass(frozen=True, kw_only=True)
class AddressAnswer:
    """The address and the credentials for it."""

    address: str
    login: Login | None = field(default=None, repr=False)
    errors: Errors = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewSignalen:
    """What was given for an instance that is in no file yet."""

    url: str = ""
    token: str = field(default="", repr=False)


def read_address_answer(request: SetupRequest, before: str, kept: Login | None) -> AddressAnswer:
    """Read the first form.

    Args:
        request: with the form.
        before: the address that `kept` and the chosen kind of login are for.
        kept: the credentials that were given before.
    """
    typed = request.one("suggestion") or request.one("address")
    pasted = read_address(typed)
    if pasted is None:
        return AddressAnswer(address=typed, login=kept, errors={"address": "error_address"})
    address = without_login(typed)
    if pasted.username and not request.secret("secret"):
        return _with_login(address, login_from_address(pasted))
    kind = request.one("login") or NO_LOGIN
    if kind == KEPT_LOGIN:
        # the credentials of one vendor must not reach another one
        return AddressAnswer(address=address, login=kept if _origin(before) == _origin(address) else None)
    if kind == NO_LOGIN or (_is_new(pasted, before) and not (request.one("user") or request.secret("secret"))):
        return AddressAnswer(address=address)
    errors = _login_errors(request, kind)
    if errors:
        return AddressAnswer(address=address, errors=errors)
    return _with_login(
        address, new_login(kind, request.secret("secret"), user=request.one("user"), header=request.one("header"))
    )


def without_login(address: str) -> str:
    """Return an address as it was typed, but for a user and password in it: they are never shown or written."""
    pasted = read_address(address)
    return pasted.url if pasted is not None and (pasted.username or pasted.password) else address


def _with_login(address: str, login: Login | None) -> AddressAnswer:
    return AddressAnswer(address=address, login=login, errors={} if login is not None else {"login": "error_login"})


def _is_new(pasted: PastedAddress, before: str) -> bool:
    """Whether another address was given before, for which the page proposed a kind of login."""
    earlier = read_address(before)
    return earlier is not None and earlier.base != pasted.base


def _login_errors(request: SetupRequest, kind: str) -> Errors:
    if kind not in LOGIN_KINDS:
        return {"login": "error_login"}
    errors: dict[str, str | Text] = {}
    if kind == "basic" and (not request.one("user") or ":" in request.one("user")):
        errors["user"] = "error_user"
    if not request.secret("secret"):
        errors["secret"] = "error_secret"  # noqa: S105 - a code
    return errors


def _origin(address: str) -> tuple[str, str] | None:
    pasted = read_address(address)
    return None if pasted is None else (urlsplit(pasted.base).scheme, urlsplit(pasted.base).netloc)


def answer_objects(draft: LayerDraft, request: SetupRequest) -> Accepted:
    """Take the title of the layer."""
    title = " ".join(request.one("title").split())
    if not title or len(title) > _LONGEST_TITLE:
        return Accepted(draft=draft, errors={"title": "error_title"})
    return Accepted(draft=replace(draft, title=title))


def answer_fields(draft: LayerDraft, report: TypeReport, request: SetupRequest) -> Accepted:
    """Take the output fields, in the order of the vendor."""
    wanted = set(request.several("field"))
    fields = tuple(each.name for each in report.fields if each.name in wanted and may_be_served(each.name))
    return Accepted(draft=replace(draft, fields=fields), errors={} if fields else {"field": "error_fields"})


def answer_id(draft: LayerDraft, report: TypeReport, request: SetupRequest) -> Accepted:
    """Take the field that identifies an object; one of all fields if it is none of the candidates.

    A choice with which the report form does not work needs a second button, which says so.
    """
    given = request.form.get("id", [None])[0]
    if given != FEATURE_ID and given not in {each.name for each in report.fields}:
        return Accepted(draft=draft, errors={"id": "error_id"})
    unsuitable = _id_problem(report, given or None)
    accepted = with_id_field(draft, given or None)
    if unsuitable is not None and request.one("sure") != "yes":
        return Accepted(draft=accepted, errors={"id": unsuitable})
    return Accepted(draft=accepted)


def _id_problem(report: TypeReport, name: str | None) -> str | None:
    """Return the code of the sentence about what does not work with an id; None if nothing speaks against it.

    Args:
        report: of the type.
        name: of the field; None for the id of the vendor or the place, which the question of a form cannot name.
    """
    if name is None:
        return "error_id_none"
    candidate = next((each for each in report.ids if each.name == name), None)
    if candidate is not None and candidate.stable is False:
        return "error_id_changes"
    if candidate is not None:
        return None if candidate.unique else "error_id_repeats"
    chosen = next(each for each in report.fields if each.name == name)
    return None if chosen.filled == 1.0 and chosen.distinct == report.sample else "error_id_repeats"


def answer_reports(
    draft: LayerDraft,
    report: TypeReport,
    request: SetupRequest,
    instances: Mapping[str, SignalenInstance | None],
    before: NewSignalen,
) -> Accepted:
    """Take what marks an object as reported: the vendor's own mark, and the reports in Signalen.

    Args:
        draft: the settings so far.
        report: of the type, with the marks that there are.
        request: with the form.
        instances: the known instances of Signalen, by name; None for one whose settings have an error.
        before: what was given for a new instance; its token is kept while the form has no other address.
    """
    mark = next((each for each in report.marks if each.field == request.one("mark")), None)
    chosen = request.one("signalen")
    draft = replace(draft, mark=mark, signalen="", categories=())
    if not chosen:
        return Accepted(draft=draft)
    if chosen == NEW_INSTANCE and not instances:
        name, connection = "default", _new_signalen(request, before)
    elif chosen in instances:
        name, connection = chosen, _ChosenSignalen(instance=instances[chosen])
    else:
        return Accepted(draft=draft, errors={"signalen": "error_signalen"})
    categories = _named_categories(request)
    errors = {**connection.errors, **_category_errors(categories)}
    return Accepted(
        draft=draft if errors else replace(draft, signalen=name, categories=categories),
        errors=errors,
        signalen_url=connection.url,
        signalen_token=connection.token,
        instance=connection.instance,
        categories=categories,
    )


@dataclass(frozen=True, kw_only=True)
class _ChosenSignalen:
    """An instance of Signalen as the form has it."""

    instance: SignalenInstance | None
    url: str = ""
    token: str = field(default="", repr=False)
    errors: Errors = field(default_factory=dict)


def _new_signalen(request: SetupRequest, before: NewSignalen) -> _ChosenSignalen:
    url = request.one("signalen_url").rstrip("/").removesuffix("/signals/v1").removesuffix("/signals")
    # the token of one Signalen must not reach another one
    kept = before.token if url == before.url and request.one("no_token") != "yes" else ""
    token = request.one("signalen_token") or kept
    errors: dict[str, str | Text] = {}
    if _web_address(url) is None:
        errors["signalen_url"] = "error_signalen_url"
    if token and not _HEADER_TOKEN.fullmatch(token):
        errors["signalen_token"] = "error_signalen_token"  # noqa: S105 - a code
    if errors:
        return _ChosenSignalen(instance=None, url=url, token=token, errors=errors)
    auth = BearerToken(type="bearer", token=token) if token else None
    return _ChosenSignalen(instance=SignalenInstance(url=url, auth=auth), url=url, token=token)


def _named_categories(request: SetupRequest) -> tuple[str, ...]:
    """Return what is in the controls for categories, of which each may have several with commas between them."""
    named = (part.strip() for text in request.several("categories") for part in re.split(r"[,;\r\n]+", text))
    return tuple(dict.fromkeys(slug for part in named if part for slug in _slugs_in(part)))


def _slugs_in(part: str) -> Sequence[str]:
    """Return the slugs with spaces between them, or the whole text, which may be the name of a category."""
    words = part.split()
    return words if all(map(_SLUG.fullmatch, words)) else [part]


def _category_errors(categories: tuple[str, ...]) -> Errors:
    if not categories:
        return NO_CATEGORY
    return {} if all(map(_SLUG.fullmatch, categories)) else {"categories": "error_categories"}


def answer_name(draft: LayerDraft, request: SetupRequest) -> Accepted:
    """Take the name of the file, which is the id of the layer."""
    name = request.one("name").removesuffix(".yaml").removesuffix(".yml")
    if not LAYER_ID.fullmatch(name) or f"{name}.yaml".casefold() in SIGNALEN_FILES:
        return Accepted(draft=draft, errors={"name": "error_name"})
    return Accepted(draft=replace(draft, id=name))


def _web_address(text: str) -> str | None:
    """Return the host of an address of a server; None if the text is none."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and "@" not in parts.netloc and not parts.query and not parts.fragment
    return host if usable and host and _WEB_ADDRESS.fullmatch(text) else None
