"""A layer file against a vendor: what each mistake is called, and how many requests it takes to see it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import mapserver
import needs
import pytest
import scripted_arcgis
import shipped
import vendor
from live_checks import FIELDS, clients_of, codes, compared, lamps, only, run_check, run_fetch, shown
from scripted_arcgis import SERVICE, ScriptedArcgis, error
from scripted_ogcapi import ScriptedOgcApi, problem
from scripted_wfs import ScriptedWfs, Thing, things
from vendor import Answer, exception_report

from fixtures.shipped import WHO
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.layer import Layer
from wfs_proxy.demo import recorded
from wfs_proxy.recordings.replay import Replay, read_recordings


def test_layer_that_fits_its_vendor_has_no_findings():
    checked, _ = compared(ScriptedWfs(things(40)))

    assert checked.findings == ()
    assert (checked.objects, checked.complete, len(checked.features)) == (40, True, 40)
    assert checked.reading.startswith("EPSG:28992 x,y")


def test_file_that_is_no_data_is_a_finding_about_the_file(tmp_path):
    (tmp_path / "lamps.csv").write_text("<html><title>Inloggen</title>")
    source = {"type": "file", "path": str(tmp_path / "lamps.csv")}
    layer = Layer.model_validate({"id": "lamps", "title": "Lamps", "source": source})

    (found,) = run_check(layer).findings
    assert (found.code, "source.path" in found.remedy.nl) == ("vendor_unreadable", True)
    assert found.reason.en == "The file cannot be read (lamps.csv is a web page, not data: Inloggen)."


def test_file_that_was_not_verified_is_told_when_it_is():
    checked, _ = compared(ScriptedWfs(things(40)), verified=False)

    assert codes(checked.findings) == [("notice", "not_verified")]
    assert "`verified: false`" in checked.findings[0].remedy.en
    assert codes(compared(lambda _: Answer(status=404), verified=False)[0].findings) == [("error", "vendor_refused")]


@pytest.mark.parametrize(
    ("changes", "code", "where", "nearest"),
    [
        ({"properties": {"fields": {**FIELDS, "soort": {"from": "knd"}}}}, "field_absent", "fields.soort", "kind"),
        ({"properties": {"id": "numbr"}}, "id_absent", "properties.id", "number"),
        ({"source": {"where": {"kin": ["mast"]}}}, "where_absent", "source.where.kin", "kind"),
        ({"source": {"where": {"kind": ["mats"]}}}, "where_matches_none", "source.where.kind", "mast"),
        ({"source": {"where": {"kind": ["mast", "kats"]}}}, "where_unused", "source.where.kind", None),
        (
            {"properties": {"fields": {**FIELDS, "soort": {"from": "kind", "map": {"mast": "Mast", "paal": "Paal"}}}}},
            "map_unused", "properties.fields.soort.map", None,
        ),
        (
            {"properties": {"fields": {**FIELDS, "kind": "integer"}}},
            "not_a_type", "properties.fields.kind", None,
        ),
        ({"reports": {"vendor": {"field": "kidn", "values": ["x"]}}}, "vendor_absent", "reports.vendor.field", "kind"),
        ({"reports": {"vendor": {"field": "kind", "values": ["x"]}}}, "vendor_unused", "reports.vendor", None),
        ({"source": {"type_names": ["app:lampen"]}}, "type_unknown", "source.type_names", "app:lamp"),
        ({"source": {"extent": [5.9, 50.7, 6.1, 50.9]}}, "place_uncertain", "source", None),
        ({"source": {"axis_order": "yx"}}, "place_uncertain", "source", None),
        ({"source": {"type_names": ["app:lamp", "app:lanp"]}}, "type_unknown", "source.type_names", "app:lamp"),
    ],
)  # fmt: skip
def test_each_name_and_value_that_the_vendor_does_not_have(
    changes: dict[str, Any], code: str, where: str, nearest: str | None
):
    checked, _ = compared(ScriptedWfs(things(40)), **changes)

    found = only(checked.findings, code)
    assert found.where.endswith(where)
    assert found.nearest == nearest
    assert found.severity == ("notice" if code in {"where_unused", "map_unused", "vendor_unused"} else
                              "warning" if code == "not_a_type" else "error")  # fmt: skip
    for text in (found.reason, found.remedy):
        assert text.nl
        assert text.en
        assert "{" not in text.nl + text.en
    if nearest is not None:
        assert nearest in found.remedy.nl
        assert nearest in found.remedy.en


@pytest.mark.parametrize(
    ("scenario", "code", "where"),
    [
        (lambda _: Answer(status=401), "vendor_login", "source.auth"),
        (lambda _: Answer(status=403), "vendor_login", "source.auth"),
        (lambda _: Answer(status=407), "vendor_unreachable", "source.url"),
        (lambda _: Answer(status=404), "vendor_refused", "source"),
        (lambda _: exception_report("down for maintenance"), "vendor_exception", "source"),
        (lambda _: Answer(body=b"<html><body>Welkom</body></html>"), "vendor_unreadable", "source"),
        (lambda _: Answer(body=b"x" * 100, break_within=True), "vendor_unreachable", "source.url"),
    ],
    ids=["login", "refused login", "login of the network", "gone", "exception", "page", "broken off"],
)
def test_vendor_that_does_not_answer_is_one_finding(scenario: Any, code: str, where: str):
    checked, _ = compared(scenario)

    assert [(each.severity, each.code, each.where) for each in checked.findings] == [("error", code, where)]
    assert (checked.objects, checked.complete, checked.requests) == (None, None, None)


def test_long_message_of_a_vendor_is_cut_off():
    checked, _ = compared(lambda _: exception_report("niet gevonden " * 500))

    assert len(checked.findings[0].reason.nl) < 400


@pytest.mark.parametrize(
    ("properties", "code", "nearest"),
    [
        ({"id": None}, "id_changes", "number"),
        ({"id": "kind"}, None, None),
        ({"id": "number"}, None, None),
    ],
)
def test_ids_of_two_requests_are_compared(properties: dict[str, Any], code: str | None, nearest: str | None):
    checked, _ = compared(ScriptedWfs(things(40), ids="volatile"), properties=properties)

    found = [each for each in checked.findings if each.code.startswith("id_changes")]
    assert [(each.code, each.nearest, each.where) for each in found] == (
        [] if code is None else [(code, nearest, "properties.id")]
    )


def test_ids_that_are_not_used_may_change():
    reports = {"match": {"place_only": True}}
    checked, _ = compared(ScriptedWfs(things(40), ids="volatile"), properties={"id": None}, reports=reports)

    assert checked.findings == ()


def test_layer_that_is_cut_off_is_incomplete():
    wfs = ScriptedWfs(things(300), cap=100, pages="ignored", boxes="ignored")
    checked, _ = compared(wfs)

    assert codes(checked.findings) == [("warning", "incomplete")]
    assert checked.complete is False
    assert "300" in checked.findings[0].reason.en


@pytest.mark.parametrize(("without", "severity"), [(1, "notice"), (5, "warning")])
def test_few_objects_without_a_place_are_no_warning(without: int, severity: str):
    """Nearly every vendor has some; a check that always fails is not read."""
    lost = [Thing(1000 + number, None) for number in range(without)]
    checked, _ = compared(ScriptedWfs([*things(200), *lost]))

    assert codes(checked.findings) == [(severity, "left_out_no_geometry")]


@pytest.mark.parametrize("type_names", [["app:lamp"], ["app:lamp", "app:kast"]])
def test_vendor_is_asked_once_more_per_type_than_by_a_fetch(type_names: list[str]):
    wfs = ScriptedWfs(things(40), types=tuple(type_names))
    checked, seen = compared(wfs, source={"type_names": type_names})
    with vendor.serving(wfs) as server:
        run_fetch(lamps(server.url, source={"type_names": type_names}))

    assert checked.requests == len(seen) == len(server.seen) + len(type_names)
    assert [each.query.get("count") for each in seen[len(server.seen) :]] == ["200"] * len(type_names)


def test_layer_in_cells_is_not_fetched_whole():
    wfs = ScriptedWfs(things(3000))
    checked, seen = compared(wfs, fetch={"mode": "cells"}, source={"where": {"kind": ["mast", "kats"]}})

    assert len(seen) == checked.requests == 3
    assert (checked.objects, checked.complete) == (1000, None)
    # a sample does not show that a value never occurs
    assert checked.findings == ()


def test_wrong_name_is_found_in_a_sample():
    checked, _ = compared(ScriptedWfs(things(50)), fetch={"mode": "cells"}, properties={"id": "numbr"})

    assert only(checked.findings, "id_absent").nearest == "number"


SCHEMA = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:app="http://example.org/app"
 xmlns:gml="http://www.opengis.net/gml/3.2" targetNamespace="http://example.org/app">
 <element name="lamp" type="app:lampType" substitutionGroup="gml:AbstractFeature"/>
 <complexType name="lampType"><complexContent><extension base="gml:AbstractFeatureType"><sequence>
  <element name="number" type="int"/><element name="kind" type="string"/><element name="straatnaam" type="string"/>
 </sequence></extension></complexContent></complexType></schema>"""


@pytest.mark.parametrize(
    ("attribute", "severity", "code", "nearest"),
    [
        ("straatnaam", "notice", "attribute_empty", None),
        ("straatnaan", "error", "field_absent", "straatnaam"),
        ("kleur", "error", "field_absent", None),
    ],
)
def test_attribute_without_values_is_told_from_one_that_does_not_exist(
    attribute: str, severity: str, code: str, nearest: str | None
):
    """MapServer and GeoServer leave an element out where it is null."""
    wfs = ScriptedWfs(things(20))

    def scenario(seen: vendor.Seen) -> Answer:
        return Answer(body=SCHEMA) if seen.query["request"] == "DescribeFeatureType" else wfs(seen)

    checked, seen = compared(scenario, properties={"fields": {**FIELDS, "straat": {"from": attribute}}})

    assert codes(checked.findings) == [(severity, code)]
    assert (checked.findings[0].nearest, checked.findings[0].where) == (nearest, "properties.fields.straat")
    assert checked.requests == len(seen)
    assert [each.query["request"] for each in seen].count("DescribeFeatureType") == 1


def test_no_personal_value_is_proposed():
    people = [Thing(number, each.place, "J. de Vries") for number, each in enumerate(things(20))]
    for name in ("J. de Vriess", "J. de Vrie"):
        checked, _ = compared(ScriptedWfs(people), source={"where": {"kind": [name]}})

        found = only(checked.findings, "where_matches_none")
        assert found.nearest is None
        assert "Vries," not in shown(found)


@pytest.mark.parametrize("changes", [{"properties": {"id": "numbr"}}, {"reports": {"match": {"place_only": True}}}])
def test_ids_are_not_requested_again_if_they_are_not_used(changes: dict[str, Any]):
    _, seen = compared(ScriptedWfs(things(20)), **changes)

    assert "200" not in [each.query.get("count") for each in seen]


def feature(number: int, **properties: Any) -> dict[str, Any]:
    place = {"type": "Point", "coordinates": [4.3 + number / 1000, 52.1]}
    return {"type": "Feature", "id": f"a.{number}", "properties": properties, "geometry": place}


def layer_of_document(folder: Path, features: list[dict[str, Any]], **fields: Any) -> Layer:
    path = folder / "objecten.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    source = {"type": "geojson", "url": str(path)}
    return Layer(id="a", title="A", source=source, properties={"id": "nummer", "fields": fields})


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ("034575", "integer", True),
        ("034575", "number", True),
        ("034575", "string", False),
        ("0.5", "number", False),
        ("0", "integer", False),
        (34575, "integer", False),
        (34575, "string", False),
    ],
)
def test_code_with_zeros_is_no_number(tmp_path: Path, value: object, kind: str, *, found: bool):
    layer = layer_of_document(tmp_path, [feature(1, nummer=value), feature(2, nummer="12")], nummer=kind)
    checked = run_check(layer)

    assert codes(checked.findings) == ([("warning", "leading_zeros")] if found else [])
    assert str(value) not in shown(checked.findings)


def test_objects_with_one_key_are_named(tmp_path: Path):
    layer = layer_of_document(tmp_path, [feature(1, nummer="7"), feature(2, nummer="7")], nummer="string")

    assert codes(run_check(layer).findings) == [("warning", "shared_key")]


def test_no_value_that_is_not_served_and_no_secret_is_shown():
    """The vendor repeats the key of the address in its error."""
    secret = "0123456789abcdef0123"
    personal = [Thing(number, place.place, "J. de Vries") for number, place in enumerate(things(20))]
    one, _ = compared(ScriptedWfs(personal), properties={"fields": {"number": "string"}})
    with_key = {"auth": {"type": "header", "name": "X-Api-Key", "value": secret}}
    other, _ = compared(
        lambda seen: exception_report(f"no access with {seen.headers.get('x-api-key', '')}"), source=with_key
    )

    assert one.findings == ()
    assert "Vries" not in shown([one.findings, one.features, one.notes])
    assert codes(other.findings) == [("error", "vendor_exception")]
    assert secret not in shown(other.findings)


def test_real_mapserver(tmp_path: Path):
    with mapserver.running(tmp_path, objects=300, cap=100) as url:
        source = {"type_names": ["lamp"]}
        good = run_check(lamps(url, source=source))
        wrong = {"id": "number", "fields": {"number": "integer", "soort": {"from": "kinds", "map": {"lamp": "Lamp"}}}}
        bad = run_check(lamps(url, source=source, properties=wrong))

    assert (codes(good.findings), good.objects, good.complete) == ([], 300, True)
    assert codes(bad.findings) == [("error", "field_absent")]
    assert bad.findings[0].nearest == "kind"


@pytest.mark.parametrize("name", sorted(WHO))
def test_recorded_vendor_fits_its_layer_file(name: str):
    layer = load_layer(recorded.LAYERS / f"{name}.yaml", shipped.variables())
    replay = Replay(read_recordings(needs.ROOT / "fixtures"))
    checked = run_check(layer, lambda: clients_of(replay))

    assert {each.severity for each in checked.findings} == {"notice"}
    assert ("notice", "not_verified") in codes(checked.findings)
    assert checked.complete
    assert checked.features


def test_extent_of_another_region_is_answered_with_that_of_the_objects():
    checked, _ = compared(ScriptedWfs(things(40)), source={"extent": [5.9, 50.7, 6.1, 50.9]})

    found = only(checked.findings, "place_uncertain")
    assert "`extent`" in found.reason.nl
    assert "no reading puts" not in found.reason.nl
    line = re.search(r"extent: (\[.*?\])", found.remedy.nl)
    assert line is not None
    assert line[1] in found.remedy.en
    again, _ = compared(ScriptedWfs(things(40)), source={"extent": json.loads(line[1])})
    assert (again.findings, again.objects) == ((), 40)


def test_place_that_is_uncertain_is_said_in_one_language():
    """With an extent in the file, nobody is told to fill one in."""
    with_extent, _ = compared(ScriptedWfs(things(40)), source={"axis_order": "yx", "extent": [4.2, 52.0, 4.5, 52.2]})
    without, _ = compared(ScriptedWfs(things(40)), source={"axis_order": "yx"})

    for checked in (with_extent, without):
        found = only(checked.findings, "place_uncertain")
        assert "no reading puts" not in found.reason.nl
        assert "no reading puts" in found.reason.en
        assert ("Vul `extent` in" in found.remedy.nl) == (checked is without)
        assert "`extent`" in found.remedy.nl


def test_id_that_all_objects_share_names_the_attributes_that_differ():
    checked, _ = compared(ScriptedWfs(things(40)), properties={"id": "kind"})

    found = only(checked.findings, "shared_key")
    assert (found.severity, found.where, found.nearest) == ("error", "properties.id", "number")
    assert found.remedy.nl == "Noem bij `properties.id` een kenmerk dat bij elk object anders is: number."


def test_id_that_a_few_objects_share_names_them_too(tmp_path: Path):
    features = [feature(1, nummer="7", uri="a"), feature(2, nummer="7", uri="b"), feature(3, nummer="8", uri="c")]
    layer = layer_of_document(tmp_path, features, nummer="string")

    found = only(run_check(layer).findings, "shared_key")
    assert (found.severity, found.nearest) == ("warning", "uri")


def test_number_that_objects_share_names_the_attributes_that_differ(tmp_path: Path):
    features = [feature(1, nummer=7, uri="a"), feature(2, nummer=7, uri="b"), feature(3, nummer=8, uri="c")]
    layer = layer_of_document(tmp_path, features, nummer="integer")

    assert only(run_check(layer).findings, "shared_key_of_number").nearest == "uri"


OGC_API = {"type": "ogcapi", "collections": ["lamp"]}


def checked_ogcapi(scenario: vendor.Scenario, **changes: Any) -> Any:
    with vendor.serving(scenario) as server:
        source = {**OGC_API, "url": server.url, **changes.pop("source", {})}
        block = {"properties": {"id": "number", "fields": FIELDS}, **changes}
        return run_check(Layer(id="lampen", title="Lampen", source=source, **block))


@pytest.mark.parametrize("mode", ["snapshot", "cells"])
def test_layer_that_fits_its_ogc_api_has_no_findings(mode: str):
    checked = checked_ogcapi(ScriptedOgcApi(things(40)), fetch={"mode": mode})

    assert checked.findings == ()
    assert checked.objects == 40
    assert (
        checked.reading.startswith("http://www.opengis.net/def/crs/EPSG/0/28992 x,y") or "EPSG:28992" in checked.reading
    )


@pytest.mark.parametrize(
    ("api", "source", "code", "where", "nearest"),
    [
        (ScriptedOgcApi(), {"collections": ["lanp"]}, "type_unknown", "source.collections", "lamp"),
        (ScriptedOgcApi(), {"where": {"kin": ["mast"]}}, "where_absent", "source.where.kin", "kind"),
        (ScriptedOgcApi(filters=frozenset({"cql2"})), {"where": {"kind": ["mats"]}}, "where_matches_none",
         "source.where.kind", "mast"),
        (ScriptedOgcApi(links="elsewhere", most=20), {}, "vendor_refused", "source", None),
        (ScriptedOgcApi(pages_for_people="always"), {}, "vendor_unreadable", "source", None),
        (ScriptedOgcApi(answers={"collections/lamp/items": problem("busy")}), {}, "vendor_exception", "source", None),
        (ScriptedOgcApi(answers={"": problem("no", 401)}), {}, "vendor_login", "source.auth", None),
    ],
    ids=["collection", "attribute", "value", "next on another origin", "page", "exception", "login"],
)  # fmt: skip
def test_mistakes_of_an_ogc_api_are_findings(
    api: ScriptedOgcApi, source: dict[str, Any], code: str, where: str, nearest: str | None
):
    found = only(checked_ogcapi(api, source=source).findings, code)

    assert (found.where, found.nearest) == (where, nearest)
    assert not re.search(r"type_names|version|srs_name|output_format|\{", found.remedy.nl + found.remedy.en)


def checked_arcgis(scenario: vendor.Scenario, path: str = SERVICE, **source: Any) -> Any:
    with vendor.serving(scenario) as server:
        layer = {"type": "arcgis", "url": server.url.removesuffix("/wfs") + path, **source}
        fields = {"NUMMER": "string", "KIND": "string"}
        return run_check(
            Layer(id="lampen", title="Lampen", source=layer, properties={"id": "NUMMER", "fields": fields})
        )


def test_layer_that_fits_its_arcgis_service_has_no_findings():
    checked = checked_arcgis(ScriptedArcgis(things=scripted_arcgis.things(40)), layers=[0])

    assert checked.findings == ()
    assert checked.objects == 40


@pytest.mark.parametrize(
    ("path", "source", "code", "where", "nearest"),
    [
        (SERVICE, {"layers": [7]}, "type_unknown", "source.layers", "0 (Masten)"),
        (f"{SERVICE}/7", {}, "type_unknown", "source.url", "0 (Masten)"),
        (SERVICE, {}, "type_unknown", "source.url", "0 (Masten)"),
        (SERVICE, {"layers": [0], "where": {"KINT": ["Mast"]}}, "where_absent", "source.where.KINT", "KIND"),
        (SERVICE, {"layers": [0], "where": {"KIND": ["Maat"]}}, "where_matches_none", "source.where.KIND", "Mast"),
    ],
)
def test_mistakes_of_an_arcgis_service_are_findings(
    path: str, source: dict[str, Any], code: str, where: str, nearest: str
):
    served = ScriptedArcgis(things=scripted_arcgis.things(40), layers={0: "Masten", 2: "Kasten"})
    found = only(checked_arcgis(served, path, **source).findings, code)

    assert (found.where, found.nearest) == (where, nearest)
    if code == "type_unknown":
        assert "0 (Masten), 2 (Kasten)" in found.remedy.nl


@pytest.mark.parametrize(
    ("arcgis", "code", "where"),
    [
        (ScriptedArcgis(token="abcdef"), "vendor_login", "source.auth"),
        (ScriptedArcgis(broken=dict.fromkeys(["json", "geojson"], error(500, "Kapot"))), "vendor_exception", "source"),
        (ScriptedArcgis(stated_cap=20, pages="ignored", ids="refused"), "incomplete", "source"),
    ],
    ids=["login", "exception", "incomplete"],
)
def test_refusals_of_an_arcgis_service_are_findings(arcgis: ScriptedArcgis, code: str, where: str):
    found = only(checked_arcgis(arcgis, f"{SERVICE}/0").findings, code)

    assert found.where == where
    assert not re.search(r"type_names|version|output_format|\{", found.remedy.nl + found.remedy.en)
