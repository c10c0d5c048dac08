"""`wfs-proxy init`: inspect a service, ask what only a person can decide, and write a layer file."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from wfs_proxy.cli.init_texts import say
from wfs_proxy.cli.inspection_progress import inspection_progress
from wfs_proxy.cli.login import LoginFlags, login_from_flags
from wfs_proxy.cli.own_command import own_command
from wfs_proxy.cli.prompts import Prompts
from wfs_proxy.config import LAYER_SUFFIXES, CatalogueError, Language, as_sentence, load_layer, render
from wfs_proxy.http import HttpClients
from wfs_proxy.inspect import (
    USELESS,
    Diagnosis,
    Finding,
    Inspector,
    LayerDraft,
    Login,
    ServiceReport,
    TypeReport,
    compose_layer,
    login_from_address,
    printable,
    propose,
    read_address,
    sentence,
    technical,
    with_id_field,
    write_layer,
)

__all__ = ["InitFlags", "WrongUse", "init"]

FINE, FINDING = 0, 1
"""Exit codes."""

_STDOUT = "-"
_LOGIN_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class InitFlags:
    """The flags of the command; "" where one was not given."""

    type_name: str = ""
    id_field: str = ""
    output: str = ""
    login: LoginFlags = field(default_factory=LoginFlags)
    overwrite: bool = False
    ask: bool = True
    """Whether to ask questions, if there is somebody to ask."""


@dataclass(frozen=True, kw_only=True)
class WrongUse:
    """The command cannot go on as it was called."""

    message: str


@dataclass(kw_only=True)
class _Init:
    """One run of the command."""

    flags: InitFlags
    language: Language
    console: Console
    prompts: Prompts
    environment: Mapping[str, str]
    type_name: str | None = None
    """The chosen type; None until it is chosen."""

    def show(self, code: str, **details: str) -> None:
        self.console.print(say(code, self.language, **details), soft_wrap=True)

    def show_finding(self, finding: Finding | Diagnosis) -> None:
        self.console.print(f"- {as_sentence(sentence(finding, self.language))}", soft_wrap=True)
        if technical(finding):
            self.show("technical", message=technical(finding))


def init(address: str, flags: InitFlags, language: Language, environment: Mapping[str, str]) -> int | WrongUse:
    """Run the command and return its exit code.

    Args:
        address: as pasted; "" asks for it.
        flags: of the command line.
        language: of the messages and of the comments in the file.
        environment: for `--secret-from env:NAME` and for checking the file.

    Raises:
        ConfigurationError: a file cannot be read or written.
    """
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    prompts = Prompts(console, language, wanted=flags.ask)
    run = _Init(flags=flags, language=language, console=console, prompts=prompts, environment=environment)
    if not address:
        if not prompts.possible:
            return WrongUse(message=say("no_address", language))
        address = prompts.text("ask_address")
    login = login_from_flags(flags.login, environment, language)
    if isinstance(login, str):
        return WrongUse(message=login)
    pasted = read_address(address)
    return asyncio.run(_inspect(run, address, login or (login_from_address(pasted) if pasted else None)))


async def _inspect(run: _Init, address: str, login: Login | None) -> int | WrongUse:
    """Inspect with the credentials that there are, and ask for others as long as they are refused."""
    service: ServiceReport | Diagnosis | None = None
    async with HttpClients() as http:
        for _ in range(_LOGIN_ATTEMPTS):
            inspector = Inspector(address, http, asyncio.to_thread, auth=None if login is None else login.auth)
            if not isinstance(service, ServiceReport):
                service = await _service(run, inspector)
            if isinstance(service, ServiceReport):
                report = await _type(run, inspector, service)
                if isinstance(report, WrongUse) or not report.needs_login:
                    return report if isinstance(report, WrongUse) else _written(run, service, report, login)
                run.show_finding(report.findings[0])
            elif not service.needs_login:
                return FINDING
            if not run.prompts.possible:
                run.show("use_auth")
                return FINDING
            login = run.prompts.login()
    return FINDING


async def _service(run: _Init, inspector: Inspector) -> ServiceReport | Diagnosis:
    with inspection_progress(run.console, run.language) as inspector.progress:
        service = await inspector.service()
    if isinstance(service, Diagnosis):
        run.show_finding(service)
        for suggestion in service.suggestions:
            run.console.print(f"  {printable(suggestion)}", soft_wrap=True)
    return service


async def _type(run: _Init, inspector: Inspector, service: ServiceReport) -> TypeReport | WrongUse:
    if run.type_name is None:
        chosen = _chosen_type(run, service)
        if isinstance(chosen, WrongUse):
            return chosen
        run.type_name = chosen
    with inspection_progress(run.console, run.language) as inspector.progress:
        return await inspector.feature_type(service, run.type_name)


def _written(run: _Init, service: ServiceReport, report: TypeReport, login: Login | None) -> int | WrongUse:
    """Show the findings and write the file; return the exit code."""
    findings = (*service.findings, *report.findings)
    for finding in findings:
        run.show_finding(finding)
    if any(finding.code in USELESS for finding in findings):
        return FINDING
    draft = _with_chosen_id(run, propose(service, report), report)
    if isinstance(draft, WrongUse):
        return draft
    accepted = _write(run, draft, service, report, login)
    if isinstance(accepted, WrongUse):
        return accepted
    serious = any(finding.severity != "notice" for finding in findings)
    return FINDING if serious or not accepted else FINE


def _chosen_type(run: _Init, service: ServiceReport) -> str | WrongUse:
    if run.flags.type_name:
        found = service.type_named(run.flags.type_name)
        if found is not None:
            return found.name
        run.prompts.show_types(service)
        return WrongUse(message=say("no_such_type", run.language, name=run.flags.type_name))
    if len(service.types) == 1:
        run.show("only_type", name=service.types[0].speaking_name)
        return service.types[0].name
    run.prompts.show_types(service)
    if run.prompts.possible:
        return run.prompts.type_of(service)
    if service.requested_type is not None:
        return service.requested_type
    return WrongUse(message=say("choose_type", run.language))


def _with_chosen_id(run: _Init, draft: LayerDraft, report: TypeReport) -> LayerDraft | WrongUse:
    if run.flags.id_field:
        if run.flags.id_field not in {each.name for each in report.fields}:
            names = ", ".join(each.name for each in report.fields)
            return WrongUse(message=say("no_such_field", run.language, name=run.flags.id_field, names=names))
        chosen: str | None = run.flags.id_field
    elif run.prompts.possible and len(report.ids) > 1:
        chosen = run.prompts.id_of(report)
    else:
        chosen = draft.id_field
    field = next((each for each in report.fields if each.name == chosen), None)
    if field is not None and field.distinct < report.sample:
        counts = {"name": field.name, "distinct": str(field.distinct), "objects": str(report.sample)}
        run.show("id_not_unique", **counts)
    if chosen is None:
        run.show("no_question")
    return with_id_field(draft, chosen)


def _write(
    run: _Init, draft: LayerDraft, service: ServiceReport, report: TypeReport, login: Login | None
) -> bool | WrongUse:
    """Write the layer file and its secrets; return whether `check` accepts the file."""
    path = _output(run, draft)
    if isinstance(path, WrongUse):
        return path
    layer_id = draft.id if path is None else path.stem
    named = replace(draft if path is None else _with_near_path(draft, path.parent), id=layer_id)
    composed = compose_layer(named, report, service.shown_url, login, run.language)
    if path is None:
        if composed.secrets:
            return WrongUse(message=say("no_secrets_on_stdout", run.language))
        os.write(1, composed.text.encode())
        return True
    write_layer(path, composed)
    if composed.secrets:
        run.show("secrets_written", folder=str(path.parent / "secrets"))
    run.show("written", path=str(path))
    return _is_accepted(run, path)


def _with_near_path(draft: LayerDraft, folder: Path) -> LayerDraft:
    """Return the draft with a path from the folder of the layer file to a file below it: both may be moved together."""
    if draft.kind != "file" or not Path(draft.url).is_relative_to(folder.resolve()):
        return draft
    return replace(draft, url=str(Path(draft.url).relative_to(folder.resolve())))


def _output(run: _Init, draft: LayerDraft) -> Path | WrongUse | None:
    """Return the file to write; None for standard output."""
    if run.flags.output == _STDOUT:
        return None
    folder = Path("layers") if Path("layers").is_dir() else Path()
    proposed = Path(run.flags.output or folder / f"{draft.id}.yaml")
    if not run.flags.output and run.prompts.possible:
        proposed = Path(run.prompts.text("ask_output", default=str(proposed)))
    if proposed.is_dir():
        proposed = proposed / f"{draft.id}.yaml"
    if proposed.suffix not in LAYER_SUFFIXES:
        return WrongUse(message=say("no_yaml", run.language, path=str(proposed)))
    may_replace = run.flags.overwrite or not proposed.exists()
    if may_replace or (run.prompts.possible and run.prompts.yes("ask_overwrite", path=str(proposed))):
        return proposed
    return WrongUse(message=say("exists", run.language, path=str(proposed)))


def _is_accepted(run: _Init, path: Path) -> bool:
    try:
        load_layer(path, run.environment)
    except CatalogueError as error:
        for problem in error.problems:
            run.console.print(render(problem, run.language), soft_wrap=True)
        return False
    paths = {"path": shlex.quote(str(path)), "folder": shlex.quote(str(path.parent))}
    run.show("next", command=own_command(sys.argv[0]), **paths)
    return True
