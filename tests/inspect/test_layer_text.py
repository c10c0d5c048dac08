"""The text of a layer file: the loader reads what was proposed, whatever the vendor called it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import inspecting
import pytest
import vendor
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scripted_wfs import ScriptedWfs
from type_reports import SERVICE, field, type_report

from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer import Layer
from wfs_proxy.inspect.findings import findings_of
from wfs_proxy.inspect.layer_text import COMMENTS, layer_text
from wfs_proxy.inspect.proposal import LayerDraft, propose
from wfs_proxy.inspect.report import IdCandidate, MarkCandidate, TypeReport

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), min_size=1, max_size=30
)


def loaded(folder: Path, draft: LayerDraft, report: TypeReport, language: str = "nl") -> Layer:
    path = folder / "laag.yaml"
    path.write_text(layer_text(draft, report, "https://x.nl/wfs", language), encoding="utf-8")
    return load_layer(path, {})


def complete(**changes: object) -> TypeReport:
    report = type_report(**changes)
    return replace(report, findings=findings_of(report))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_loader_reads_what_was_proposed(tmp_path: Path, language: str):
    report = complete(marks=(MarkCandidate(field="IS_GEMELD", reported=("1",), others=("0",)),))

    layer = loaded(tmp_path, propose(SERVICE, report), report, language)

    assert (layer.title, layer.attribution, layer.source.url) == ("Lichtmasten", "Vendor B.V.", "https://x.nl/wfs")
    assert (layer.source.version, layer.source.type_names) == ("2.0.0", ("app:Lichtmasten",))
    assert layer.source.extent == (4.18, 51.99, 4.42, 52.11)
    assert (layer.properties.id, list(layer.properties.fields)) == ("nummer", ["nummer", "soort"])
    assert (layer.reports.vendor.field, layer.reports.vendor.values) == ("IS_GEMELD", ("1",))


def test_every_setting_is_written(tmp_path: Path):
    report = complete()
    draft = replace(
        propose(SERVICE, report),
        output_format="text/xml; subtype=gml/3.1.1",
        page_size=512,
        sort_by="nummer",
        cells=True,
        auth={"type": "basic", "username": "jan #1", "password": "${file:wachtwoord}"},
        url="https://x.nl/wfs?key=${file:wachtwoord}",
    )
    (tmp_path / "wachtwoord").write_text("geheim\n")

    layer = loaded(tmp_path, draft, report)

    source = layer.source
    assert (source.output_format, source.page_size, source.sort_by) == ("text/xml; subtype=gml/3.1.1", 512, "nummer")
    assert (source.auth.username, source.auth.password.get_secret_value()) == ("jan #1", "geheim")
    assert source.url == "https://x.nl/wfs?key=geheim"
    assert layer.fetch.mode == "cells"


def test_left_out_fields_are_named_and_show_no_values(tmp_path: Path):
    fields = (
        field("nummer"),
        field("email", role="personal", examples=()),
        field("CREATED_USER", role="internal", examples=()),
        field("opmerking", role="free_text", examples=()),
        field("leeg", role="empty", examples=()),
        field("created_at"),
    )
    report = complete(fields=fields)
    text = layer_text(propose(SERVICE, report), report, "https://x.nl/wfs", "nl")

    assert "# Weggelaten, want dit lijken persoonsgegevens: email" in text
    assert "# Weggelaten, want dit lijken medewerkers of accounts: CREATED_USER" in text
    assert "# Weggelaten, want in vrije tekst kan alles staan: opmerking" in text
    assert "# Zonder waarden: leeg" in text
    assert "# Niet opgenomen: created_at" in text
    assert list(loaded(tmp_path, propose(SERVICE, report), report).properties.fields) == ["nummer"]


def test_examples_and_share_are_comments():
    report = complete(fields=(field("soort", filled=0.834, examples=("kolk", "put # 1\nb")),))
    text = layer_text(propose(SERVICE, report), report, "https://x.nl/wfs", "en")

    assert "    soort: string # 83 % filled: kolk, put # 1 b\n" in text


@pytest.mark.parametrize(
    ("ids", "comment"),
    [
        ((IdCandidate(name="nummer", objects=9, distinct=9, stable=True),), "uniek in de 9 bekeken objecten; bij een"),
        ((IdCandidate(name="nummer", objects=9, distinct=9, stable=None),), "uniek in de 9 bekeken objecten\n"),
        ((IdCandidate(name=None, objects=9, distinct=9, stable=True),), "geen `id`: de id die de leverancier"),
        ((), "geen `id`: geen veld is geschikt"),
    ],
)
def test_comment_says_why_the_id_is_one(tmp_path: Path, ids: tuple[IdCandidate, ...], comment: str):
    report = complete(ids=ids)

    assert comment in layer_text(propose(SERVICE, report), report, "https://x.nl/wfs", "nl")
    assert loaded(tmp_path, propose(SERVICE, report), report).properties.id == (ids[0].name if ids else None)


def test_file_without_a_mark_says_how_to_add_reports(tmp_path: Path):
    text = layer_text(propose(SERVICE, complete()), complete(), "https://x.nl/wfs", "nl")
    enabled = text.replace("# reports:", "reports:").replace("#   ", "  ")
    (tmp_path / "laag.yaml").write_text(enabled)

    assert load_layer(tmp_path / "laag.yaml", {}).reports.match.fields == ("nummer",)


@settings(max_examples=60)
@example(title="a", type_name="geo-data:Bomen gemeente Groningen", names=["b: c"], text="d")
@given(
    title=WORDS,
    type_name=WORDS,
    names=st.lists(WORDS.filter(str.strip), min_size=1, max_size=4, unique=True),
    text=st.text(),
)
def test_any_text_of_a_vendor_gives_a_file_that_loads(
    tmp_path_factory: pytest.TempPathFactory, title: str, type_name: str, names: list[str], text: str
):
    fields = tuple(field(name, examples=(text,)) for name in names)
    ids = (IdCandidate(name=names[0], objects=9, distinct=9, stable=True),)
    marks = (MarkCandidate(field=names[-1], reported=(title,), others=()),) if title.strip() else ()
    assume(not re.search(r"[,()\s]|^:|:$", type_name.replace(" ", "x")) and type_name.strip())
    report = complete(name=type_name.strip(), title=title, fields=fields, ids=ids, marks=marks)
    draft = propose(SERVICE, report)

    layer = loaded(tmp_path_factory.mktemp("layer"), draft, report)

    assert layer.source.type_names == (type_name.strip(),)
    assert layer.title == (title if title.strip() else draft.title)
    assert tuple(layer.properties.fields) == draft.fields
    assert layer.properties.id == names[0]


@pytest.mark.parametrize("code", COMMENTS)
def test_comments_are_in_both_languages(code: str):
    assert COMMENTS[code].nl != COMMENTS[code].en


def test_file_of_a_real_inspection_is_served(tmp_path: Path):
    """The whole way: a vendor, its report, the file, and the points that the proxy makes of it."""
    with vendor.serving(ScriptedWfs()) as server:
        service, report, _ = inspecting.inspected(server.url)
        layer = loaded(tmp_path, propose(service, report), report)

    assert layer.properties.id == "number"
    assert layer.source.extent.contains(4.3, 52.08)


def test_connected_category_is_active_and_a_chosen_field_is_not_called_left_out(tmp_path: Path):
    report = complete()
    draft = replace(
        propose(SERVICE, report), signalen="default", categories=("put-riolering-verstopt", "overig"), fields=("email",)
    )

    text = layer_text(draft, report, "https://x.nl/wfs", "nl")
    layer = loaded(tmp_path, draft, report)

    assert layer.reports.signalen == "default"
    assert layer.reports.categories == ("put-riolering-verstopt", "overig")
    assert layer.reports.match.fields == ("nummer",)
    assert "persoonsgegevens" not in text
    assert "persoonsgegevens" in layer_text(replace(draft, fields=()), report, "https://x.nl/wfs", "nl")
