"""The credentials of `wfs-proxy init` from flags, which say where the secret is; it is never on the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cli.init_texts import say
from wfs_proxy.config import Language
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.inspect import LOGIN_KINDS, Login, new_login

__all__ = ["LoginFlags", "login_from_flags"]

_FROM_VARIABLE = "env:"
_STDIN = "-"


@dataclass(frozen=True, kw_only=True)
class LoginFlags:
    """The flags about credentials; "" where one was not given."""

    kind: str = ""
    user: str = ""
    header: str = ""
    secret_from: str = ""


def login_from_flags(flags: LoginFlags, environment: Mapping[str, str], language: Language) -> Login | str | None:
    """Return the credentials that flags describe; None without flags; a sentence if they are incomplete.

    Raises:
        ConfigurationError: the file with the secret cannot be read.
    """
    if not flags.kind:
        return say("login_unused", language) if flags.user or flags.header or flags.secret_from else None
    if flags.kind not in LOGIN_KINDS:
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
