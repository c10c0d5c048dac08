"""`where` as query parameters and as CQL2, which the package `cql2` reads as another program would."""

from __future__ import annotations

import cql2
import pytest

from wfs_proxy.sources.ogcapi.where import FilterSupport, classes_of, filter_support, pushed_down, queryables_of

CLASSES = frozenset({"filter", "features-filter", "cql2-text"})


def support(parameters: set[str] = frozenset(), *, reads_cql2: bool = True, **queryables: str) -> FilterSupport:
    return FilterSupport(queryables=queryables, parameters=frozenset(parameters), cql2=reads_cql2)


def selected(text: str, **properties: object) -> bool:
    feature = {"type": "Feature", "geometry": None, "properties": properties}
    return cql2.parse_text(text).matches(feature)


@pytest.mark.parametrize(
    ("where", "offered", "expected"),
    [
        ({"a": ("x",)}, support({"a"}), {"a": "x"}),
        ({"a": ("x", "y")}, support({"a"}, reads_cql2=False), {}),
        ({"a": ("x",)}, support(reads_cql2=False, a="string"), {}),
        ({"a": ("x",)}, support(a="string"), {"filter": "a = 'x'", "filter-lang": "cql2-text"}),
        ({"a": ("x",)}, support(), {"filter": "a = 'x'", "filter-lang": "cql2-text"}),
        ({"a": ("x",)}, support(b="string"), {}),
        ({"a": ("x",), "b": ("1", "2")}, support({"a"}, b="integer"), {
            "a": "x", "filter": "(b = 1 OR b = 2)", "filter-lang": "cql2-text",
        }),
        ({"a": ("x", "3")}, support(a="integer"), {}),
        ({"a": ("true",)}, support(a="boolean"), {"filter": "a = TRUE", "filter-lang": "cql2-text"}),
        ({"a": tuple(str(number) for number in range(1_000))}, support(a="string"), {}),
    ],
)  # fmt: skip
def test_parameters_for_where(where, offered: FilterSupport, expected):
    assert pushed_down(where, offered) == expected


@pytest.mark.parametrize("value", ["x", "O'Brien", "''", "é ☃", 'a"b', "1", "%", "a AND b"])
@pytest.mark.parametrize("name", ["kind", "naam van de straat", "in", "1e", "a-b", "Straße"])
def test_filter_selects_the_value_and_no_other(name: str, value: str):
    text = pushed_down({name: (value,)}, support(**{name: "string"}))["filter"]

    assert selected(text, **{name: value})
    assert not selected(text, **{name: value + "x"})


def test_support_follows_from_conformance_queryables_and_parameters():
    classes = classes_of(
        {
            "conformsTo": [
                "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
                "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
                "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
                3,
            ]
        }
    )

    found = filter_support(classes, {"a": "string"}, frozenset({"b", "limit", "bbox"}))

    assert classes == CLASSES
    assert found == FilterSupport(queryables={"a": "string"}, parameters=frozenset({"b"}), cql2=True)


def test_queryables_are_parameters_where_the_service_says_so():
    found = filter_support(frozenset({"queryables-query-parameters"}), {"a": "", "filter": ""}, frozenset())

    assert found.parameters == {"a"}
    assert not found.cql2


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"properties": {"a": {"type": "string"}, "b": {"type": ["null", "integer"]}, "c": {}, "d": None}},
         {"a": "string", "b": "integer", "c": "", "d": ""}),
        ({"properties": []}, {}),
        ({}, {}),
    ],
)  # fmt: skip
def test_types_of_queryables(schema, expected):
    assert queryables_of(schema) == expected
