"""`make bench` measures what its rows say. Speed itself is not tested."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import needs
import psutil
import pytest
import running_proxy
from rich.console import Console

from bench import (
    chart,
    cold,
    country,
    filters,
    marks,
    memory,
    missing,
    nginx_cache,
    ogcapi,
    ogcapi_source,
    paced,
    page,
    refresh,
    report,
    restart,
    scale,
    serve,
    servers,
    snapshot,
    tiles,
    wfs,
    wrk,
)
from bench.__main__ import main
from bench.invalid import InvalidMeasurement

pytestmark = pytest.mark.timeout(600)
"""Seconds: each test starts several programs, which takes minutes on a busy machine."""


@pytest.fixture
def console() -> Console:
    return Console(quiet=True)


async def refuse(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def answer_slowly(_scope, _receive, send):
    await asyncio.sleep(0.1)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.mark.parametrize(
    ("goal", "ratio", "reached"),
    [(">= 5", 5.0, True), (">= 5", 4.9, False), ("<= 3", 3.0, True), ("<= 3", 3.1, False), (None, 1.0, None)],
)
def test_row_reaches_its_goal(goal: str | None, ratio: float, reached):
    assert report.Row(id="x", what="x", value=1, unit="s", ratio=ratio, goal=goal).reached is reached


def test_rows_are_written_with_all_keys(tmp_path: Path):
    row = report.Row(id="a", what="b", value=1.0, unit="s", reference=5.0, ratio=5.0, goal=">= 5")
    report.write([row], tmp_path / "results" / "latest.json")

    assert json.loads((tmp_path / "results" / "latest.json").read_text()) == [
        {
            "id": "a",
            "what": "b",
            "value": 1.0,
            "unit": "s",
            "reference": 5.0,
            "ratio": 5.0,
            "goal": ">= 5",
            "reached": True,
        }
    ]


def test_snapshot_is_measured_against_ogr2ogr_and_lxml(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("ogr2ogr", package="gdal-bin")
    monkeypatch.setattr(snapshot, "COUNT", 20)
    monkeypatch.setattr(snapshot, "ROUNDS", 1)

    rows = {row.id: row for row in snapshot.rows(console)}

    assert list(rows) == ["snapshot-ogr2ogr", "snapshot-lxml", "snapshot-memory", "snapshot-process"]
    assert all(row.value > 0 for row in rows.values())
    assert rows["snapshot-ogr2ogr"].ratio == rows["snapshot-ogr2ogr"].reference / rows["snapshot-ogr2ogr"].value
    assert rows["snapshot-lxml"].ratio == rows["snapshot-lxml"].value / rows["snapshot-lxml"].reference


def test_marks_are_measured_against_decoding_and_against_an_answer_without(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    needs.program("mapserv", package="cgi-mapserver")
    for name, few in {"OBJECTS": 2000, "REPORTS": 400, "CHANGES": 10, "ROUNDS": 1, "REQUESTS": 5}.items():
        monkeypatch.setattr(marks, name, few)

    rows = {row.id: row for row in marks.rows(console)}

    assert list(rows) == ["marks-full", "marks-increment", "marks-memory", "marks-answer"]
    assert all(row.value > 0 for row in rows.values())
    full, answer = rows["marks-full"], rows["marks-answer"]
    assert full.ratio == full.value / full.reference
    assert answer.reference > 0


def test_filters_are_measured_against_sqlite(console: Console, monkeypatch: pytest.MonkeyPatch):
    for name, few in {"OBJECTS": 2000, "ROUNDS": 1, "VERTICES": 50}.items():
        monkeypatch.setattr(filters, name, few)

    rows = {row.id: row for row in filters.rows(console)}

    assert list(rows) == ["filter-equal", "filter-like", "filter-like-distinct", "filter-polygon"]
    assert all(row.value > 0 for row in rows.values())
    assert all(row.reference > 0 for name, row in rows.items() if name != "filter-polygon")


def test_filters_that_find_other_rows_than_sqlite_are_invalid(console: Console, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(filters, "OBJECTS", 2000)
    monkeypatch.setattr(filters, "rows_matching", lambda *_: [])

    with pytest.raises(InvalidMeasurement, match="filter-equal: 0 rows"):
        list(filters.rows(console))


def test_tiles_are_measured_against_another_encoder(console: Console, monkeypatch: pytest.MonkeyPatch):
    for name, few in {"OBJECTS": 200, "MANY": 5000, "ROUNDS": 1}.items():
        monkeypatch.setattr(tiles, name, few)

    rows = {row.id: row for row in tiles.rows(console)}

    assert list(rows) == ["tile-objects", "tile-first", "tile-clusters"]
    assert all(row.value > 0 for row in rows.values())
    assert rows["tile-objects"].ratio == rows["tile-objects"].reference / rows["tile-objects"].value


def test_answers_are_measured_against_a_bare_app_and_the_vendor(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("nginx", package="nginx-light")
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 500, "BOXES": 20, "SCREENS": 20, "ROUNDS": 1, "SECONDS": 1}.items():
        monkeypatch.setattr(serve, name, few)

    rows = {row.id: row for row in serve.rows(console)}

    assert rows.keys() >= {"serve-hot", "serve-unchanged", "serve-vendor", "serve-cached", "serve-panning"}
    assert all(row.value > 0 for row in rows.values())
    hot = rows["serve-hot"]
    assert hot.ratio == hot.value / hot.reference


def test_items_and_whole_layers_are_measured(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("nginx", package="nginx-light")
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 500, "BOXES": 30, "ROUNDS": 1, "READS": 1, "SECONDS": 1}.items():
        monkeypatch.setattr(ogcapi, name, few)

    rows = {row.id: row for row in ogcapi.rows(console)}

    assert list(rows) == ["ogcapi-items", "ogcapi-rd", "ogcapi-gdal", "ogcapi-gdal-at-once"]
    assert all(row.value > 0 for row in rows.values())
    assert rows["ogcapi-gdal"].ratio == rows["ogcapi-gdal"].reference / rows["ogcapi-gdal"].value


def test_fetching_from_an_ogc_api_is_measured_against_its_pages(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("qgis_mapserv.fcgi", package="qgis-server")
    for name, few in {"COUNT": 2_500, "ROUNDS": 1}.items():
        monkeypatch.setattr(ogcapi_source, name, few)

    rows = {row.id: row for row in ogcapi_source.rows(console)}

    assert list(rows) == ["ogcapi-source", "ogcapi-source-requests"]
    assert rows["ogcapi-source"].ratio == rows["ogcapi-source"].value / rows["ogcapi-source"].reference
    assert rows["ogcapi-source-requests"].value == 5


def test_the_cache_of_nginx_is_measured_against_static_files(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("nginx", package="nginx-light")
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 500, "PLACES": 5, "ROUNDS": 1, "SECONDS": 1}.items():
        monkeypatch.setattr(nginx_cache, name, few)

    rows = {row.id: row for row in nginx_cache.rows(console)}

    assert list(rows) == ["nginx-tile", "nginx-box"]
    assert all(row.ratio == row.value / row.reference for row in rows.values())


def test_the_wfs_is_measured_against_the_map_endpoint_and_mapserver(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("mapserv", package="cgi-mapserver")
    needs.program("nginx", package="nginx-light")
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 2000, "BOXES": 20, "LARGE_BOXES": 10, "ROUNDS": 1, "SECONDS": 1}.items():
        monkeypatch.setattr(wfs, name, few)

    rows = {row.id: row for row in wfs.rows(console)}

    assert list(rows) == ["wfs-geojson", "wfs-gml"]
    assert all(row.value > 0 for row in rows.values())
    assert rows["wfs-gml"].ratio == rows["wfs-gml"].value / rows["wfs-gml"].reference


def test_large_layer_is_measured_against_a_small_one(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("wrk", package="wrk")
    for name, few in {"FEW": 200, "MANY": 2000, "BOXES": 20, "ROUNDS": 1, "SECONDS": 1}.items():
        monkeypatch.setattr(scale, name, few)

    (row,) = scale.rows(console)

    assert row.ratio == pytest.approx(row.value / row.reference)


def test_the_map_page_is_measured_until_its_objects_are_drawn(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.chromium()
    for name, few in {"COUNT": 200, "ROUNDS": 1, "MOVES": 5}.items():
        monkeypatch.setattr(page, name, few)

    rows = {row.id: row for row in page.rows(console)}

    assert list(rows) == ["page-drawn", "page-weight", "page-move"]
    assert all(row.value > 0 for row in rows.values())
    assert rows["page-weight"].reached


def test_memory_is_that_of_all_processes(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 200, "WORKERS": 1, "BOXES": 20, "SECONDS": 1}.items():
        monkeypatch.setattr(memory, name, few)

    rows = {row.id: row for row in memory.rows(console)}

    assert rows["memory-steady"].value > 0.01, "GB of a Python process with its libraries"
    assert rows["memory-peak"].value > 0.01


def test_memory_with_a_missing_worker_is_invalid(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 200, "WORKERS": 2, "BOXES": 20, "SECONDS": 1}.items():
        monkeypatch.setattr(memory, name, few)
    monkeypatch.setattr(memory, "processes", lambda pid: [psutil.Process(pid)])

    with pytest.raises(InvalidMeasurement, match="1 processes instead of 3"):
        list(memory.rows(console))


def test_country_is_served_from_disk_alone(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 2000, "BOXES": 20, "SECONDS": 1}.items():
        monkeypatch.setattr(country, name, few)

    rows = {row.id: row for row in country.rows(console)}

    assert all(row.value > 0 for row in rows.values())
    assert rows["country-disk"].value * 1e9 > 2000 * 100, "bytes of an object"


def test_restart_is_measured_against_a_start_that_fetches(console: Console, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(restart, "COUNT", 2000)

    (row,) = restart.rows(console)

    assert row.ratio == pytest.approx(row.value / row.reference)


def test_simultaneous_clients_cause_one_request(console: Console, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cold, "COUNT", 200)
    monkeypatch.setattr(cold, "CLIENTS", 50)

    (row,) = cold.rows(console)

    assert row.value == 1


def test_refresh_is_measured_against_no_refresh(console: Console, monkeypatch: pytest.MonkeyPatch):
    needs.program("wrk", package="wrk")
    for name, few in {"COUNT": 200, "BOXES": 20, "ROUNDS": 1, "SECONDS": 3, "SECONDS_AT_PEAK": 1}.items():
        monkeypatch.setattr(refresh, name, few)

    (row,) = refresh.rows(console)

    assert row.ratio == pytest.approx(row.value / row.reference)


def test_wrk_rejects_error_statuses():
    needs.program("wrk", package="wrk")
    with (
        running_proxy.served(refuse, lifespan="off") as address,
        pytest.raises(InvalidMeasurement, match=r'"refused": [1-9]'),
    ):
        wrk.measure(address, [wrk.Request(path="/")], seconds=1)


def test_paced_rejects_error_statuses():
    with (
        running_proxy.served(refuse, lifespan="off") as address,
        pytest.raises(InvalidMeasurement, match="404"),
    ):
        paced.measure(address, ["/"], rate=10, seconds=1)


def test_paced_sends_rate_times_seconds_requests_however_slow_the_answers():
    with running_proxy.served(answer_slowly, lifespan="off") as address:
        measured = paced.measure(address, ["/a", "/b"], rate=50, seconds=1)

    assert measured.answers == 50
    assert measured.p50 >= 0.1


def test_waiting_for_a_connection_is_part_of_the_duration(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paced, "CONNECTIONS", 1)

    with running_proxy.served(answer_slowly, lifespan="off") as address:
        took = paced.run(address, ["/"], rate=100, seconds=0.05)

    assert len(took) == 5
    assert took[-1] >= 5 * 0.1 - 0.05


def test_server_that_ends_early_is_reported_with_its_error(tmp_path: Path):
    (tmp_path / "broken.yaml").write_text("title: x\n")

    with pytest.raises(InvalidMeasurement, match=r"broken\.yaml"), servers.proxy(tmp_path):
        pytest.fail("a server that ended counts as running")


def test_server_ends_with_the_block():
    with servers.bare(10, "text/plain") as server:
        assert urlopen(server.address).read() == b"x" * 10

    with pytest.raises(URLError, match="refused"):
        urlopen(server.address)


def test_chart_is_drawn_for_rows_with_a_goal(tmp_path: Path):
    goals = [(">= 0.5", 0.1), (">= 0.5", 3.0), ("<= 1", 1.0), ("<= 0.05", 0.0), (None, 2.0)]
    rows = [report.Row(id=str(n), what="x", value=1, unit="s", ratio=r, goal=g) for n, (g, r) in enumerate(goals)]

    chart.draw(rows, tmp_path / "latest.png")

    assert (tmp_path / "latest.png").read_bytes().startswith(b"\x89PNG")


def test_no_chart_is_drawn_without_goals(tmp_path: Path):
    chart.draw([report.Row(id="x", what="x", value=1, unit="s")], tmp_path / "latest.png")

    assert not (tmp_path / "latest.png").exists()


def test_missing_program_is_named_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(missing, "find_program", lambda _: None)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "latest.json")

    assert main(["snapshot"]) == 1
    assert capsys.readouterr().out.endswith(
        "not measured: snapshot: ogr2ogr is not installed; install the package gdal-bin\n"
    )
    assert json.loads((tmp_path / "latest.json").read_text()) == []


def test_unknown_subject_is_wrong_usage(capsys: pytest.CaptureFixture[str]):
    assert main(["nonsense"]) == 2
    assert "Choose from: snapshot" in capsys.readouterr().out
