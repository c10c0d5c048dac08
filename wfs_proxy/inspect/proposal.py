"""From a report to the settings of a layer: what `init` writes and what the setup page starts with. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wfs_proxy.bbox import BBox
from wfs_proxy.geo import SERVICE_AREA
from wfs_proxy.inspect.findings import CELLS_FROM
from wfs_proxy.inspect.report import MarkCandidate, ServiceReport, SourceKind, TypeReport, speaking_name
from wfs_proxy.inspect.roles import is_personal
from wfs_proxy.sources.wfs import geojson_format

__all__ = ["LayerDraft", "layer_id_of", "may_be_served", "propose", "with_id_field"]

_LONGEST_ID = 60
_WIDEST_EXTENT = 5.0
"""Degrees. A declared extent that is wider is that of a country or of the world, and no evidence."""

_MARGIN = 1_000.0
"""Metres around the objects: new ones are placed beside the old ones."""

_LONGEST_NAME = 200
_RESERVED = frozenset(["created_at", "IS_GEMELD", "meldingstatus", "footprint"])
"""Names that a layer may not give a field, or that the default marks have."""


@dataclass(frozen=True, kw_only=True)
class LayerDraft:
    """The settings of a new layer. A person may change each of them before the file is written."""

    id: str
    title: str
    kind: SourceKind

    url: str
    """May contain `${file:...}` in place of a key. Of a file its path."""

    type_names: tuple[str, ...] = ()
    """The types, collections or numbers of layers; empty where the URL is that of the only one."""

    version: str | None = None
    output_format: str | None = None
    """None: `auto`."""

    extent: BBox | None = None
    page_size: int | None = None
    sort_by: str | None = None
    auth: Mapping[str, str] = field(default_factory=dict)
    """The block `auth`, with `${file:...}` in place of secrets; empty without one."""

    attribution: str = ""
    cells: bool = False
    """Whether to fetch the layer in cells."""

    id_field: str | None = None
    """None: the feature id of the source."""

    fields: tuple[str, ...] = ()
    mark: MarkCandidate | None = None
    """The vendor's own mark, if it counts."""

    signalen: str = ""
    """The instance in `signalen.yaml` whose reports mark objects; "" for none."""

    categories: tuple[str, ...] = ()
    """The slugs of the sub categories whose reports count; empty for none."""


def with_id_field(draft: LayerDraft, name: str | None) -> LayerDraft:
    """Return the settings with another field as the id; it becomes an output field too.

    Args:
        draft: the settings.
        name: of the field; None for the feature id of the source.
    """
    fields = draft.fields if name is None or name in draft.fields else (name, *draft.fields)
    return replace(draft, id_field=name, fields=fields)


def propose(service: ServiceReport, report: TypeReport) -> LayerDraft:
    """Return the settings that suit a type."""
    best = report.best_id
    name = report.title or report.name.rpartition(":")[2] or service.title
    return LayerDraft(
        id=layer_id_of(speaking_name(report.name.rpartition(":")[2], report.title) or service.title),
        title=name or "?",
        kind=service.kind,
        url=service.url,
        type_names=(report.name,) if report.name else (),
        version=report.version,
        output_format=_output_format(service, report),
        extent=_extent(report),
        page_size=_page_size(service, report),
        sort_by=report.paging.sort_by,
        attribution="" if is_personal(service.provider) else service.provider,
        cells=_may_be_huge(service, report) and best is not None,
        id_field=None if best is None else best.name,
        fields=tuple(each.name for each in report.fields if each.role is None and may_be_served(each.name)),
        mark=report.marks[0] if report.marks else None,
    )


def _page_size(service: ServiceReport, report: TypeReport) -> int | None:
    """Return how many objects a WFS returns at once, if it does not state it. Other sources find this out."""
    return report.paging.cap if service.kind == "wfs" and report.paging.cap != report.paging.stated_cap else None


def _may_be_huge(service: ServiceReport, report: TypeReport) -> bool:
    """Whether fetching a type at once may take too long. An OGC API that counts nothing often has millions (PDOK)."""
    uncounted = service.kind == "ogcapi" and report.count is None and not report.complete
    return service.kind not in {"geojson", "file"} and (report.at_least >= CELLS_FROM or uncounted)


def layer_id_of(text: str) -> str:
    """Return the id of a layer, which is also the name of its file: lower case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-") or "laag"
    # signalen.yaml is the list of Signalen instances
    return f"{slug}-laag" if slug == "signalen" else slug


def may_be_served(name: str) -> bool:
    """Whether an output field can have this name."""
    return bool(name.strip()) and len(name) <= _LONGEST_NAME and "${" not in name and name not in _RESERVED


def _output_format(service: ServiceReport, report: TypeReport) -> str | None:
    """Return a GML format that works, where `auto` would choose a GeoJSON that does not; else None."""
    if report.output_format is not None or geojson_format(service.output_formats) is None:
        return None
    working = [each.name for each in report.formats if each.works and each.encoding.startswith("GML")]
    return next((name for name in working if name is not None), None)


def _extent(report: TypeReport) -> BBox | None:
    """Return where the objects are: around all of them, or the declared extent if it is around the sample."""
    box = None if report.crs is None else report.crs.bbox
    if box is None:
        return None
    if not report.complete:
        declared = report.declared_extent
        # a box that is upright in the grid of the vendor is not quite so in degrees, so its edges are not exact
        if declared is None or not _is_around(declared.expanded(_MARGIN), box):
            return None
        box = declared.intersection(SERVICE_AREA) or declared
    west, south, east, north = box.expanded(_MARGIN)
    if max(east - west, north - south) > _WIDEST_EXTENT:
        return None
    return BBox(_down(west), _down(south), -_down(-east), -_down(-north))


def _is_around(outer: BBox, inner: BBox) -> bool:
    return outer.contains(inner.west, inner.south) and outer.contains(inner.east, inner.north)


def _down(degrees: float) -> float:
    """Return degrees rounded down to two decimals, about a kilometre."""
    return math.floor(degrees * 100) / 100
