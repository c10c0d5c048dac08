"""The model of a layer file: what a value may be, what it becomes, and that every refusal has its sentence."""

from __future__ import annotations

import ast
import inspect
import re
import string
import typing
from importlib import import_module
from pathlib import Path

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from docs import reference
from fixtures.pack import LAYER_FILES
from wfs_proxy.cli import check
from wfs_proxy.config import (
    auth,
    block,
    catalogue,
    layer,
    layer_file,
    layer_rules,
    messages,
    model_errors,
    placeholders,
    question_rules,
    report_rules,
    scalars,
    signalen_file,
    source,
    wfs_names,
    yaml12,
    yaml_file,
)
from wfs_proxy.config.auth import Auth
from wfs_proxy.config.layer import Layer, Properties
from wfs_proxy.config.messages import TEXTS
from wfs_proxy.config.scalars import comparable_text
from wfs_proxy.config.signalen_file import SignalenFile

MODELS = [
    model
    for module in (auth, layer, question_rules, report_rules, signalen_file, source, wfs_names)
    for _, model in inspect.getmembers(module, inspect.isclass)
    if issubclass(model, block.Block)
    and model not in {block.Block, source.HttpSource, source.SourceBlock}
    and model.__module__ == module.__name__
]


def layer_with(**source: object) -> Layer:
    return Layer.model_validate(
        {"id": "x", "title": "X", "source": {"type": "wfs", "url": "https://x.nl", "type_names": ["a"], **source}}
    )


def refusals(kind: object, value: object) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    return [error["type"] for error in refused.value.errors()]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("500ms", 0.5), ("20s", 20), ("5m", 300), ("1h", 3600), ("7d", 604800), ("1.5h", 5400), (" 2 m ", 120), ("3", 3)],
)
def test_duration_becomes_seconds(value: str, seconds: float):
    assert layer.Fetch(fresh_for=value).fresh_for == seconds


@pytest.mark.parametrize(
    "value", ["", "s", "20 sec", "1h30m", "-1s", "inf", "nan", "1e3", "٣s", True, None, [], "9" * 40]
)
def test_duration_is_refused(value: object):
    assert refusals(scalars.Seconds, value) == ["duration"]


@pytest.mark.parametrize("value", ["4000d", -1, float("inf"), float("nan"), 1e300])
def test_duration_out_of_bounds_is_refused(value: object):
    assert len(refusals(scalars.Seconds, value)) == 1


@pytest.mark.parametrize(("value", "metres"), [("0.5m", 0.5), ("2", 2), (3, 3), (".5 m", 0.5)])
def test_distance_becomes_metres(value: object, metres: float):
    assert report_rules.Match(within=value).within == metres


@pytest.mark.parametrize("value", ["5km", "m", "", True, None, "1,5m"])
def test_distance_is_refused(value: object):
    assert refusals(scalars.Metres, value) == ["distance"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        (" 1 ", "1"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        (1.5, "1.5"),
        (True, "true"),
        ("true", "true"),
        ("034575", "034575"),
        ("034575.0", "034575.0"),
        ("in gebruik", "in gebruik"),
        ("1.2.0", "1.2.0"),
        ("", ""),
        (-0.0, "0"),
        (1e22, "10000000000000000000000"),
        (float("inf"), "inf"),
    ],
)
def test_comparable_text_of(value: str | float, text: str):
    assert comparable_text(value) == text


@given(st.integers() | st.floats() | st.text() | st.booleans())
def test_comparable_text_is_its_own(value: str | float):
    """What was compared once compares the same again."""
    assert comparable_text(comparable_text(value)) == comparable_text(value)


@given(st.integers(-(10**15), 10**15))
def test_whole_number_is_the_same_in_every_format(number: int):
    assert {comparable_text(form) for form in (number, float(number), str(number), f"{number}.0", f" {number}.00")} == {
        str(number)
    }


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://x.nl/a", "address_scheme"),
        ("file:///etc/passwd", "address_scheme"),
        ("x.nl/wfs", "address_scheme"),
        ("", "address_scheme"),
        ("https://", "address"),
        ("https://x..nl/", "address"),
        ("https://x.nl:poort/", "address"),
        ("https://x.nl:99999/", "address"),
        ("https://[::1/", "address"),
        ("https://x.nl/a b", "address"),
        ("https://x.nl/\n", "address"),
        ("https://u:p@x.nl/", "address_credentials"),
        ("https://u@x.nl/", "address_credentials"),
        ("https://x.nl/?bbox={west},{south}&srsName={srsName}", "address_template"),
        ("https://x.nl/" + "a" * 4000, "string_too_long"),
        (5, "string_type"),
    ],
)
def test_address_is_refused(address: object, code: str):
    assert refusals(scalars.HttpAddress, address) == [code]


@pytest.mark.parametrize(
    "address",
    ["https://x.nl", "HTTP://127.0.0.1:8001/wfs?map=a.map&x=%20", "http://[::1]:80/", "https://gemeente-één.nl/wfs"],
)
def test_address_stays_as_it_is(address: str):
    assert layer_with(url=address).source.url == address


@pytest.mark.parametrize(
    ("extent", "code"),
    [
        ([1, 2, 3], "extent"),
        ("4,52,5,53", "extent"),
        ({"west": 4}, "extent"),
        ([200000, 400000, 210000, 410000], "extent_degrees"),
        ([5, 52, 4, 53], "extent_corners"),
        ([4, 53, 5, 52], "extent_corners"),
        ([4, 52, 4, 53], "extent_corners"),
        ([4, 52, 5, "x"], "float_parsing"),
        ([4, 52, 5, float("nan")], "extent_degrees"),
    ],
)
def test_extent_is_refused(extent: object, code: str):
    assert refusals(scalars.Extent, extent) == [code]


@pytest.mark.parametrize("layer_id", ["a", "moon-lichtmasten", "A.b_c-9", "0"])
def test_id_fits_into_an_address(layer_id: str):
    assert TypeAdapter(scalars.LayerId).validate_python(layer_id) == layer_id


@pytest.mark.parametrize("layer_id", ["", ".", "..", "-a", "a/b", "a b", "é", "a\n", "a" * 101, "a?b"])
def test_id_is_refused(layer_id: str):
    assert refusals(scalars.LayerId, layer_id) == ["layer_id"]


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({"type": "basic", "username": "a:b", "password": "c"}, "user_name"),
        ({"type": "header", "name": "X Key", "value": "c"}, "header_name"),
        ({"type": "header", "name": "X-Key", "value": "geheim\r\nHost: evil"}, "header_value"),
        ({"type": "header", "name": "X-Key", "value": "géheim"}, "header_value"),
        ({"type": "oauth2", "token_url": "x", "client_id": "a", "client_secret": "b"}, "address_scheme"),
        ({"type": "mtls", "certificate": "", "key": "k.pem"}, "path"),
        ({"type": "basic", "username": "a"}, "missing"),
        ({"type": "kerberos"}, "union_tag_invalid"),
        ({"type": "login", "url": "https://x.nl", "fields": {}}, "empty"),
        ({"type": "login", "url": "https://x.nl", "fields": {"a": 5}}, "string_type"),
        ({"type": "login", "url": "x", "fields": {"a": "b"}}, "address_scheme"),
        ({"type": "login", "url": "https://a:b@x.nl", "fields": {"a": "b"}}, "address_credentials"),
        ({"type": "login", "url": "https://x.nl", "fields": {"a": "b"}, "body": "xml"}, "literal_error"),
        ({"type": "login", "url": "https://x.nl", "fields": {"a": "b"}, "send": {"header": "X Key"}}, "header_name"),
        ({"type": "login", "url": "https://x.nl", "fields": {"a": "b"}, "send": {"prefix": "a\n"}}, "header_value"),
    ],
)
def test_auth_is_refused(auth: dict[str, str], code: str):
    assert refusals(Auth, auth) == [code]


@pytest.mark.parametrize(
    ("values", "code"), [({}, "empty"), ({"1": "a", "1.0": "b"}, "twice"), ([1], "dict_type"), ({"a": [1]}, "scalar")]
)
def test_map_is_refused(values: object, code: str):
    assert refusals(scalars.ValueMap, values) == [code]


@pytest.mark.parametrize("value", [None, 1.5, [], {}])
def test_mark_has_no_such_value(value: object):
    assert refusals(scalars.MarkValue, value) == ["mark_value"]


@pytest.mark.parametrize("value", ["1", 1, True, "", 0])
def test_mark_value_keeps_its_type(value: object):
    kept = report_rules.MarkRule(property="p", reported=value, otherwise=value).reported

    assert (kept, type(kept)) == (value, type(value))


@pytest.mark.parametrize("name", ["a,b", "a:b c:d", "(a)", ""])
def test_type_name_is_one_name(name: str):
    assert refusals(scalars.TypeNames, [name]) == ["type_name" if name else "blank"]


def test_field_is_its_type_for_short():
    properties = layer.Properties.model_validate({"fields": {"nummer": "integer"}})

    assert properties.fields["nummer"] == layer.FieldRule(type="integer")


def test_number_is_made_of_text():
    assert layer_with(page_size="500").source.page_size == 500


@pytest.mark.parametrize("value", [True, "veel", 1.5, 0, 10**7, None, "9" * 5000])
def test_page_size_is_a_count(value: object):
    if value is None:
        assert layer_with(page_size=None).source.page_size is None
    else:
        assert len(refusals(source.WfsSource.model_fields["page_size"].rebuild_annotation(), value)) == 1


def test_layer_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        layer_with().title = "Y"


def test_secret_is_not_shown():
    layer = layer_with(auth={"type": "header", "value": "geheim"})

    assert "geheim" not in repr(layer) + str(layer) + layer.model_dump_json()
    assert layer.source.auth.value.get_secret_value() == "geheim"


def test_refused_value_is_not_shown():
    with pytest.raises(ValidationError) as refused:
        layer_with(url="https://gebruiker:geheim@x.nl", auth={"type": "header", "value": "gehéim"})

    assert "heim" not in str(refused.value)


# every refusal has its sentence

CONSTRAINTS = {
    "ge": "greater_than_equal",
    "gt": "greater_than",
    "le": "less_than_equal",
    "max_length": "string_too_long",
}
TYPES = {
    "str": {"string_type", "string_unicode"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "float": {"float_type", "float_parsing"},
    "bool": {"bool_type", "bool_parsing"},
    "literal": {"literal_error"},
    "tuple": {"tuple_type"},
    "dict": {"dict_type", "mapping_type"},
    "model": {"model_type", "model_attributes_type"},
    "model-fields": {"missing", "extra_forbidden"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found"},
}
"""What pydantic raises for a kind of schema (docs.pydantic.dev, "Validation Errors"), given values out of YAML."""
SILENT = {
    "any",
    "default",
    "definitions",
    "definition-ref",
    "function-after",
    "function-before",
    "function-plain",
    "function-wrap",
    "is-instance",
    "json-or-python",
    "lax-or-strict",
    "model-field",
    "none",
    "nullable",
    "union",
    "chain",
}
"""Kinds of schema that only pass on what others raise, or that a value out of YAML never reaches."""


def error_types(schema: object) -> set[str]:
    """Every error type that a core schema of pydantic can raise."""
    if isinstance(schema, list | tuple):
        return set().union(*map(error_types, schema))
    if not isinstance(schema, dict):
        return set()
    found = set().union(
        *(error_types(part) for key, part in schema.items() if key not in {"serialization", "metadata"})
    )
    kind = schema.get("type")
    if isinstance(kind, str) and ("schema" in schema or kind in TYPES or kind in SILENT):
        assert kind in TYPES or kind in SILENT, f"a kind of schema that this test does not know: {kind}"
        found |= TYPES.get(kind, set())
        if kind == "float" and schema.get("allow_inf_nan") is False:
            found.add("finite_number")
        if kind in {"str", "int", "float"}:
            found |= {CONSTRAINTS[key] for key in schema if key in CONSTRAINTS}
    return found


@pytest.mark.parametrize("model", [Layer, SignalenFile])
def test_everything_pydantic_refuses_has_its_sentence(model: type[BaseModel]):
    raised = error_types(model.__pydantic_core_schema__)

    assert len(raised) > 10
    assert raised <= set(TEXTS)


def named_codes(*modules: object) -> set[str]:
    """Every code in the sources: `refusal("code")`, `_Unreadable("code")`, `code="code"`, and the table of YAML."""
    found = set(yaml12._PROBLEMS.values())  # noqa: SLF001 - the table is what is tested
    for module in modules:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call):
                first = node.args[:1] if getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS else []
                named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                found |= {item.value for item in [*first, *named] if isinstance(item, ast.Constant)}
    return found


CALLS = {"refusal", "_Unreadable", "_problem"}


def chosen_codes(*modules: object) -> set[str]:
    """Every code that sources choose from a table or by a condition: any text in them that is a code."""
    nodes = [node for module in modules for node in ast.walk(ast.parse(inspect.getsource(module)))]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and node.value in TEXTS}


def test_every_code_has_its_sentence_and_no_sentence_is_idle():
    codes = named_codes(
        catalogue, check, layer_file, layer_rules, model_errors, placeholders, scalars, yaml12, yaml_file
    )
    # the package exports functions of the same names
    choosing = [import_module(f"wfs_proxy.config.{name}") for name in ("data_problems", "unconfigured", "unread_files")]
    choosing.append(check)
    codes |= named_codes(*choosing) | chosen_codes(*choosing)
    codes |= {f"{what}_not_configured" for what in ("layer", "signalen")}
    raised = error_types(Layer.__pydantic_core_schema__) | error_types(SignalenFile.__pydantic_core_schema__)

    assert codes | raised == set(TEXTS)


def test_every_sentence_is_there_once():
    tables = [value for name, value in vars(messages).items() if re.fullmatch("_[A-Z]+|LAYER_TEXTS", name)]
    codes = [code for table in tables for code in table]

    assert sorted(codes) == sorted(TEXTS)


@pytest.mark.parametrize("code", TEXTS)
def test_sentence_fills_in_the_same_in_both_languages(code: str):
    dutch, english = (
        {name for _, name, _, _ in string.Formatter().parse(text) if name is not None} for text in TEXTS[code]
    )

    # a detail in both languages has a name of its own in Dutch
    assert {name.removesuffix("_nl") for name in dutch} == english
    assert "" not in dutch
    for text in TEXTS[code]:
        assert text.format_map(dict.fromkeys(dutch | english, "x"))


# the reference and the schemas


@pytest.mark.parametrize("path", reference.FILES, ids=lambda path: path.name)
def test_generated_file_is_current(path: Path):
    assert path.read_text() == reference.FILES[path](), "run `make reference`"


def test_reference_has_every_block():
    assert {block for _, block in reference.BLOCKS} == set(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_key_has_its_meaning(model: type[BaseModel]):
    assert [name for name, field in model.model_fields.items() if not field.description] == []
    assert model.__doc__


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_reference_writes_a_default_as_a_layer_file_may(model: type[BaseModel]):
    """The default of `id_within` was written as a duration."""
    rows = re.findall(r"^\| `(\w+)` \| .*? \| `(.*?)` \| ", reference.reference_page(), re.MULTILINE)
    hints = typing.get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        if isinstance(field.default, float):
            written = {text for key, text in rows if key == name}
            assert field.default in {TypeAdapter(hints[name]).validate_python(text) for text in written}


def test_reference_calls_every_kind_by_name():
    page = reference.reference_page()
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ", page, flags=re.MULTILINE)
    blocks = {
        field.alias or name
        for model in MODELS
        for name, field in model.model_fields.items()
        if any(issubclass(part, BaseModel) for part in parts(field.annotation))
    }

    assert {key for key, kind in rows if "block" in kind} <= blocks


def parts(annotation: object) -> list[type]:
    arguments = typing.get_args(annotation)
    return [part for argument in arguments for part in parts(argument)] or [annotation] * isinstance(annotation, type)


@pytest.mark.parametrize("name", LAYER_FILES)
def test_shipped_file_points_an_editor_at_its_schema(name: str):
    path = needs.ROOT / "layers" / name
    first = path.read_text().splitlines()[0]
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)

    assert schema
    assert (path.parent / schema[1]).resolve().is_file()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, None),
        ({"fields": {"nummer": "string"}}, None),
        ({"id": "nr", "fields": {"nummer": "string"}}, None),
        ({"id": "nr", "fields": {"nr": "string"}}, "nr"),
        ({"id": "nr", "fields": {"nummer": {"from": "nr"}}}, "nummer"),
        ({"id": "nr", "fields": {"nr": "integer"}}, "nr"),
        ({"id": "nr", "fields": {"nr": "integer", "nummer": {"from": "nr"}}}, "nummer"),
        ({"id": "nr", "fields": {"nr": {"map": {"1": "een"}}}}, None),
        ({"id": "nr", "fields": {"nr": "boolean"}}, None),
        ({"id": "nr", "fields": {"nr": {"template": "{a}"}, "a": "string"}}, None),
    ],
)
def test_the_id_field_is_the_one_that_shows_the_key_unchanged(properties, expected):
    assert Properties.model_validate(properties).id_field == expected
