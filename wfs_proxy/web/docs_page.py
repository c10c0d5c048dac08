"""The page `/docs`: Swagger UI without anything from another host.

The framework's own page loads its script from a CDN. That fails without internet, and shows the CDN who reads the
page. These files come from the package `fastapi-offline`, and the page has no inline script, so its content security
policy can be strict.
"""

from __future__ import annotations

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

__all__ = ["add_docs_page", "docs_page"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets styles from its script and has its icons as data URLs."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wfs_proxy</title>
<link rel="icon" href="{root}docs/static/favicon.png">
<link rel="stylesheet" href="{root}docs/static/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="{root}docs/static/swagger-ui-bundle.js"></script>
<script src="{root}docs/start.js" data-document="{document}"></script>
</html>
"""

SCRIPT = """SwaggerUIBundle({
  url: document.currentScript.dataset.document,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
"""


def add_docs_page(app: FastAPI) -> None:
    """Add `/docs` to the app. All links are relative, so it also works under a path prefix."""
    app.add_api_route("/docs", _page, include_in_schema=False)
    app.add_api_route("/docs/start.js", _script, include_in_schema=False)
    app.mount("/docs/static", StaticFiles(packages=[("fastapi_offline", "static")]))


def docs_page(*, root: str = "", document: str = "openapi.json") -> HTMLResponse:
    """Return the page of an OpenAPI document.

    Args:
        root: the relative path from the page to the root of the proxy.
        document: the URL of the document, relative to the page.
    """
    body = PAGE.format(root=root, document=document)
    return HTMLResponse(body, headers={"Content-Security-Policy": POLICY})


def _page() -> HTMLResponse:
    return docs_page()


def _script() -> Response:
    return Response(SCRIPT, media_type="text/javascript")
