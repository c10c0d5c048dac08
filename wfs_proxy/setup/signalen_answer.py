"""Ask the Signalen of a form whether it, its login and the categories that were named can be used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from wfs_proxy.config import SignalenInstance, Text
from wfs_proxy.http import HttpClients
from wfs_proxy.pages import SETUP
from wfs_proxy.reports import (
    CategoryTrouble,
    SignalenCategory,
    SignalenTrouble,
    category_trouble,
    read_categories,
    try_login,
)
from wfs_proxy.setup.answers import Errors

__all__ = ["SignalenAnswer", "ask_signalen"]

_SECONDS = 6.0
"""The longest that one of three attempts takes: somebody is waiting for the page."""


@dataclass(frozen=True, kw_only=True)
class SignalenAnswer:
    """What a Signalen answered."""

    categories: tuple[SignalenCategory, ...] = ()
    """To choose from: those in use."""

    trouble: SignalenTrouble | None = None
    """With its address or login."""

    of_categories: tuple[Text, ...] = ()
    """Why categories cannot be used, and what to do."""

    def errors(self, *, new_instance: bool) -> Errors:
        """Return what is wrong with a form, by the control that it is about.

        Args:
            new_instance: whether the address and the login are in the form, and not in `signalen.yaml`.
        """
        found: dict[str, str | Text] = {}
        if self.trouble is not None:
            own = "signalen_url" if self.trouble.where == "url" else "signalen_token"
            found[own if new_instance else "signalen"] = _joined([self.trouble.reason, self.trouble.remedy])
        if self.of_categories:
            found["categories"] = _joined(self.of_categories)
        return found


async def ask_signalen(instance: SignalenInstance, named: Sequence[str]) -> SignalenAnswer:
    """Ask for the categories, and try the login.

    Args:
        instance: its settings.
        named: what somebody wrote as categories.
    """
    hurried = instance.model_copy(update={"timeout": min(instance.timeout, _SECONDS)})
    async with HttpClients() as http:
        found = await read_categories(hurried, http, asyncio.to_thread)
        if isinstance(found, SignalenTrouble):
            return SignalenAnswer(trouble=found)
        login = None if instance.auth is None else await try_login(hurried, http, asyncio.to_thread)
    return SignalenAnswer(
        categories=tuple(each for each in found if each.is_active),
        trouble=login,
        of_categories=_wrong_categories(named, found, public_only=instance.auth is None),
    )


def _joined(texts: Sequence[Text]) -> Text:
    return Text(" ".join(text.nl for text in texts), " ".join(text.en for text in texts))


def _wrong_categories(
    named: Sequence[str], categories: Sequence[SignalenCategory], *, public_only: bool
) -> tuple[Text, ...]:
    troubles = (category_trouble(slug, categories, public_only=public_only) for slug in named)
    return tuple(_said(trouble) for trouble in troubles if trouble is not None)


def _said(trouble: CategoryTrouble) -> Text:
    unlike_any = trouble.code == "category_unknown" and not trouble.names
    return SETUP["category_unlike_any" if unlike_any else trouble.code].filled_in(
        {"given": trouble.given, "names": ", ".join(trouble.names)}
    )
