"""An ArcGIS service whose arguments say how it caps, pages, lists and refuses. A scenario for `vendor.serving`.

It understands what the requests of the proxy need: conditions on OBJECTID and on KIND, boxes in RD and in degrees.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from vendor import Answer, Seen

from wfs_proxy.geo.crs.srs_name import RD_NEW
from wfs_proxy.geo.crs.transform import to_crs84

SERVICE = "/arcgis/rest/services/Verlichting/FeatureServer"

FIELDS = (
    {"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID"},
    {"name": "NUMMER", "type": "esriFieldTypeString", "alias": "Nummer", "domain": None},
    {
        "name": "KIND",
        "type": "esriFieldTypeSmallInteger",
        "domain": {"type": "codedValue", "codedValues": [{"name": "Mast", "code": 1}, {"name": "Kast", "code": 2}]},
    },
    {"name": "GEPLAATST", "type": "esriFieldTypeDate"},
)


@dataclass(frozen=True)
class Thing:
    """One object; None as its place means that it has no geometry, and None as its number that it has no id."""

    number: int | None
    place: tuple[float, float] | None
    kind: int = 1


def things(count: int, seed: int = 5) -> list[Thing]:
    """Return objects at random places around Breda, in RD to the centimetre; their ids have gaps."""
    places = (np.random.default_rng(seed).random((count, 2)) * 10_000 + (108_000, 395_000)).round(2).tolist()
    return [Thing(3 * row + 7, (x, y), 1 + row % 2) for row, (x, y) in enumerate(places)]


def error(code: int, message: str, *details: str, status: int = 200) -> Answer:
    """Return an error object, with status 200 as ArcGIS sends it."""
    body = {"error": {"code": code, "message": message, "details": list(details)}}
    return Answer(body=json.dumps(body).encode(), status=status, media_type="application/json")


def answer(document: object) -> Answer:
    """Return a document in JSON."""
    return Answer(body=json.dumps(document).encode(), media_type="application/json")


@dataclass
class ScriptedArcgis:
    """Called with a request, returns the answer of such a server."""

    things: Sequence[Thing] = field(default_factory=lambda: things(100))
    layers: Mapping[int, str] = field(default_factory=lambda: {0: "Lichtmasten"})
    stated_cap: int | None = 1000
    cap: int | None = None
    """What it returns at once; None: as many as stated."""
    flag: Literal["honest", "absent", "always"] = "honest"
    """Whether exceededTransferLimit is true where there is more."""
    pages: Literal["honest", "ignored", "refused", "stated refused", "endless", "overlapping", "hollow"] = "honest"
    counts: Literal["honest", "refused", "capped", "zero", "more"] = "honest"
    ids: Literal["honest", "refused", "capped", "null"] = "honest"
    ranges: Literal["honest", "refused"] = "honest"
    lists: Literal["honest", "refused"] = "honest"
    conditions: Literal["honest", "refused", "nothing"] = "honest"
    boxes: Literal["honest", "shifted", "degrees", "ignored", "refused"] = "honest"
    formats: str | None = "JSON, geoJSON, PBF"
    broken: Mapping[str, Answer] = field(default_factory=dict)
    """Format -> what a query in it is answered with."""
    wkid: int | None = 28992
    labelled: bool = True
    description: Mapping[str, Any] = field(default_factory=dict)
    """Members that replace those of the layer's description."""
    described: Answer | None = None
    """What the description of the layer is answered with instead."""
    attributes: Callable[[Thing], dict[str, Any]] = field(default_factory=lambda: attributes_of)
    shapes: Mapping[int, Any] = field(default_factory=dict)
    """Number of an object -> its geometry in Esri JSON, in place of its place."""
    token: str | None = None
    requests: int = 0

    def __call__(self, seen: Seen) -> Answer:
        self.requests += 1
        if self.token is not None and seen.headers.get("x-esri-authorization") != f"Bearer {self.token}":
            has_any = "x-esri-authorization" in seen.headers
            return error(498, "Invalid token.") if has_any else error(499, "Token Required")
        path = seen.path.removeprefix(SERVICE)
        if path == "":
            layers = [{"id": number, "name": name, "type": "Feature Layer"} for number, name in self.layers.items()]
            return answer({"currentVersion": 11.1, "layers": layers, "tables": []})
        found = re.fullmatch(r"/(\d+)(/query)?", path)
        if found is None or int(found[1]) not in self.layers:
            return error(400, "Invalid URL", "Invalid URL")
        if found[2] is None:
            return self.described or answer(self._description(int(found[1])))
        return self._query(seen.query)

    def _description(self, number: int) -> dict[str, Any]:
        capabilities = {"supportsPagination": self.pages != "stated refused", "supportsOrderBy": True}
        reference = (
            {"wkid": self.wkid, "latestWkid": self.wkid} if self.wkid else {"wkt": 'PROJCS["RD_New",GEOGCS["x"]]'}
        )
        return {
            "id": number,
            "name": self.layers[number],
            "type": "Feature Layer",
            "geometryType": "esriGeometryPoint",
            "objectIdField": "OBJECTID",
            "maxRecordCount": self.stated_cap,
            "supportedQueryFormats": self.formats,
            "advancedQueryCapabilities": capabilities,
            "extent": {"xmin": -587_791, "ymin": -5_732_776, "xmax": 1_340_853, "ymax": 4_481_059},
            "sourceSpatialReference": reference,
            "fields": [*FIELDS],
            **self.description,
        }

    def _query(self, query: Mapping[str, str]) -> Answer:
        if query.get("f") in self.broken:
            return self.broken[query["f"]]
        if self.formats is not None and query.get("f", "").lower() not in self.formats.lower().replace(" ", ""):
            return error(400, "Output format not supported.")
        refused = self._refusal(query)
        if refused is not None:
            return refused
        found = self._selected(query)
        if query.get("returncountonly") == "true":
            return self._count(len(found))
        if query.get("returnidsonly") == "true":
            return self._ids(found)
        return self._page(found, query)

    def _refusal(self, query: Mapping[str, str]) -> Answer | None:
        where = query["where"]
        offset = int(query.get("resultoffset", 0))
        refusals = (
            (self.pages == "stated refused" and "resultoffset" in query, "Pagination is not supported."),
            (self.pages == "refused" and offset > 0, "Pagination is not supported."),
            (self.ranges == "refused" and "OBJECTID >" in where, "'where' clause is invalid"),
            (self.lists == "refused" and "objectids" in query, "'objectIds' parameter is invalid"),
            (self.conditions == "refused" and "KIND" in where, "'where' clause is invalid"),
            (self.boxes == "refused" and "geometry" in query, "'geometry' parameter is invalid"),
        )
        return next((error(400, "Cannot perform query.", why) for wrong, why in refusals if wrong), None)

    def _selected(self, query: Mapping[str, str]) -> list[Thing]:
        where = query["where"]
        found = [each for each in self.things if self._in_box(each, query)]
        if kinds := re.search(r"KIND (?:= (\d+)|IN \(([\d,]+)\))", where):
            wanted = set() if self.conditions == "nothing" else set(map(int, (kinds[1] or kinds[2]).split(",")))
            found = [each for each in found if each.kind in wanted]
        if limits := re.search(r"OBJECTID >= (-?\d+) AND OBJECTID <= (-?\d+)", where):
            low, high = map(int, limits.groups())
            found = [each for each in found if each.number is not None and low <= each.number <= high]
        if above := re.search(r"OBJECTID > (-?\d+)", where):
            found = [each for each in found if each.number is not None and each.number > int(above[1])]
        if "objectids" in query:
            listed = set(map(int, query["objectids"].split(",")))
            found = [each for each in found if each.number in listed]
        return found

    def _in_box(self, thing: Thing, query: Mapping[str, str]) -> bool:
        if "geometry" not in query or self.boxes == "ignored":
            return True
        if thing.place is None:
            return False
        west, south, east, north = map(float, query["geometry"].split(","))
        x, y = thing.place
        if query["insr"] == "4326":
            x, y = to_crs84(np.array([thing.place]), RD_NEW)[0].tolist()
            x += 0.0015 if self.boxes == "shifted" else 0
        elif self.boxes == "degrees":
            return False
        return west <= x <= east and south <= y <= north

    def _count(self, count: int) -> Answer:
        if self.counts == "refused":
            return error(400, "Cannot perform query.", "'returnCountOnly' parameter is invalid")
        cap = self.cap or self.stated_cap or count
        return answer(
            {"count": {"honest": count, "capped": min(count, cap), "zero": 0, "more": count + 5}[self.counts]}
        )

    def _ids(self, found: list[Thing]) -> Answer:
        if self.ids == "refused":
            return error(400, "Cannot perform query.", "'returnIdsOnly' parameter is invalid")
        ids = [each.number for each in found if each.number is not None]
        ids = ids[: self.cap or self.stated_cap] if self.ids == "capped" else ids
        return answer({"objectIdFieldName": "OBJECTID", "objectIds": None if self.ids == "null" else ids})

    def _page(self, found: list[Thing], query: Mapping[str, str]) -> Answer:
        start = int(query.get("resultoffset", 0))
        limit = min(int(query.get("resultrecordcount", 10**9)), self.cap or self.stated_cap or 10**9)
        if self.pages == "endless":
            found = things(limit, seed=start)
            return self._document(
                [replace(each, number=start + row) for row, each in enumerate(found)], query, more=True
            )
        if self.pages == "ignored":
            start = 0
        if self.pages == "overlapping" and start:
            start -= 1  # the order changed: the last object of the page before comes again
        if self.pages == "hollow" and start and start // limit % 2:
            return self._document([], query, more=True)
        page = found[start : start + limit]
        return self._document(page, query, more=start + len(page) < len(found))

    def _document(self, page: list[Thing], query: Mapping[str, str], *, more: bool) -> Answer:
        flag = {"honest": {"exceededTransferLimit": True} if more else {}, "absent": {}, "always": None}[self.flag]
        flag = {"exceededTransferLimit": True} if flag is None else flag
        if query["f"] == "geojson":
            return answer({"type": "FeatureCollection", "properties": flag, "features": [*map(self._feature, page)]})
        return answer(
            {
                "objectIdFieldName": "OBJECTID",
                "geometryType": "esriGeometryPoint",
                **({"spatialReference": {"wkid": int(query.get("outsr", 28992))}} if self.labelled else {}),
                "fields": [*FIELDS],
                **flag,
                "features": [{"attributes": self.attributes(each), "geometry": self._shape(each)} for each in page],
            }
        )

    def _shape(self, thing: Thing) -> Any:
        if thing.number in self.shapes:
            return self.shapes[thing.number]
        return None if thing.place is None else {"x": thing.place[0], "y": thing.place[1]}

    def _feature(self, thing: Thing) -> dict[str, Any]:
        place = None if thing.place is None else to_crs84(np.array([thing.place]), RD_NEW)[0].tolist()
        geometry = None if place is None else {"type": "Point", "coordinates": place}
        return {"type": "Feature", "id": thing.number, "geometry": geometry, "properties": self.attributes(thing)}


def attributes_of(thing: Thing) -> dict[str, Any]:
    """Return the attributes of an object."""
    number = -1 if thing.number is None else thing.number
    return {
        "OBJECTID": thing.number,
        "NUMMER": f"{number:06d}",
        "KIND": thing.kind,
        "GEPLAATST": 1_259_794_800_000,
    }
