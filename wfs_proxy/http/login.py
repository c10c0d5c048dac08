"""A login with a POST request, whose answer is a token for the other requests (`auth: {type: login}`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from wfs_proxy.config import LoginAuth
from wfs_proxy.errors import UpstreamRefused
from wfs_proxy.http.auth_secrets import secrets_of
from wfs_proxy.http.credentials import ExchangeToken, SentCredentials, TokenRequest
from wfs_proxy.http.login_answer import read_login_answer, words_in
from wfs_proxy.http.shared_token import IssuedToken, SharedToken
from wfs_proxy.http.status_errors import OF_LOGINS

__all__ = ["REFUSED_FOR", "LoginCredentials"]

REFUSED_FOR = 60.0
"""Seconds in which a login that was refused is not repeated: vendors lock accounts after a few wrong passwords. A
changed layer file has credentials of its own, which are tried at once."""

_MEDIA_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class LoginCredentials:
    """The token of a login; concurrent requests share it."""

    def __init__(
        self, auth: LoginAuth, exchange: ExchangeToken, clock: Callable[[], float], wall_clock: Callable[[], float]
    ) -> None:
        """Send nothing yet.

        Args:
            auth: the login.
            exchange: sends it.
            clock: seconds since any moment.
            wall_clock: seconds since 1970, for the answers of a server that does not say what time it is.
        """
        self._auth = auth
        self._exchange = exchange
        self._clock = clock
        self._wall_clock = wall_clock
        self._token = SharedToken(self._log_in, issuer=OF_LOGINS.who, clock=clock)
        self._refusal = ""
        self._refused_until = clock()

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that were issued last."""
        return self._token.recent

    async def current(self) -> SentCredentials:
        """Return the token in the header or parameter that the layer file names.

        Raises:
            UpstreamError: the login failed.
        """
        token = await self._token.get()
        place = self._auth.send
        if place.parameter is not None:
            return SentCredentials(parameters={place.parameter: token}, token=token)
        return SentCredentials(headers={place.header: place.prefix + token}, token=token)

    def renewable_after(self, sent: SentCredentials) -> bool:
        """Discard the refused token, unless another request has replaced it already."""
        self._token.discard(sent.token)
        return True

    async def _log_in(self) -> IssuedToken:
        if self._clock() < self._refused_until:
            raise UpstreamRefused(self._refusal)
        try:
            answer = await self._exchange(self._request())
            return read_login_answer(answer, self._auth, self._wall_clock())
        except UpstreamRefused as error:
            if not error.retryable:
                self._refusal, self._refused_until = str(error), self._clock() + REFUSED_FOR
            raise

    def _request(self) -> TokenRequest:
        fields = {name: value.get_secret_value() for name, value in self._auth.fields.items()}
        text = json.dumps(fields) if self._auth.body == "json" else urlencode(fields)
        return TokenRequest(
            url=self._auth.url,
            headers={"Content-Type": _MEDIA_TYPES[self._auth.body]},
            body=text.encode(),
            wording=OF_LOGINS,
            words=partial(words_in, secrets=secrets_of(self._auth)),
        )
