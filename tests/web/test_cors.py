from __future__ import annotations

import pytest

OURS = "https://meldingen.example"
PATHS = ["/layers/masten/features", "/layers/masten/features/0001", "/layers", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_may_read_every_answer_by_default(proxy, path):
    response = proxy.get(path, headers={"Origin": OURS})
    assert response.headers["access-control-allow-origin"] == "*"
    assert "ETag" in response.headers["access-control-expose-headers"]
    assert "Features-Truncated" in response.headers["access-control-expose-headers"]
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("origin", "allowed"), [(OURS, OURS), ("https://elsewhere.example", None), ("null", None), (None, None)]
)
def test_only_pages_of_the_configured_origins_may_read(start, path, origin, allowed):
    proxy = start(cors_origins=(OURS, "http://127.0.0.1:3000"))
    response = proxy.get(path, headers={"Origin": origin} if origin else {})
    assert response.headers.get("access-control-allow-origin") == allowed
    assert response.headers["vary"] == "Accept-Encoding, Origin"


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_is_answered(proxy, path):
    asked = {"Origin": OURS, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
    response = proxy.client.options(path, headers=asked)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-headers"] == "*"
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
