"""The command as a user types it; `serve` and `demo` have tests of their own."""

import json
import subprocess
import sys
from dataclasses import dataclass

import geojson
import needs
import pytest
import shipped

from wfs_proxy import __version__
from wfs_proxy.cli import commands
from wfs_proxy.cli.commands import main
from wfs_proxy.demo import recorded

pytestmark = pytest.mark.usefixtures("restored_logging")

ANSWER = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "mast.1",
            "geometry": {"type": "Point", "coordinates": [4.30, 52.07]},
            "properties": {"nummer": "034575", "eigenaar": "A. Buur"},
        },
        {"type": "Feature", "id": "mast.2", "geometry": None, "properties": {"nummer": "034576"}},
    ],
}
LAYER = """\
title: Masten
source: {type: geojson, url: masten.geojson}
properties:
  id: nummer
  fields: {nummer: string}
"""


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch, capfdbinary):
    """The command with these arguments, in this folder and environment."""

    def run(*arguments, cwd, **environment):
        monkeypatch.chdir(cwd)
        for name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"LANG": "C.UTF-8", **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["wfs-proxy", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return Done(ended.value.code or 0, out.decode(), err.decode())

    return run


@pytest.fixture
def folder(tmp_path):
    """A folder with one layer and one answer of its vendor."""
    layers = tmp_path / "layers"
    layers.mkdir()
    (layers / "masten.yaml").write_text(LAYER)
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER))
    return tmp_path


def test_check_of_the_shipped_layers(run):
    """They are correct, with the variables of their addresses and without."""
    count = len(list(recorded.LAYERS.glob("*.yaml"))) - 1

    without = run("check", str(recorded.LAYERS), cwd=needs.ROOT)
    done = run("check", str(recorded.LAYERS), cwd=needs.ROOT, **shipped.variables())

    assert (without.returncode, done.returncode) == (0, 0), without.stdout + done.stdout
    assert without.stdout.splitlines()[-1] == f"alles in orde, aantal lagen: 0, niet ingesteld: {count + 1}"
    assert "moon-lichtmasten.yaml: niet ingesteld, dus de laag bestaat niet; stel in: MOON_WFS_URL" in without.stdout
    assert done.stdout.splitlines()[-1] == f"alles in orde, aantal lagen: {count}"


WAITING = LAYER.replace("masten.geojson", "${MASTEN_URL}/masten.geojson")


def test_check_of_a_folder_lists_what_is_not_configured_and_of_a_file_refuses_it(run, folder):
    (folder / "layers" / "palen.yaml").write_text(WAITING)

    of_folder = run("check", "--lang", "en", cwd=folder)
    of_file = run("check", "layers/palen.yaml", "--lang", "en", cwd=folder)
    configured = run("check", "layers/palen.yaml", cwd=folder, MASTEN_URL="https://x.nl")

    assert of_folder.returncode == 0
    assert "masten (Masten): OK" in of_folder.stdout
    assert "layers/palen.yaml: not configured, so the layer does not exist; set MASTEN_URL" in of_folder.stdout
    assert of_folder.stdout.splitlines()[-1] == "no problems found, layers: 1, not configured: 1"
    assert of_file.returncode == 1
    assert "layers/palen.yaml:2:25: source.url: not configured" in of_file.stdout
    assert "export MASTEN_URL=" in of_file.stdout
    assert configured.returncode == 0


def test_live_check_notes_what_is_not_configured(run, folder):
    write_document(folder, nummer="034575")
    (folder / "layers" / "palen.yaml").write_text(WAITING)
    (folder / "layers" / "signalen.yaml").write_text("instances: {default: {url: ${SIGNALEN_URL}}}\n")

    of_folder = run("check", "--live", "--json", cwd=folder)
    lines = run("check", "--live", "--lang", "en", cwd=folder)
    of_file = run("check", "layers/palen.yaml", "--live", "--json", cwd=folder)

    assert (of_folder.returncode, lines.returncode, of_file.returncode) == (0, 0, 1)
    found = [(each["severity"], each["code"]) for each in json.loads(of_folder.stdout)["files"]]
    assert found == [("notice", "not_configured")] * 2
    assert [each["layer"] for each in json.loads(of_folder.stdout)["layers"]] == ["masten"]
    assert "because no layer names one" not in lines.stdout
    (error,) = json.loads(of_file.stdout)["files"]
    assert (error["severity"], error["code"]) == ("error", "not_configured")


def test_convert_and_question_need_no_address_but_record_does(run, folder):
    (folder / "layers" / "masten.yaml").write_text(WAITING)

    converted = run("convert", "layers/masten.yaml", "answer.json", cwd=folder)
    asked = ("question", "masten", "--for", "signalen", "--public-url", "https://wfs-proxy.example.org", "--lang", "en")
    question = run(*asked, cwd=folder)
    fetched = run("record", "layers/masten.yaml", "-o", "out", cwd=folder)
    served = run(*asked, cwd=folder, MASTEN_URL="https://x.nl")

    assert converted.returncode == 0, converted.stderr
    assert json.loads(converted.stdout)["features"][0]["properties"] == {"nummer": "034575"}
    assert (question.returncode, question.stdout) == (0, served.stdout)
    assert "does not serve this layer yet; set first: MASTEN_URL" in question.stderr
    assert "MASTEN_URL" not in served.stderr
    assert fetched.returncode == 1
    assert "export MASTEN_URL=" in fetched.stderr
    assert not (folder / "out").exists()


def test_question_of_a_layer_whose_file_has_another_name_and_waits(run, folder):
    (folder / "layers" / "a.yaml").write_text(f"id: palen\n{WAITING}")
    (folder / "layers" / "b.yaml").write_text(f"id: bomen\norganisation: ${{STAD}}\n{WAITING}")
    options = ("--for", "signalen", "--public-url", "https://wfs-proxy.example.org", "--lang", "en")

    found = run("question", "palen", *options, cwd=folder)
    waits = run("question", "bomen", *options, cwd=folder)
    near = run("question", "bomn", *options, cwd=folder)

    assert found.returncode == 0, found.stderr
    assert "/layers/palen/features" in found.stdout
    assert (waits.returncode, near.returncode) == (2, 2)
    assert "set first: MASTEN_URL, STAD" in waits.stderr
    assert "did you mean bomen?" in near.stderr


def test_example_copies_a_file_that_check_accepts_once_it_is_filled_in(run, tmp_path):
    listed = run("example", "--lang", "en", cwd=tmp_path)
    copied = run("example", "moon", "--lang", "en", cwd=tmp_path)
    again = run("example", "moon", cwd=tmp_path)
    checked = run("check", cwd=tmp_path, MOON_WFS_URL="https://x.nl/wfs")
    elsewhere = run("example", "techview", "--layers", "kaart", cwd=tmp_path)
    setting = run("example", "luminizer", cwd=tmp_path, WFS_PROXY_LAYERS="kaart")
    unknown = run("example", "mooon", cwd=tmp_path)

    assert {done.returncode for done in (listed, copied, checked, elsewhere, setting)} == {0}
    assert "MOON_WFS_URL" in listed.stdout
    assert "Written: layers/moon-lichtmasten.yaml" in copied.stdout
    assert "check layers/moon-lichtmasten.yaml --live" in copied.stdout
    assert (again.returncode, unknown.returncode) == (2, 2)
    assert "bestaat al" in again.stderr
    assert "bedoelt u moon-lichtmasten" in unknown.stderr
    assert checked.stdout.splitlines()[-1] == "alles in orde, aantal lagen: 1"
    assert sorted(path.name for path in (tmp_path / "kaart").iterdir()) == [
        "luminizer-masten.yaml",
        "techview-lichtmasten.yaml",
    ]


def test_check_of_a_folder_without_layers_says_what_to_do(run, tmp_path):
    (tmp_path / "layers").mkdir()

    done = run("check", "--lang", "en", cwd=tmp_path)

    assert done.returncode == 1
    assert "`wfs-proxy example`" in done.stdout


def test_check_says_what_has_no_effect(run, folder):
    (folder / "layers" / "masten.yaml").write_text(LAYER + "fetch: {cell_zoom: 15}\n")
    done = run("check", "layers", cwd=folder)

    assert "fetch.cell_zoom: heeft geen effect" in done.stdout


def test_check_proposes_the_line_that_a_form_needs(run, folder):
    """It is no error: the layer can be served, and maps can use it."""
    (folder / "layers" / "masten.yaml").write_text(LAYER.replace("{nummer: string}", "{straat: string}"))

    for target in ("layers", "layers/masten.yaml"):
        done = run("check", target, "--lang", "en", cwd=folder)
        assert done.returncode == 0
        assert "layers/masten.yaml:5:3: properties.fields: no property shows" in done.stdout
        assert "add this line: nummer: string" in done.stdout
        assert done.stdout.splitlines()[-1] == "no errors, layers: 1, warnings: 1"


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {}, 'bedoelt u "title"?'),
        (("--lang", "en"), {}, 'did you mean "title"?'),
        ((), {"LANG": "en_GB.UTF-8"}, 'did you mean "title"?'),
        (("--lang", "nl"), {"LANG": "en_GB.UTF-8"}, 'bedoelt u "title"?'),
    ],
    ids=["Dutch first", "asked for", "the terminal's", "asked for against the terminal"],
)
def test_check_speaks_the_language_of_the_reader(run, folder, arguments, environment, expected):
    (folder / "layers" / "masten.yaml").write_text(LAYER.replace("title:", "titel:"))

    done = run("check", *arguments, cwd=folder, **environment)

    assert done.returncode == 1
    assert expected in done.stdout
    assert "layers/masten.yaml:1" in done.stdout


def test_check_reports_all_problems_of_all_files(run, folder):
    (folder / "layers" / "masten.yaml").write_text(LAYER.replace("title:", "titel:") + "punt: {}\n")
    (folder / "layers" / "putten.yaml").write_text("source: [\n")

    done = run("check", cwd=folder)

    assert {line.partition(":")[0] for line in done.stdout.splitlines()[:-1]} == {
        "layers/masten.yaml",
        "layers/putten.yaml",
    }


@pytest.mark.parametrize(
    "arguments", [("check", "--lang", "fy"), ("convert",), ("fly",), ("serve", "--port", "x")], ids=" ".join
)
def test_wrong_use_ends_with_2(run, folder, arguments):
    assert run(*arguments, cwd=folder).returncode == 2


def test_question_prints_only_what_is_pasted_on_stdout(run, folder):
    arguments = ("question", "masten", "--for", "wcag", "--public-url", "https://wfs-proxy.example.org/")
    done = run(*arguments, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["endpoint"].startswith("https://wfs-proxy.example.org/layers/masten/features?")
    assert "extra_masten" in done.stderr


def test_question_takes_the_public_address_and_the_folder_of_the_settings(run, folder):
    settings = {"WFS_PROXY_PUBLIC_URL": "https://wfs-proxy.example.org", "WFS_PROXY_LAYERS": "layers"}
    done = run("question", "masten", "--for", "meldingen", cwd=folder, **settings)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["arguments"]["base_url"] == "https://wfs-proxy.example.org/layers/masten/wfs"


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("masten", "--for", "classic", "--public-url", "https://example.org"), {}),
        (("masten", "--for", "signalen"), {}),
        (("masten", "--for", "signalen", "--public-url", "/proxy"), {}),
        (("masten", "--for", "signalen"), {"WFS_PROXY_PUBLIC_URL": "http://127.0.0.1:8000"}),
        (("palen", "--for", "signalen", "--public-url", "https://example.org"), {}),
    ],
)
def test_question_without_a_form_a_layer_or_a_public_address_is_wrong_use(run, folder, arguments, environment):
    done = run("question", *arguments, cwd=folder, **environment)

    assert done.returncode == 2
    assert done.stdout == ""


def test_version_is_printed():
    """As a process of its own, as a module."""
    done = subprocess.run([sys.executable, "-m", "wfs_proxy", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == __version__


def test_convert_writes_what_would_be_served(run, folder):
    done = run("convert", "layers/masten.yaml", "answer.json", cwd=folder)

    collection = geojson.loads(done.stdout)
    assert collection.is_valid
    (feature,) = collection.features
    assert feature.id == "masten.034575"
    assert feature.properties == {"nummer": "034575"}


def test_convert_reports_what_it_left_out(run, folder):
    done = run("convert", "layers/masten.yaml", "answer.json", cwd=folder)

    assert done.stderr.splitlines()[0] == "2 objects received, 1 served"
    assert "1 left out: no geometry" in done.stderr


def test_convert_writes_to_a_file(run, folder):
    done = run("convert", "layers/masten.yaml", "answer.json", "-o", "out.geojson", cwd=folder)

    assert done.stdout == ""
    assert len(geojson.loads((folder / "out.geojson").read_text()).features) == 1


def test_convert_verifies_what_it_writes(run, folder):
    done = run("convert", "layers/masten.yaml", "answer.json", "--verify", cwd=folder)

    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == f"verified with geojson {geojson.__version__}, problems: 0"
    assert geojson.loads(done.stdout).is_valid


def test_convert_with_an_output_that_is_not_valid_ends_with_1(run, folder, monkeypatch):
    monkeypatch.setattr(commands, "problems_in", lambda _: iter(["masten.034575: geometry: wrong"]))
    done = run("convert", "layers/masten.yaml", "answer.json", "--verify", "-o", "out.geojson", cwd=folder)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "masten.034575: geometry: wrong",
        f"verified with geojson {geojson.__version__}, problems: 1",
    ]
    assert (folder / "out.geojson").exists()


@pytest.mark.parametrize("output", ["absent/out.geojson", "layers"], ids=["no such folder", "a folder"])
def test_convert_to_where_nothing_can_be_written(run, folder, output):
    done = run("convert", "layers/masten.yaml", "answer.json", "-o", output, cwd=folder)

    assert done.returncode == 1
    assert f"wfs-proxy: {output} cannot be written: " in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("absent.json", None, "absent.json cannot be opened"),
        ("page.html", "<html><title>Onderhoud</title></html>", "Onderhoud"),
        ("half.xml", "<wfs:FeatureCollection", "half.xml"),
    ],
    ids=["absent", "html", "truncated"],
)
def test_convert_refuses_a_file_that_is_not_an_answer(run, folder, name, content, expected):
    """One sentence that names the file, exit code 1, no stack trace."""
    if content is not None:
        (folder / name).write_text(content)

    done = run("convert", "layers/masten.yaml", name, cwd=folder)

    assert done.returncode == 1
    assert done.stdout == ""
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_convert_shows_the_words_of_the_vendor_without_credentials(run, folder):
    (folder / "layers" / "masten.yaml").write_text(
        LAYER.replace(
            "url: masten.geojson", "url: 'https://vendor.example/masten', auth: {type: header, value: zomer2026}"
        )
    )
    (folder / "answer.xml").write_text(
        "<ServiceExceptionReport><ServiceException>Off until Monday: https://stad:geheim1@vendor.example/wfs?key=geheim2"
        " with X-Api-Key zomer2026, password=geheim3</ServiceException></ServiceExceptionReport>"
    )

    done = run("convert", "layers/masten.yaml", "answer.xml", cwd=folder)

    assert (
        "answer.xml answered with an exception report: Off until Monday: https://vendor.example/wfs?key=" in done.stderr
    )
    assert "geheim" not in done.stderr
    assert "zomer2026" not in done.stderr


def test_serve_does_not_start_with_wrong_layer_files(run, folder):
    (folder / "layers" / "masten.yaml").write_text("title: Masten\n")

    done = run("serve", cwd=folder)

    assert done.returncode == 1
    assert "layers/masten.yaml" in done.stderr


def test_serve_says_which_setting_is_wrong(run, folder):
    done = run("serve", cwd=folder, WFS_PROXY_LOG_FORMAT="xml")

    assert done.returncode == 1
    assert "WFS_PROXY_LOG_FORMAT=xml: must be one of text, json" in done.stderr


def test_live_check_of_a_layer_that_fits(run, folder):
    write_document(folder, nummer="034575")
    done = run("check", "layers/masten.yaml", "--live", "--lang", "en", cwd=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    first, *rest = done.stdout.splitlines()
    assert first.startswith("masten (Masten): objects: 1, requests: 0; no srsName read as OGC:CRS84 x,y: ")
    assert rest == [
        "Signalen: not compared, because no layer names one in `reports`",
        "errors: 0, warnings: 0, notices: 0",
    ]
    assert done.stderr == ""


def test_live_check_names_what_the_vendor_does_not_have(run, folder):
    write_document(folder, mastnummer="034575")
    done = run("check", "layers", "--live", "--json", cwd=folder)

    assert done.returncode == 1
    (layer,) = json.loads(done.stdout)["layers"]
    assert {each["code"] for each in layer["findings"]} == {"id_absent", "field_absent"}
    assert {each["nearest"] for each in layer["findings"]} == {"mastnummer"}
    assert json.loads(done.stdout)["counts"]["error"] == 2


def test_live_check_of_a_faulty_file_says_where(run, folder):
    (folder / "layers" / "masten.yaml").write_text(LAYER.replace("title:", "titel:"))
    done = run("check", "--live", "--lang", "en", cwd=folder)
    as_json = run("check", "--live", "--json", cwd=folder)

    assert done.returncode == as_json.returncode == 1
    assert "error: layers/masten.yaml:1: titel: " in done.stdout
    assert {each["severity"] for each in json.loads(as_json.stdout)["files"]} == {"error"}


@pytest.mark.parametrize(
    "arguments", [("--json",), ("--for", "wcag"), ("--live", "--for", "meldingen"), ("--live", "--lang", "fy")]
)
def test_wrong_use_of_a_live_check_ends_with_2(run, folder, arguments):
    assert run("check", *arguments, cwd=folder).returncode == 2


def write_document(folder, **properties):
    """Write the document that the layer fetches, with one object."""
    place = {"type": "Point", "coordinates": [4.30, 52.07]}
    feature = {"type": "Feature", "id": "1", "properties": properties, "geometry": place}
    document = {"type": "FeatureCollection", "features": [feature]}
    (folder / "layers" / "masten.geojson").write_text(json.dumps(document))
