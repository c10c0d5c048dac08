"""The credentials of `wfs-proxy init`: from flags, from an address, or from questions; never on the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from wfs_proxy.cli.init_texts import say
from wfs_proxy.config import Auth, BasicAuth, HeaderAuth, Language
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.inspect import PastedAddress, reference_to

__all__ = ["KINDS", "Login", "LoginFlags", "login_from_address", "login_from_flags", "new_login"]

KINDS = ("basic", "header", "token")

_FROM_VARIABLE = "env:"
_STDIN = "-"


@dataclass(frozen=True, kw_only=True)
class LoginFlags:
    """The flags about credentials; "" where one was not given."""

    kind: str = ""
    user: str = ""
    header: str = ""
    secret_from: str = ""


@dataclass(frozen=True, kw_only=True)
class Login:
    """Credentials, for requests and for a layer file."""

    kind: str
    auth: Auth = field(repr=False)
    secret: str = field(repr=False)
    public: Mapping[str, str] = field(default_factory=dict)
    """The keys of the block `auth` that are no secret."""

    file: str = ""
    """The file that has the secret already; "" where one has to be written."""

    def block(self, layer_id: str) -> Mapping[str, str]:
        """Return the block `auth` of the layer file."""
        reference = f"${{file:{self.file}}}" if self.file else reference_to(self._name(layer_id))
        if self.kind == "basic":
            return {"type": "basic", **self.public, "password": reference}
        return {"type": "header", **self.public, "value": f"Bearer {reference}" if self.kind == "token" else reference}

    def secrets(self, layer_id: str) -> Mapping[str, str]:
        """Return the secrets to write: name of the file -> secret."""
        return {} if self.file else {self._name(layer_id): self.secret}

    def _name(self, layer_id: str) -> str:
        return f"{layer_id}-{'password' if self.kind == 'basic' else self.kind}"


def new_login(kind: str, secret: str, *, user: str = "", header: str = "", file: str = "") -> Login | None:
    """Return credentials; None if they cannot be part of a request."""
    try:
        if kind == "basic":
            basic = BasicAuth(type="basic", username=user, password=secret)
            return Login(kind=kind, auth=basic, secret=secret, public={"username": user}, file=file)
        name = "Authorization" if kind == "token" else header or "X-Api-Key"
        value = f"Bearer {secret}" if kind == "token" else secret
        auth = HeaderAuth(type="header", name=name, value=value)
    except ValidationError:
        return None
    return Login(kind=kind, auth=auth, secret=secret, public={"name": name}, file=file)


def login_from_address(pasted: PastedAddress) -> Login | None:
    """Return the user and password that were in the address; None without them."""
    return new_login("basic", pasted.password, user=pasted.username) if pasted.username else None


def login_from_flags(flags: LoginFlags, environment: Mapping[str, str], language: Language) -> Login | str | None:
    """Return the credentials that flags describe; None without flags; a sentence if they are incomplete.

    Raises:
        ConfigurationError: the file with the secret cannot be read.
    """
    if not flags.kind:
        return say("login_unused", language) if flags.user or flags.header or flags.secret_from else None
    if flags.kind not in KINDS:
        return say("login_kind", language)
    if flags.kind == "basic" and not flags.user:
        return say("login_user", language)
    if not flags.secret_from:
        return say("login_secret", language)
    secret = _secret(flags.secret_from, environment)
    if not secret.strip():
        return say("login_empty", language, place=flags.secret_from)
    named = not flags.secret_from.startswith(_FROM_VARIABLE) and flags.secret_from != _STDIN
    file = str(Path(flags.secret_from).absolute()) if named else ""
    login = new_login(flags.kind, secret, user=flags.user, header=flags.header, file=file)
    return login or say("login_invalid", language)


def _secret(place: str, environment: Mapping[str, str]) -> str:
    if place.startswith(_FROM_VARIABLE):
        return environment.get(place.removeprefix(_FROM_VARIABLE), "")
    try:
        text = sys.stdin.read() if place == _STDIN else Path(place).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise ConfigurationError(f"{place} cannot be read: {reason}") from error
    return text.rstrip("\r\n")
