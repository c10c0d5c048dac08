"""Writes what is generated out of the model: `docs/layer-reference.md` and the JSON Schemas for editors.

python -m docs.reference        (make reference)
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from wfs_proxy.config import layer as layers
from wfs_proxy.config import scalars
from wfs_proxy.config.json_schema import json_schema, signalen_schema

HERE = Path(__file__).parent

INTRODUCTION = """\
# The layer file

<!-- Generated out of wfs_proxy/layers/__init__.py by `make reference`; edit the docstrings there. -->

One YAML file in `layers/` is one layer. Every key there is stands below; an unknown key is an error that names the
nearest known one. `wfs-proxy check` tells all errors of all files together. For completion and descriptions in an
editor let a file begin with `# yaml-language-server: $schema=../docs/layer.schema.json` (or
`signalen.schema.json` for `signalen.yaml`).

- **YAML 1.2.** `yes`, `no`, `on`, `off` and dates are text. Numbers with leading zeros (034575), an exponent (12E4) or
  a plus, hexadecimal and octal ones are text too. Tags (`!!`) are refused, a key that is there twice is an error.
- **Variables.** `${NAME}` and `${NAME:-default}` work in every value, also in a part of it, and without quotes inside
  `{...}` and `[...]`. They are filled in after parsing, so the result is always text; a number is made of it where a
  number is asked for. A variable that is not set is an error; `:-` is for one that is not set or empty. Write `$${`
  for a `${` that is meant as it is. What variables hold never appears in a message.
- **Durations** are a number and a unit: `500ms`, `20s`, `5m`, `1h`, `7d`; without a unit they are seconds.
  **Distances** are metres: `0.5m`.
- **Values that are compared** with the vendor's (in `where`, `map`, `values`, `states`) compare as trimmed text: 1,
  "1", 1.0 and "1.0" are the same, 034575 and 34575 are not.
- **Paths** of files are relative to the layer file.
"""

BLOCKS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The file", layers.Layer),
    ("source, type: wfs", layers.WfsSource),
    ("source, type: ogcapi", layers.OgcApiSource),
    ("source, type: arcgis", layers.ArcgisSource),
    ("source, type: geojson", layers.GeoJsonSource),
    ("auth, type: basic", layers.BasicAuth),
    ("auth, type: header", layers.HeaderAuth),
    ("auth, type: oauth2", layers.OAuth2),
    ("auth, type: mtls", layers.MutualTls),
    ("tls", layers.Tls),
    ("fetch", layers.Fetch),
    ("point", layers.PointRule),
    ("properties", layers.Properties),
    ("properties.fields", layers.FieldRule),
    ("reports", layers.Reports),
    ("reports.match", layers.Match),
    ("reports.vendor", layers.VendorMarks),
    ("reports.vendor.states", layers.VendorState),
    ("reports.mark", layers.MarkRule),
    ("signalen.yaml", layers.SignalenFile),
    ("signalen.yaml, an instance", layers.SignalenInstance),
    ("signalen.yaml, auth, type: oidc", layers.OidcClient),
    ("signalen.yaml, auth, type: bearer", layers.BearerToken),
)
"""Every block of the model, in the order of the page."""

KINDS: tuple[tuple[object, str], ...] = (
    (scalars.Seconds, "duration"),
    (scalars.PositiveSeconds, "duration, at most 1h"),
    (scalars.Metres, "distance, at most 1000m"),
    (scalars.Count, "whole number"),
    (scalars.FewRequests, "whole number, at most 16"),
    (scalars.CellZoom, "whole number from 10 to 18"),
    (scalars.Extent, "[west, south, east, north]"),
    (scalars.ComparableText, "value"),
    (scalars.ComparableTexts, "list of values"),
    (scalars.JsonScalar, "text, number, true, false or null"),
    (scalars.ValueMap, "value: value"),
    (scalars.MarkValue, "text, whole number, true or false"),
    (scalars.TypeNames, "list of names"),
    (scalars.LayerId, "name in addresses"),
    (scalars.StateCode, "code of a state"),
    (scalars.HttpAddress, "http(s) address"),
    (scalars.VendorPath, "path"),
    (scalars.AddressOrPath, "http(s) address or path"),
    (layers.Auth, "block `auth`"),
    (layers.SignalenAuth, "block `auth`: `oidc`, `bearer`, `oauth2` or `header`"),
    (layers.Source, "block `source`"),
    (layers.OpenStates, "`default` or list of codes of states"),
    (SecretStr, "secret"),
    (scalars.HeaderSecret, "secret"),
    (bool, "true or false"),
    (str, "text"),
)
"""What the page calls a kind of value."""


def reference_page() -> str:
    """The text of `docs/layer-reference.md`."""
    return "\n".join([INTRODUCTION, *(_section(heading, block) for heading, block in BLOCKS)])


def schema_text(schema: Mapping[str, object]) -> str:
    """A schema as it is written to its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


FILES = {
    HERE / "layer-reference.md": reference_page,
    HERE / "layer.schema.json": lambda: schema_text(json_schema()),
    HERE / "signalen.schema.json": lambda: schema_text(signalen_schema()),
}
"""What is generated, and how."""


def _section(heading: str, block: type[BaseModel]) -> str:
    lines = [
        f"## {heading}",
        "",
        _one_line(block.__doc__ or ""),
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
    ]
    return "\n".join([*lines, *_rows(block)]) + "\n"


def _rows(block: type[BaseModel]) -> Iterator[str]:
    hints = typing.get_type_hints(block, include_extras=True)
    # what tells blocks apart comes first
    for name, field in sorted(
        block.model_fields.items(), key=lambda item: item[0] != "type" or block is layers.FieldRule
    ):
        cells = (
            f"`{field.alias or name}`",
            _kind(hints[name]),
            _default(block, name, field),
            _one_line(field.description or ""),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kind(hint: object) -> str:
    words = next((words for kind, words in KINDS if hint == kind), None)
    if words is not None:
        return words
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" for word in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_kind(argument) for argument in arguments if argument is not types.NoneType)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if not arguments:
        return "block"
    return f"list of: {_kind(arguments[0])}" if origin is tuple else f"{_kind(arguments[0])}: {_kind(arguments[1])}"


def _default(block: type[BaseModel], name: str, field: FieldInfo) -> str:
    if (block, name) == (layers.Layer, "id"):
        return "the file's name"
    if field.is_required():
        return "required"
    if isinstance(field.default, BaseModel):
        return "its defaults"
    if field.default is None or field.default in ("", (), {}):
        return ""
    if isinstance(field.default, tuple):
        return ", ".join(f"`{rule.property}`" for rule in field.default)
    return f"`{_written(field.default, name)}`"


def _written(value: object, name: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}m" if name == "within" else _duration(value)
    return str(value)


def _duration(seconds: float) -> str:
    units = ((86400, "d"), (3600, "h"), (60, "m"))
    return next((f"{seconds / size:g}{unit}" for size, unit in units if seconds % size == 0), f"{seconds:g}s")


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    for path, text in FILES.items():
        path.write_text(text(), encoding="utf-8")
