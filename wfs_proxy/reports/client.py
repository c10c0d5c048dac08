"""One question to Signalen: its address, and its refusals in words that tell an administrator what to mend.

The policy towards the server (time, size, tries, breaker, renewal of the token) is `sources.http`'s. Addresses of next
pages are made here and never followed: Signalen builds its own from whatever host its ingress let it see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

import orjson

from wfs_proxy.config import SignalenInstance
from wfs_proxy.errors import UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import HttpClients, Wording
from wfs_proxy.reports.signal_pages import SignalPage, parse_page, parse_public_page
from wfs_proxy.sources import Offload

__all__ = ["InvalidChoice", "QueryParameters", "SignalenClient", "moment"]

QueryParameters = Iterable[tuple[str, str]]
"""Query parameters; a repeated name is an "or"."""

PRIVATE_LIST = "/signals/v1/private/signals/"
PUBLIC_GEOGRAPHY = "/signals/v1/public/signals/geography"

_WORDING = Wording(
    who="Signalen",
    hints={
        401: (
            ": the token of `auth` is refused: it has ended (or the clocks differ), is not signed for this Signalen,"
            " or has no `email` claim with the name of one of its users"
        ),
        403: (
            ": the user of `auth` may not read signals (it needs sia_read, and sia_can_view_all_categories),"
            " or the token comes from another issuer or for another audience"
        ),
        404: ": is `url` the address without /signals/v1?",
        429: ": it is asked too often; a longer `poll` may help",
        500: ": perhaps the login: it answers so to a missing or garbled token, and when it cannot reach its"
        " identity provider",
        503: ": it is under maintenance, or too busy",
    },
)

_CHOICES = frozenset({"category_slug", "status"})
"""The filters whose values this program sends out of its layer files and its table of states."""

_T = TypeVar("_T")


class InvalidChoice(UpstreamRefused):
    """A category or a state that this Signalen does not know; the answer tells in which filter, not reliably which."""

    def __init__(self, fields: frozenset[str]) -> None:
        super().__init__(f"Signalen does not know a value of {' and '.join(sorted(fields))}", upstream_status=400)
        self.fields = fields


class SignalenClient:
    """Asks one instance. Only what `reports.signals` lets through comes back."""

    def __init__(self, instance: SignalenInstance, http: HttpClients, offload: Offload) -> None:
        self._instance = instance
        self._http = http
        self.offload = offload
        """Runs what takes long away from the event loop."""

    async def private_page(self, question: QueryParameters) -> SignalPage:
        """A page of the private list.

        Raises:
            InvalidChoice: it does not know a category or a state.
            UpstreamError: it did not answer, or refused; `_WORDING` tells why.
            ConfigurationError: a certificate file of the instance cannot be read.
            MalformedDocument: what it answered is no such page.
        """
        return await self._ask(PRIVATE_LIST, question, parse_page)

    async def public_page(self, question: QueryParameters) -> SignalPage:
        """A page of the public geography.

        Raises:
            InvalidChoice: a category is not public, or is unknown.
            UpstreamError: it did not answer, or refused.
            MalformedDocument: what it answered is no such page.
        """
        return await self._ask(PUBLIC_GEOGRAPHY, question, parse_public_page)

    async def _ask(self, path: str, question: QueryParameters, parse: Callable[[bytes], _T]) -> _T:
        # percent-encoded throughout: Signalen reads a raw + as a space, and some states have one
        url = f"{self._instance.url.rstrip('/')}{path}?{urlencode(list(question), quote_via=quote)}"
        payload = await self._http.client(self._instance).get(url, _invalid_choice, _WORDING)
        page: _T = await self.offload(parse, payload.body)
        return page


def moment(when: datetime) -> str:
    """A time as Signalen's filters take it.

    In UTC with a Z: the + of an offset arrives as a space, and a time without any is one in Europe/Amsterdam.
    """
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _invalid_choice(payload: Payload) -> WfsProxyError | None:
    """The fault behind a body such as {"category_slug": ["Selecteer een geldige keuze. ..."]}."""
    try:
        told = orjson.loads(payload.body)
    except orjson.JSONDecodeError:
        return None
    fields = _CHOICES.intersection(told) if isinstance(told, dict) else frozenset()
    return InvalidChoice(frozenset(fields)) if fields else None
