"""Conditions in SQL that no value or name can escape from."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.sources.arcgis.coded_values import read_coded_values
from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer
from wfs_proxy.sources.arcgis.where_clause import quoted_name, where_clause

CODED = {
    "codedValues": [{"code": "M", "name": "Mast"}, {"code": "O", "name": "Oude mast"}, {"code": "X", "name": "Mast"}]
}
LAYER = ArcgisLayer(
    field_types={
        "NAAM": "esriFieldTypeString",
        "AANTAL": "esriFieldTypeInteger",
        "HOOGTE": "esriFieldTypeDouble",
        "DATUM": "esriFieldTypeDate",
        "GID": "esriFieldTypeGlobalID",
        "SOORT": "esriFieldTypeString",
        "naam met spatie": "esriFieldTypeString",
        "ORDER": "esriFieldTypeString",
    },
    coded=read_coded_values({"fields": [{"name": "SOORT", "domain": CODED}]}),
)


@pytest.mark.parametrize(
    ("where", "sql", "ours"),
    [
        ({}, "", ()),
        ({"NAAM": ("a",)}, "NAAM = 'a'", ()),
        ({"NAAM": ("a", "b")}, "NAAM IN ('a','b')", ()),
        ({"NAAM": ("O'Neill", "--")}, "NAAM IN ('O''Neill','--')", ()),
        ({"AANTAL": ("1", "-2")}, "AANTAL IN (1,-2)", ()),
        ({"AANTAL": ("1", "een", "1; DROP TABLE x", "1e5", "0x1", "007")}, "AANTAL = 1", ()),
        ({"AANTAL": ("een",)}, "", ("AANTAL",)),
        ({"HOOGTE": ("1.5",)}, "HOOGTE = 1.5", ()),
        ({"DATUM": ("2020-01-01T00:00:00Z",)}, "", ("DATUM",)),
        ({"GID": ("{1}",)}, "", ("GID",)),
        ({"ANDERS": ("a",), "NAAM": ("b",)}, "NAAM = 'b'", ("ANDERS",)),
        ({"SOORT": ("Mast",)}, "SOORT IN ('Mast','M','X')", ()),
        ({"naam met spatie": ("a",)}, "\"naam met spatie\" = 'a'", ()),
        ({"ORDER": ("a",), "NAAM": ("b",)}, "\"ORDER\" = 'a' AND NAAM = 'b'", ()),
    ],
)
def test_condition_for_the_vendor(where, sql, ours):
    clause = where_clause(where, LAYER)

    assert (clause.sql, clause.ours) == (sql, ours)


def test_values_are_text_if_nothing_is_known():
    assert where_clause({"AANTAL": ("1",)}, ArcgisLayer()).sql == "AANTAL = '1'"


@given(
    st.text(min_size=1, alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
def test_name_and_value_mean_themselves(name, value):
    """SQLite reads the same quotation marks."""
    layer = ArcgisLayer(field_types={name: "esriFieldTypeString"})
    condition = where_clause({name: (value,)}, layer).sql
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE TABLE t ({quoted_name(name)} TEXT)")
        database.executemany("INSERT INTO t VALUES (?)", [(value,), (value + "x",)])
        found = database.execute(f"SELECT * FROM t WHERE {condition}").fetchall()
    database.close()

    assert found == [(value,)]
