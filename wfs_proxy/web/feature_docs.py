"""The feature endpoint in the OpenAPI document, as two routes of the framework that are never called.

`feature_endpoint.py` answers these paths before the framework sees them. The routes exist only so that `/openapi.json`
and `/docs` describe them like all other routes.
"""

# ruff: noqa: A002, ARG001 - the parameters are only described here

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from wfs_proxy.serve import DEFAULT_LIMIT, GEOJSON, MAXIMUM_LIMIT
from wfs_proxy.web.problems import problem_response

__all__ = ["add_feature_docs"]


class PointGeometry(BaseModel):
    """A position in WGS84 (RFC 7946, section 3.1.2)."""

    type: Literal["Point"]
    coordinates: tuple[float, float] = Field(description="longitude, latitude")


class Feature(BaseModel):
    """One object (RFC 7946, section 3.2)."""

    type: Literal["Feature"]
    id: str = Field(examples=["rioned-putten.034575"])
    geometry: PointGeometry
    properties: dict[str, Any]


class NextPageLink(BaseModel):
    """Where the next page is; absent on the last."""

    rel: Literal["next"]
    type: str
    href: str


class FeatureCollection(BaseModel):
    """Objects (RFC 7946, section 3.3) with the counts and links of OGC API - Features."""

    type: Literal["FeatureCollection"]
    number_matched: int = Field(alias="numberMatched", description="Objects that the query selects, on all pages.")
    number_returned: int = Field(alias="numberReturned", description="Objects in this answer.")
    links: list[NextPageLink] = []
    features: list[Feature]


class GeoJsonResponse(JSONResponse):
    """Gives its media type to the documented answers."""

    media_type = GEOJSON


Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
PageSize = Annotated[int, Field(ge=1, le=MAXIMUM_LIMIT)]
Absent = SkipJsonSchema[None]
"""The default of an optional parameter, which the document does not list as a value."""

LayerId = Annotated[str, Path(description="The layer.")]
InsteadOfBbox = Query(description="Instead of bbox: give all four of west, south, east and north.")


async def _features(  # noqa: PLR0913 - the parameters of the endpoint
    layer_id: LayerId,
    *,
    bbox: Annotated[
        str | Absent,
        Query(
            description="west,south,east,north; a fifth element may name EPSG:4326 or CRS84. A box that misses the "
            "layer is read as south,west,north,east if it meets the layer then.",
            examples=["4.30,52.06,4.32,52.08"],
        ),
    ] = None,
    west: Annotated[Longitude | Absent, InsteadOfBbox] = None,
    south: Annotated[Latitude | Absent, InsteadOfBbox] = None,
    east: Annotated[Longitude | Absent, InsteadOfBbox] = None,
    north: Annotated[Latitude | Absent, InsteadOfBbox] = None,
    srs_name: Annotated[
        str | Absent, Query(alias="srsName", description="EPSG:4326 or CRS84, in any spelling.")
    ] = None,
    filter: Annotated[
        str | Absent,
        Query(
            description="A condition: FES, as Signalen's form sends it, or CQL2 text. It may name served properties, "
            "marks and the vendor's attributes.",
            examples=["soort = 'kolk' AND IS_GEMELD = '0'"],
        ),
    ] = None,
    cql_filter: Annotated[str | Absent, Query(description="Another name of filter, as GeoServer has it.")] = None,
    filter_crs: Annotated[
        str | Absent,
        Query(
            alias="filter-crs",
            description="The coordinate reference system of geometries in a filter in CQL2 text.",
            examples=["EPSG:28992"],
        ),
    ] = None,
    limit: Annotated[
        PageSize | Absent,
        Query(description=f"Objects on a page; a higher number is lowered to {MAXIMUM_LIMIT}."),
    ] = None,
    cursor: Annotated[
        str | Absent, Query(description="Where a page starts; only from a link of the previous page.")
    ] = None,
) -> FeatureCollection:
    raise _never_called()


async def _feature(
    layer_id: LayerId,
    feature_id: Annotated[
        str,
        Path(description="The GeoJSON id, or the part of it after the layer's name. It may contain slashes."),
    ],
) -> Feature:
    raise _never_called()


def _never_called() -> AssertionError:
    return AssertionError("The feature endpoint answers this path before the framework does.")


_DESCRIPTION = (
    "The box is west, south, east, north in degrees, even if the CRS named in `srsName` has another axis order. "
    "Swapped corners are corrected. Parameters that are not listed are ignored. "
    f"Without `limit`, an answer of more than {DEFAULT_LIMIT} objects keeps those nearest the centre of the box and "
    "says so in `numberMatched` and `Features-Truncated`. With `limit`, or without a box, objects are sorted by id, "
    "and `links` has the next page."
)

_TEXT = {"schema": {"type": "string"}}
_HEADERS = {
    "ETag": {"description": "A strong validator, different for each content coding.", **_TEXT},
    "Content-Encoding": {"description": "gzip, or absent, depending on Accept-Encoding.", **_TEXT},
    "Vary": {"description": "Accept-Encoding; also Origin where only some origins may read answers.", **_TEXT},
    "Last-Modified": {"description": "When this content was first seen.", **_TEXT},
    "Cache-Control": {"description": "How long the answer stays fresh.", **_TEXT},
    "Cache-Status": {"description": "RFC 9211; a negative ttl means that the data are stale.", **_TEXT},
    "Content-Crs": {"description": "OGC:CRS84, longitude and latitude in degrees.", **_TEXT},
    "Features-Truncated": {"description": "Only where objects were left out: returned=, matched=.", **_TEXT},
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"headers": _HEADERS},
    304: {"description": "The client's copy is still current."},
    503: {**problem_response("The layer has no data yet, and none can be fetched now."), "headers": _RETRY_AFTER},
}


def add_feature_docs(router: APIRouter) -> None:
    """Describe the feature endpoint in the OpenAPI document."""
    router.add_api_route(
        "/layers/{layer_id}/features",
        _features,
        operation_id="features",
        summary="The objects in a box, as points",
        description=_DESCRIPTION,
        tags=["features"],
        response_class=GeoJsonResponse,
        response_description="The objects; an empty list when there are none.",
        responses={
            **_RESPONSES,
            HTTPStatus.BAD_REQUEST: problem_response("A parameter is wrong; the detail says which and why."),
            HTTPStatus.NOT_FOUND: problem_response("There is no such layer; the detail names the nearest."),
            HTTPStatus.GONE: problem_response("The page belongs to data that have been replaced."),
        },
    )
    router.add_api_route(
        "/layers/{layer_id}/features/{feature_id}",
        _feature,
        operation_id="feature",
        summary="One object",
        tags=["features"],
        response_class=GeoJsonResponse,
        response_description="The object.",
        responses={
            **_RESPONSES,
            HTTPStatus.NOT_FOUND: problem_response("There is no such layer or object."),
        },
    )
