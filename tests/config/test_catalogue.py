"""Layer files -> catalogue: what is accepted, what is refused, and what a functional administrator reads about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import shipped
from hypothesis import example, given
from hypothesis import strategies as st

from docs.reference import BLOCKS
from fixtures.shipped import WHO
from wfs_proxy.config.catalogue import Catalogue, CatalogueError, load_catalogue, load_layer
from wfs_proxy.config.diagnostics import FileProblem, Remark, render
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.layer_file import read_layer_file
from wfs_proxy.config.layer_rules import unused_blocks
from wfs_proxy.config.messages import LAST_RESORT
from wfs_proxy.errors import ConfigurationError

SMALL = "title: Lampen\nsource: {type: wfs, url: 'https://x.nl/wfs', type_names: [lamp]}\n"

# the annotated example of the design, values of `${...}` and all
FULL = """\
id: rioned-putten                   # defaults to the file's name; the URL
title: Rioolputten
organisation: Den Haag
attribution: Stichting RIONED
source:
  type: wfs                         # wfs | ogcapi | arcgis | geojson
  url: ${RIONED_WFS_URL}
  version: auto                     # auto | 1.0.0 | 1.1.0 | 2.0.0
  type_names: [gwsw:put_vlak, gwsw:put_punt]   # several become one layer
  srs_name: EPSG:28992              # what to ask for; default: the layer's own
  axis_order: auto                  # auto | xy | yx; auto decides by evidence and says so in `check`
  bbox_order: auto                  # auto | xy | yx, for requests
  extent: [4.18, 52.01, 4.42, 52.13]   # w, s, e, n in degrees
  output_format: auto               # auto: GeoJSON if offered, else GML; or the vendor's own string
  geometry: geom                    # only where a type has several geometry properties; else found
  where: {status: [in gebruik]}     # pushed down as FES 1.0/1.1/2.0; checked again after decoding
  page_size: 1000
  sort_by: objectid
  auth: {type: basic, username: ${RIONED_USER:-proxy}, password: ${RIONED_PASSWORD}}
  tls: {ca: /etc/ssl/vendor.pem}
  timeout: 20s
  requests_at_once: 2
fetch:
  mode: snapshot
  cell_zoom: 15
  fresh_for: 1h
  stale_for: 7d
point:
  rule: inside
  footprint: false
properties:
  id: objectid
  fields:
    nummer: string                  # keeps leading zeros
    soort: {from: soort_put, type: string, map: {K: kolk, I: inspectieput}, default: onbekend}
    geplaatst: {type: date}
    omschrijving: {template: "{soort} {nummer}"}
reports:
  signalen: default
  categories: [put-riolering-verstopt]
  question_keys: []                 # empty: any
  open_states: default
  match: {fields: [nummer, objectid], within: 0.5m, place_only: false}
  vendor:
    field: storing
    values: [1, J]
    states:
      - {text: "Monteur - storing in behandeling", state: i, word: in behandeling}
      - {text: "Aannemer - afwachting van netleverancier", state: o, reported: true, word: netstoring}
  mark:
    - {property: IS_GEMELD, reported: "1", otherwise: "0"}
    - {property: meldingstatus, reported: 1, otherwise: 0}
  word: status
  age: gemeld_sinds
wfs:
  paths: [/geoserver/rioned/ows, /v1/wfs/putten/]
  type_names: [rioned:put, app:put]
  properties: {put_soort: soort, gemeld: IS_GEMELD}
"""
SIGNALEN = """\
instances:
  default:
    url: https://signalen.example.org
    auth: {type: oauth2, token_url: https://id.example.org/token, client_id: proxy, client_secret: ${SIGNALEN_SECRET}}
    poll: 60s
    full_sync: 1h
    marks_stale_for: 1d
"""
VARIABLES = {
    "RIONED_WFS_URL": "https://geodata.example.org/wfs",
    "RIONED_PASSWORD": "geheim-wachtwoord",
    "SIGNALEN_SECRET": "geheim-token",
}


def problems_of(directory: Path, env: Mapping[str, str] | None = None) -> tuple[FileProblem, ...]:
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(directory, env or {})
    return refused.value.problems


def found_in(directory: Path, text: str, env: Mapping[str, str] | None = None) -> list[tuple[str, int | None, str]]:
    """(path of keys, line, code) of every problem of one file."""
    (directory / "laag.yaml").write_text(text)
    return [(".".join(map(str, problem.keys)), problem.line, problem.code) for problem in problems_of(directory, env)]


def loaded(directory: Path, text: str, env: Mapping[str, str] | None = None) -> Layer:
    path = directory / "laag.yaml"
    path.write_text(text)
    return load_layer(path, env or {})


# what is accepted


def test_layer_with_every_block_loads(tmp_path: Path):
    layer = loaded(tmp_path, FULL, VARIABLES)

    assert layer.id == "rioned-putten"
    assert layer.source.url == "https://geodata.example.org/wfs"
    assert layer.source.auth.username == "proxy"
    assert layer.source.auth.password.get_secret_value() == "geheim-wachtwoord"
    assert layer.source.extent == (4.18, 52.01, 4.42, 52.13)
    assert layer.source.where == {"status": ("in gebruik",)}
    assert layer.fetch.fresh_for == 3600
    assert layer.fetch.stale_for == 604800
    assert layer.properties.fields["soort"].source == "soort_put"
    assert layer.properties.fields["soort"].map == {"K": "kolk", "I": "inspectieput"}
    assert layer.reports.vendor.values == ("1", "J")
    assert layer.reports.match.within == 0.5
    assert [(type(rule.reported), rule.reported) for rule in layer.reports.mark] == [(str, "1"), (int, 1)]


@pytest.mark.parametrize("name", ["lampen.yaml", "lampen.yml"])
def test_id_is_by_default_the_name_of_the_file(tmp_path: Path, name: str):
    (tmp_path / name).write_text(SMALL)

    assert list(load_catalogue(tmp_path, {})) == ["lampen"]


def test_catalogue_is_in_the_order_of_ids(tmp_path: Path):
    for name, layer_id in (("a", "zeven"), ("b", "acht"), ("c", "negen")):
        (tmp_path / f"{name}.yaml").write_text(f"id: {layer_id}\n{SMALL}")

    catalogue = load_catalogue(tmp_path, {})

    assert list(catalogue) == ["acht", "negen", "zeven"]
    assert len(catalogue) == 3
    assert catalogue["acht"].title == "Lampen"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("rioned-puten", "rioned-putten"),
        ("Rioned_Putten", "rioned-putten"),
        ("moon", "moon-lamp"),
        ("xyz", None),
        ("", None),
    ],
)
def test_nearest_layer(tmp_path: Path, asked: str, expected: str | None):
    for layer_id in ("rioned-putten", "moon-lamp"):
        (tmp_path / f"{layer_id}.yaml").write_text(SMALL)

    assert load_catalogue(tmp_path, {}).nearest(asked) == expected


def test_other_files_are_left_alone(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SMALL)
    for name in ("README.md", ".hidden.yaml", "a.yaml~", "a.yaml.bak"):
        (tmp_path / name).write_text("{")
    (tmp_path / "map.yaml").mkdir()

    assert list(load_catalogue(tmp_path, {})) == ["a"]


def test_loading_again_leaves_the_old_catalogue_as_it_was(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SMALL)
    before = load_catalogue(tmp_path, {})
    (tmp_path / "a.yaml").write_text(SMALL.replace("Lampen", "Masten"))
    (tmp_path / "b.yaml").write_text(SMALL)

    after = load_catalogue(tmp_path, {})

    assert (list(before), before["a"].title) == (["a"], "Lampen")
    assert (list(after), after["a"].title) == (["a", "b"], "Masten")


def test_shipped_layers_load():
    catalogue = shipped.catalogue()

    assert set(catalogue) == set(WHO)
    assert catalogue.unconfigured == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [("kaart/lampen.geojson", "kaart/lampen.geojson"), ("../lampen.geojson", "../lampen.geojson")],
)
def test_path_starts_at_the_layer_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, expected: str):
    monkeypatch.chdir("/")
    layer = loaded(tmp_path, f"title: L\nsource: {{type: geojson, url: '{written}', tls: {{ca: ca.pem}}}}\n")

    assert layer.source.url == str(tmp_path / expected)
    assert layer.source.tls.ca == str(tmp_path / "ca.pem")


def test_path_stays_right_when_the_directory_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "a.yaml").write_text("title: L\nsource: {type: geojson, url: a.geojson}\n")
    monkeypatch.chdir(tmp_path)
    catalogue = load_catalogue(Path("layers"), {})
    monkeypatch.chdir("/")

    assert Path(catalogue["a"].source.url) == tmp_path / "layers" / "a.geojson"


@pytest.mark.parametrize("address", ["/srv/lampen.geojson", "https://x.nl/lampen.geojson"])
def test_address_or_absolute_path_stays(tmp_path: Path, address: str):
    assert loaded(tmp_path, f"title: L\nsource: {{type: geojson, url: '{address}'}}\n").source.url == address


# variables


@pytest.mark.parametrize(
    ("written", "env", "expected"),
    [
        ("${A}", {"A": "x"}, "x"),
        ("van ${A} tot ${B}", {"A": "1", "B": "2"}, "van 1 tot 2"),
        ("${A:-niets}", {}, "niets"),
        ("${A:-niets}", {"A": ""}, "niets"),
        ("${A:-niets}", {"A": "iets"}, "iets"),
        ("x${A:-}y", {}, "xy"),
        ("$${A}", {"A": "x"}, "${A}"),
        ("$A en $ en {A}", {"A": "x"}, "$A en $ en {A}"),
        ("${A}", {"A": "${B}"}, "${B}"),
        ("${A}", {"A": "a: [1"}, "a: [1"),
        ('"${A}"', {"A": "1"}, "1"),
    ],
)
def test_variable_is_filled_in(tmp_path: Path, written: str, env: dict[str, str], expected: str):
    assert loaded(tmp_path, SMALL.replace("Lampen", written), env).title == expected


def test_variable_can_be_a_number_or_a_boolean(tmp_path: Path):
    text = SMALL.replace("[lamp]", "[lamp], page_size: ${N}, extent: [${W}, 52, 5, 53]") + "point: {footprint: ${F}}\n"
    layer = loaded(tmp_path, text, {"N": "250", "W": "4.5", "F": "true"})

    assert (layer.source.page_size, layer.source.extent[0], layer.point.footprint) == (250, 4.5, True)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("${A}", "variable_unset"),
        ("${}", "variable_malformed"),
        ("${A-b}", "variable_malformed"),
        ("${A:b}", "variable_malformed"),
        ("x ${A", "variable_malformed"),
        ("${1A}", "variable_malformed"),
    ],
)
def test_problem_with_a_variable_has_its_line(tmp_path: Path, written: str, code: str):
    assert found_in(tmp_path, f"# comment\n{SMALL.replace('Lampen', written)}") == [("title", 2, code)]


def test_every_unset_variable_is_named(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SMALL.replace("Lampen", "${EEN} ${TWEE}").replace("lamp]", "'${DRIE}']"))

    assert [problem.details["variable"] for problem in problems_of(tmp_path)] == ["EEN", "TWEE", "DRIE"]


def test_variable_in_a_key_is_refused(tmp_path: Path):
    text = SMALL + "properties: {fields: {'${A}': string}}\n"

    assert found_in(tmp_path, text, {"A": "x"}) == [("properties.fields.${A}", 3, "variable_in_key")]


# files with a secret


@pytest.mark.parametrize(
    ("written", "content", "expected"),
    [
        ("${file:geheim}", b"s3cret", "s3cret"),
        ("${file:geheim}", b"s3cret\n", "s3cret"),
        ("${file:geheim}", b"s3cret\r\n", "s3cret"),
        ("${file:geheim}", b"\xef\xbb\xbfs3cret\n", "s3cret"),
        ("${file:geheim}", b"  met spaties \n", "  met spaties "),
        ("Bearer ${file:geheim} ${A}", b"s3cret\n", "Bearer s3cret a"),
        ("${file:geheim}", b"${A} ${file:geheim}", "${A} ${file:geheim}"),
        ("${file:./geheim}", b"a: [1", "a: [1"),
        ("$${file:geheim}", b"s3cret", "${file:geheim}"),
    ],
)
def test_content_of_a_file_is_filled_in(tmp_path: Path, written: str, content: bytes, expected: str):
    (tmp_path / "geheim").write_bytes(content)

    assert loaded(tmp_path, SMALL.replace("Lampen", f"'{written}'"), {"A": "a"}).title == expected


def test_path_of_a_file_may_be_absolute_and_have_spaces(tmp_path: Path):
    secret = tmp_path / "run" / "een geheim.txt"
    secret.parent.mkdir()
    secret.write_text("s3cret\n")

    assert loaded(tmp_path, SMALL.replace("Lampen", f"${{file:{secret}}}")).title == "s3cret"


def test_file_is_read_again_when_the_layers_are_loaded_again(tmp_path: Path):
    text = SMALL.replace("Lampen", "${file:geheim}")
    (tmp_path / "geheim").write_text("oud")
    before = loaded(tmp_path, text)
    (tmp_path / "geheim").write_text("nieuw")

    assert (before.title, loaded(tmp_path, text).title) == ("oud", "nieuw")


@pytest.mark.parametrize(
    ("written", "content", "code"),
    [
        ("${file:afwezig}", b"", "secret_unreadable"),
        ("${file:.}", b"", "secret_unreadable"),
        ("${file:leeg}", b"", "secret_empty"),
        ("${file:leeg}", b" \n", "secret_empty"),
        ("${file:leeg}", b"\xff\xfe", "secret_not_text"),
        ("${file:leeg}", b"a\0b", "secret_not_text"),
        ("${file:leeg}", b"a" * 70_000, "secret_not_text"),
        ("${file:}", b"", "variable_malformed"),
        ("${file: }", b"", "variable_malformed"),
        ("${file:a", b"", "variable_malformed"),
    ],
)
def test_problem_with_a_file_has_its_line(tmp_path: Path, written: str, content: bytes, code: str):
    (tmp_path / "leeg").write_bytes(content)

    assert found_in(tmp_path, f"# comment\n{SMALL.replace('Lampen', repr(written))}") == [("title", 2, code)]


def test_problem_with_a_file_names_it_as_written(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SMALL.replace("Lampen", "${file:/run/secrets/afwezig}"))

    sentence = render(problems_of(tmp_path)[0], "nl")

    assert "het bestand /run/secrets/afwezig is niet te lezen (No such file or directory)" in sentence


def test_content_of_a_file_is_in_no_message(tmp_path: Path):
    (tmp_path / "geheim").write_text("s3cret")
    (tmp_path / "a.yaml").write_text(SMALL.replace("https://x.nl/wfs", "${file:geheim}"))

    sentences = [render(problem, "nl") for problem in problems_of(tmp_path)]

    assert sentences
    assert not any("s3cret" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    "line",
    [
        "  url: https://gebruiker:${S}@x.nl",
        "  url: ${S}",
        "  version: ${S}",
        "  timeout: ${S}",
        "  page_size: ${S}",
        "  extent: ${S}",
        "  type_names: ['${S}', '${S}']",
        "  srs_name: ${S}",
        "  auth: {type: ${S}}",
        "  auth: {type: header, name: 'a b', value: '${S}'}",
        "properties: {fields: {a: {type: integer, default: '${S}'}, b: '${S}', c: {template: '{${S}}'}}}",
        "reports: {signalen: ${S}, match: {fields: ['${S}']}, word: '${S}', age: '${S}', open_states: ['${S}']}",
        "reports: {vendor: {field: f, states: [{text: '${S}', state: i}, {text: '${S}', state: '${S}'}]}}",
    ],
)
def test_problem_never_shows_what_a_variable_holds(tmp_path: Path, line: str):
    secret = "geheim" * 3 + "é"
    (tmp_path / "signalen.yaml").write_text(SIGNALEN.replace("${SIGNALEN_SECRET}", "x"))
    (tmp_path / "a.yaml").write_text(f"title: T\nsource:\n  type: wfs\n{line}\n")

    with pytest.raises(CatalogueError) as refused:
        load_catalogue(tmp_path, {"S": secret})

    everything = [repr(refused.value), str(refused.value), repr(refused.value.problems)]
    everything += [render(problem, language) for problem in refused.value.problems for language in ("nl", "en")]
    assert "geheim" not in " ".join(everything)


# what is refused


def test_all_problems_of_all_files_are_reported_together(tmp_path: Path):
    (tmp_path / "a.yaml").write_text("titel: A\nsource: {type: wfs, url: ftp://x, type_names: []}\n")
    (tmp_path / "b.yaml").write_text("title: [a\n")
    (tmp_path / "c.yml").write_bytes(b"title: \xff\n")
    (tmp_path / "d.yaml").write_text(SMALL + "fetch: {fresh_for: 1 uur, mode: cel}\npoint: {rule: midden}\n")
    (tmp_path / "signalen.yaml").write_text("instances: {default: {uri: x}}\n")

    problems = problems_of(tmp_path)
    found = [(Path(each.file).name, ".".join(map(str, each.keys)), each.line, each.code) for each in problems]

    assert found == [
        ("a.yaml", "title", 1, "missing"),
        ("a.yaml", "titel", 1, "extra_forbidden"),
        ("a.yaml", "source.url", 2, "address_scheme"),
        ("a.yaml", "source.type_names", 2, "names"),
        ("b.yaml", "", 1, "yaml_bracket"),
        ("c.yml", "", 1, "yaml_not_utf8"),
        ("d.yaml", "fetch.fresh_for", 3, "duration"),
        ("d.yaml", "fetch.mode", 3, "literal_error"),
        ("d.yaml", "point.rule", 4, "literal_error"),
        ("signalen.yaml", "instances.default.url", 1, "missing"),
        ("signalen.yaml", "instances.default.uri", 1, "extra_forbidden"),
    ]
    assert isinstance(CatalogueError(problems), ConfigurationError)


SOURCE = "title: T\nsource:\n  type: wfs\n  url: https://x.nl\n  type_names: [a]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: [1", [("", 1, "yaml_bracket")], id="not YAML"),
        pytest.param("<html></html>", [("", 1, "yaml_no_mapping")], id="HTML"),
        pytest.param(SOURCE + "  page_sise: 1\n", [("source.page_sise", 6, "extra_forbidden")], id="misspelt key"),
        pytest.param(SOURCE + "title: U\n", [("title", 6, "yaml_duplicate")], id="key twice"),
        pytest.param(SOURCE + "point: inside\n", [("point", 6, "model_type")], id="no block"),
        pytest.param("title: T\nsource: x\n", [("source", 2, "model_attributes_type")], id="source is no block"),
        pytest.param("title: T\nsource:\n", [("source", 2, "model_attributes_type")], id="source is empty"),
        pytest.param("title: T\n", [("source", 1, "missing")], id="no source"),
        pytest.param("title: T\nsource: {url: x}\n", [("source", 2, "union_tag_not_found")], id="no type"),
        pytest.param("title: T\nsource:\n  type: wms\n", [("source.type", 3, "union_tag_invalid")], id="other type"),
        pytest.param(SOURCE + "  version: 3.0\n", [("source.version", 6, "literal_error")], id="other version"),
        pytest.param(SOURCE + "  srs_name: EPSG:2899222\n", [("source.srs_name", 6, "srs_name")], id="unknown CRS"),
        pytest.param(SOURCE + "  where: {status: []}\n", [("source.where.status", 6, "comparables")], id="where empty"),
        pytest.param(SOURCE + "  where: {status: ja}\n", [("source.where.status", 6, "comparables")], id="where text"),
        pytest.param(
            SOURCE + "  where:\n    status:\n      - null\n",
            [("source.where.status.0", 8, "comparable")],
            id="where null",
        ),
        pytest.param(SOURCE.replace("[a]", "[a, a]"), [("source.type_names", 5, "twice")], id="type name twice"),
        pytest.param(SOURCE.replace("[a]", "['a,b']"), [("source.type_names.0", 5, "type_name")], id="names in one"),
        pytest.param("title: 2024\n" + SOURCE[9:], [("title", 1, "string_type")], id="number as title"),
        pytest.param("id: a b\n" + SOURCE, [("id", 1, "layer_id")], id="blank in id"),
        pytest.param(SOURCE + "wfs: {paths: [ows]}\n", [("wfs.paths.0", 6, "url_path")], id="path without slash"),
        pytest.param(
            SOURCE + "wfs: {paths: ['https://x.nl/ows', '/ows?map=a', /a/../b, //ows, /%61, /a b, /]}\n",
            [(f"wfs.paths.{row}", 6, "url_path") for row in range(7)],
            id="other parts of an address than its path",
        ),
        pytest.param(
            SOURCE + "wfs: {paths: [/layers, /layers/a/wfs, /wfs/, /v1, /v1/layers/a, /ogc/v1, /docs, /v1/wfs]}\n",
            [(f"wfs.paths.{row}", 6, "own_path") for row in range(8)],
            id="paths of the proxy",
        ),
        pytest.param(SOURCE + "wfs: {paths: [/a, /a/]}\n", [("wfs.paths", 6, "twice")], id="path twice"),
        pytest.param(SOURCE + "wfs: {type_names: ['a,b']}\n", [("wfs.type_names.0", 6, "type_name")], id="old names"),
        pytest.param(SOURCE + "wfs: {type_names: [a, a]}\n", [("wfs.type_names", 6, "twice")], id="old name twice"),
        pytest.param(SOURCE + "reports: {word: created_at}\n", [("reports.word", 6, "reserved")], id="reserved word"),
    ],
)
def test_wrong_file_is_refused(tmp_path: Path, text: str, expected: list[tuple[str, int, str]]):
    assert found_in(tmp_path, text) == expected


FIELDS = SOURCE + "properties:\n  id: objectid\n  fields:\n    nummer: string\n"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("    created_at: date\n", [("properties.fields.created_at", 10, "reserved")]),
        ("    a: {template: '{numer}'}\n", [("properties.fields.a.template", 10, "template_unknown")]),
        ("    a: {template: '{nummer'}\n", [("properties.fields.a.template", 10, "template_syntax")]),
        ("    a: {template: '{}'}\n", [("properties.fields.a.template", 10, "template_syntax")]),
        ("    a: {template: 'x', from: y}\n", [("properties.fields.a.template", 10, "template_and_from")]),
        ("    a: {template: '{a}'}\n", [("properties.fields.a.template", 10, "template_cycle")]),
        (
            "    a: {template: '{b}'}\n    b: {template: '{c}'}\n    c: {template: '{b} {nummer}'}\n",
            [
                ("properties.fields.b.template", 11, "template_cycle"),
                ("properties.fields.c.template", 12, "template_cycle"),
            ],
        ),
        ("    a: {map: {}}\n", [("properties.fields.a.map", 10, "empty")]),
        ("    a: {map: {1: x, '1.0': y}}\n", [("properties.fields.a.map", 10, "twice")]),
        ("    a: {type: integer, default: veel}\n", [("properties.fields.a.default", 10, "default_type")]),
        ("    a: {type: integer, map: {K: kolk}}\n", [("properties.fields.a.map.K", 10, "default_type")]),
        ("    a: {type: boolean, default: 2}\n", [("properties.fields.a.default", 10, "default_type")]),
        ("    a: {type: date, default: gisteren}\n", [("properties.fields.a.default", 10, "default_type")]),
        ("    a: {type: number, default: ''}\n", [("properties.fields.a.default", 10, "default_type")]),
        ("    footprint: string\npoint: {footprint: true}\n", [("point.footprint", 11, "name_taken")]),
        ("    IS_GEMELD: string\nreports: {}\n", [("reports.mark.0.property", 11, "name_taken")]),
        ("reports: {word: nummer}\n", [("reports.word", 10, "name_taken")]),
        ("reports: {age: status, word: status}\n", [("reports.age", 10, "name_taken")]),
        ("reports: {word: footprint}\npoint: {footprint: true}\n", [("reports.word", 10, "name_taken")]),
        (
            "reports:\n  mark:\n" + 2 * "    - {property: p, reported: 1, otherwise: 0}\n",
            [("reports.mark.1.property", 13, "name_taken")],
        ),
        ("reports: {mark: [{property: p, reported: 1, otherwise: 1}]}\n", [("reports.mark.0", 10, "mark_same")]),
        ("reports: {match: {fields: [nummer, numer]}}\n", [("reports.match.fields.1", 10, "match_unknown")]),
        ("reports: {vendor: {field: f}}\n", [("reports.vendor", 10, "vendor_empty")]),
        (
            "reports: {vendor: {field: f, states: [{text: 1, state: i}, {text: '1.0', state: o}]}}\n",
            [("reports.vendor.states.1.text", 10, "twice")],
        ),
        (
            "reports: {vendor: {field: f, states: [{text: a, state: q}]}}\n",
            [("reports.vendor.states.0.state", 10, "state")],
        ),
        ("wfs: {properties: {nr: numer}}\n", [("wfs.properties.nr", 10, "alias_unknown")]),
        ("wfs: {properties: {nr: IS_GEMELD}}\n", [("wfs.properties.nr", 10, "alias_unknown")]),
        ("    a: string\nwfs: {properties: {a: nummer}}\n", [("wfs.properties.a", 11, "alias_served")]),
        ("reports: {word: w}\nwfs: {properties: {w: nummer}}\n", [("wfs.properties.w", 11, "alias_served")]),
        ("reports: {open_states: [m, x]}\n", [("reports.open_states.1", 10, "state")]),
        ("reports: {open_states: []}\n", [("reports.open_states", 10, "empty")]),
        ("reports: {open_states: alles}\n", [("reports.open_states", 10, "literal_error")]),
    ],
)
def test_names_and_values_fit_each_other(tmp_path: Path, rest: str, expected: list[tuple[str, int, str]]):
    assert found_in(tmp_path, FIELDS + rest) == expected


@pytest.mark.parametrize(
    "rest",
    [
        "    a: {template: 'vast'}\n",
        "    a: {template: '{b} {nummer}'}\n    b: {template: '{nummer}'}\n",
        "    a: {type: integer, default: '7'}\n    b: {type: number, map: {x: 1.5, y: null}}\n",
        "    a: {type: boolean, map: {J: true, N: 0}}\n    b: {type: date, default: 2024-01-31}\n",
        "    a: {default: 7}\n    b: {type: datetime, default: '2024-01-31T12:00:00+01:00'}\n",
        "    footprint: string\n",
        "reports: {match: {fields: [objectid, nummer]}}\n",
        "wfs: {properties: {nr: nummer, nummer: nummer}}\n",
        "reports: {}\nwfs: {properties: {gemeld: IS_GEMELD}}\n",
        "wfs: {paths: [/v1/wfs/bomen/, /ogc/wfs, /wfs/bomen, /maps/x, '/public/gisib/geography', /layersx]}\n",
        "reports: {mark: [{property: p, reported: 1, otherwise: '1'}, {property: q, reported: 1, otherwise: true}]}\n",
        "reports: {mark: []}\n",
        "reports: {open_states: [m, ready to send, reopen requested]}\n",
    ],
)
def test_names_and_values_that_fit_are_accepted(tmp_path: Path, rest: str):
    assert loaded(tmp_path, FIELDS + rest).id == "laag"


def test_one_problem_hides_no_other(tmp_path: Path):
    """Rules about names are applied although other values, even of the same field, are wrong."""
    text = """\
titel: T
source: {type: wfz}
properties:
  fields:
    nummer: strng
    a: {template: '{nummer} {numer}', typ: string}
reports:
  signalen: 5
  mark: [{property: nummer, reported: 1, otherwise: 1}]
  match: {fields: [numer]}
"""

    assert found_in(tmp_path, text) == [
        ("title", 1, "missing"),
        ("titel", 1, "extra_forbidden"),
        ("source.type", 2, "union_tag_invalid"),
        ("properties.fields.nummer", 5, "literal_error"),
        ("properties.fields.a.template", 6, "template_unknown"),
        ("properties.fields.a.typ", 6, "extra_forbidden"),
        ("reports.signalen", 8, "string_type"),
        ("reports.mark.0", 9, "mark_same"),
        ("reports.mark.0.property", 9, "name_taken"),
        ("reports.match.fields.0", 10, "match_unknown"),
    ]


TEMPLATE = """\
title: T
source:
  type: geojson
  url: "https://x.nl/{path}"
"""
CELLS = "fetch: {mode: cells}\n"


@pytest.mark.parametrize(
    ("path", "more", "expected"),
    [
        ("a?bbox={west},{south},{east},{north}", CELLS, []),
        ("{west}/{south}/{east}/{north}", CELLS, []),
        ("a?bbox={west},{south},{east},{north}&start={offset}&n={limit}", CELLS, []),
        ("a?start={offset}&n={limit}", "", []),
        ("a?start={offset}", "", []),
        ("a?bbox={west},{south},{east},{north}", "", [("source.url", 4, "template_whole")]),
        ("a?bbox={west},{south},{east}", CELLS, [("source.url", 4, "template_half")]),
        ("a?bbox={west},{south},{east}", "", [("source.url", 4, "template_half")]),
        ("a?x={north}", "", [("source.url", 4, "template_half")]),
        ("a?n={limit}", "", [("source.url", 4, "template_limit")]),
        ("a?bbox={west},{south},{east},{north}&s={srsName}", CELLS, [("source.url", 4, "address_placeholder")]),
        ("a?bbox={West},{South},{East},{North}", CELLS, [("source.url", 4, "address_placeholder")]),
        ("a?bbox={west", "", [("source.url", 4, "address_placeholder")]),
        ("a?bbox={}", "", [("source.url", 4, "address_placeholder")]),
        ("a?bbox={{west}}", "", [("source.url", 4, "address_placeholder")]),
    ],
)
def test_template_of_a_url_is_whole_and_fits_the_mode(tmp_path: Path, path: str, more: str, expected: list):
    text = TEMPLATE.replace("{path}", path) + more
    if expected:
        assert found_in(tmp_path, text) == expected
    else:
        assert loaded(tmp_path, text).source.url.endswith(path)


@pytest.mark.parametrize("host", ["{west}", "{offset}.nl", "x.nl:{limit}"])
def test_placeholder_is_not_in_the_name_of_the_server(tmp_path: Path, host: str):
    found = found_in(tmp_path, f'title: T\nsource: {{type: geojson, url: "https://{host}/a"}}\n')

    assert [code for _, _, code in found] == ["address_placeholder"]


def test_half_a_template_is_named_with_what_is_missing(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(TEMPLATE.replace("{path}", "a?bbox={west},{east}") + CELLS)

    (problem,) = problems_of(tmp_path)

    sentence = "this URL lacks {south}, {north}; a box has {west}, {south}, {east} and {north}"
    assert render(problem, "en").endswith(sentence)


def test_wrong_source_is_no_reason_to_refuse_cells(tmp_path: Path):
    text = "title: T\nsource: {type: wfs, url: 'https://x.nl', type_nams: [a]}\n" + CELLS

    assert {code for _, _, code in found_in(tmp_path, text)} == {"extra_forbidden", "missing"}


def test_page_size_without_a_limit_has_no_effect(tmp_path: Path):
    text = TEMPLATE.replace("{path}", "a?start={offset}") + "  page_size: 50\n"

    assert [remark.code for remark in unused_blocks(loaded(tmp_path, text))] == ["idle_page_size"]
    assert unused_blocks(loaded(tmp_path, text.replace("{offset}", "{offset}&n={limit}"))) == ()


LOGIN = """\
title: T
source:
  type: wfs
  url: https://x.nl
  type_names: [a]
  auth:
    type: login
    url: https://x.nl/Login
    fields: {Username: stad, Password: "${W}"}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("    expires: until\n", [("source.auth.expires", 10, "login_expires")]),
        ("    expires: until\n    token: token\n", []),
        ("    send: {parameter: token}\n", []),
        ("    send: {header: X-Token}\n", []),
        ("    send: {parameter: token, prefix: x}\n", [("source.auth.send.parameter", 10, "login_send")]),
        ("    send: {header: X-Token, parameter: token}\n", [("source.auth.send.parameter", 10, "login_send")]),
    ],
)
def test_login_is_consistent(tmp_path: Path, more: str, expected: list):
    if expected:
        assert found_in(tmp_path, LOGIN + more, {"W": "geheim"}) == expected
    else:
        loaded(tmp_path, LOGIN + more, {"W": "geheim"})


def test_login_hides_all_its_values(tmp_path: Path):
    layer = loaded(tmp_path, LOGIN, {"W": "geheim-woord"})

    assert layer.source.auth.fields["Password"].get_secret_value() == "geheim-woord"
    for text in (repr(layer), str(layer), layer.model_dump_json()):
        assert "geheim-woord" not in text
    assert hash(layer.source.auth) == hash(loaded(tmp_path, LOGIN, {"W": "geheim-woord"}).source.auth)
    assert layer.source.auth != loaded(tmp_path, LOGIN, {"W": "ander-woord"}).source.auth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SMALL + "fetch: {mode: cells}\npoint: {rule: centroid}\n", [("point.rule", 4, "cells_centroid")]),
        (SMALL + "fetch: {mode: snapshot}\npoint: {rule: centroid}\n", []),
        (
            "title: T\nsource: {type: geojson, url: a.geojson}\nfetch: {mode: cells}\n",
            [("fetch.mode", 3, "cells_document")],
        ),
        ("title: T\nsource: {type: file, path: a.csv}\nfetch: {mode: cells}\n", [("fetch.mode", 3, "cells_table")]),
        ("title: T\nsource: {type: file, path: a.zip}\nfetch: {mode: cells}\n", [("fetch.mode", 3, "cells_table")]),
        ("title: T\nsource: {type: file, path: a.GPKG}\nfetch: {mode: cells}\n", []),
        (
            "title: T\nsource: {type: geojson, url: 'https://x.nl/a'}\nfetch: {mode: cells}\n",
            [("fetch.mode", 3, "cells_document")],
        ),
        *((SMALL + f"fetch: {{mode: cells}}\npoint: {{rule: {rule}}}\n", []) for rule in ("inside", "start", "middle")),
    ],
)
def test_cells_need_a_source_with_boxes_and_points_within_their_objects(tmp_path: Path, text, expected):
    if expected:
        assert found_in(tmp_path, text) == expected
    else:
        assert loaded(tmp_path, text).title


def test_problem_causes_no_second_one(tmp_path: Path):
    """What is missing only because it was left out for a problem of its own is not reported."""
    text = (
        SOURCE
        + "properties: {fields: [nummer]}\nreports: {match: {fields: [nummer]}, vendor: {field: f, states: [1]}}\n"
    )

    assert found_in(tmp_path, text) == [
        ("properties.fields", 6, "dict_type"),
        ("reports.vendor.states.0", 7, "model_type"),
    ]


@pytest.mark.parametrize(
    ("line", "nearest", "belongs"),
    [
        ("titel: x", "title", None),
        ("organization: x", "organisation", None),
        ("Point: {}", "point", None),
        ("page_size: 5", None, "source"),
        ("cell_zoom: 15", None, "fetch"),
        ("categories: []", None, "reports"),
        ("username: x", None, "source.auth"),
        ("qwertyuiop: x", None, None),
    ],
)
def test_unknown_key_names_what_was_probably_meant(tmp_path: Path, line: str, nearest: str | None, belongs: str | None):
    (tmp_path / "a.yaml").write_text(f"{SMALL}{line}\n")
    (problem,) = problems_of(tmp_path)

    assert (problem.nearest, problem.belongs) == (nearest, belongs)
    assert problem.allowed[:3] == ("id", "title", "organisation")


def test_id_of_two_files_is_reported_with_the_other_file(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(f"id: lampen\n{SMALL}")
    (tmp_path / "b.yaml").write_text(f"\nid: lampen\n{SMALL}")
    (tmp_path / "lampen.yml").write_text(SMALL)

    found = [(Path(each.file).name, each.line, each.code, each.details["other"]) for each in problems_of(tmp_path)]

    assert found == [
        ("b.yaml", 2, "duplicate_layer", "a.yaml"),
        ("lampen.yml", 1, "duplicate_layer", "a.yaml"),
    ]


def test_name_in_the_wfs_of_two_layers_is_reported_with_the_other_file(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(f"{SMALL}wfs: {{paths: [/ows], type_names: [app:mast, mast]}}\n")
    (tmp_path / "b.yaml").write_text(f"{SMALL}wfs:\n  paths: [/ows]\n  type_names:\n    - b\n    - app:mast\n    - a\n")

    found = [(Path(each.file).name, each.line, each.code, each.details) for each in problems_of(tmp_path)]

    assert found == [
        ("b.yaml", 7, "type_name_taken", {"given": "app:mast", "other": "a.yaml"}),
        ("b.yaml", 8, "type_name_taken", {"given": "a", "other": "a.yaml"}),
    ]


def test_name_of_file_that_cannot_be_an_id(tmp_path: Path):
    (tmp_path / "mijn lampen.yaml").write_text(SMALL)
    (problem,) = problems_of(tmp_path)

    assert (problem.keys, problem.code) == (("id",), "layer_id_of_file")


def test_directory_without_layers(tmp_path: Path):
    (tmp_path / "signalen.yaml").write_text(SIGNALEN)

    assert [problem.code for problem in problems_of(tmp_path, VARIABLES)] == ["no_layers"]


@pytest.mark.parametrize("name", ["absent", "file", "a\0b"])
def test_directory_that_cannot_be_read(tmp_path: Path, name: str):
    (tmp_path / "file").write_text("")

    assert [problem.code for problem in problems_of(tmp_path / name)] == ["directory_unreadable"]


@pytest.mark.parametrize("name", ["absent.yaml", "directory.yaml", "a\0b.yaml"])
def test_file_that_cannot_be_read(tmp_path: Path, name: str):
    (tmp_path / "directory.yaml").mkdir()

    with pytest.raises(CatalogueError) as refused:
        load_layer(tmp_path / name, {})

    assert [problem.code for problem in refused.value.problems] == ["file_unreadable"]


def test_dangling_link_is_reported(tmp_path: Path):
    (tmp_path / "a.yaml").symlink_to(tmp_path / "absent")
    (tmp_path / "b.yaml").write_text(SMALL)

    assert [problem.code for problem in problems_of(tmp_path)] == ["file_unreadable"]


# signalen.yaml


def test_signalen_file_names_the_instances(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SMALL + "reports: {signalen: default}\n")
    (tmp_path / "signalen.yaml").write_text(SIGNALEN)

    catalogue = load_catalogue(tmp_path, VARIABLES)

    assert list(catalogue) == ["a"]
    assert catalogue.instances["default"].full_sync == 3600
    assert catalogue.instances["default"].auth.client_secret.get_secret_value() == "geheim-token"


@pytest.mark.parametrize(
    "load", [lambda path: load_catalogue(path.parent, VARIABLES), lambda path: load_layer(path, VARIABLES)]
)
def test_unknown_instance_is_reported_with_the_nearest(tmp_path: Path, load):
    path = tmp_path / "a.yaml"
    path.write_text(SMALL + "reports:\n  signalen: defalut\n")
    (tmp_path / "signalen.yaml").write_text(SIGNALEN)

    with pytest.raises(CatalogueError) as refused:
        load(path)

    (problem,) = refused.value.problems
    assert (problem.keys, problem.line, problem.code, problem.nearest) == (
        ("reports", "signalen"),
        4,
        "instance_unknown",
        "default",
    )


def test_signalen_file_is_not_a_layer(tmp_path: Path):
    (tmp_path / "signalen.yaml").write_text(SIGNALEN)

    with pytest.raises(CatalogueError, match="this file is not a layer"):
        load_layer(tmp_path / "signalen.yaml", VARIABLES)


def test_instance_needs_no_file_yet(tmp_path: Path):
    assert loaded(tmp_path, SMALL + "reports: {signalen: default}\n").reports.signalen == "default"


def test_wrong_instance_still_exists(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(SMALL + "reports: {signalen: default}\n")
    (tmp_path / "signalen.yaml").write_text("instances:\n  default:\n    url: x\n")

    assert [(problem.keys, problem.code) for problem in problems_of(tmp_path)] == [
        (("instances", "default", "url"), "address_scheme")
    ]


# what is said


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", 'laag.yaml:6:3: source.page_sise: deze sleutel bestaat niet; bedoelt u "page_size"?; mogelijk: '),
        ("en", 'laag.yaml:6:3: source.page_sise: unknown key; did you mean "page_size"?; possible: '),
    ],
)
def test_problem_is_one_line(tmp_path: Path, language: str, expected: str):
    (tmp_path / "laag.yaml").write_text(SOURCE + "  page_sise: 1\n")
    (problem,) = problems_of(tmp_path)

    assert render(problem, language).removeprefix(f"{tmp_path}/").startswith(expected)


def test_error_is_in_english(tmp_path: Path):
    (tmp_path / "a.yaml").write_text("title: T\n")

    with pytest.raises(ConfigurationError, match=r"a\.yaml:1:1: source: this required key is missing$"):
        load_catalogue(tmp_path, {})


def test_problem_without_a_sentence_has_a_last_resort():
    problem = FileProblem(file="a.yaml", keys=("a", 0, "b"), code="no such code")

    assert render(problem, "nl") == f"a.yaml: a[0].b: {LAST_RESORT.nl}"


def test_sentence_is_one_line_even_with_line_breaks_in_values():
    problem = FileProblem(file="\udcff.yaml", keys=("a\nb",), code="twice", details={"given": "x\n\ny {z}"})

    assert render(problem, "en") == '?.yaml: a b: "x y {z}" occurs twice'


# what has no effect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SMALL, []),
        (SMALL + "reports: {}\n", []),
        (SMALL + "fetch: {mode: cells, cell_zoom: 15}\n", []),
        (SMALL + "fetch: {cell_zoom: 15}\n", [("fetch.cell_zoom", "idle_cell_zoom")]),
    ],
    ids=["nothing", "reports", "cells", "zoom without cells"],
)
def test_block_for_later_is_accepted_and_noted(tmp_path: Path, text: str, expected: list[tuple[str, str]]):
    notes = unused_blocks(loaded(tmp_path, text))

    assert [(".".join(map(str, note.keys)), note.code) for note in notes] == expected
    assert all("no effect" in render(note, "en") and render(note, "nl") != render(note, "en") for note in notes)
    assert all(type(note) is Remark for note in notes)


# what a form needs


@pytest.mark.parametrize(
    ("properties", "position", "says"),
    [
        ("", "1:1", "set `id`"),
        ("properties:\n  fields: {a: string}\n", "3:1", "set `id`"),
        ("properties: {id: uri}\n", "3:", "add this line: uri: string"),
        ("properties:\n  id: uri\n  fields:\n    naam: string\n", "5:3", "add this line: uri: string"),
        ("properties:\n  id: nr\n  fields: {nr: {map: {a: b}}}\n", "5:", "add this line: sleutel: {from: nr}"),
        (
            "properties:\n  id: nr\n  fields: {nr: {from: a}, sleutel: {from: b}}\n",
            "5:",
            "add this line: sleutel_2: {from: nr}",
        ),
        ("properties:\n  id: '1 nr'\n  fields: {a: string}\n", "5:", 'add this line: "1 nr": string'),
        ("properties:\n  id: created_at\n  fields: {a: string}\n", "5:", "add this line: sleutel: {from: created_at}"),
        ("properties:\n  id: footprint\npoint: {footprint: true}\n", "3:", "add this line: sleutel: {from: footprint}"),
    ],
)
def test_a_layer_without_an_id_field_has_a_warning_with_the_line_to_add(tmp_path, properties, position, says):
    (tmp_path / "a.yaml").write_text(SMALL + properties)

    (warning,) = load_catalogue(tmp_path, {}).warnings

    english = render(warning, "en")
    assert english.startswith(f"{tmp_path / 'a.yaml'}:{position}")
    assert says in english
    assert render(warning, "nl") != english


@pytest.mark.parametrize("key", ["uri", "nr", "1 nr", "true", "created_at", "a: b", 'x"y', "Straße", "$${x}", "a\x07b"])
def test_the_proposed_line_gives_the_layer_an_id_field(tmp_path, key):
    text = f"{SMALL}properties:\n  id: {json.dumps(key)}\n  fields:\n    sleutel: integer\n    nr: {{map: {{a: b}}}}\n"
    (tmp_path / "a.yaml").write_text(text)
    (warning,) = load_catalogue(tmp_path, {}).warnings

    (tmp_path / "a.yaml").write_text(f"{text}    {warning.details['line']}\n")

    catalogue = load_catalogue(tmp_path, {})
    assert catalogue.warnings == ()
    assert catalogue["a"].properties.id_field is not None


@pytest.mark.parametrize(
    ("extent", "right"),
    [
        ([52.01, 4.18, 52.13, 4.42], "[4.18, 52.01, 4.42, 52.13]"),
        ([4.18, 4.42, 52.01, 52.13], "[4.18, 52.01, 4.42, 52.13]"),
        ([4.18, 52.01, 4.42, 52.13], None),
        ([7.0, 50.0, 20.0, 55.0], None),  # partly in our area
        ([-75.0, 40.0, -73.0, 41.0], None),
        ([40.0, -75.0, 41.0, -73.0], None),  # nobody knows what is right elsewhere
    ],
)
def test_an_extent_that_looks_swapped_has_a_warning_with_the_right_order(tmp_path, extent, right):
    source = f"{{type: wfs, url: 'https://x.nl/wfs', type_names: [lamp], extent: {extent}}}"
    (tmp_path / "a.yaml").write_text(f"title: A\nproperties: {{id: nr, fields: {{nr: string}}}}\nsource: {source}\n")

    warnings = load_catalogue(tmp_path, {}).warnings

    assert [warning.code for warning in warnings] == ([] if right is None else ["extent_swapped"])
    assert all(right in render(warning, "nl") for warning in warnings)


@pytest.mark.parametrize(
    ("name", "gdal", "code"),
    [
        ("here.csv", False, None),
        ("here.gpkg", True, None),
        ("here.gpkg", False, "no_gdal"),
        ("absent.csv", True, "no_such_file"),
        ("../elsewhere/here.csv", True, "no_such_file"),
    ],
)
def test_a_file_that_cannot_be_read_yet_is_a_warning(tmp_path, monkeypatch, name, gdal, code):
    monkeypatch.setattr("wfs_proxy.config.layer_rules.has_gdal", lambda: gdal)
    for here in ("here.csv", "here.gpkg"):
        (tmp_path / here).write_text("nr;x;y")
    source = f"source: {{type: file, path: {name}}}"
    (tmp_path / "a.yaml").write_text(f"title: A\nproperties: {{id: nr, fields: {{nr: string}}}}\n{source}\n")

    warnings = load_catalogue(tmp_path, {}).warnings

    assert [(warning.code, warning.line) for warning in warnings] == ([] if code is None else [(code, 3)])


def test_paths_of_files_are_relative_to_the_layer_file(tmp_path):
    source = "source: {type: file, path: data/a.csv, delimiter: tab, encoding: Windows-1252, decimal: ','}"
    (tmp_path / "a.yaml").write_text(f"title: A\n{source}\n")

    found = load_catalogue(tmp_path, {})["a"].source
    assert (found.path, found.delimiter, found.encoding) == (str(tmp_path / "data/a.csv"), "\t", "cp1252")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("encoding: utf-99", ("source.encoding", "character_set")),
        ("encoding: base64", ("source.encoding", "character_set")),
        ("delimiter: ab", ("source.delimiter", "delimiter")),
        ("delimiter: '.'", ("source.delimiter", "delimiter")),
        ("decimal: ';'", ("source.decimal", "literal_error")),
        ("x: oost", ("source.x", "only_x_or_y")),
        ("y: noord", ("source.y", "only_x_or_y")),
        ("srs_name: EPSG:99999999", ("source.srs_name", "srs_name")),
        ("url: https://a.nl", ("source.url", "extra_forbidden")),
    ],
)
def test_keys_of_a_file_that_cannot_be_meant_are_refused(tmp_path, keys, problem):
    (tmp_path / "a.yaml").write_text(f"title: A\nsource:\n  type: file\n  path: a.csv\n  {keys}\n")

    with pytest.raises(CatalogueError) as raised:
        load_catalogue(tmp_path, {})
    assert [(".".join(map(str, each.keys)), each.code) for each in raised.value.problems] == [problem]


def test_a_layer_with_an_id_field_has_no_warning(tmp_path):
    (tmp_path / "a.yaml").write_text(SMALL + "properties: {id: nr, fields: {nummer: {from: nr}}}\n")
    assert load_catalogue(tmp_path, {}).warnings == ()


def test_the_shipped_layers_have_no_warnings():
    assert shipped.catalogue().warnings == ()


# any bytes

KEYS = st.sampled_from(
    sorted({field.alias or name for _, block in BLOCKS for name, field in block.model_fields.items()} | {"x"})
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["wfs", "geojson", "basic", "header", "https://x.nl", "{x}", "${A}", "${", "default", "1h", "é", ""]
    )
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
FULL_VALUE = {
    "title": "T",
    "source": {"type": "wfs", "url": "https://x.nl", "type_names": ["a"], "auth": {"type": "header", "value": "x"}},
    "properties": {"fields": {"x": {"type": "string", "map": {"a": "b"}}, "y": {"template": "{x}"}}},
    "reports": {"match": {"fields": ["x"]}, "vendor": {"field": "f", "values": [1]}, "open_states": ["m"]},
}


def read(directory: Path, body: bytes) -> Layer | None:
    """The layer of a file, None when it is refused; every problem has a sentence in both languages."""
    path = directory / "laag.yaml"
    path.write_bytes(body)
    try:
        layer = load_layer(path, {"A": "\udcff geheim"})
    except CatalogueError as error:
        sentences = [render(problem, language) for problem in error.problems for language in ("nl", "en")]
    else:
        return layer

    assert sentences
    assert not any(text in sentence for sentence in sentences for text in (LAST_RESORT.nl, LAST_RESORT.en, "geheim"))
    return None


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layers")


@example(b"")
@example(b"id: &a *a")
@given(st.binary(max_size=200))
def test_any_bytes_are_loaded_or_refused(directory: Path, body: bytes):
    read(directory, body)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_values_are_loaded_or_refused(directory: Path, value: dict[str, object]):
    read(directory, json.dumps(value, ensure_ascii=True).encode())


@given(st.data())
def test_layer_with_one_value_replaced_is_loaded_or_refused(directory: Path, data: st.DataObject):
    value = json.loads(json.dumps(FULL_VALUE))
    block = value
    while True:
        key = data.draw(
            st.sampled_from(sorted(block)) if isinstance(block, dict) else st.sampled_from(range(len(block)))
        )
        if not isinstance(block[key], dict | list) or data.draw(st.booleans()):
            break
        block = block[key]
    block[key] = data.draw(VALUES)

    layer = read(directory, json.dumps(value).encode())

    assert layer is None or isinstance(layer, Layer)


@given(st.integers(0, len(FULL)))
def test_cut_off_file_is_loaded_or_refused(directory: Path, length: int):
    read(directory, FULL[:length].encode())


def test_catalogue_says_what_it_holds():
    assert repr(Catalogue([])) == "<Catalogue without layers>"


def test_file_read_never_raises(tmp_path: Path):
    assert read_layer_file(tmp_path / "absent.yaml", {}).model is None
