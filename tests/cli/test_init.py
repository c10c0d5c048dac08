"""`wfs-proxy init` as a user types it: with flags, at a terminal, and with what goes wrong."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import needs
import pytest
import scripted_arcgis
import vendor
import yaml
from live_checks import run_check
from scripted_arcgis import SERVICE, ScriptedArcgis
from scripted_ogcapi import ScriptedOgcApi
from scripted_wfs import ScriptedWfs, things
from vendor import Answer, Seen
from waiting import wait_until

from fixtures.servers import running
from wfs_proxy.cli.commands import main
from wfs_proxy.cli.init_texts import INIT_TEXTS
from wfs_proxy.config.catalogue import load_layer

pytestmark = pytest.mark.usefixtures("restored_logging")

PROXY = Path(sys.executable).with_name("wfs-proxy")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capfdbinary, tmp_path) -> Callable[..., Done]:
    """Return the command `wfs-proxy init` with these arguments, in an empty folder, without a terminal."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> Done:
        monkeypatch.chdir(tmp_path)
        for name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"LANG": "C.UTF-8", **environment}.items():
            monkeypatch.setenv(name, value)
        read, write = os.pipe()
        os.write(write, stdin.encode())
        os.close(write)
        with os.fdopen(read) as pipe:
            monkeypatch.setattr(sys, "stdin", pipe)
            monkeypatch.setattr(sys, "argv", ["wfs-proxy", "init", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = capfdbinary.readouterr()
        return Done(ended.value.code or 0, out.decode(), err.decode())

    return run


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MapServer and QGIS Server with the data of the demo."""
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("qgis_mapserv.fcgi", package="qgis-server")
    with running(["moon", "techview", "rioned"], tmp_path_factory.mktemp("servers")) as address:
        yield address


@pytest.fixture
def wfs() -> Iterator[vendor.Server]:
    with vendor.serving(ScriptedWfs(things=things(57))) as server:
        yield server


def guarded(header: str, value: str) -> Callable[[Seen], Answer]:
    """Return a vendor that answers only requests with this header."""
    open_wfs = ScriptedWfs(things=things(57))
    return lambda seen: open_wfs(seen) if seen.headers.get(header) == value else Answer(status=401)


# the common case


@pytest.mark.parametrize(
    ("vendor_name", "expected"),
    [
        ("moon", ("lichtmasten.yaml", {"OBJECTID", "MASTNUMMER", "SOORTOBJECT", "STRAATNAAM"}, ("IS_GEMELD", "1"))),
        ("techview", ("lichtmast.yaml", {"objectnummer", "soort", "straat", "plaatsing"}, ("gemeld", "J"))),
    ],
)
def test_file_for_a_real_server_is_right_without_editing(run, servers, tmp_path, vendor_name, expected):
    file, fields, mark = expected
    done = run(f"{servers}/{vendor_name}?service=WFS&request=GetCapabilities", "--yes")

    assert done.code == 0, done.err
    layer = load_layer(tmp_path / file, {})
    assert fields <= set(layer.properties.fields)
    assert (layer.reports.vendor.field, *layer.reports.vendor.values) == mark
    assert layer.source.extent is not None
    assert mark[0] not in layer.properties.fields
    checked = subprocess.run([PROXY, "check", tmp_path / file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_proxy_serves_the_file_without_editing(run, servers, tmp_path):
    """`convert` of the vendor's own answer has all objects that have a place, with their marks."""
    run(f"{servers}/moon", "--yes")
    recorded = subprocess.run(
        [PROXY, "record", "lichtmasten.yaml", "-o", "opname"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert recorded.returncode == 0, recorded.stderr
    assert recorded.stderr.startswith("2094 objects")


ANY_KIND = {
    "arcgis service": (ScriptedArcgis(things=scripted_arcgis.things(57)), SERVICE, "NUMMER", {"layers": (0,)}),
    "arcgis layer": (
        ScriptedArcgis(layers={0: "Bomen", 2: "Lichtmasten"}, things=scripted_arcgis.things(57)),
        f"{SERVICE}/2/query?where=1=1&outFields=*&f=html",
        "NUMMER",
        {"layers": (2,)},
    ),
    "ogc api": (ScriptedOgcApi(things=things(57)), "/wfs", "number", {"collections": ("lamp",)}),
    "ogc api items": (
        ScriptedOgcApi(things=things(57), collections=("pole", "lamp"), cursors=True, pages_for_people="without f"),
        "/wfs/collections/lamp/items?limit=10&f=html",
        "number",
        {"collections": ("lamp",)},
    ),
}
"""What -> vendor, path of the address, id, and keys of `source`."""


@pytest.mark.parametrize("name", ANY_KIND)
def test_address_of_any_kind_becomes_a_layer_that_fits_its_vendor(run, tmp_path, name):
    scenario, path, id_field, source = ANY_KIND[name]
    with vendor.serving(scenario) as server:
        done = run(server.url.removesuffix("/wfs") + path, "--yes")
        (file,) = tmp_path.glob("*.yaml")
        layer = load_layer(file, {})
        checked = run_check(layer)

    assert done.code == 0, done.err
    assert file.stem in {"lichtmasten", "lamp"}
    assert {key: getattr(layer.source, key) for key in source} == source
    assert layer.properties.id == id_field
    assert layer.source.extent is not None
    assert checked.findings == ()
    assert {each["geometry"]["type"] for each in checked.features} == {"Point"}
    assert len(checked.features) == 57


def test_file_becomes_a_layer_that_is_served(run, tmp_path):
    lines = [f"{row:05d};mast;{80_000 + 7 * row},5;{455_000 + 3 * row},25" for row in range(57)]
    (tmp_path / "Masten noord.csv").write_text("\n".join(["nummer;soort;x;y", *lines]))

    done = run("Masten noord.csv", "--yes")
    checked = run_check(load_layer(tmp_path / "masten-noord.yaml", {}))

    assert done.code == 0, done.err
    assert checked.findings == ()
    assert len(checked.features) == 57


@pytest.mark.parametrize("beside", ["objecten.csv", "data/objecten.csv", "data/2026: nieuw/objecten.csv"])
def test_folder_of_a_layer_and_its_file_may_be_copied(run, tmp_path, beside):
    file = tmp_path / "kaartlagen" / beside
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("nummer;x;y\n" + "\n".join(f"{row:05d};{80_000 + row};{455_000 + row}" for row in range(5)))
    done = run(str(Path("kaartlagen", beside)), "--output", "kaartlagen/masten.yaml")
    (tmp_path / "kaartlagen").rename(tmp_path / "server")
    checked = run_check(load_layer(tmp_path / "server" / "masten.yaml", {}))

    assert done.code == 0, done.err
    assert checked.findings == ()
    assert len(checked.features) == 5


@pytest.mark.parametrize("output", ["kaartlagen/masten.yaml", "-"])
def test_file_elsewhere_keeps_its_whole_path(run, tmp_path, output):
    (tmp_path / "export.csv").write_text("nummer;x;y\n1;80000;455000\n2;80010;455010\n")
    done = run("export.csv", "--output", output)
    written = done.out if output == "-" else (tmp_path / output).read_text()

    assert done.code == 0, done.err
    assert yaml.safe_load(written)["source"]["path"] == str((tmp_path / "export.csv").resolve())


def test_folder_layers_is_used_if_there_is_one(run, wfs, tmp_path):
    (tmp_path / "layers").mkdir()
    done = run(wfs.url)

    assert done.code == 0, done.err
    assert "layers/lamp.yaml" in done.err
    assert (tmp_path / "layers" / "lamp.yaml").exists()


def test_standard_output_gets_the_file_and_nothing_else(run, wfs, tmp_path):
    done = run(wfs.url, "--output", "-")

    (tmp_path / "uit.yaml").write_text(done.out)
    assert load_layer(tmp_path / "uit.yaml", {}).properties.id == "number"
    assert done.err.startswith("De dienst heeft één laag: app:lamp\n")


@pytest.mark.parametrize(
    ("arguments", "locale", "expected"),
    [((), "C.UTF-8", "gemaakt met"), ((), "en_GB.UTF-8", "made by"), (("--language", "en"), "C.UTF-8", "made by")],
)
def test_language_is_that_of_the_reader(run, wfs, arguments, locale, expected):
    done = run(wfs.url, *arguments, "--output", "-", LANG=locale)

    assert expected in done.out
    assert done.err.startswith("De dienst" if expected == "gemaakt met" else "The service")


def test_id_can_be_given(run, wfs, tmp_path):
    done = run(wfs.url, "--id", "kind")

    assert done.code == 0
    assert "kind heeft 2 verschillende waarden in 57 objecten" in done.err
    assert load_layer(tmp_path / "lamp.yaml", {}).properties.id == "kind"


def test_layer_without_a_field_as_id_says_that_there_is_no_question(run, tmp_path):
    same_number = [replace(each, number=7) for each in things(57)]
    with vendor.serving(ScriptedWfs(things=same_number, ids="absent")) as server:
        done = run(server.url, LANG="nl_NL.UTF-8")

    assert "er is dan geen vraag" in done.err
    assert load_layer(tmp_path / "lamp.yaml", {}).properties.id is None


# several types


@pytest.fixture
def portal() -> Iterator[vendor.Server]:
    with vendor.serving(
        ScriptedWfs(things=things(57), types=("app:lamp", "app:kast", "app:[red]put", "app:x :bug: y"))
    ) as server:
        yield server


def test_several_types_are_listed_and_one_has_to_be_chosen(run, portal):
    done = run(portal.url)

    assert done.code == 2
    assert all(
        f"{number}. app:{name}" in done.err
        for number, name in [(1, "lamp"), (2, "kast"), (3, "[red]put"), (4, "x :bug: y")]
    )
    assert "--type" in done.err


def test_type_can_be_given(run, portal, tmp_path):
    assert run(portal.url, "--type", "kast").code == 0
    assert load_layer(tmp_path / "kast.yaml", {}).source.type_names == ("app:kast",)


def test_type_of_the_address_is_used(run, portal, tmp_path):
    assert run(f"{portal.url}?request=GetFeature&typeNames=app:kast").code == 0
    assert (tmp_path / "kast.yaml").exists()


def test_unknown_type_or_field_is_wrong_use(run, portal):
    assert run(portal.url, "--type", "boom").code == 2
    assert "number, kind" in run(portal.url, "--type", "kast", "--id", "boom").err


def test_geojson_document_becomes_a_layer(run, tmp_path):
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [4.3 + number / 1000, 52.05]},
            "properties": {"mastnummer": f"{number:05}", "eigenaar": "A. Buur"},
        }
        for number in range(30)
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    with vendor.serving(lambda _: Answer(body=body, media_type="application/json")) as server:
        url = server.url.replace("/wfs", "/masten.geojson")
        done = run(url)

    layer = load_layer(tmp_path / "masten.yaml", {})
    assert done.code == 0, done.err
    assert (layer.source.type, layer.source.url, layer.properties.id) == ("geojson", url, "mastnummer")
    assert "Buur" not in (tmp_path / "masten.yaml").read_text() + done.err


# files that exist


def test_existing_file_is_never_replaced_without_being_asked(run, wfs, tmp_path):
    (tmp_path / "lamp.yaml").write_text("mine\n")

    for arguments in ((), ("--yes",), ("--output", "lamp.yaml")):
        done = run(wfs.url, *arguments)
        assert (done.code, (tmp_path / "lamp.yaml").read_text()) == (2, "mine\n")
        assert "--force" in done.err
    assert run(wfs.url, "--force").code == 0
    assert "mine" not in (tmp_path / "lamp.yaml").read_text()


@pytest.mark.parametrize(("output", "code"), [("a.txt", 2), ("map/nieuw/a.yaml", 0), ("/proc/a.yaml", 1)])
def test_other_names_of_the_file(run, wfs, output, code):
    assert run(wfs.url, "--output", output).code == code


# what goes wrong


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(body=b"<html><title>Portaal</title></html>", media_type="text/html"), "webpagina voor mensen"),
        (Answer(status=404), "(404)"),
        (Answer(status=401), "--auth"),
        (Answer(body=b'<html><a href="/geo/wfs?service=WFS">x</a></html>'), "/geo/wfs\n"),
    ],
)
def test_failure_is_a_sentence_and_no_file(run, tmp_path, answer, says):
    with vendor.serving(lambda _: answer) as server:
        done = run(server.url)

    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_vendor_that_stops_half_way_gives_a_file_and_a_finding(run, tmp_path):
    open_wfs, seen_requests = ScriptedWfs(things=things(57)), []

    def stopping(seen: Seen) -> Answer:
        seen_requests.append(seen)
        return open_wfs(seen) if len(seen_requests) <= 6 else Answer(break_within=True, body=b"<a>")

    with vendor.serving(stopping) as server:
        done = run(server.url)

    assert done.code == 1
    assert "niet gekeken of de id's hetzelfde blijven" in done.err
    assert "# Let op. Er is niet gekeken" in (tmp_path / "lamp.yaml").read_text()


def test_type_without_places_gives_no_file(run, tmp_path):
    with vendor.serving(ScriptedWfs(things=[])) as server:
        assert run(server.url).code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [(), ("lichtmasten",)])
def test_missing_or_impossible_address(run, arguments):
    assert run(*arguments).code == (1 if arguments else 2)


# credentials


@pytest.mark.parametrize(
    ("arguments", "header", "auth"),
    [
        (("--auth", "basic", "--user", "jan"), ("authorization", "Basic amFuOmdlaGVpbQ=="), "password"),
        (("--auth", "header"), ("x-api-key", "geheim"), "header"),
        (("--auth", "header", "--header", "X-Sleutel"), ("x-sleutel", "geheim"), "header"),
        (("--auth", "token"), ("authorization", "Bearer geheim"), "token"),
    ],
)
@pytest.mark.parametrize("place", ["-", "env:GEHEIM"])
def test_secret_goes_to_a_file_of_its_own(run, arguments, header, auth, place):
    with vendor.serving(guarded(*header)) as server:
        done = run(server.url, *arguments, "--secret-from", place, stdin="geheim\n", GEHEIM="geheim")
        folder = Path.cwd()
        secret = folder / "secrets" / f"lamp-{auth}"

        assert done.code == 0, done.err
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert "geheim" not in (folder / "lamp.yaml").read_text() + done.err + done.out
        recorded = subprocess.run(
            [PROXY, "record", "lamp.yaml", "-o", "opname"], cwd=folder, capture_output=True, text=True, check=False
        )
    assert recorded.stderr.startswith("57 objects"), recorded.stderr


def test_mounted_secret_is_referenced_where_it_is(run, tmp_path):
    (tmp_path / "run").mkdir()
    mounted = tmp_path / "run" / "wachtwoord"
    mounted.write_text("geheim\n")
    with vendor.serving(guarded("authorization", "Basic amFuOmdlaGVpbQ==")) as server:
        done = run(server.url, "--auth", "basic", "--user", "jan", "--secret-from", str(mounted))

    assert done.code == 0, done.err
    assert f"${{file:{mounted}}}" in (tmp_path / "lamp.yaml").read_text()
    assert not (tmp_path / "secrets").exists()


def test_credentials_in_the_address_leave_it(run, tmp_path):
    with vendor.serving(guarded("authorization", "Basic amFuOmdlaGVpbQ==")) as server:
        done = run(server.url.replace("http://", "http://jan:geheim@"))

    assert done.code == 0, done.err
    assert "geheim" not in (tmp_path / "lamp.yaml").read_text() + done.err
    assert load_layer(tmp_path / "lamp.yaml", {}).source.auth.password.get_secret_value() == "geheim"


def test_key_in_the_address_leaves_it(run, wfs, tmp_path):
    done = run(f"{wfs.url}?apikey=s3cr3t&request=GetCapabilities")

    assert done.code == 0, done.err
    assert "s3cr3t" not in (tmp_path / "lamp.yaml").read_text() + done.err
    assert load_layer(tmp_path / "lamp.yaml", {}).source.url == f"{wfs.url}?apikey=s3cr3t"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--auth", "digest", "--secret-from", "-"),
        ("--auth", "token"),
        ("--auth", "basic", "--secret-from", "-"),
        ("--auth", "token", "--secret-from", "-"),
        ("--auth", "token", "--secret-from", "env:ER_IS_GEEN"),
        ("--user", "jan"),
        ("--auth", "basic", "--user", "a:b", "--secret-from", "env:GEHEIM"),
        ("--auth", "token", "--secret-from", "env:GEHEIM", "--output", "-"),
    ],
)
def test_incomplete_credentials_are_wrong_use(run, wfs, arguments):
    assert run(wfs.url, *arguments, GEHEIM="geheim").code == 2


def test_wrong_credentials_are_a_finding(run):
    with vendor.serving(guarded("authorization", "Bearer goed")) as server:
        done = run(server.url, "--auth", "token", "--secret-from", "-", stdin="fout")

    assert done.code == 1
    assert "weigert de toegang" in done.err


def test_serving_does_not_load_what_only_an_inspection_needs():
    loaded = "import sys, wfs_proxy.cli.commands; print('owslib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=False)

    assert done.stdout == "False\n", done.stderr


# at a terminal


class Terminal:
    """A person at a terminal: waits for a text and types an answer."""

    def __init__(self, arguments: list[str], cwd: Path, columns: int = 100, **environment: str) -> None:
        self._control, tty = pty.openpty()
        self.process = subprocess.Popen(
            [PROXY, "init", *arguments],
            cwd=cwd,
            stdin=tty,
            stdout=tty,
            stderr=tty,
            start_new_session=True,
            env={**os.environ, "LANG": "C.UTF-8", "COLUMNS": str(columns), "TERM": "xterm", **environment},
        )
        os.close(tty)
        self.screen = ""

    def wait_for(self, text: str, patience: float = 60.0) -> None:
        deadline = time.monotonic() + patience
        while text not in self.plain:
            assert time.monotonic() < deadline, self.screen
            assert self._read(), self.screen

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.screen)

    def type_hidden(self, answer: str) -> None:
        """Type once nothing is shown any more; what was typed before that is discarded."""
        wait_until(lambda: not termios.tcgetattr(self._control)[3] & termios.ECHO)
        self.type(answer)

    def type(self, answer: str) -> None:
        os.write(self._control, f"{answer}\n".encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._control)
        return self.process.wait(60)

    def _read(self) -> bool:
        """Read what was written meanwhile; return whether the program is still there."""
        ready, _, _ = select.select([self._control], [], [], 1.0)
        if not ready:
            return True
        try:
            data = os.read(self._control, 65_536)
        except OSError:
            return False
        self.screen += data.decode("utf-8", "replace")
        return bool(data)


@pytest.fixture
def at_terminal() -> Iterator[Callable[..., Terminal]]:
    """Return the constructor of terminals; their programs end with the test."""
    opened: list[Terminal] = []

    def at_terminal(*arguments: Any, **options: Any) -> Terminal:
        opened.append(Terminal(*arguments, **options))
        return opened[-1]

    yield at_terminal
    for terminal in opened:
        terminal.process.kill()
        terminal.process.wait()


@pytest.fixture
def in_tmp_path(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("columns", "environment", "listed"),
    [
        (100, {}, "app:kast"),
        (40, {}, "2. app:kast"),
        (100, {"NO_COLOR": "1"}, "app:kast"),
        (100, {"TERM": "dumb"}, "app:kast"),
    ],
    ids=["usual", "narrow", "no colour", "dumb"],
)
@pytest.mark.usefixtures("in_tmp_path")
def test_person_chooses_type_id_and_file(at_terminal, portal, columns, environment, listed):
    terminal = at_terminal([portal.url], Path.cwd(), columns, **environment)
    terminal.wait_for("Welke laag?")
    assert listed in terminal.plain
    terminal.type("boom")
    terminal.wait_for("geen nummer of naam")
    terminal.type("2")
    terminal.wait_for("Welk veld is de id?")
    terminal.type("")
    terminal.wait_for("Bestand")
    terminal.type("mijn.yaml")

    assert terminal.end() == 0, terminal.screen
    assert load_layer(Path("mijn.yaml"), {}).source.type_names == ("app:kast",)
    if environment:
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", terminal.screen)


def test_person_is_asked_for_a_login_and_the_secret_stays_hidden(at_terminal, tmp_path):
    with vendor.serving(guarded("authorization", "Basic amFuOmdlaGVpbQ==")) as server:
        terminal = at_terminal([server.url], tmp_path)
        terminal.wait_for("Hoe logt de proxy in?")
        terminal.type("1")
        terminal.wait_for("Gebruikersnaam")
        terminal.type("jan")
        terminal.wait_for("Wachtwoord")
        terminal.type_hidden("geheim")
        terminal.wait_for("Welk veld is de id?")
        terminal.type("number")
        terminal.wait_for("Bestand")
        terminal.type("")
        code = terminal.end()

    assert code == 0, terminal.screen
    assert "geheim" not in terminal.screen
    assert load_layer(tmp_path / "lamp.yaml", {}).source.auth.username == "jan"


def test_person_is_asked_for_a_login_where_only_the_objects_need_one(at_terminal, tmp_path):
    open_wfs = ScriptedWfs(things=things(57))

    def scenario(seen: Seen) -> Answer:
        objects = seen.query["request"] == "GetFeature" and seen.query.get("resulttype") != "hits"
        refused = objects and seen.headers.get("authorization") != "Bearer geheim"
        return Answer(status=403) if refused else open_wfs(seen)

    with vendor.serving(scenario) as server:
        terminal = at_terminal([server.url, "--id", "number", "--output", "lamp.yaml"], tmp_path)
        terminal.wait_for("Hoe logt de proxy in?")
        terminal.type("token")
        terminal.wait_for("Token")
        terminal.type_hidden("geheim")

        assert terminal.end() == 0, terminal.screen
    assert "geheim" not in terminal.screen + (tmp_path / "lamp.yaml").read_text()


@pytest.mark.parametrize(("answer", "replaced"), [("n", False), ("", False), ("j", True)])
def test_person_is_asked_before_a_file_is_replaced(at_terminal, wfs, tmp_path, answer, replaced):
    (tmp_path / "lamp.yaml").write_text("mine\n")
    terminal = at_terminal([wfs.url, "--id", "number", "--output", "lamp.yaml"], tmp_path)
    terminal.wait_for("Vervangen?")
    terminal.type(answer)

    assert terminal.end() == (0 if replaced else 2)
    assert ("mine" not in (tmp_path / "lamp.yaml").read_text()) == replaced


@pytest.mark.parametrize("code", INIT_TEXTS)
def test_sentences_are_in_both_languages(code):
    nl, en = INIT_TEXTS[code]

    assert nl
    assert en
    assert set(re.findall(r"\{\w+\}", nl)) == set(re.findall(r"\{\w+\}", en))
