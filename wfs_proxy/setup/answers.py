"""The answers of a form -> the settings of the layer, or what is wrong with an answer. Pure.

Each function takes the settings so far and the form of one step. An error belongs to one control of the form; its text
says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from wfs_proxy.config import LAYER_ID
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
    "NO_LOGIN",
    "Accepted",
    "AddressAnswer",
    "Errors",
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

Errors = Mapping[str, str]
"""Name of a control -> code of the sentence."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The settings after a form."""

    draft: LayerDraft
    errors: Errors = field(default_factory=dict)
    """Empty if all answers could be used; else the settings have those that could."""

    signalen_url: str = ""
    signalen_token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class AddressAnswer:
    """The address and the credentials for it."""

    address: str
    login: Login | None = field(default=None, repr=False)
    errors: Errors = field(default_factory=dict)


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
    errors = {}
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
    """Take the field that identifies an object; one of all fields if it is none of the candidates."""
    given = request.form.get("id", [None])[0]
    if given == FEATURE_ID:
        return Accepted(draft=with_id_field(draft, None))
    if given is None or given not in {each.name for each in report.fields}:
        return Accepted(draft=draft, errors={"id": "error_id"})
    return Accepted(draft=with_id_field(draft, given))


def answer_reports(
    draft: LayerDraft, report: TypeReport, request: SetupRequest, instances: Mapping[str, str], token_before: str
) -> Accepted:
    """Take what marks an object as reported: the vendor's own mark, and the reports in Signalen.

    Args:
        draft: the settings so far.
        report: of the type, with the marks that there are.
        request: with the form.
        instances: the known instances of Signalen, by name.
        token_before: of a new instance, if the form has it no more.
    """
    mark = next((each for each in report.marks if each.field == request.one("mark")), None)
    chosen = request.one("signalen")
    draft = replace(draft, mark=mark, signalen="", categories=())
    if not chosen:
        return Accepted(draft=draft)
    categories = tuple(dict.fromkeys(re.split(r"[\s,;]+", request.one("categories").strip(" ,;")))) if chosen else ()
    errors = {}
    if not all(map(_SLUG.fullmatch, categories)):
        errors["categories"] = "error_categories"
    url = token = ""
    if chosen == NEW_INSTANCE and not instances:
        url = request.one("signalen_url").rstrip("/").removesuffix("/signals/v1").removesuffix("/signals")
        token = request.one("signalen_token") or token_before
        if _web_address(url) is None:
            errors["signalen_url"] = "error_signalen_url"
        if token and not _HEADER_TOKEN.fullmatch(token):
            errors["signalen_token"] = "error_signalen_token"  # noqa: S105 - a code
        name = "default"
    elif chosen in instances:
        name = chosen
    else:
        return Accepted(draft=draft, errors={"signalen": "error_signalen"})
    accepted = draft if errors else replace(draft, signalen=name, categories=categories)
    return Accepted(draft=accepted, errors=errors, signalen_url=url, signalen_token=token)


def answer_name(draft: LayerDraft, request: SetupRequest) -> Accepted:
    """Take the name of the file, which is the id of the layer."""
    name = request.one("name").removesuffix(".yaml").removesuffix(".yml")
    # signalen.yaml is the list of Signalen instances
    if not LAYER_ID.fullmatch(name) or name.casefold() == "signalen":
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
