"""The `wfs-proxy` command: one function per subcommand, each a few lines that call the package.

Exit codes: 0 fine, 1 a problem was found, 2 wrong use.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import geojson
import typer

from wfs_proxy import __version__
from wfs_proxy.app import create_app
from wfs_proxy.asgi import ASGIApp
from wfs_proxy.cli.check import check as check_files
from wfs_proxy.cli.convert import convert as convert_files
from wfs_proxy.cli.example import ExampleRefused, copy_example, list_examples
from wfs_proxy.cli.own_command import own_command
from wfs_proxy.cli.question import QuestionRefused, print_question
from wfs_proxy.cli.verify import problems_in
from wfs_proxy.config import Language, load_layer
from wfs_proxy.demo.compose import run_demo, run_replay
from wfs_proxy.errors import ConfigurationError, WfsProxyError
from wfs_proxy.logs import configure_logging
from wfs_proxy.question import FORMS
from wfs_proxy.recordings import record as record_layer
from wfs_proxy.run import LOOPBACK, serve_together, serve_with_workers
from wfs_proxy.settings import PREFIX, Settings

app = typer.Typer(
    name="wfs-proxy",
    help="A proxy between the map in Signalen and the services of municipal asset vendors.",
    epilog="Exit codes: 0 fine, 1 a problem was found or the command failed, 2 wrong use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LayerFile = Annotated[Path, typer.Argument(metavar="LAYER.yaml", help="A layer file.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
LayersFolder = Annotated[Path | None, typer.Option(help="The folder with layer files. [default: layers]")]
PublicUrl = Annotated[
    str, typer.Option(metavar="URL", help="Where everybody reaches the proxy. [default: WFS_PROXY_PUBLIC_URL]")
]
ReaderLanguage = Annotated[
    str, typer.Option("--lang", "--language", metavar="nl|en", help="The language of texts. [default: from LANG]")
]
Fixtures = Annotated[Path, typer.Option(help="A folder with recordings, one folder per layer.")]


def main() -> None:
    """Run the command. The package's own errors are one sentence on stderr and exit code 1, without a stack trace."""
    try:
        app()
    except WfsProxyError as error:
        _report(f"wfs-proxy: {error}")
        sys.exit(1)


@app.callback(invoke_without_command=True)
def version(*, show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """Handle options that need no subcommand."""
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def serve(
    layers: LayersFolder = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port. [default: 8000]")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="The number of worker processes. [default: 1]")] = None,
) -> None:
    """Serve all layers. SIGHUP reloads the layer files; Ctrl-C stops the server."""
    given = {"LAYERS": layers, "HOST": host, "PORT": port, "WORKERS": workers}
    options = {f"{PREFIX}{name}": str(value) for name, value in given.items() if value is not None}
    environment = {**os.environ, **options}
    settings = Settings.from_environment(environment)
    configure_logging(settings.log_format, settings.log_level)

    def started() -> None:
        _report(f"wfs-proxy {__version__} on http://{settings.host}:{settings.port}/layers")

    if settings.workers > 1:
        serve_with_workers(settings, environment, started)
    else:
        serve_together({settings.port: create_app(settings)}, started, host=settings.host)


@app.command()
def demo(
    layers: Annotated[Path | None, typer.Option(help="A folder with layer files. [default: the shipped ones]")] = None,
    fixtures: Annotated[Path | None, typer.Option(help="A folder with recordings. [default: the shipped ones]")] = None,
    port: Annotated[int, typer.Option(min=1, max=65533, help="The first of the three ports to listen on.")] = 8000,
    public_url: Annotated[
        str, typer.Option(metavar="URL", help="The address that links begin with. [default: that of this machine]")
    ] = "",
) -> None:
    """Run the proxy with recorded vendors and a demo Signalen, on this port and the next two of this machine."""
    configure_logging("text", "warning")

    def proxy(folder: Path, variables: Mapping[str, str]) -> ASGIApp:
        # not from the environment: the demo uses no Redis server or cache that is configured for real layers
        settings = Settings(
            layers=folder,
            port=port,
            # GDAL and QGIS read links only if they have a host
            public_url=public_url.rstrip("/") or f"http://{LOOPBACK}:{port}",
            log_level="warning",
            environment=variables,
        )
        return create_app(settings)

    run_demo(port=port, layers=layers, fixtures=fixtures, environment=os.environ, proxy=proxy)


@app.command()
def replay(fixtures: Fixtures = Path("fixtures"), port: Port = 8001) -> None:
    """Serve recordings as the vendors that they came from; other requests get an exception report."""
    configure_logging("text", "warning")
    run_replay(port=port, directory=fixtures)


@app.command()
def check(
    path: Annotated[
        Path, typer.Argument(metavar="[FILE|FOLDER]", help="A layer file, or a folder with layer files.")
    ] = Path("layers"),
    language: ReaderLanguage = "",
    *,
    live: Annotated[bool, typer.Option("--live", help="Also ask the vendors and Signalen, and compare.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --live: print JSON.")] = False,
    form: Annotated[
        str,
        typer.Option("--for", help="With --live: the form that the municipality uses.", metavar="signalen|wcag"),
    ] = "",
) -> None:
    """Check layer files and list all problems with file, line and remedy. Without --live nothing is requested."""
    if live:
        raise typer.Exit(_check_live(path, form, _language(language), as_json=as_json))
    if as_json or form:
        raise typer.BadParameter("works with --live only", param_hint="--json" if as_json else "--for")
    result = check_files(path, os.environ)
    for line in result.lines(_language(language)):
        typer.echo(line)
    if result.problems:
        raise typer.Exit(1)


@app.command()
def init(  # noqa: PLR0913 - each is an option
    address: Annotated[
        str, typer.Argument(metavar="URL", help="The address of a service, in any form, or a file.")
    ] = "",
    *,
    type_name: Annotated[str, typer.Option("--type", help="The feature type. [default: asks]")] = "",
    id_field: Annotated[str, typer.Option("--id", help="The field that identifies an object. [default: asks]")] = "",
    output: Annotated[
        str, typer.Option("-o", "--output", help="The file to write; - for stdout. [default: asks]")
    ] = "",
    auth: Annotated[str, typer.Option(metavar="basic|header|token", help="How to log in. [default: asks]")] = "",
    user: Annotated[str, typer.Option(help="The user name of --auth basic.")] = "",
    header: Annotated[str, typer.Option(help="The header of --auth header. [default: X-Api-Key]")] = "",
    secret_from: Annotated[
        str, typer.Option(metavar="FILE|-|env:NAME", help="Where the password, key or token is; it is never an option.")
    ] = "",
    language: ReaderLanguage = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; use what is proposed.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Inspect a service or a file and write a layer file for one of its types."""
    from wfs_proxy.cli.init import InitFlags, WrongUse  # noqa: PLC0415 - OWSLib and rich would cost `serve` 10 MB
    from wfs_proxy.cli.init import init as init_layer  # noqa: PLC0415 - see above
    from wfs_proxy.cli.login import LoginFlags  # noqa: PLC0415 - see above

    login = LoginFlags(kind=auth, user=user, header=header, secret_from=secret_from)
    flags = InitFlags(type_name=type_name, id_field=id_field, output=output, login=login, overwrite=force, ask=not yes)
    ended = init_layer(address, flags, _language(language), os.environ)
    if isinstance(ended, WrongUse):
        _report(f"wfs-proxy: {ended.message}")
        raise typer.Exit(2)
    raise typer.Exit(ended)


@app.command()
def example(
    name: Annotated[str, typer.Argument(metavar="[VENDOR]", help="The name of an example. [default: lists all]")] = "",
    layers: LayersFolder = None,
    language: ReaderLanguage = "",
) -> None:
    """Copy a shipped layer file into the folder with layer files, or list the shipped ones."""
    folder = layers or Settings.from_environment(os.environ).layers
    command, reader = own_command(sys.argv[0]), _language(language)
    lines = copy_example(name, folder, command, reader) if name else list_examples(folder, command, reader)
    if isinstance(lines, ExampleRefused):
        _report(f"wfs-proxy: {lines.reason}")
        raise typer.Exit(2)
    for line in lines:
        typer.echo(line)


@app.command()
def setup(
    address: Annotated[str, typer.Argument(metavar="[URL]", help="The address of a service, to begin with.")] = "",
    *,
    layers: LayersFolder = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port of this machine; 0: a free one.")] = 0,
    public_url: PublicUrl = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address of the page.")] = False,
) -> None:
    """Make a layer file on a guided page in the browser. The page is on this machine only, until it is closed."""
    from wfs_proxy.cli.setup import SetupFlags, run_setup  # noqa: PLC0415 - OWSLib would cost `serve` 10 MB

    settings = Settings.from_environment(os.environ)
    configure_logging("text", "warning")
    flags = SetupFlags(
        folder=layers or settings.layers,
        address=address,
        port=port,
        public_url=public_url or settings.public_url,
        tiles=settings.map_tiles,
        browser=not no_browser,
        environment=os.environ,
    )

    def show(url: str) -> None:
        _report(f"wfs-proxy setup: open {url} in a browser on this machine. Ctrl-C stops it.")

    run_setup(flags, show)


@app.command()
def question(
    layer_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a layer.")],
    form: Annotated[str, typer.Option("--for", help="The form that asks it.", metavar="|".join(FORMS))],
    public_url: PublicUrl = "",
    layers: LayersFolder = None,
    language: ReaderLanguage = "",
) -> None:
    """Print the question of a layer, to paste into Signalen or Meldingen."""
    chosen = next((each for each in FORMS if each == form), None)
    if chosen is None:
        raise typer.BadParameter(f"must be one of {', '.join(FORMS)}", param_hint="--for")
    settings, reader = Settings.from_environment(os.environ), _language(language)
    folder, address = layers or settings.layers, public_url or settings.public_url
    printed = print_question(
        layer_id, chosen, public_url=address, folder=folder, environment=os.environ, language=reader
    )
    if isinstance(printed, QuestionRefused):
        for reason in printed.reasons:
            _report(f"wfs-proxy: {reason}")
        raise typer.Exit(printed.exit_code)
    sys.stdout.buffer.write(printed.pasted)
    for line in printed.lines(reader):
        _report(line)
    if printed.findings:
        raise typer.Exit(1)


@app.command()
def convert(
    layer: LayerFile,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recorded answers, in order.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file to write. [default: stdout]")] = None,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Also check the output with the geojson package.")] = False,
) -> None:
    """Convert recorded answers of a vendor to the GeoJSON that would be served."""
    converted = convert_files(load_layer(layer, os.environ, needs_address=False), files)
    for line in converted.summary():
        _report(line)
    if output is None:
        sys.stdout.buffer.write(converted.geojson)
    else:
        _write(output, converted.geojson)
    if verify:
        _verify(converted.geojson)


@app.command()
def record(
    layer: LayerFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write the recording to.")],
) -> None:
    """Fetch a layer from its vendor and write every answer, without credentials, to a folder for `replay`."""
    recorded = asyncio.run(record_layer(load_layer(layer, os.environ), output))
    _report(f"{recorded.objects} objects in {recorded.exchanges} exchanges, written to {recorded.directory}")
    for line in (*recorded.report.notes, *recorded.redactions):
        _report(f"  {line}")
    if not recorded.report.complete:
        _report("  The layer may not be complete.")
        raise typer.Exit(1)


def _check_live(path: Path, form: str, language: Language, *, as_json: bool) -> int:
    """Print what vendors and Signalen show about layer files, and return the exit code."""
    from wfs_proxy.cli.live import SIGNALEN_FORMS, live_report  # noqa: PLC0415 - OWSLib and rich would cost `serve` 10 MB

    chosen = next((each for each in SIGNALEN_FORMS if each == form), None)
    if form and chosen is None:
        raise typer.BadParameter(f"must be one of {', '.join(SIGNALEN_FORMS)}", param_hint="--for")
    settings = Settings.from_environment(os.environ)
    configure_logging("text", "error")
    report = live_report(path, os.environ, form=chosen, public_url=settings.public_url, language=language)
    if as_json:
        sys.stdout.buffer.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2).encode() + b"\n")
    else:
        for line in report.lines(language):
            typer.echo(line)
    return 1 if report.has_findings else 0


def _language(given: str) -> Language:
    """Return the language of `--lang`, else English if the locale is English, else Dutch."""
    if given not in {"", "nl", "en"}:
        raise typer.BadParameter("the languages are nl and en", param_hint="--lang")
    if given == "":
        locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        return "en" if locale.startswith("en") else "nl"
    return "en" if given == "en" else "nl"


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error


def _verify(collection: bytes) -> None:
    problems = list(problems_in(collection))
    for problem in problems:
        _report(problem)
    _report(f"verified with geojson {geojson.__version__}, problems: {len(problems)}")
    if problems:
        raise typer.Exit(1)


def _report(line: str) -> None:
    """Print a line for a person to standard error; standard output is for data."""
    typer.echo(line, err=True)
