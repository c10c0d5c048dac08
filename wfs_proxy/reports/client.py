"""One request to Signalen: its URL, and error messages that say what an administrator has to fix.

Timeouts, size limits, retries, the circuit breaker and the renewal of tokens are in `wfs_proxy.http`. The URLs of
further pages are built here. Signalen's own links are not followed, because it builds them from the host name that its
ingress passes on, which may be an internal one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from wfs_proxy.config import SignalenInstance
from wfs_proxy.errors import DecodeError, UpstreamError, UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import HttpClients, Wording
from wfs_proxy.offload import Offload
from wfs_proxy.reports.form_content import SignalenCategory, parse_categories, parse_questions
from wfs_proxy.reports.server_clock import time_of
from wfs_proxy.reports.signal_pages import SignalPage, parse_page, parse_public_page

__all__ = ["InvalidChoice", "QueryParameters", "SignalenClient", "moment"]

QueryParameters = Iterable[tuple[str, str]]
"""Query parameters; a repeated name is an "or"."""

PRIVATE_LIST = "/signals/v1/private/signals/"
PUBLIC_GEOGRAPHY = "/signals/v1/public/signals/geography"
CATEGORIES = "/signals/v1/public/terms/categories/"
QUESTIONS = "/signals/v1/public/questions/"

_WORDING = Wording(
    who="Signalen",
    setting="`url` in signalen.yaml",
    hints={
        401: (
            ": the token of `auth` is refused: it has expired (or the clocks differ), it was not issued for this"
            " Signalen, or it has no `email` claim with the address of one of its users"
        ),
        403: (
            ": the user of `auth` may not read signals (it needs sia_read, and sia_can_view_all_categories),"
            " or the token comes from another issuer or for another audience"
        ),
        404: ": check that `url` is the address without /signals/v1",
        429: ": too many requests; a longer `poll` may help",
        500: ": the login may be the cause: Signalen answers this to a missing or malformed token, and when it"
        " cannot reach its identity provider",
        503: ": under maintenance, or overloaded",
    },
)

_CHOICES = frozenset({"category_slug", "status"})
"""The filters whose values come from the layer files and the table of states."""

_MOST_ROWS = "500"
"""Rows on a page, so that one page is all: a municipality has one or two dozen main categories, and a category a few
questions."""


class InvalidChoice(UpstreamRefused):
    """Signalen does not know a category or a state. Its answer names the filter, but not reliably the value."""

    def __init__(self, fields: frozenset[str]) -> None:
        super().__init__(f"Signalen does not know a value of {' and '.join(sorted(fields))}", upstream_status=400)
        self.fields = fields


class SignalenClient:
    """Reads pages of one Signalen instance. Returns only the fields that `Signal` has."""

    def __init__(self, instance: SignalenInstance, http: HttpClients, offload: Offload) -> None:
        self._instance = instance
        self._http = http
        self.offload = offload
        """Runs slow work in another thread."""

    async def private_page(self, parameters: QueryParameters) -> SignalPage:
        """Return a page of the private list. See `private_page_anew`."""
        fixed = tuple(parameters)
        return await self.private_page_anew(lambda: fixed)

    async def private_page_anew(self, parameters: Callable[[], QueryParameters]) -> SignalPage:
        """Return a page of the private list.

        Args:
            parameters: called before each attempt, so that a repetition can ask for fewer signals.

        Raises:
            InvalidChoice: Signalen does not know a category or a state.
            UpstreamError: Signalen did not answer, or refused the request.
            ConfigurationError: a certificate file of the instance cannot be read.
            MalformedDocument: the answer is not such a page.
        """
        client = self._http.client(self._instance)
        payload = await client.get_anew(lambda: self._url(PRIVATE_LIST, parameters()), _invalid_choice, _WORDING)
        page: SignalPage = await self.offload(parse_page, payload.body)
        return replace(page, answered_at=time_of(payload.date))

    async def public_page(self, parameters: QueryParameters) -> SignalPage:
        """Return a page of the public geography.

        Raises:
            InvalidChoice: a category is not public, or is unknown.
            UpstreamError: Signalen did not answer, or refused the request.
            MalformedDocument: the answer is not such a page.
        """
        payload = await self._get(PUBLIC_GEOGRAPHY, parameters)
        page: SignalPage = await self.offload(parse_public_page, payload.body)
        return page

    async def category_slugs(self) -> tuple[str, ...]:
        """Return the slugs of the sub categories in use, sorted.

        They only help to correct a name, so there are none if Signalen does not return them.
        """
        with suppress(UpstreamError, DecodeError):
            return tuple(category.slug for category in await self.categories() if category.is_active)
        return ()

    async def categories(self) -> tuple[SignalenCategory, ...]:
        """Return the sub categories, sorted by slug; one request, for which no login is needed.

        Raises:
            UpstreamError: Signalen did not answer, or refused the request.
            MalformedDocument: the answer is not a list of categories.
        """
        payload = await self._get(CATEGORIES, [("page_size", _MOST_ROWS)])
        return parse_categories(payload.body)

    async def questions(self, category: SignalenCategory) -> tuple[Mapping[str, Any], ...]:
        """Return the questions that the form asks in a category; one request, for which no login is needed.

        Raises:
            UpstreamError: Signalen did not answer, or refused the request.
            MalformedDocument: the answer is not a list of questions.
        """
        # without the main category Signalen ignores the sub category, and returns all questions
        chosen = [("main_slug", category.main_slug), ("sub_slug", category.slug), ("page_size", _MOST_ROWS)]
        payload = await self._get(QUESTIONS, chosen)
        return parse_questions(payload.body)

    async def _get(self, path: str, parameters: QueryParameters) -> Payload:
        return await self._http.client(self._instance).get(self._url(path, parameters), _invalid_choice, _WORDING)

    def _url(self, path: str, parameters: QueryParameters) -> str:
        # percent-encode spaces too: some states contain one
        return f"{self._instance.url.rstrip('/')}{path}?{urlencode(list(parameters), quote_via=quote)}"


def moment(when: datetime) -> str:
    """Return a time in the form that Signalen's filters accept: in UTC, with a Z.

    Signalen reads the + of an offset as a space, and a time without an offset as one in Europe/Amsterdam.
    """
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _invalid_choice(payload: Payload) -> WfsProxyError | None:
    """Return the error for a body such as {"category_slug": ["Selecteer een geldige keuze. ..."]}."""
    try:
        document = orjson.loads(payload.body)
    except orjson.JSONDecodeError:
        return None
    fields = _CHOICES.intersection(document) if isinstance(document, dict) else frozenset()
    return InvalidChoice(frozenset(fields)) if fields else None
