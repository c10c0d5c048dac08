"""The demo's Signalen and a feed that polls it, in one process and without sockets."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import httpx
from clocks import Clock
from recorded_signalen import CATEGORIES, DEPARTMENTS, USERS

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.config.signalen_states import DEFAULT_OPEN
from wfs_proxy.demo.signalen.app import Signalen
from wfs_proxy.demo.signalen.auth import Client, IdentityProvider
from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.open_signals import AskedQuestions, SignalFilter
from wfs_proxy.reports.private_feed import PrivateFeed

URL = "http://signalen.test"
ISSUER = f"{URL}/realms/signals"
PLACE = (6.5665, 53.2194)
LIGHT = "lantaarnpaal-straatverlichting"
WASTE = "container-is-vol"
ALL_QUESTIONS = frozenset({AskedQuestions(layer="masten", categories=frozenset(), keys=frozenset())})
"""A layer whose file has no `question_keys`."""

READER = "svc-assetproxy@example.org"


class ASignalen:
    """The service, the requests that it received, and a hook to change it between two requests."""

    def __init__(self, *, client: Client | None = None) -> None:
        self.clock = Clock()
        self.backend = Backend(clock=self.clock, categories=CATEGORIES, departments=DEPARTMENTS, users=USERS)
        machine = client or Client(secret="geheim", email=READER)
        self.provider = IdentityProvider(clock=self.clock, clients={"proxy": machine}, issuer=ISSUER)
        self.app = Signalen(self.backend, self.provider)
        self.asked: list[httpx.QueryParams] = []
        self.before: Callable[[httpx.QueryParams], object] = lambda _: None
        """Called with the query before each request is answered."""
        self.ahead = 0.0
        """Seconds by which the proxy's clock is ahead of Signalen's."""
        self.dated = True
        """Whether answers have a `Date`."""
        self.seconds_per_row = 0.0
        """The time that a request takes for each row that it may return."""
        self.time_limit = math.inf
        """Seconds after which a request is cut off without an answer, as by `harakiri` of uWSGI."""
        self.cut_off = 0
        """Requests that were cut off."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/signals/"):
            query = httpx.QueryParams(scope["query_string"].decode())
            self.asked.append(query)
            self.before(query)
            self._take_time(int(query.get("page_size", 100)))
        await self.app(scope, receive, self._dated(send) if self.dated else send)

    def _take_time(self, rows: int) -> None:
        seconds = min(rows, len(list(self.backend.signals()))) * self.seconds_per_row
        self.clock.now += min(seconds, self.time_limit)
        if seconds > self.time_limit:
            self.cut_off += 1
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    def _dated(self, send: Any) -> Any:
        date = formatdate(self.clock.now, usegmt=True).encode()

        async def send_dated(message: Any) -> None:
            headers = [*message.get("headers", ()), (b"date", date)]
            await send({**message, "headers": headers} if message["type"] == "http.response.start" else message)

        return send_dated

    def proxy_clock(self) -> float:
        return self.clock.now + self.ahead

    def http(self, policy: HttpPolicy | None = None) -> HttpClients:
        async def no_sleep(_: float) -> None:
            return None

        usual = HttpPolicy(sleep=no_sleep, clock=self.proxy_clock, proxy_for=lambda _: None)
        return HttpClients(policy or usual, transport_wrapper=lambda _: httpx.ASGITransport(self))

    def instance(self, **changes: Any) -> SignalenInstance:
        auth = {"type": "oidc", "issuer": ISSUER, "client_id": "proxy", "client_secret": "geheim"}
        return SignalenInstance(**{"url": URL, "auth": auth, "page_size": 5, **changes})

    def feed(self, http: HttpClients, scope: SignalFilter | None = None, **changes: Any) -> PrivateFeed:
        instance = self.instance(**changes)
        client = SignalenClient(instance, http, asyncio.to_thread)
        return PrivateFeed(client, instance, scope or scope_of_lights(), self.proxy_clock)

    def open_ids(self, scope: SignalFilter | None = None) -> set[int]:
        """Return the ids of the open signals, from the tables."""
        wanted = scope or scope_of_lights()
        return {
            signal.id
            for signal in self.backend.signals()
            if signal.state in wanted.states and (wanted.categories is None or signal.category in wanted.categories)
        }

    def later(self, seconds: float = 60.0) -> None:
        self.clock.now += seconds


async def poll(feed: PrivateFeed) -> None:
    """Do what one poll does."""
    while not await feed.refresh():
        pass
    await feed.find_disappeared()


def scope_of_lights(*more: str) -> SignalFilter:
    return SignalFilter(states=DEFAULT_OPEN, categories=frozenset({LIGHT, *more}), questions=ALL_QUESTIONS)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
