"""The OpenAPI document, completed with what is true of every answer (API Design Rules: /core/publish-openapi).

The framework describes what is particular to a route. Every answer has `API-Version`, and every request with a
parameter can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from wfs_proxy.web.api_version import API_VERSION, VERSION_PREFIX
from wfs_proxy.web.problems import problem_response

__all__ = ["add_openapi"]

_VERSION = {
    "API-Version": {
        "description": "The version of this interface.",
        "schema": {"type": "string", "examples": [API_VERSION]},
    }
}


def add_openapi(app: FastAPI) -> None:
    """Add `/openapi.json`, with and without a version, to the app."""

    async def openapi() -> dict[str, Any]:
        return _completed(app)

    for path in ("/openapi.json", f"{VERSION_PREFIX}/openapi.json"):
        app.add_api_route(path, openapi, include_in_schema=False)


def _completed(app: FastAPI) -> dict[str, Any]:
    """Return the document; the framework makes it once."""
    known = app.openapi_schema is not None
    document = app.openapi()
    if not known:
        for operation in _operations(document):
            _complete(operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _complete(operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    if operation.get("parameters"):
        responses.setdefault("400", problem_response("A parameter is wrong; the detail says which and why."))
    # the framework would answer 422 to a wrong parameter; the handlers of `api` make it 400
    responses.pop("422", None)
    for status, response in responses.items():
        if status.startswith(("2", "3")):
            response["headers"] = {**response.get("headers", {}), **_VERSION}
