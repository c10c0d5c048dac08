from __future__ import annotations


def test_the_page_loads_nothing_from_another_host(proxy):
    page = proxy.get("/docs")
    assert "http" not in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    for path in ("docs/static/swagger-ui-bundle.js", "docs/static/swagger-ui.css", "docs/start.js"):
        assert path in page.text
        assert proxy.get(f"/{path}").status_code == 200
