"""The question of a layer for Signalen's two report forms: the first ("classic") and the newer one (WCAG).

Sources: Amsterdam/signals-frontend (`AssetLayer.tsx`, `get-feature-type.ts`, `StatusLayer/utils.ts`,
`parseTemplateString.ts`) and delta10/signalen-frontend-wcag (`lib/utils/map.ts`, `useMapDialog.ts`). Both take the
first entry of `featureTypes` for which `properties[typeField] === typeValue`. One without both matches every object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wfs_proxy.config import Layer
from wfs_proxy.question.addresses import icon_address, map_endpoint
from wfs_proxy.question.kinds import kind_values, number_field
from wfs_proxy.question.labels import FormLabels, capitalised, form_labels
from wfs_proxy.question.marks import mark_of_status, mark_of_type

__all__ = ["BLOCKED", "FIELD_TYPE", "NOT_ON_MAP", "RESERVED", "signalen_question"]

FIELD_TYPE = "asset_select"
"""The only field type of a map that both forms know."""

NOT_ON_MAP = "not-on-map"
"""The `typeValue` of the entry for an object that the map does not have; both forms leave it out of the legend."""

BLOCKED = "reported"
"""The `typeValue` whose objects the first form shows but does not select (`FeatureStatus`)."""

RESERVED = frozenset({BLOCKED, NOT_ON_MAP, "nearby", "unknown"})
"""Values of `typeValue` that the first form gives a meaning of its own (`constants.ts`)."""

_MOST_ASSETS = 5
"""Objects in one report; an administrator may change it."""

_HYPHEN = "\N{NON-BREAKING HYPHEN}"


def signalen_question(layer: Layer, *, public_url: str, status_types: bool) -> dict[str, Any]:
    """Return a question in the form in which Signalen has it (`public/questions`).

    Args:
        layer: from its file; it has a field for `idField`.
        public_url: without a slash at its end.
        status_types: whether the form knows `featureStatusTypes`.
    """
    labels = form_labels(layer)
    meta = {
        "label": f"Kies een {labels.singular} op de kaart",
        "shortLabel": f"{capitalised(labels.plural)} op de kaart",
        "maxNumberOfAssets": _MOST_ASSETS,
        "language": {
            "title": f"Kies een {labels.singular}",
            "objectTypeSingular": labels.singular,
            "objectTypePlural": labels.plural,
            "submit": "Gebruik deze locatie",
            "submitPlural": "Gebruik deze locaties",
        },
        "endpoint": map_endpoint(public_url, layer.id),
        "featureTypes": list(_feature_types(layer, labels, public_url)),
    }
    if status_types:
        meta |= _status_types(layer, public_url)
    return {"key": labels.key, "field_type": FIELD_TYPE, "required": True, "meta": meta}


def _feature_types(layer: Layer, labels: FormLabels, public_url: str) -> Iterator[dict[str, Any]]:
    """Yield the entries in the order in which the forms try them: reported objects first, all others last."""
    singular = capitalised(labels.singular)
    number = number_field(layer)
    suffix = "" if number is None else f" - {{{{ {number} }}}}"  # the forms drop one character before the braces

    def entry(label: str, icon: str, description: str | None = None, **condition: object) -> dict[str, Any]:
        return {
            "label": label,
            "description": description or _undivided(label) + suffix,
            "icon": {"iconUrl": icon_address(public_url, icon)},
            "idField": layer.properties.id_field,
            **condition,
        }

    mark = mark_of_type(layer)
    if mark is not None:
        yield entry(f"{singular} (al gemeld)", "reported", typeField=mark.property, typeValue=mark.reported)
    field, values = kind_values(layer) or ("", ())
    for value in values:
        if value in RESERVED or (mark is not None and value == mark.reported):
            continue
        yield entry(capitalised(value), labels.icon, typeField=field, typeValue=value)
    absent = "Staat niet op de kaart"
    yield entry(absent, "object", f"{_undivided(singular)} - {absent.lower()}", typeField="type", typeValue=NOT_ON_MAP)
    yield entry(singular, labels.icon)


def _status_types(layer: Layer, public_url: str) -> dict[str, Any]:
    mark = mark_of_status(layer)
    if mark is None:
        return {}
    entry = {
        "label": "Al gemeld",
        "description": "Al gemeld",
        "icon": {"iconUrl": icon_address(public_url, "reported")},
        "idField": layer.properties.id_field,
        "typeField": mark.property,
        "typeValue": "reported",
        "statusField": mark.property,
        "statusValues": [mark.reported],
    }
    return {"featureStatusTypes": [entry]}


def _undivided(text: str) -> str:
    """Return text without braces and plain hyphens: the newer form stores the description up to the first hyphen."""
    return " ".join(re.sub(r"[{}]", "", text).replace("-", _HYPHEN).split())
