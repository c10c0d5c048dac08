"""Credentials of a vendor: for the requests of an inspection, and for a layer file that refers to a secret file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from wfs_proxy.config import Auth, BasicAuth, HeaderAuth
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.secret_files import reference_to

__all__ = ["LOGIN_KINDS", "Login", "login_from_address", "new_login"]

LOGIN_KINDS = ("basic", "header", "token")


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
