"""The shipped configuration of nginx does what deploy/README.md says, in front of a real proxy."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httpx
import needs
import points
import pytest
from clocks import Clock
from running_proxy import served
from services import new_services
from waiting import wait_until

from bench.front import Front, in_front_of
from wfs_proxy.asgi import ASGIApp, Receive, Scope, Send
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.features import PointBatch
from wfs_proxy.web.api_version import API_VERSION
from wfs_proxy.web.create_web import create_web

pytestmark = pytest.mark.timeout(300)

BOX = "/layers/masten/features?bbox=4.2,51.9,4.4,52.1"
NEVER = ("/metrics", "/healthz", "/readyz", "//metrics", "/%6detrics", "/metrics/", "/x/../metrics", "/metrics?a=b")
CLIENTS = 1000


class Counting:
    """Passes requests on, counts them by path, and may hold them back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests: Counter[tuple[str, str]] = Counter()
        self.open = threading.Event()
        self.open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.requests[scope["method"], scope["path"]] += 1
            await asyncio.to_thread(self.open.wait)
        await self._app(scope, receive, send)


@dataclass
class Site:
    """A proxy, and nginx in front of it."""

    front: Front
    counting: Counting
    clock: Clock
    stop: Callable[[], None]
    client: httpx.Client = field(repr=False)
    vendor: list[PointBatch]
    """The objects of the next fetch, alone."""

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def count(self, path: str) -> int:
        return sum(count for (_, each), count in self.counting.requests.items() if each == path)


@pytest.fixture
def site() -> Iterator[Site]:
    needs.program("nginx", package="nginx-light")

    vendor = [points.grid(3000)]

    async def fetch(*_: object):
        return points.fetched(vendor[0])

    clock = Clock()
    services = new_services(Catalogue((points.layer(),)), fetch, clock=clock)

    @contextlib.asynccontextmanager
    async def running():
        yield
        await services.close()

    counting = Counting(create_web(services.features, services.status, services.catalogue, running=running))
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(contextlib.ExitStack())
        front = stack.enter_context(in_front_of(proxy.enter_context(served(counting))))
        client = stack.enter_context(httpx.Client(base_url=front.address, trust_env=False, timeout=60))
        yield Site(front, counting, clock, proxy.close, client, vendor)


def cache_status(response: httpx.Response) -> str:
    """Return what nginx says of its cache, without what the proxy says."""
    return response.headers.get("cache-status", "").rpartition("nginx; ")[2]


def tile_of(site: Site) -> str:
    template = site.get("/layers/masten/tiles").json()["tiles"][0]
    return template.replace("{z}", "9").replace("{x}", "262").replace("{y}", "169")


def test_the_configuration_has_no_warning(site: Site):
    nginx = needs.program("nginx", package="nginx-light")
    command = [nginx, "-t", "-e", "stderr", "-c", site.front.configuration]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "[" not in done.stderr, "a severity such as [warn]"


@pytest.mark.parametrize("path", [BOX, f"/v1{BOX}", "/layers/masten/tiles", "/ogc/v1/collections/masten/items"])
def test_the_second_answer_comes_from_the_cache(site: Site, path: str):
    first, second = site.get(path), site.get(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert (cache_status(first), cache_status(second)) == ("fwd=uri-miss", "hit")
    assert first.content == second.content
    assert site.count(urlsplit(path).path) == 1


def test_a_thousand_clients_of_a_cold_tile_cause_one_request(site: Site):
    tile = tile_of(site)
    answers = asyncio.run(ask_together(site, tile))

    assert set(answers) == {b"HTTP/1.1 200 OK"}
    assert len(answers) == CLIENTS
    assert site.count(urlsplit(tile).path) == 1


async def ask_together(site: Site, path: str) -> list[bytes]:
    """Send a request on each of many connections before the proxy answers the first, and return the status lines."""
    host = urlsplit(site.front.address)
    connections = [await asyncio.open_connection(host.hostname, host.port) for _ in range(CLIENTS)]
    site.counting.open.clear()
    for _, writer in connections:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
    site.counting.open.set()
    answers = await asyncio.gather(*(reader.read() for reader, _ in connections))
    for _, writer in connections:
        writer.close()
    return [answer.partition(b"\r\n")[0] for answer in answers]


def test_a_versioned_tile_is_kept_for_a_year(site: Site):
    tile = tile_of(site)

    assert site.get(tile).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert cache_status(site.get(tile)) == "hit"
    site.stop()
    assert (site.get(tile).status_code, cache_status(site.get(tile))) == (200, "hit")


def test_stale_answers_are_served_when_the_proxy_is_stopped(site: Site):
    site.get("/layers/masten/features")  # fetches the layer, which is fresh for an hour
    site.clock.now += 3599
    first = site.get(BOX)
    assert first.headers["cache-control"] == "public, max-age=1"
    site.stop()

    wait_until(lambda: "STALE" in cache_status(site.get(BOX)) or "UPDATING" in cache_status(site.get(BOX)))

    stale = site.get(BOX)
    assert (stale.status_code, stale.content) == (200, first.content)


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/v1/collections/masten/items",
        "/ogc/v1/collections/masten/items?limit=10",
        "/layers/masten/features?limit=10",
        "/v1/layers/masten/features?bbox=4.2,51.9,4.4,52.1&limit=10",
    ],
)
def test_the_first_page_after_a_refresh_is_not_the_old_one(site: Site, path: str):
    site.get("/layers/masten/features")
    site.clock.now += 3599
    assert site.get(path).headers["cache-control"] == "public, max-age=1"
    site.get(BOX)
    site.vendor[0] = points.grid(2999)
    site.clock.now += 2
    numbers = itertools.count()
    wait_until(lambda: site.get(f"/layers/masten/features?{next(numbers)}").json()["numberMatched"] == 2999)
    # the copy of the box was made later than that of the page, so that one has expired too
    wait_until(lambda: cache_status(site.get(BOX)) != "hit")

    page = site.get(path).json()
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]

    assert site.get(following).status_code == 200


def problem_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status of an error that is nginx's own, and its text. It must look like an error of the proxy."""
    fields, body = response.headers, response.json()
    assert fields["content-type"] == "application/problem+json"
    assert fields["cache-control"] == "no-store"
    assert fields["access-control-allow-origin"] == "*"
    assert "Retry-After" in fields["access-control-expose-headers"]
    assert fields["api-version"] == API_VERSION
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["content-security-policy"] == "frame-ancestors 'none'"
    assert fields["x-frame-options"] == "DENY"
    assert body["status"] == response.status_code
    assert body["type"] == "about:blank"
    return response.status_code, body["detail"]


@pytest.mark.parametrize("path", [BOX, "/layers/masten", "/ogc/v1/collections/masten/items?limit=10", "/wfs?a=b"])
def test_without_the_proxy_and_without_a_copy_there_is_a_problem_document(site: Site, path: str):
    site.stop()

    response = site.get(path)

    assert problem_of(response) == (503, "The proxy does not answer.")
    assert response.headers["retry-after"] == "5"


def long_get(site: Site, path: str) -> httpx.Response:
    """Request a path that is too long for httpx."""
    with contextlib.closing(http.client.HTTPConnection(urlsplit(site.front.address).netloc, timeout=60)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())


def test_errors_of_nginx_are_problem_documents(site: Site):
    long = "x" * 300_000

    assert problem_of(site.get("/metrics"))[0] == 404
    assert problem_of(site.client.post("/wfs", content=b" " * 1_100_000)) == (413, "A request may have 1 MB.")
    status, detail = problem_of(long_get(site, f"{BOX}&filter={long}"))
    assert (status, "POST" in detail) == (414, True)
    assert problem_of(site.get(BOX, X_Long=long))[0] == 431
    assert problem_of(site.client.request("TRACE", BOX))[0] == 405
    assert "retry-after" not in site.get("/metrics").headers


def test_a_long_filter_passes_in_a_url(site: Site):
    ids = "".join(f'<ResourceId rid="masten.{number:04d}"/>' for number in range(1600))
    texts = quote(f"<Filter>{ids}</Filter>", safe="<>/=")

    response = long_get(site, f"/layers/masten/features?filter={texts}")

    assert len(texts) > 55_000
    assert (response.status_code, response.json()["numberMatched"]) == (200, 1600)


@pytest.mark.parametrize("path", NEVER)
def test_what_operators_ask_is_not_there(site: Site, path: str):
    with contextlib.closing(httpx.Client(trust_env=False)) as client:
        request = client.build_request("GET", site.front.address)
        request.url = request.url.copy_with(raw_path=path.encode())
        response = client.send(request)

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert not site.counting.requests


def test_unchanged_answers_are_304_with_and_without_the_cache(site: Site):
    etag = site.get(BOX).headers["etag"]
    layer = site.get("/layers/masten/download?f=csv").headers["etag"]
    before = site.count("/layers/masten/features")

    again = site.get(BOX, If_None_Match=etag)

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert site.count("/layers/masten/features") == before
    assert site.get("/layers/masten/download?f=csv", If_None_Match=layer).status_code == 304


def test_header_fields_are_those_of_the_proxy_and_not_doubled(site: Site):
    for _ in range(2):
        response = site.get(BOX, Accept_Encoding="gzip")
        names = Counter(name.lower() for name, _ in response.headers.raw)

        assert response.headers["content-encoding"] == "gzip"
        assert response.json()["numberMatched"] == 1001
        assert {name: count for name, count in names.items() if count > 1} in ({}, {b"cache-status": 2})
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["server"] == "nginx"


def test_each_coding_has_a_copy_of_its_own(site: Site):
    compressed = site.get(BOX, Accept_Encoding="gzip")
    plain = site.get(BOX, Accept_Encoding="identity")

    assert "content-encoding" not in plain.headers
    assert plain.content == compressed.content
    assert site.get(BOX, Accept_Encoding="gzip").headers["content-encoding"] == "gzip"


COMPRESSED = (
    "gzip, deflate, br",
    "gzip, deflate, br, zstd",
    "GZIP",
    "br;q=1.0, gzip;q=0.8, *;q=0.1",
    "x-gzip",
    "gzip;q=0.01",
)
PLAIN = ("identity", "br", "deflate, br", "", "xgzip", "gzipped, br")
REFUSING = {
    "gzip;q=0": None,
    "br, gzip ; q=0": None,
    "gzip;q=0.000, br": None,
    "identity;q=0": "gzip",
    "*;q=0, gzip": "gzip",
}


@pytest.mark.parametrize(
    ("accepted", "coding"), [*((text, "gzip") for text in COMPRESSED), *((text, None) for text in PLAIN)]
)
def test_spellings_of_accept_encoding_share_a_copy(site: Site, accepted: str, coding: str | None):
    site.get(BOX, Accept_Encoding="gzip")
    site.get(BOX, Accept_Encoding="identity")

    response = site.get(BOX, Accept_Encoding=accepted)

    assert (response.headers.get("content-encoding"), cache_status(response)) == (coding, "hit")
    assert "Accept-Encoding" in response.headers["vary"]


@pytest.mark.parametrize(("accepted", "coding"), REFUSING.items())
def test_a_coding_that_a_client_refuses_is_not_sent(site: Site, accepted: str, coding: str | None):
    site.get(BOX, Accept_Encoding="gzip")
    site.get(BOX, Accept_Encoding="identity")

    assert site.get(BOX, Accept_Encoding=accepted).headers.get("content-encoding") == coding


def test_pages_and_json_of_one_address_are_not_mixed_up(site: Site):
    items = "/ogc/v1/collections/masten/items"
    for path in ("/layers/masten", items):
        kinds = [site.get(path, Accept=accept).headers["content-type"] for accept in ("text/html", "*/*") * 2]

        assert kinds[:2] == kinds[2:]
        assert kinds[0].startswith("text/html")
        assert "json" in kinds[1]


def test_errors_are_those_of_the_proxy_and_not_cached(site: Site):
    for _ in range(2):
        response = site.get("/layers/masten/features?bbox=1,2")
        assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    assert site.count("/layers/masten/features") == 2


def test_posts_are_passed_on_uncached_within_a_size(site: Site):
    for _ in range(2):
        site.client.post("/wfs", content=b"<GetFeature/>" + b" " * 500_000)
    too_large = site.client.post("/wfs", content=b" " * 1_100_000)

    assert site.counting.requests["POST", "/wfs"] == 2
    assert (too_large.status_code, too_large.headers["content-type"]) == (413, "application/problem+json")


def test_a_large_download_passes_whole(site: Site):
    lines = site.get("/layers/masten/download?f=csv").text.splitlines()

    assert len(lines) == 3001
    assert "cache-status" in site.get("/layers/masten/download?f=csv").headers
    assert site.count("/layers/masten/download") == 2


def test_logs_have_neither_client_nor_query(site: Site):
    site.get(BOX)
    site.stop()
    site.get(BOX + "1")

    wait_until(lambda: site.front.access_log.read_text().count("/layers/masten/features") == 2)
    logged = site.front.access_log.read_text() + site.front.error_log.read_text()
    assert "127.0.0.1" not in logged
    assert "bbox" not in logged
