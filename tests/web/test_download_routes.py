"""Downloads as a client gets them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import socket

import httpx
import points
import pytest
from pyproj import Transformer
from services import INSTANCE, REPORTS
from waiting import wait_until

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.web import download_routes

PATH = "/layers/masten/download"
NASTY = [
    'line\nbreak "quoted"; a;b,c',
    "=cmd|' /C calc'!A0",
    "ünïcödé ≠ 🦆",
    None,
    "",
    "+31 6 12345678",
    "-0.75",
    "'=x",
]


def with_values(values: list[object], name: str = "naam", **types: str):
    """Return a start of a layer whose objects have these values."""
    layer = points.layer(properties={"id": "nummer", "fields": {name: types.get("type", "string")}})
    places = {f"{i:04d}": (4.3 + i * 1e-4, 52.0) for i in range(len(values))}
    return {"masten": points.fetched(points.batch(places, {name: values}))}, (layer,)


def rows_of(response, separator: str = ";") -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text, newline=""), delimiter=separator))


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_csv_has_ids_and_places(proxy, prefix):
    response = proxy.get(f"{prefix}{PATH}?f=csv")

    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    rows = rows_of(response)
    assert [row["id"] for row in rows] == ["masten.0000", "masten.0001", "masten.0002"]
    assert [(float(row["longitude"]), float(row["latitude"])) for row in rows] == [
        (4.3, 52),
        (4.3001, 52),
        (4.3002, 52),
    ]
    expected = Transformer.from_crs("EPSG:4258", "EPSG:28992", always_xy=True).transform(4.3, 52)
    assert (float(rows[0]["x_rd"]), float(rows[0]["y_rd"])) == pytest.approx(expected, abs=1)


def test_csv_is_utf8_with_quotes_and_guarded_formulas(start):
    proxy = start(*with_values(NASTY))

    response = proxy.get(f"{PATH}?f=csv")

    assert [row["naam"] for row in rows_of(response)] == [
        NASTY[0], "'=cmd|' /C calc'!A0", "ünïcödé ≠ 🦆", "", "", "'+31 6 12345678", "-0.75", "''=x",
    ]  # fmt: skip
    lines = response.content.split(b"\r\n")
    assert lines[0] == b'"id";"longitude";"latitude";"x_rd";"y_rd";"naam"'
    assert lines[4].endswith(b";"), "null"
    assert lines[5].endswith(b';""'), "an empty text"


def test_separator_and_byte_order_mark_are_chosen(proxy):
    plain = proxy.get(f"{PATH}?f=csv")
    comma = proxy.get(f"{PATH}?f=csv&sep=,")
    marked = proxy.get(f"{PATH}?f=csv&sep=%3B&bom=1")

    assert rows_of(comma, ",") == rows_of(plain)
    assert marked.content == "\ufeff".encode() + plain.content
    assert len({each.headers["etag"] for each in (plain, comma, marked)}) == 3


def test_geojson_is_that_of_the_map(proxy):
    response = proxy.get(f"{PATH}?f=geojson")

    assert response.headers["content-type"] == "application/geo+json"
    assert response.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert response.json() == proxy.get("/layers/masten/features").json()


@pytest.mark.parametrize("count", [0, 1, 1999, 2000, 2001, 10_000])
def test_all_objects_are_in_the_file_however_many(start, count):
    proxy = start({"masten": points.fetched(points.grid(count))})

    document = proxy.get(f"{PATH}?f=geojson").json()

    assert document["numberMatched"] == document["numberReturned"] == len(document["features"]) == count
    assert [each["id"] for each in document["features"]] == [f"masten.{i:04d}" for i in range(count)]
    assert len(rows_of(proxy.get(f"{PATH}?f=csv"))) == count


def test_ten_thousand_distinct_texts(start):
    texts = [f"text {i} ≠" for i in range(10_000)]
    proxy = start(*with_values(texts))

    assert [row["naam"] for row in rows_of(proxy.get(f"{PATH}?f=csv"))] == texts


def test_filter_and_box_choose_objects(start):
    proxy = start(*with_values(["a", "b", "b"]))

    filtered = proxy.get(PATH, params={"f": "csv", "filter": "naam = 'b'"})
    boxed = proxy.get(f"{PATH}?f=csv&bbox=4.29,51.9,4.30005,52.1")
    fes = (
        "<Filter><PropertyIsEqualTo><PropertyName>naam</PropertyName><Literal>a</Literal></PropertyIsEqualTo></Filter>"
    )

    assert [row["id"] for row in rows_of(filtered)] == ["masten.0001", "masten.0002"]
    assert [row["id"] for row in rows_of(boxed)] == ["masten.0000"]
    assert [row["id"] for row in rows_of(proxy.get(PATH, params={"f": "csv", "filter": fes}))] == ["masten.0000"]
    assert filtered.headers["etag"] != boxed.headers["etag"]
    assert rows_of(proxy.get(PATH, params={"f": "csv", "filter": "naam = 'c'"})) == []
    in_rd = {"filter": "S_INTERSECTS(geometry, BBOX(80340, 446290, 80345, 446300))", "filter-crs": "EPSG:28992"}
    assert [row["id"] for row in rows_of(proxy.get(PATH, params={"f": "csv", **in_rd}))] == ["masten.0000"]


def test_a_box_with_latitude_first_is_swapped_and_counted_as_on_the_map(start):
    proxy = start(*with_values(["a", "b", "b"]))

    swapped = proxy.get(f"{PATH}?f=csv&bbox=51.9,4.29,52.1,4.30005")

    assert [row["id"] for row in rows_of(swapped)] == ["masten.0000"]
    assert 'wfs_proxy_swapped_boxes_total{layer="masten"} 1.0' in proxy.get("/metrics").text


def test_marks_are_columns(start):
    layer = points.layer(reports=REPORTS)
    proxy = start(layers=(layer,), instances={"default": INSTANCE})
    before = proxy.get(f"{PATH}?f=csv")
    proxy.report("0001")

    after = proxy.get(f"{PATH}?f=csv", headers={"If-None-Match": before.headers["etag"]})

    assert [row["IS_GEMELD"] for row in rows_of(after)] == ["0", "1", "0"]
    assert [row["meldingstatus"] for row in rows_of(after)] == ["0", "1", "0"]
    marked = proxy.get(PATH, params={"f": "geojson", "filter": "IS_GEMELD = '1'"}).json()
    assert [each["id"] for each in marked["features"]] == ["masten.0001"]


def test_property_named_as_a_column_of_ours_keeps_its_name(start):
    proxy = start(*with_values(["own"], "ID"))

    (row,) = rows_of(proxy.get(f"{PATH}?f=csv"))

    assert (row["ID"], row["_id"]) == ("own", "masten.0000")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("f=csv", r"masten_\d{4}-\d\d-\d\d\.csv"),
        ("f=geojson", r"masten_\d{4}-\d\d-\d\d\.geojson"),
        ("f=gpkg", r"masten_\d{4}-\d\d-\d\d\.gpkg"),
        ("f=fgb&bbox=4,51,5,53", r"masten_\d{4}-\d\d-\d\d_part\.fgb"),
        ("f=csv&bbox=4,51,5,53", r"masten_\d{4}-\d\d-\d\d_part\.csv"),
    ],
)
def test_file_name_has_the_layer_and_the_day_of_the_data(proxy, query, name):
    field = proxy.get(f"{PATH}?{query}").headers["content-disposition"]

    assert re.fullmatch(f'attachment; filename="{name}"', field)


@pytest.mark.parametrize("kind", ["csv", "geojson", "gpkg", "fgb"])
def test_unchanged_file_is_not_sent_again(proxy, kind):
    first = proxy.get(f"{PATH}?f={kind}")

    again = proxy.get(f"{PATH}?f={kind}", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    # a length of 0 would be that of the file that the client has (RFC 9110, section 8.6)
    assert "content-length" not in again.headers
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=3600"
    assert first.headers["access-control-allow-origin"] == "*"
    assert "Content-Disposition" in first.headers["access-control-expose-headers"]


def test_file_is_compressed_where_that_is_accepted(start):
    proxy = start({"masten": points.fetched(points.grid(5000))})
    plain = proxy.get(f"{PATH}?f=csv", headers={"Accept-Encoding": "identity"})
    with proxy.client.stream("GET", f"{PATH}?f=csv", headers={"Accept-Encoding": "gzip"}) as response:
        raw = b"".join(response.iter_raw())

    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["etag"] != plain.headers["etag"]
    assert gzip.decompress(raw) == plain.content
    assert len(raw) * 2 < len(plain.content)


def test_head_has_the_header_fields_and_writes_nothing(proxy, monkeypatch):
    whole = proxy.get(f"{PATH}?f=csv")
    monkeypatch.setattr("wfs_proxy.faces.downloads.csv_file.CsvFile.pieces", None)

    head = proxy.client.head(f"{PATH}?f=csv")

    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-disposition", "cache-control"):
        assert head.headers[name] == whole.headers[name]
    assert "content-length" not in head.headers


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "f= must be one of csv, geojson, gpkg, fgb"),
        ("f=xlsx", "got 'xlsx'"),
        ("f=", "must be one of"),
        ("f=csv&f=csv", "given twice"),
        ("f=csv&sep=|", "sep= must be ; or ,"),
        ("f=csv&sep=", "sep= must be ; or ,"),
        ("f=csv&bom=yes", "bom= must be 1 or 0"),
        ("f=geojson&bom=1", "only for f=csv"),
        ("f=gpkg&sep=,", "only for f=csv"),
        ("f=csv&fliter=x", "Did you mean filter?"),
        ("f=csv&fliter=x&bom=1&foo=1", "'fliter', 'foo'"),
        ("f=csv&limit=10", "There is no parameter 'limit' here."),
        ("f=csv&bbox=1,2,3", "four numbers"),
        ("f=csv&filter=%3D%3D", "filter"),
        ("f=csv&filter=nam+%3D+1", "nam"),
    ],
)
def test_wrong_request_is_a_problem_that_says_what_is_possible(proxy, query, words):
    response = proxy.get(f"{PATH}?{query}")

    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    assert words in response.json()["detail"]
    assert response.json()["layer"] == "masten"
    assert "content-disposition" not in response.headers
    assert response.headers["access-control-allow-origin"] == "*"


def test_unknown_layer_and_layer_without_data(start):
    proxy = start({"masten": UpstreamUnreachable("no answer from the vendor")})

    assert proxy.get("/layers/maste/download?f=csv").status_code == 404
    response = proxy.get(f"{PATH}?f=csv")
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert "retry-after" in response.headers


@pytest.mark.parametrize("condition", [None, "<Filter><FeatureId fid='masten.0001'/></Filter>", "naam = 'a'"])
def test_layer_in_cells_needs_a_box(start, condition):
    source = {
        "type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4.0, 51.8, 4.5, 52.3],
    }  # fmt: skip
    fields = {"id": "nummer", "fields": {"naam": "string"}}
    layer = points.layer(source=source, fetch={"mode": "cells", "cell_zoom": 15}, properties=fields)
    proxy = start(with_values(["a", "b", "c"])[0], layers=(layer,))

    refused = proxy.get(PATH, params={"f": "csv"} | ({"filter": condition} if condition else {}))
    boxed = proxy.get(f"{PATH}?f=csv&bbox=4.299,51.999,4.301,52.001")

    assert refused.status_code == 400
    assert "give bbox=" in refused.json()["detail"]
    assert {row["id"] for row in rows_of(boxed)} == {"masten.0000", "masten.0001", "masten.0002"}
    assert proxy.get(f"{PATH}?f=geojson&bbox=6,51.9,6.1,52").json()["features"] == []


def test_too_many_downloads_are_refused_and_do_not_block_later_ones(proxy, monkeypatch):
    for _ in range(3):
        assert proxy.get(f"{PATH}?f=csv").status_code == 200
    monkeypatch.setattr(download_routes, "MOST_AT_ONCE", 0)

    refused = proxy.get(f"{PATH}?f=csv")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    monkeypatch.setattr(download_routes, "MOST_AT_ONCE", 1)
    assert proxy.get(f"{PATH}?f=csv").status_code == 200


def test_accept_is_ignored_because_f_names_the_format(proxy):
    response = proxy.get(f"/v1{PATH}?f=csv", headers={"Accept": "text/html,text/csv"})

    assert response.status_code == 200


def test_it_is_in_the_openapi_document(proxy):
    document = json.loads(proxy.get("/v1/openapi.json").content)

    parameters = {each["name"]: each for each in document["paths"]["/layers/{layer_id}/download"]["get"]["parameters"]}
    assert parameters["f"]["schema"]["enum"] == ["csv", "geojson", "gpkg", "fgb"]
    assert {"sep", "bom", "bbox", "filter", "filter-crs"} <= parameters.keys()


@pytest.mark.parametrize(("kind", "start_of_file"), [("gpkg", b"SQLite format 3\0"), ("fgb", b"fgb\x03")])
def test_written_file_is_sent_with_its_length_and_deleted(start, tmp_path, kind, start_of_file):
    proxy = start(spool_folder=tmp_path)

    response = proxy.get(f"{PATH}?f={kind}")

    assert response.status_code == 200, response.text
    assert response.content.startswith(start_of_file)
    assert response.headers["content-length"] == str(len(response.content))
    assert response.headers["etag"].startswith('W/"')
    assert list(tmp_path.iterdir()) == []


def test_head_of_a_written_file_writes_nothing(proxy, monkeypatch):
    monkeypatch.setattr("wfs_proxy.faces.downloads.spooled_files.SpooledFiles.made", None)

    head = proxy.client.head(f"{PATH}?f=gpkg")

    assert (head.status_code, head.headers["content-type"]) == (200, "application/geopackage+sqlite3")


def test_format_whose_library_is_not_installed_names_the_extra(proxy, monkeypatch):
    monkeypatch.setattr("wfs_proxy.faces.downloads.spooled_files.has_gdal", lambda: False)

    response = proxy.get(f"{PATH}?f=fgb")

    assert (response.status_code, response.headers["content-type"]) == (501, "application/problem+json")
    assert "pip install 'wfs-proxy[files]'" in response.json()["detail"]
    assert proxy.get(f"{PATH}?f=csv").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "geojson", "gpkg"])
def test_a_client_that_leaves_makes_room_for_another(start, monkeypatch, kind, tmp_path):
    monkeypatch.setattr(download_routes, "MOST_AT_ONCE", 1)
    proxy = start(*with_values(["x" * 1000 + str(number) for number in range(20_000)]), spool_folder=tmp_path)

    def leave() -> None:
        # with a small buffer, so that the system does not take the whole file from the proxy
        slow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)])
        address, identity = proxy.client.base_url.join(PATH), {"Accept-Encoding": "identity"}
        with (
            httpx.Client(transport=slow) as client,
            client.stream("GET", f"{address}?f={kind}", headers=identity) as response,
        ):
            assert response.status_code == 200
            pieces = response.iter_raw()  # the connection is closed when the iterator is gone
            next(pieces)
            assert proxy.get(f"{PATH}?f=csv").status_code == 503

    leave()

    wait_until(lambda: proxy.client.head(f"{PATH}?f=csv").status_code == 200)
    assert list(tmp_path.iterdir()) == []
