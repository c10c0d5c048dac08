"""The `where` of a layer file as a condition in SQL, as ArcGIS's standardized queries allow it.

`where` is checked again after decoding, so a condition may let too many objects through. Codes are compared as the text
that they mean, so a text becomes all codes that mean it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer

__all__ = ["EVERYTHING", "LONGEST_CONDITION", "WhereClause", "quoted_name", "where_clause"]

EVERYTHING = "1=1"
"""The condition that all objects meet; a query needs one."""

LONGEST_CONDITION = 2_000
"""Characters, before percent-encoding. Servers accept URLs of 4,000 or more, and other parameters are in them too."""

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?")

_RESERVED = frozenset(
    {"ALL", "AND", "ANY", "AS", "ASC", "BETWEEN", "BY", "CASE", "CAST", "COLUMN", "DATE", "DAY", "DESC", "DISTINCT"}
    | {"ELSE", "END", "EXISTS", "EXTRACT", "FALSE", "FROM", "GROUP", "HAVING", "HOUR", "IN", "INTERVAL", "IS", "JOIN"}
    | {"KEY", "LEVEL", "LIKE", "MINUTE", "MONTH", "NOT", "NULL", "OF", "ON", "OR", "ORDER", "POSITION", "SECOND"}
    | {"SELECT", "SET", "SIZE", "SUBSTRING", "TABLE", "THEN", "TIME", "TIMESTAMP", "TO", "TRUE", "UNION", "UNIQUE"}
    | {"USER", "VALUE", "VALUES", "WHEN", "WHERE", "WITH", "YEAR"}
)
"""Names of fields that SQL-92 reserves."""

_TEXT_TYPES = frozenset({"esriFieldTypeString"})
_NUMBER_TYPES = frozenset(
    f"esriFieldType{name}" for name in ("SmallInteger", "Integer", "BigInteger", "Single", "Double", "OID")
)


@dataclass(frozen=True, kw_only=True)
class WhereClause:
    """A condition for the vendor."""

    sql: str = ""
    """"" if there is none."""

    ours: tuple[str, ...] = ()
    """The attributes that only the proxy compares."""


def where_clause(where: Mapping[str, tuple[str, ...]], description: ArcgisLayer) -> WhereClause:
    """Return the condition for objects that have one of the values in every attribute.

    Fields whose values the vendor may compare differently are left out: dates, global ids, and what the layer does not
    have. If nothing is known about the fields, all values are compared as text.
    """
    conditions: list[str] = []
    ours: list[str] = []
    for name, texts in where.items():
        condition = _condition(name, texts, description)
        if condition is None:
            ours.append(name)
        else:
            conditions.append(condition)
    return WhereClause(sql=" AND ".join(conditions), ours=tuple(ours))


def quoted_name(name: str) -> str:
    """Return the name of a field in SQL: in quotation marks unless it is plain."""
    if _PLAIN_NAME.fullmatch(name) and name.upper() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def _condition(name: str, texts: tuple[str, ...], description: ArcgisLayer) -> str | None:
    kind = description.field_types.get(name) if description.field_types else "esriFieldTypeString"
    if kind not in _TEXT_TYPES | _NUMBER_TYPES:
        return None
    values = dict.fromkeys(value for text in texts for value in (text, *description.coded.codes_of(name, text)))
    literals = list(_literals(values, are_numbers=kind in _NUMBER_TYPES))
    if not literals:
        return None
    column = quoted_name(name)
    return f"{column} = {literals[0]}" if len(literals) == 1 else f"{column} IN ({','.join(literals)})"


def _literals(values: Mapping[str, None], *, are_numbers: bool) -> Iterator[str]:
    for value in values:
        if not are_numbers:
            yield "'" + value.replace("'", "''") + "'"
        elif _NUMBER.fullmatch(value):
            yield value
