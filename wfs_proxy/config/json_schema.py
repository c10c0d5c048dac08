"""JSON Schema of the files in `layers/`, for editors: completion, descriptions and a first check while typing.

The schema differs from the loader in two ways. Where a number, a boolean or one of a few words is expected, a text with
`${VAR}` is also valid. A number in quotes is invalid, although the loader accepts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_file import SignalenFile

__all__ = ["json_schema", "signalen_schema"]

_DIALECT = "http://json-schema.org/draft-07/schema#"
"""The version that yaml-language-server supports."""

_PLACEHOLDER = {"type": "string", "pattern": r"\$\{"}
_NOT_TEXT = {"integer", "number", "boolean"}
_DRAFT_7 = {"prefixItems": "items"}
_NO_USE = {"discriminator", "title", "format"}
"""Keywords of OpenAPI, and titles that pydantic derives from names."""


def json_schema() -> dict[str, Any]:
    """Return the schema of a layer file (JSON Schema draft 7)."""
    schema = _schema(Layer, "A layer of wfs_proxy")
    schema["required"].remove("id")  # the default is the name of the file
    return schema


def signalen_schema() -> dict[str, Any]:
    """Return the schema of `signalen.yaml` (JSON Schema draft 7)."""
    return _schema(SignalenFile, "The Signalen instances of wfs_proxy")


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema(mode="validation", ref_template="#/definitions/{model}")
    schema["definitions"] = schema.pop("$defs")
    return {"$schema": _DIALECT, **_for_editors(schema), "title": title}


def _for_editors(schema: Mapping[str, Any], *, text_passes: bool = False) -> dict[str, Any]:
    """Convert to draft 7 for editors; `text_passes`: every text is already valid here."""
    inner = {_DRAFT_7.get(key, key): _part(key, part) for key, part in schema.items() if key not in _NO_USE}
    if text_passes or (inner.get("type") not in _NOT_TEXT and "enum" not in inner):
        return inner
    annotations = {key: inner.pop(key) for key in ["default", "description"] if key in inner}
    return {"anyOf": [inner, _PLACEHOLDER], **annotations}


def _part(key: str, part: Any) -> Any:
    if key in {"properties", "definitions"}:
        return {name: _for_editors(schema) for name, schema in part.items()}
    if key in {"items", "additionalProperties"} and isinstance(part, dict):
        return _for_editors(part)
    if key in {"anyOf", "oneOf", "prefixItems"}:
        return [_for_editors(schema, text_passes={"type": "string"} in part) for schema in part]
    return part
