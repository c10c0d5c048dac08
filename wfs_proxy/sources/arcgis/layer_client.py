"""Queries of one layer: the parameters that all of them share, and how one is sent and read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.decode import crs_name, texts_of_ids, with_dates
from wfs_proxy.errors import UpstreamRefused, WfsProxyError
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.http import VendorRequests
from wfs_proxy.offload import Offload
from wfs_proxy.sources.arcgis.addresses import query_url
from wfs_proxy.sources.arcgis.documents import read_members
from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer
from wfs_proxy.sources.arcgis.token_errors import read_json_error, read_refused_login
from wfs_proxy.sources.arcgis.where_clause import EVERYTHING, quoted_name
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage, read_page
from wfs_proxy.sources.labels import with_own_crs
from wfs_proxy.sources.native_box import NativeBox

__all__ = ["AreaBox", "LayerClient", "QueryFormat", "is_final"]

QueryFormat = Literal["json", "geojson"]

_FINAL = frozenset({401, 403, 404, 407, 429, 498, 499})
"""HTTP statuses after which another format or parameter cannot help."""

_LONGEST_LIST = 200
"""Ids in one URL: 2,000 characters if they have nine digits."""

_SIDES = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True, kw_only=True)
class AreaBox:
    """A box around the objects of a query."""

    box: NativeBox
    """x first."""

    wkid: int
    """The code of its CRS."""


@dataclass(frozen=True, kw_only=True)
class LayerClient:
    """Queries the objects of one layer."""

    http: VendorRequests
    offload: Offload
    budget: RequestBudget
    url: str
    description: ArcgisLayer
    output_format: QueryFormat
    """One for all pages: the same object in another format may look like another object."""

    page_size: int
    pages: bool
    """Whether to send resultOffset and orderByFields."""

    condition: str = ""
    """In SQL; "" for all objects."""

    out_sr: int | None = None
    key: str | None = None
    """The attribute that is the business key."""

    area: AreaBox | None = None

    patience: float = math.inf
    """Seconds after which a query that failed is not repeated."""

    @property
    def object_id(self) -> str | None:
        """The field with the object id; None if it is not known."""
        return self.description.object_id

    async def first_page(self) -> FeaturePage:
        """Return the first page, or what the vendor returns if the layer has no pages. Raises as `get_page` does."""
        return await (self.get_page(start=0, count=self.page_size) if self.pages else self.get_page())

    async def get_page(self, *, start: int | None = None, count: int | None = None) -> FeaturePage:
        """Return `count` objects from number `start` on, ordered by object id; without both, what the vendor returns.

        Raises:
            UpstreamError: the vendor did not answer, or answered with an error object.
            DecodeError: its answer cannot be read.
        """
        ordered = start is not None and self.description.sorts and self.object_id is not None
        return await self._get_features(
            ("orderByFields", quoted_name(self.object_id or "") if ordered else None),
            ("resultOffset", start),
            ("resultRecordCount", count),
            condition=self.condition,
        )

    async def get_range(self, ids: Sequence[int]) -> FeaturePage:
        """Return the objects whose ids are from the first to the last of these. Raises as `get_page` does."""
        name = quoted_name(self.object_id or "")
        condition = f"{name} >= {ids[0]} AND {name} <= {ids[-1]}"
        return await self._get_features(condition=f"{condition} AND {self.condition}" if self.condition else condition)

    async def get_above(self, number: int) -> FeaturePage:
        """Return objects whose ids are above a number, the lowest first. Raises as `get_page` does."""
        name = quoted_name(self.object_id or "")
        condition = f"{name} > {number}"
        return await self._get_features(
            ("orderByFields", name if self.description.sorts else None),
            condition=f"{condition} AND {self.condition}" if self.condition else condition,
        )

    async def get_objects(self, ids: Sequence[int]) -> FeaturePage:
        """Return the objects with the first of these ids, as many as a URL may have. Raises as `get_page` does."""
        listed = ",".join(map(str, ids[:_LONGEST_LIST]))
        return await self._get_features(("objectIds", listed), condition=self.condition)

    async def count(self) -> int | None:
        """Return how many objects the vendor counts; None when it does not count."""
        document = await self._get_answer(("returnCountOnly", "true"))
        count = document.get("count")
        return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None

    async def ids(self) -> list[int] | None:
        """Return the ids of all objects, each once; None when the vendor does not list them."""
        document = await self._get_answer(("returnIdsOnly", "true"))
        ids = document.get("objectIds")
        if ids is None and "objectIdFieldName" in document:
            ids = []  # ArcGIS writes null for none
        if not isinstance(ids, list) or not all(isinstance(each, int) for each in ids):
            return None
        return sorted(set(ids))

    async def extent(self) -> BBox | None:
        """Return the box around all objects, in degrees; None when the vendor does not compute it."""
        document = await self._get_answer(("returnExtentOnly", "true"), ("outSR", "4326"))
        written = document.get("extent")
        sides = [written.get(name) for name in _SIDES] if isinstance(written, dict) else []
        numbers = [float(each) for each in sides if isinstance(each, int | float) and math.isfinite(each)]
        if len(numbers) != len(_SIDES):
            return None
        box = BBox(*numbers)
        is_box = -180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90  # noqa: PLR2004 - degrees
        return box if is_box else None

    async def _get_answer(self, *parameters_of_answer: tuple[str, str]) -> Mapping[str, Any]:
        """Return an answer without objects; empty if there is none that can be read."""
        parameters = [
            ("where", self.condition or EVERYTHING),
            *self._box_parameters(),
            *parameters_of_answer,
            ("f", "json"),
        ]
        try:
            payload = await self._get(query_url(self.url, parameters))
            answer: Mapping[str, Any] = await self.offload(read_members, payload)
        except WfsProxyError as error:
            if is_final(error):
                raise
            return {}
        return answer

    async def _get_features(self, *parameters: tuple[str, str | int | None], condition: str) -> FeaturePage:
        payload = await self._get(
            query_url(
                self.url,
                [
                    ("where", condition or EVERYTHING),
                    ("outFields", "*"),
                    ("returnGeometry", "true"),
                    ("returnZ", "false"),
                    ("returnM", "false"),
                    ("outSR", self.out_sr),
                    *self._box_parameters(),
                    *parameters,
                    ("f", self.output_format),
                ],
            )
        )
        page: FeaturePage = await self.offload(_described_page, payload, self.key, self.description, self.out_sr)
        return page

    async def _get(self, url: str) -> Payload:
        self.budget.spent += 1
        return await self.http.get(url, read_json_error, read_refusal=read_refused_login, patience=self.patience)

    def _box_parameters(self) -> list[tuple[str, str | int | None]]:
        if self.area is None:
            return []
        return [
            ("geometry", ",".join(f"{value:.9f}".rstrip("0").rstrip(".") for value in self.area.box)),
            ("geometryType", "esriGeometryEnvelope"),
            ("inSR", self.area.wkid),
            ("spatialRel", "esriSpatialRelIntersects"),
        ]


def is_final(error: WfsProxyError) -> bool:
    """Whether no other parameters can help: a refused login, or an address where nothing is."""
    return isinstance(error, UpstreamRefused) and error.upstream_status in _FINAL


def _described_page(payload: Payload, key: str | None, description: ArcgisLayer, out_sr: int | None) -> FeaturePage:
    """Read a page, with what only the description of the layer says about its values.

    Raises:
        UpstreamException: an error object.
        DecodeError: it cannot be read.
    """
    page = read_page(payload, key=key)
    batch = with_own_crs(page.batch, description.crs if out_sr is None else crs_name({"wkid": out_sr}))
    dated = with_dates(batch.columns, description.dates)
    if description.dates_in_local_time:
        dated |= {name: _local(dated[name]) for name in description.dates if name in dated}
    ids = batch.ids if description.object_id is None else _ids(batch, description.object_id)
    return replace(page, batch=replace(batch, ids=ids, columns=description.coded.readable(dated)))


def _ids(batch: FeatureBatch, object_id: str) -> NDArray[np.object_]:
    """Return (N,) the object ids as text, wherever the format has them; None without one."""
    values = batch.columns.get(object_id)
    return batch.ids if values is None else texts_of_ids(values)


def _local(values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return (N,) times without the sign of UTC."""
    texts = (value.removesuffix("Z") if isinstance(value, str) else value for value in values)
    return np.fromiter(texts, dtype=object, count=len(values))
