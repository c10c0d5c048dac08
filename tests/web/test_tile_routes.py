"""Tiles as a map requests them."""

from __future__ import annotations

import gzip
import json
from urllib.parse import urlsplit

import mapbox_vector_tile
import numpy as np
import points
import pytest
from services import INSTANCE, REPORTS

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.faces.tiles.places import BITS, places_of

TILES = "/layers/masten/tiles"
ONE_YEAR = "public, max-age=31536000, immutable"
MVT = "application/vnd.mapbox-vector-tile"


def address(template: str, zoom: int, longitude: float = 4.3, latitude: float = 52.0) -> str:
    """Return the path and query of the tile at a place."""
    x, y = (places_of(np.array([[longitude, latitude]]))[0] >> (BITS - zoom)).tolist()
    path = template.replace("{z}", str(zoom)).replace("{x}", str(x)).replace("{y}", str(y))
    parts = urlsplit(path)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def template_of(proxy) -> str:
    return proxy.get(TILES).json()["tiles"][0]


def features(body: bytes) -> list[dict]:
    return mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})["masten"]["features"]


def test_description_leads_to_a_tile_with_the_objects(proxy):
    response = proxy.get(address(template_of(proxy), 14))

    assert response.status_code == 200
    assert response.headers["content-type"] == MVT
    assert [each["properties"]["id"] for each in features(response.content)] == [
        "masten.0000",
        "masten.0001",
        "masten.0002",
    ]


def test_description_is_fresh_as_long_as_the_objects(proxy):
    response = proxy.get(TILES)

    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert response.headers["access-control-allow-origin"] == "*"
    assert proxy.get(TILES, headers={"If-None-Match": response.headers["etag"]}).status_code == 304


def test_public_address_is_in_the_description(start):
    proxy = start(public_url="https://kaart.example.nl")

    assert template_of(proxy).startswith("https://kaart.example.nl/layers/masten/tiles/{z}/{x}/{y}?v=")


def test_tile_of_the_current_version_is_kept_for_a_year(proxy):
    current = address(template_of(proxy), 14)

    assert proxy.get(current).headers["cache-control"] == ONE_YEAR
    assert proxy.get(current.partition("?")[0]).headers["cache-control"] == "public, max-age=3600"
    assert (
        proxy.get(current.partition("?")[0] + "?v=0123456789abcdef").headers["cache-control"] == "public, max-age=3600"
    )


def test_new_objects_and_new_marks_have_another_version(start):
    proxy = start(layers=(points.layer(reports=REPORTS),), instances={"default": INSTANCE})
    first = address(template_of(proxy), 14)
    assert proxy.get(first).headers["cache-control"] == ONE_YEAR

    proxy.report("0001")

    second = address(template_of(proxy), 14)
    assert second != first
    assert proxy.get(second).headers["cache-control"] == ONE_YEAR
    old = proxy.get(first)
    assert old.headers["cache-control"] != ONE_YEAR
    assert old.content == proxy.get(second).content
    marked = [each["properties"]["id"] for each in features(old.content) if each["properties"]["IS_GEMELD"] == "1"]
    assert marked == ["masten.0001"]


def test_unchanged_tile_is_not_sent_again(proxy):
    current = address(template_of(proxy), 14)
    etag = proxy.get(current).headers["etag"]

    response = proxy.get(current, headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["cache-control"] == ONE_YEAR
    assert proxy.get(address(template_of(proxy), 15)).headers["etag"] != etag


def test_large_tile_is_compressed_where_that_is_accepted(start):
    proxy = start({"masten": points.fetched(points.grid(60))})
    current = address(template_of(proxy), 9)
    plain = proxy.get(current, headers={"Accept-Encoding": "identity"})
    with proxy.client.stream("GET", current, headers={"Accept-Encoding": "gzip"}) as response:
        raw = b"".join(response.iter_raw())

    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["etag"] != plain.headers["etag"]
    assert gzip.decompress(raw) == plain.content
    assert "Accept-Encoding" in response.headers["vary"]


def test_tile_without_objects_is_empty(proxy):
    response = proxy.get(f"{TILES}/14/0/0")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == MVT


def test_tile_as_geojson(proxy):
    response = proxy.get(address(template_of(proxy), 14) + "&f=json")

    assert response.headers["content-type"] == "application/geo+json"
    assert [each["id"] for each in response.json()["features"]] == ["masten.0000", "masten.0001", "masten.0002"]
    assert response.headers["cache-control"] == ONE_YEAR
    assert response.headers["etag"] != proxy.get(address(template_of(proxy), 14)).headers["etag"]


@pytest.mark.parametrize("ending", [".mvt", ".pbf"])
def test_ending_of_the_format_is_accepted(proxy, ending):
    path = address(template_of(proxy), 14).partition("?")[0]

    assert proxy.get(path + ending).content == proxy.get(path).content


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/layers/masten/tiles/a/0/0", 400, "whole numbers"),
        ("/layers/masten/tiles/1/-1/0", 400, "whole numbers"),
        ("/layers/masten/tiles/1/2/0", 404, "0 to 1"),
        ("/layers/masten/tiles/21/0/0", 404, "0 to 20"),
        ("/layers/masten/tiles/0/0/0?f=png", 400, "mvt, json"),
        ("/layers/maste/tiles", 404, "did you mean 'masten'"),
        ("/layers/maste/tiles/0/0/0", 404, "did you mean 'masten'"),
    ],
)
def test_wrong_address_is_a_problem_that_says_what_is_possible(proxy, path, status, words):
    response = proxy.get(path)

    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert words in response.json()["detail"]
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", [TILES, f"{TILES}/0/0/0"])
def test_layer_without_data_is_not_ready(start, path):
    proxy = start({"masten": UpstreamUnreachable("no answer from the vendor")})

    response = proxy.get(path)

    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert "retry-after" in response.headers
    assert response.json()["layer"] == "masten"


def test_stale_objects_are_served(proxy):
    current = address(template_of(proxy), 14)
    proxy.answers["masten"] = UpstreamUnreachable("no connection")
    proxy.clock.now += 3700

    assert proxy.get(TILES).headers["cache-control"] == "public, max-age=10"
    assert len(features(proxy.get(current).content)) == 3


def test_layer_in_cells_has_tiles_from_a_zoom_level_on(start):
    source = {
        "type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4.0, 51.8, 4.5, 52.3],
    }  # fmt: skip
    proxy = start(layers=(points.layer(source=source, fetch={"mode": "cells", "cell_zoom": 15}),))
    described = proxy.get(TILES).json()

    assert described["minzoom"] == 14
    tile = proxy.get(address(described["tiles"][0], 14))
    assert tile.status_code == 200
    assert tile.headers["cache-control"] != ONE_YEAR
    refused = proxy.get(address(described["tiles"][0], 10))
    assert (refused.status_code, refused.json()["title"]) == (400, "Bad request")
    assert "zoom in" in refused.json()["detail"]


def test_two_layers_without_objects_have_descriptions_of_their_own(start):
    nothing = points.fetched(points.batch({}))
    proxy = start({"masten": nothing, "palen": nothing}, (points.layer(), points.layer("palen")))

    for _ in range(3):
        assert proxy.get("/layers/palen/tiles").json()["name"] == "Title of palen"
        assert proxy.get("/layers/masten/tiles").json()["name"] == "Title of masten"


def test_tile_of_many_objects_is_made_outside_the_event_loop(start, monkeypatch):
    monkeypatch.setattr("wfs_proxy.serve.feature_service.OFFLOAD_FROM", 2)
    proxy = start()

    assert json.loads(proxy.get(address(template_of(proxy), 14) + "&f=json").content)["features"]


def test_head_has_the_length_of_the_tile(proxy):
    current = address(template_of(proxy), 14)
    whole = proxy.get(current, headers={"Accept-Encoding": "identity"})

    head = proxy.client.head(current, headers={"Accept-Encoding": "identity"})

    assert (head.content, head.headers["content-length"]) == (b"", str(len(whole.content)))


def test_date_of_the_objects_does_not_confirm_an_older_description(proxy):
    modified = proxy.get(TILES).headers["last-modified"]

    assert proxy.get(TILES, headers={"If-Modified-Since": modified}).status_code == 200
    assert proxy.get(f"{TILES}/0/0/0", headers={"If-Modified-Since": modified}).status_code == 200


@pytest.mark.parametrize("query", ["filter=soort%3D'kolk'", "v=1&bbox=1,2,3,4&foo", "V=1"])
def test_a_parameter_that_tiles_do_not_have_is_refused(proxy, query):
    for path in (f"{TILES}/14/8387/5408", f"/v1{TILES}/14/8387/5408"):
        response = proxy.get(f"{path}?{query}")

        assert (response.status_code, response.headers["cache-control"]) == (400, "no-store")
        assert "There are v, f." in response.json()["detail"]
