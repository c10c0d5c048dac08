"""Layers and Signalen instances whose address waits for a variable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from wfs_proxy.config.catalogue import Catalogue, CatalogueError, load_catalogue, load_layer, load_layer_file
from wfs_proxy.config.diagnostics import render

LAYER = """\
title: Masten
source:
  type: wfs
  url: {url}
  type_names: [lamp]
  auth: {auth}
properties: {{id: nr, fields: {{nr: string}}}}
reports: {{signalen: default}}
"""
LOGIN = "{type: basic, username: proxy, password: geheim}"
SIGNALEN = """\
instances:
  default:
    url: {url}
    auth: {{type: bearer, token: {token}}}
    poll: ${{POLL:-60s}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zuil.yaml").write_text(LAYER.format(url="https://zuil.example/wfs", auth=LOGIN))
    return tmp_path


def write(folder: Path, url: str, auth: str = LOGIN, more: str = "") -> Path:
    path = folder / "mast.yaml"
    path.write_text(LAYER.format(url=url, auth=auth) + more)
    return path


def waiting_in(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    return {each.name: each.missing for each in catalogue.unconfigured}


# which layers are not configured


@pytest.mark.parametrize(
    ("url", "env", "missing"),
    [
        ("${A}", {}, ("A",)),
        ("${A}", {"A": ""}, ("A",)),
        ("${A}", {"A": " \t"}, ("A",)),
        ("${A}/wfs", {}, ("A",)),
        ("https://x.nl/${A}/wfs", {}, ("A",)),
        ("https://${A}.x.nl:${B}/${A}", {"B": "80"}, ("A",)),
        ("https://${A}/${B}", {}, ("A", "B")),
        ("https://${A:-x.nl}/${B}", {}, ("B",)),
        ("${A:-}", {}, ("A",)),
        ("'${A:-}${B:- }'", {"B": ""}, ("A", "B")),
    ],
)
def test_a_layer_whose_address_waits_for_a_variable_does_not_exist(folder, url, env, missing):
    path = write(folder, url)

    catalogue = load_catalogue(folder, env)

    assert list(catalogue) == ["zuil"]
    assert waiting_in(catalogue) == {"mast": missing}
    (waiting,) = catalogue.unconfigured
    assert (waiting.what, waiting.file) == ("layer", str(path))


@pytest.mark.parametrize(
    ("url", "env"),
    [
        ("${A}", {"A": "https://x.nl/wfs"}),
        ("${A:-https://x.nl/wfs}", {}),
        ("${A:-https://x.nl/wfs}", {"A": ""}),
        ("https://x.nl/${A:-}wfs", {}),
    ],
)
def test_a_layer_whose_address_is_known_exists(folder, url, env):
    write(folder, url)

    catalogue = load_catalogue(folder, env)

    assert list(catalogue) == ["mast", "zuil"]
    assert catalogue.unconfigured == ()


def test_a_document_of_geojson_may_wait_too(folder):
    (folder / "punt.yml").write_text("title: Punten\nsource: {type: geojson, url: '${PUNTEN}/punt.geojson'}\n")

    assert waiting_in(load_catalogue(folder, {})) == {"punt": ("PUNTEN",)}
    assert list(load_catalogue(folder, {"PUNTEN": "data"})) == ["punt", "zuil"]


@pytest.mark.parametrize(
    ("auth", "missing"),
    [
        ("{type: basic, username: ${USER_NAME}, password: ${PASSWORD}}", ("A", "USER_NAME", "PASSWORD")),
        ("{type: header, value: ${A}}", ("A",)),
        ("{type: oauth2, token_url: ${TOKENS}, client_id: ${USER_NAME:-x}, client_secret: s}", ("A", "TOKENS")),
        ("{type: basic, username: x, password: '${file:secrets/mast}'}", ("A", "secrets/mast")),
    ],
)
def test_everything_that_misses_is_named_after_the_address(folder, auth, missing):
    path = write(folder, "${A}", auth)

    assert waiting_in(load_catalogue(folder, {})) == {"mast": missing}
    assert load_layer(path, {}, needs_address=False).source.auth is None


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ("{type: basic, username: x, password: ${PASSWORD}}", "variable_unset"),
        ("{type: oauth2, token_url: ${TOKENS}, client_id: x, client_secret: s}", "variable_unset"),
        ("{type: basic, username: x, password: '${file:secrets/mast}'}", "secret_unreadable"),
    ],
)
def test_a_secret_that_misses_in_a_layer_with_an_address_is_an_error(folder, auth, code):
    write(folder, "${A}", auth)

    with pytest.raises(CatalogueError) as refused:
        load_catalogue(folder, {"A": "https://x.nl/wfs"})
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("tytle: x\n", ["extra_forbidden"]),
        ("point: {rule: nowhere}\n", ["literal_error"]),
        ("question: {plural: '${'}\n", ["variable_malformed"]),
        ("fetch: {mode: cells}\npoint: {rule: centroid}\n", ["cells_centroid"]),
        ("organisation: ${CITY}\nfetch: {fresh_for: ${HOUR}}\n", []),
    ],
)
def test_waiting_hides_no_other_error(folder, more, codes):
    write(folder, "${A}", "{type: basic, username: ${USER_NAME}, password: x}", more)

    if not codes:
        assert waiting_in(load_catalogue(folder, {})) == {"mast": ("A", "USER_NAME", "CITY", "HOUR")}
        return
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(folder, {})
    assert [problem.code for problem in refused.value.problems] == codes


def test_a_layer_that_does_not_exist_is_in_nobodys_way(folder):
    (folder / "signalen.yaml").write_text("instances: {stad: {url: 'https://s.nl'}}\n")
    (folder / "zuil.yaml").write_text(LAYER.format(url="https://x.nl", auth=LOGIN).replace("default", "stad"))
    write(folder, "${A}", more="id: zuil\nwfs: {type_names: [lamp]}\n")
    (folder / "paal.yaml").write_text(LAYER.format(url="${A}", auth=LOGIN) + "id: zuil\n")

    catalogue = load_catalogue(folder, {})

    assert list(catalogue) == ["zuil"]
    assert [each.name for each in catalogue.unconfigured] == ["zuil", "zuil"]


# what commands with one file get


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_file_that_is_needed_is_an_error_that_says_what_to_set_and_how(folder, language):
    path = write(folder, "${MAST_URL}/${MAST_PATH}", "{type: header, value: ${MAST_KEY}}")

    with pytest.raises(CatalogueError) as refused:
        load_layer_file(path, {"MAST_KEY": "geheim"})

    (problem,) = refused.value.problems
    assert (problem.keys, problem.line) == (("source", "url"), 4)
    sentence = render(problem, language)
    assert "MAST_URL, MAST_PATH" in sentence
    assert "MAST_KEY" not in sentence
    assert "export MAST_URL=" in sentence
    assert "${MAST_URL}/${MAST_PATH}" in sentence


@pytest.mark.parametrize("url", ["${A}", "${A}/ows?x=1", "https://${A}:${B}/${C}/wfs", "http://x.nl:${A}"])
def test_work_without_requests_needs_no_address(folder, url):
    layer = load_layer(write(folder, url), {"B": "80"}, needs_address=False)

    assert layer.id == "mast"
    assert layer.source.auth.username == "proxy"


def test_work_without_requests_needs_the_other_variables(folder):
    path = write(folder, "${A}", more="title: ${TITLE}\n".replace("title", "organisation"))

    with pytest.raises(CatalogueError, match="A, TITLE"):
        load_layer(path, {}, needs_address=False)


# folders without layers


@pytest.mark.parametrize("name", ["absent", "."])
def test_serving_may_begin_with_an_empty_folder(tmp_path, name):
    catalogue = load_catalogue(tmp_path / name, {}, may_be_empty=True)

    assert (len(catalogue), catalogue.unconfigured) == (0, ())


def test_serving_does_not_begin_with_a_file_instead_of_a_folder(folder):
    with pytest.raises(CatalogueError):
        load_catalogue(folder / "zuil.yaml", {}, may_be_empty=True)


# signalen.yaml


def instances_in(folder: Path, text: str, env: Mapping[str, str]) -> Catalogue:
    (folder / "signalen.yaml").write_text(text)
    return load_catalogue(folder, env)


@pytest.mark.parametrize(
    ("env", "missing"),
    [({}, ("URL", "TOKEN")), ({"TOKEN": "t"}, ("URL",)), ({"URL": "", "TOKEN": "t"}, ("URL",))],
)
def test_a_layer_exists_although_its_signalen_has_no_address(folder, env, missing):
    catalogue = instances_in(folder, SIGNALEN.format(url="${URL}", token="${TOKEN}"), env)

    assert list(catalogue) == ["zuil"]
    assert catalogue.instances == {}
    assert [(each.what, each.name, each.missing) for each in catalogue.unconfigured] == [
        ("signalen", "default", missing)
    ]
    assert load_layer(folder / "zuil.yaml", env).reports.signalen == "default"


def test_other_instances_stay(folder):
    text = SIGNALEN.format(url="${URL}", token="t") + "  stad: {url: 'https://s.nl'}\n"

    catalogue = instances_in(folder, text, {})

    assert list(catalogue.instances) == ["stad"]
    assert waiting_in(catalogue) == {"default": ("URL",)}


@pytest.mark.parametrize(
    ("text", "env", "code"),
    [
        (SIGNALEN.format(url="${URL}", token="${TOKEN}"), {"URL": "https://s.nl"}, "variable_unset"),
        (SIGNALEN.format(url="https://s.nl", token="${TOKEN}"), {}, "variable_unset"),
        (SIGNALEN.format(url="${URL}", token="t") + "    pol: 1s\n", {}, "extra_forbidden"),
        (SIGNALEN.format(url="${URL}", token="t") + "  stad: {url: 's.nl'}\n", {}, "address_scheme"),
        (
            SIGNALEN.format(url="${URL}", token="t") + "  stad: {url: 'https://s.nl', auth: ${X}}\n",
            {},
            "variable_unset",
        ),
    ],
)
def test_other_errors_in_signalen_yaml_stay(folder, text, env, code):
    with pytest.raises(CatalogueError) as refused:
        instances_in(folder, text, env)
    assert [problem.code for problem in refused.value.problems][:1] == [code]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_waits_is_listed_in_words(folder, language):
    write(folder, "${A}", "{type: header, value: ${B}}")
    catalogue = instances_in(folder, SIGNALEN.format(url="${URL}", token="t"), {})

    layer, instance = (render(each.remark, language) for each in catalogue.unconfigured)

    assert layer.startswith(f"{folder / 'mast.yaml'}: ")
    assert layer.endswith("A, B")
    assert instance.startswith(f"{folder / 'signalen.yaml'}: Signalen default ")
