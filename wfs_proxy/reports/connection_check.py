"""Try the address and the login of a Signalen, and say what is wrong with them and what to do.

Two requests: for the categories, which everybody may read, and with a login for one report, because Signalen has no
smaller answer that needs the login. Nothing of the report is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from wfs_proxy.config import SignalenInstance, Text
from wfs_proxy.errors import MalformedDocument, UpstreamRefused, UpstreamUnreachable, WfsProxyError
from wfs_proxy.http import HttpClients, connection_failure, redirected_to
from wfs_proxy.offload import Offload
from wfs_proxy.reports.client import InvalidChoice, SignalenClient
from wfs_proxy.reports.connection_texts import TROUBLES
from wfs_proxy.reports.form_content import OtherDocument, SignalenCategory

__all__ = ["SignalenTrouble", "public_client", "read_categories", "trouble_of", "try_login"]

_ANY_STATUSES = {407: "forward_proxy", 429: "busy", 502: "failing", 503: "maintenance", 504: "failing"}
_PUBLIC_STATUSES = {
    **_ANY_STATUSES,
    401: "everything_needs_login",
    403: "everything_needs_login",
    404: "no_api",
    410: "no_api",
    500: "failing",
}
_LOGIN_STATUSES = {**_ANY_STATUSES, 401: "login_refused", 403: "login_not_allowed", 500: "login_malformed"}


@dataclass(frozen=True, kw_only=True)
class SignalenTrouble:
    """Why a Signalen cannot be used."""

    code: str
    """A key of `TROUBLES`."""

    where: Literal["url", "auth"]
    """The setting that is probably wrong."""

    details: Mapping[str, str] = field(default_factory=dict)
    technical: str = ""
    """The error in English, for the person who runs the server."""

    @property
    def reason(self) -> Text:
        """What is wrong."""
        return TROUBLES[self.code][0].filled_in(self.details)

    @property
    def remedy(self) -> Text:
        """What to do."""
        return TROUBLES[self.code][1].filled_in(self.details)


def public_client(instance: SignalenInstance, http: HttpClients, offload: Offload) -> SignalenClient:
    """Return a client for what everybody may read: without the login, which may be what is wrong."""
    return SignalenClient(instance.model_copy(update={"auth": None}), http, offload)


async def read_categories(
    instance: SignalenInstance, http: HttpClients, offload: Offload
) -> tuple[SignalenCategory, ...] | SignalenTrouble:
    """Return the sub categories, sorted by slug, or why they cannot be read; one request, without the login."""
    try:
        return await public_client(instance, http, offload).categories()
    except WfsProxyError as error:
        return trouble_of(error, instance)


async def try_login(
    instance: SignalenInstance, http: HttpClients, offload: Offload, slugs: Sequence[str] = ()
) -> SignalenTrouble | None:
    """Return why the login of an instance does not work; None if it does. One request for one report.

    Args:
        instance: with a login.
        http: the connections.
        offload: runs long computations outside the event loop.
        slugs: categories that exist, to which the request is limited.
    """
    parameters = [("page_size", "1"), *(("category_slug", slug) for slug in slugs)]
    try:
        await SignalenClient(instance, http, offload).private_page(parameters)
    except InvalidChoice:
        return None  # the login works; a category that is not in use is no choice either
    except WfsProxyError as error:
        status = error.upstream_status if isinstance(error, UpstreamRefused) else None
        code = _LOGIN_STATUSES.get(status or 0) or ("login_failed" if status else _code_of(error))
        return _trouble(code, "auth", error, instance)
    return None


def trouble_of(error: WfsProxyError, instance: SignalenInstance) -> SignalenTrouble:
    """Return what an error of a public request means."""
    status = error.upstream_status if isinstance(error, UpstreamRefused) else None
    return _trouble(_PUBLIC_STATUSES.get(status or 0) or _code_of(error), "url", error, instance)


def _trouble(
    code: str, where: Literal["url", "auth"], error: WfsProxyError, instance: SignalenInstance
) -> SignalenTrouble:
    parts = urlsplit(instance.url)
    details = {"host": parts.netloc, "address": instance.url, "other": redirected_to(error) or ""}
    return SignalenTrouble(code=code, where=where, details=details, technical=str(error))


def _code_of(error: WfsProxyError) -> str:
    if isinstance(error, UpstreamUnreachable):
        return connection_failure(error)
    if isinstance(error, OtherDocument):
        return "web_page" if error.is_page else "other_service"
    if isinstance(error, MalformedDocument):
        return "other_service"
    return "redirected" if redirected_to(error) else "refused"
