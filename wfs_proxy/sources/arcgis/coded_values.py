"""Coded values as readable text: domains of fields, and subtypes (ArcGIS REST API, "Domain objects")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.sources.arcgis.documents import objects_in
from wfs_proxy.values import comparable_text

__all__ = ["CodedValues", "read_coded_values"]

_Names = Mapping[str, str]
"""Code as `comparable_text` -> what it means."""


@dataclass(frozen=True, kw_only=True)
class CodedValues:
    """What the codes in the fields of a layer mean."""

    by_field: Mapping[str, _Names] = field(default_factory=dict)
    """Field -> its codes; the codes of subtypes too."""

    subtype_field: str | None = None

    by_subtype: Mapping[str, Mapping[str, _Names]] = field(default_factory=dict)
    """Field -> code of the subtype -> the codes that the field has in objects of this subtype."""

    def readable(self, columns: Mapping[str, NDArray[np.object_]]) -> dict[str, NDArray[np.object_]]:
        """Return columns (N,) with text for codes. Unknown codes stay as they are."""
        subtypes = None if self.subtype_field is None else columns.get(self.subtype_field)
        read = dict(columns)
        for name in self.by_field.keys() | self.by_subtype.keys():
            if name in columns:
                read[name] = self._texts(name, columns[name], subtypes)
        return read

    def codes_of(self, name: str, text: str) -> Iterator[str]:
        """Yield the codes of a field that mean a text."""
        for names in (self.by_field.get(name, {}), *self.by_subtype.get(name, {}).values()):
            yield from (code for code, meaning in names.items() if comparable_text(meaning) == text)

    def _texts(
        self, name: str, values: NDArray[np.object_], subtypes: NDArray[np.object_] | None
    ) -> NDArray[np.object_]:
        common = self.by_field.get(name, {})
        special = self.by_subtype.get(name, {})
        if subtypes is None or not special:
            texts = (_meaning(value, common) for value in values)
        else:
            texts = (
                _meaning(value, special.get(_code(subtype) or "", common))
                for value, subtype in zip(values, subtypes, strict=True)
            )
        return np.fromiter(texts, dtype=object, count=len(values))


def read_coded_values(description: Mapping[str, Any]) -> CodedValues:
    """Return the coded values in the description of a layer."""
    fields = objects_in(description.get("fields"))
    by_field = {str(each["name"]): names for each in fields if "name" in each and (names := _names(each.get("domain")))}
    subtype_field = description.get("subtypeField") or description.get("typeIdField")
    subtypes = [*objects_in(description.get("subtypes")), *objects_in(description.get("types"))]
    if not isinstance(subtype_field, str) or not subtypes:
        return CodedValues(by_field=by_field)
    meanings: dict[str, str] = {}
    by_subtype: dict[str, dict[str, _Names]] = {}
    for subtype in subtypes:
        code = _code(subtype.get("code", subtype.get("id")))
        if code is None:
            continue
        meanings.setdefault(code, str(subtype.get("name") or code))
        domains = subtype.get("domains")
        for name, domain in domains.items() if isinstance(domains, dict) else ():
            if names := _names(domain):
                by_subtype.setdefault(name, {}).setdefault(code, names)
    return CodedValues(
        by_field={subtype_field: meanings, **by_field}, subtype_field=subtype_field, by_subtype=by_subtype
    )


def _names(domain: Any) -> dict[str, str]:
    """Return the codes of a domain; none for a range, and for the domain "inherited" of a subtype."""
    coded = objects_in(domain.get("codedValues")) if isinstance(domain, dict) else []
    return {
        code: str(each["name"])
        for each in coded
        if (code := _code(each.get("code"))) is not None and each.get("name") is not None
    }


def _code(value: Any) -> str | None:
    return comparable_text(value) if isinstance(value, str | int | float) else None


def _meaning(value: Any, names: _Names) -> Any:
    code = _code(value)
    return value if code is None else names.get(code, value)
