"""The rules for an asset type of Meldingen (Amsterdam/meldingen, Amsterdam/meldingen-frontend)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.parsers import expat

from wfs_proxy.question.addresses import host_of, is_this_machine, layer_path
from wfs_proxy.question.findings import QuestionFinding, error, likely_name, warning

__all__ = ["rules_of_asset_type"]

_REQUIRED = ("base_url", "type_names", "srs_name", "filter", "icon_entry", "icon_folder")
_PLACEHOLDERS = ("{west}", "{south}", "{east}", "{north}", "{srsName}")
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}")
_READ = re.compile(r"\w+", re.ASCII)


def rules_of_asset_type(
    asset_type: Mapping[str, Any], features: Sequence[Mapping[str, Any]], *, layer_id: str
) -> Iterator[QuestionFinding]:
    """Yield what is wrong with an asset type.

    Args:
        asset_type: as `POST /asset-type/` takes it.
        features: GeoJSON features of the layer.
        layer_id: the layer.
    """
    arguments = asset_type.get("arguments")
    given: Mapping[str, Any] = arguments if isinstance(arguments, Mapping) else {}
    for name in _REQUIRED:
        if not isinstance(given.get(name), str) or not given[name]:
            yield error("argument_missing", f"arguments.{name}")
    texts = {name: value for name, value in given.items() if isinstance(value, str) and value}
    if "base_url" in texts:
        yield from _base_url(texts["base_url"], layer_id)
    if "type_names" in texts and texts["type_names"] != layer_id:
        yield error("type_names_other", "arguments.type_names", layer=layer_id, given=texts["type_names"])
    if "filter" in texts:
        yield from _filter(texts["filter"])
    yield from _properties(texts, [feature["properties"] for feature in features])


def _base_url(address: str, layer_id: str) -> Iterator[QuestionFinding]:
    where = "arguments.base_url"
    host, path = host_of(address), f"{layer_path(layer_id)}/wfs"
    if not host:
        yield error("endpoint_relative", where, given=address)
        return
    if is_this_machine(host):
        yield error("endpoint_this_machine", where, given=host)
    bare, _, query = address.partition("?")
    if query:
        yield error("base_url_query", where, path=bare)
    if not bare.endswith(path):
        yield warning("endpoint_elsewhere", where, layer=layer_id, path=path)


def _filter(text: str) -> Iterator[QuestionFinding]:
    where = "arguments.filter"
    for name in _PLACEHOLDERS:
        if text.count(name) != 1:
            yield error("filter_placeholder", where, name=name)
    try:
        expat.ParserCreate().Parse(text.strip(), True)
    except expat.ExpatError:
        yield error("filter_xml", where)


def _properties(texts: Mapping[str, str], properties: Sequence[Mapping[str, Any]]) -> Iterator[QuestionFinding]:
    names = sorted({name for each in properties for name in each})
    entry = texts.get("icon_entry")
    if entry is not None and names:
        values = [each[entry] for each in properties if each.get(entry) is not None]
        if entry not in names:
            yield error("property_not_served", "arguments.icon_entry", field=entry, hint=likely_name(entry, names))
        elif any(not isinstance(value, str) for value in values):
            yield error("icon_entry_not_text", "arguments.icon_entry", field=entry)
    for inner in _TEMPLATE.findall(texts.get("label", "")):
        template, name = f"{{{{{inner}}}}}", inner.strip()
        if not _READ.fullmatch(inner):
            yield error("label_spaces", "arguments.label", template=template, better=f"{{{{{name}}}}}")
        if names and name not in names:
            yield error("property_not_served", "arguments.label", field=name, hint=likely_name(name, names))
