"""Prompts to a person at a terminal, and the tables that they are about."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from wfs_proxy.cli.init_texts import say
from wfs_proxy.config import Language
from wfs_proxy.inspect import LOGIN_KINDS, IdCandidate, Login, ServiceReport, TypeReport, new_login, printable

__all__ = ["Prompts"]

_NARROW = 70
"""Columns; a narrower terminal gets a list in place of a table."""


class Prompts:
    """Asks on standard error and reads standard input."""

    def __init__(self, console: Console, language: Language, *, wanted: bool) -> None:
        self._console = console
        self._language = language
        self.possible = wanted and console.is_terminal and sys.stdin.isatty()
        """Whether questions are wanted, and there is somebody to ask."""

    def text(self, code: str, default: str | None = None) -> str:
        """Ask for a text."""
        answer: str = typer.prompt(say(code, self._language), default=default, err=True)
        return answer.strip()

    def yes(self, code: str, **details: str) -> bool:
        """Ask a question whose answer is no by default."""
        yes, no = say("yes", self._language), say("no", self._language)
        answer: str = typer.prompt(f"{say(code, self._language, **details)} ({yes}/{no})", default=no, err=True)
        return answer.strip().casefold().startswith((yes, "y"))

    def login(self) -> Login:
        """Ask for credentials, until they can be part of a request."""
        while True:
            kind = self._one_of("ask_login", LOGIN_KINDS)
            user = self.text("ask_user") if kind == "basic" else ""
            header = self.text("ask_header", default="X-Api-Key") if kind == "header" else ""
            code = {"basic": "ask_password", "header": "ask_key", "token": "ask_token"}[kind]
            secret: str = typer.prompt(say(code, self._language), hide_input=True, err=True)
            login = new_login(kind, secret, user=user, header=header)
            if login is not None:
                return login
            self._line(say("login_invalid", self._language))

    def show_types(self, service: ServiceReport) -> None:
        """Print the types of a service, numbered from 1 or by the numbers that they have."""
        numbered = _are_numbered(each.name for each in service.types)
        rows = [
            (
                each.name if numbered else str(number),
                "" if numbered else printable(each.name),
                printable(each.title),
                _count(each.count, service.stated_cap),
            )
            for number, each in enumerate(service.types, 1)
        ]
        self._line(say("types", self._language, title=service.title or service.shown_url))
        if self._console.is_terminal and self._console.width >= _NARROW:
            self._console.print(self._table(rows))
            return
        for number, name, title, count in rows:
            named = ", ".join(filter(None, [name, title]))
            self._line(f"{number}. {named}, {say('objects', self._language)}: {count}")

    def type_of(self, service: ServiceReport) -> str:
        """Ask for one of the types."""
        names = [each.name for each in service.types]
        return self._one_of("ask_type", names, default=service.requested_type)

    def id_of(self, report: TypeReport) -> str | None:
        """Ask which field is the id; None for the id of the source."""
        self._line(say("ids", self._language))
        shown = [each.name or say("feature_id", self._language) for each in report.ids]
        for number, (each, name) in enumerate(zip(report.ids, shown, strict=True), 1):
            examples = ", ".join(each.examples)
            self._line(f"{number}. {printable(name)}: {self._quality(each)} ({examples})")
        chosen = self._one_of("ask_id", shown, default=shown[0])
        return report.ids[shown.index(chosen)].name

    def _quality(self, candidate: IdCandidate) -> str:
        numbers = {"distinct": str(candidate.distinct), "objects": str(candidate.objects)}
        said = [say("id_unique" if candidate.unique else "id_repeats", self._language, **numbers)]
        if candidate.stable is not None:
            said.append(say("id_same" if candidate.stable else "id_changed", self._language))
        return ", ".join(said)

    def _one_of(self, code: str, names: list[str] | tuple[str, ...], default: str | None = None) -> str:
        """Ask until the answer is one of the names or its number."""
        while True:
            given = self.text(code, default=default)
            if given in names:
                return given
            if given.isdigit() and 1 <= int(given) <= len(names) and not _are_numbered(names):
                return names[int(given) - 1]
            self._line(say("no_such_choice", self._language, given=given))

    def _table(self, rows: list[tuple[str, str, str, str]]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("", justify="right", no_wrap=True)
        for code in ("type", "title"):
            table.add_column(say(code, self._language), overflow="fold")
        table.add_column(say("objects", self._language), justify="right", no_wrap=True)
        for row in rows:
            # as text, because titles may contain rich's markup
            table.add_row(*map(RichText, row))
        return table

    def _line(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


def _are_numbered(names: Iterable[str]) -> bool:
    """Whether the vendor's own names are numbers, as those of ArcGIS layers: then there are no others."""
    return all(map(str.isdecimal, names))


def _count(count: int | None, stated_cap: int | None) -> str:
    """Return a number of objects; servers that cap their answers may count no further (MapServer)."""
    if count is None:
        return "?"
    return f"{count}+" if count == stated_cap else f"{count}"
