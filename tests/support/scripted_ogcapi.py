"""An OGC API Features whose arguments say how it pages, counts, filters and refuses. A scenario for `vendor.serving`.

It is strict where the standard is: an unknown parameter is an error (OGC 17-069r4, section 7.6). With `cursors`, it
pages as PDOK's server does (github.com/PDOK/gokoala): the link to the next page has a cursor with a checksum of the
other parameters, and begins again with the first object if these change; it counts no objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote, urlencode
from zlib import crc32

import numpy as np
from scripted_wfs import Thing, things
from vendor import Answer, Seen

from wfs_proxy.geo.crs.srs_name import RD_NEW
from wfs_proxy.geo.crs.transform import from_crs84, to_crs84

RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
PART_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text"
ROOT = "/wfs"
"""The path of `vendor.Server.url`."""

_OFFSETS = frozenset({"offset", "cursor"})


def json_answer(document: Any, status: int = 200, media_type: str = "application/json", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body=json.dumps(document).encode(), status=status, media_type=media_type, headers=named)


def problem(text: str, status: int = 400) -> Answer:
    """An error as the standard writes it (OGC 17-069r4, section 7.5.1)."""
    return json_answer({"code": "InvalidParameterValue", "description": text}, status)


@dataclass
class ScriptedOgcApi:
    """Called with a request, returns the answer of such a server."""

    things: Sequence[Thing] = field(default_factory=lambda: things(100))
    collections: tuple[str, ...] = ("lamp",)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Further attributes of every object."""

    systems: tuple[str, ...] = (CRS84, RD)
    serves_systems: Literal["honest", "refused", "ignored", "unlabelled"] = "honest"
    default_limit: int = 10
    most: int = 1_000
    over_limit: Literal["lowered", "refused"] = "lowered"
    openapi: Literal["inline", "reference", "yaml", "absent", "foreign", "huge", "broken"] = "inline"
    cursors: bool = False
    links: Literal["honest", "absent", "endless", "elsewhere", "repeated", "forgetful", "last forgotten"] = "honest"
    offsets: bool = True
    """Whether a request may say `offset`, where there are no links that do."""

    counts: Literal["honest", "page", "absent", "too many", "too few"] = "honest"
    expires: int = 0
    """How many requests for a page that was linked to are refused."""

    boxes: Literal["honest", "corners", "ignored", "refused", "swapped"] = "honest"
    """"corners": two of them are transformed to RD, as in pygeoapi."""

    filters: frozenset[str] = frozenset()
    """"parameters", "cql2", "refused", "nothing"."""

    pages_for_people: Literal["never", "always", "without f"] = "never"
    public: str = "http://{host}"
    """The address in links, before the path."""

    relative: bool = False
    ids: Literal["honest", "absent", "equal"] = "honest"
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Path below the root -> what is answered instead."""

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.removeprefix(ROOT).strip("/")
        query = dict(seen.query)
        if path in self.answers:
            return self.answers[path]
        if not seen.path.startswith(ROOT):
            return problem("no such path", 404)
        if self.pages_for_people == "always" or (self.pages_for_people == "without f" and query.get("f") != "json"):
            return Answer(body=b"<!doctype html><title>A page for people</title>", media_type="text/html")
        host = seen.headers["host"]
        resources = {
            "": self._landing_page,
            "collections": self._collections,
            "conformance": self._conformance,
            "api": self._openapi,
        }
        if path in resources:
            return resources[path](host)
        return self._below_collections(path, query, host)

    def _below_collections(self, path: str, query: dict[str, str], host: str) -> Answer:
        found = re.fullmatch(r"collections/([^/]+)(/items|/queryables|)", path)
        name = unquote(found[1]) if found else ""
        if found is None or name not in self.collections:
            return problem(f"there is no resource {path}", 404)
        if found[2] == "/items":
            return self._items(name, query, host)
        if found[2] == "/queryables":
            return json_answer({"properties": {"number": {"type": "integer"}, "kind": {"type": "string"}}})
        return json_answer(self._collection(name, host))

    # -- documents

    def _address(self, host: str, path: str) -> str:
        if self.relative:
            return f"{ROOT}{path}"
        return self.public.format(host=host) + ROOT + path

    def _link(self, host: str, relation: str, path: str, media_type: str = "application/json") -> dict[str, str]:
        return {"rel": relation, "type": media_type, "href": self._address(host, path)}

    def _landing_page(self, host: str) -> Answer:
        links = [
            self._link(host, "self", ""),
            self._link(host, "alternate", "?f=html", "text/html"),
            self._link(host, "data", "/collections"),
            self._link(host, "conformance", "/conformance"),
        ]
        if self.openapi != "absent":
            links.append(self._link(host, "service-desc", "/api", "application/vnd.oai.openapi+json;version=3.0"))
        return json_answer({"title": "Lamps", "links": links})

    def _collections(self, host: str) -> Answer:
        listed = [self._collection(name, host) for name in self.collections]
        return json_answer({"links": [self._link(host, "self", "/collections")], "collections": listed})

    def _collection(self, name: str, host: str) -> dict[str, Any]:
        path = f"/collections/{quote(name, safe='')}"
        document = {
            "id": name,
            "extent": {"spatial": {"bbox": [[4.2, 52.0, 4.5, 52.2]]}},
            "links": [
                self._link(host, "items", f"{path}/items?f=html", "text/html"),
                self._link(host, "items", f"{path}/items", "application/geo+json"),
            ],
        }
        return document | ({"crs": list(self.systems), "storageCrs": self.systems[-1]} if self.systems else {})

    def _conformance(self, _: str) -> Answer:
        classes = ["http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"]
        if "parameters" in self.filters:
            classes += [f"{PART_3}queryables", f"{PART_3}queryables-query-parameters"]
        if "cql2" in self.filters:
            classes += [f"{PART_3}queryables", f"{PART_3}filter", f"{PART_3}features-filter", CQL2]
        return json_answer({"conformsTo": classes})

    def _openapi(self, _: str) -> Answer:
        limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": self.most}}
        parameter = limit if self.openapi == "inline" else {"$ref": "#/components/parameters/limit"}
        if self.openapi == "foreign":
            parameter = {"$ref": "https://schemas.example/ogcapi.yaml#/components/parameters/limit"}
        document = {
            "openapi": "3.0.2",
            "paths": {"/collections/{collectionId}/items": {"get": {"parameters": [parameter]}}},
            "components": {"parameters": {"limit": limit}},
        }
        if self.openapi == "yaml":
            return Answer(body=_yaml(self.most), media_type="application/vnd.oai.openapi;version=3.0")
        if self.openapi == "huge":
            return json_answer(document | {"info": {"description": "x" * (5 << 20)}})
        answer = json_answer(document)
        return Answer(body=answer.body[: len(answer.body) // 2]) if self.openapi == "broken" else answer

    # -- objects

    def _items(self, name: str, query: dict[str, str], host: str) -> Answer:
        refused = self._refusal(query)
        if refused:
            return problem(refused)
        found = self._filtered(self._in_box(list(self.things), query), query)
        return self._page(name, found, query, host)

    def _refusal(self, query: dict[str, str]) -> str:
        """Why a request is refused; "" if it is not."""
        known = {"limit", "crs", "bbox", "bbox-crs", "f", "cursor" if self.cursors else "offset"}
        known |= {"filter", "filter-lang"} if "cql2" in self.filters else set()
        known |= {"number", "kind"} if "parameters" in self.filters else set()
        unknown = set(query) - known
        no_crs = "crs" in query and (self.serves_systems == "refused" or query["crs"] not in self.systems)
        filtered = {"filter", "number", "kind"} & set(query)
        reasons = {
            f"unknown parameter: {', '.join(sorted(unknown))}": bool(unknown),
            f"crs {query.get('crs')} is not supported": no_crs,
            f"limit must be at most {self.most}": self.over_limit == "refused"
            and int(query.get("limit", 1)) > self.most,
            "bbox is not supported": "bbox" in query and self.boxes == "refused",
            "this filter is not supported": bool(filtered) and "refused" in self.filters,
            "unknown parameter: offset": "offset" in query and not self.offsets and self.links == "absent",
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def _in_box(self, found: list[Thing], query: dict[str, str]) -> list[Thing]:
        if "bbox" not in query or self.boxes == "ignored":
            return found
        west, south, east, north = (float(each) for each in query["bbox"].split(","))
        if self.boxes == "corners":
            (west, south), (east, north) = from_crs84(np.array([[west, south], [east, north]]), RD_NEW).tolist()
            return [
                each
                for each in found
                if each.place is None or (west <= each.place[0] <= east and south <= each.place[1] <= north)
            ]
        if self.boxes == "swapped":
            west, south, east, north = south, west, north, east
        places = to_crs84(np.array([each.place or (np.nan, np.nan) for each in found]).reshape(-1, 2), RD_NEW)
        return [
            each
            for each, (x, y) in zip(found, places.tolist(), strict=True)
            if each.place is None or (west <= x <= east and south <= y <= north)
        ]

    def _filtered(self, found: list[Thing], query: dict[str, str]) -> list[Thing]:
        wanted = {name: query[name] for name in ("number", "kind") if name in query}
        text = query.get("filter", "")
        if (wanted or text) and "nothing" in self.filters:
            return []
        kinds = re.findall(r"kind = '(\w+)'", text)
        numbers = re.findall(r"number = (\d+)", text)
        return [
            each
            for each in found
            if wanted.get("kind", each.kind) == each.kind
            and wanted.get("number", str(each.number)) == str(each.number)
            and (not kinds or each.kind in kinds)
            and (not numbers or str(each.number) in numbers)
        ]

    def _page(self, name: str, found: list[Thing], query: dict[str, str], host: str) -> Answer:
        start = self._start(query)
        if self.expires and start:
            self.expires -= 1
            return problem("this page has expired", 410)
        limit = min(int(query.get("limit", self.default_limit)), self.most)
        if self.links == "repeated" and start >= 2 * limit:
            start = limit
        members = found[start : start + limit]
        if self.links == "endless" and not members:
            members = [Thing(10**6 + start + row, (85_000.0, 455_000.0 + start + row)) for row in range(limit)]
        document = {
            "type": "FeatureCollection",
            "features": [self._feature(each, self._crs(query)) for each in members],
            "links": self._page_links(name, query, host, start + limit, len(found)),
            "numberReturned": len(members),
        } | self._count(len(found), len(members))
        headers = {}
        if self.serves_systems == "honest":
            headers["Content_Crs"] = f"<{self._crs(query)}>"
        return json_answer(document, media_type="application/geo+json", **headers)

    def _start(self, query: dict[str, str]) -> int:
        if "cursor" not in query:
            return int(query.get("offset", 0))
        start, _, checksum = query["cursor"].partition("|")
        return int(start) if checksum == _checksum(query) else 0

    def _crs(self, query: dict[str, str]) -> str:
        return CRS84 if self.serves_systems == "ignored" else query.get("crs", CRS84)

    def _count(self, total: int, here: int) -> dict[str, int]:
        if self.counts == "absent" or self.cursors:
            return {}
        claims = {"honest": total, "page": here, "too many": total + 7, "too few": here // 2}
        return {"numberMatched": claims[self.counts]}

    def _page_links(
        self, name: str, query: dict[str, str], host: str, following: int, total: int
    ) -> list[dict[str, str]]:
        path = f"/collections/{quote(name, safe='')}/items"
        links = [self._link(host, "self", f"{path}?{urlencode(query)}", "application/geo+json")]
        sent = {key: value for key, value in query.items() if key not in _OFFSETS}
        more = following < total
        if self.links == "last forgotten":
            limit = min(int(query.get("limit", self.default_limit)), self.most)
            more = more and following < 2 * limit
        if self.links == "absent" or (not more and self.links not in {"endless", "repeated"}):
            return links
        if self.links == "forgetful":
            sent = {}
        sent |= {"cursor": f"{following}|{_checksum(sent)}"} if self.cursors else {"offset": str(following)}
        link = self._link(host, "next", f"{path}?{urlencode(sent)}", "application/geo+json")
        if self.links == "elsewhere":
            link["href"] = "http://elsewhere.example:8080" + ROOT + f"{path}?{urlencode(sent)}"
        return [*links, link]

    def _feature(self, thing: Thing, crs: str) -> dict[str, Any]:
        geometry = None
        if thing.place is not None:
            place = np.array([thing.place])
            x, y = (place if crs == RD else to_crs84(place, RD_NEW).round(9))[0].tolist()
            geometry = {"type": "Point", "coordinates": [x, y]}
        identity = {"honest": {"id": f"lamp.{thing.number}"}, "absent": {}, "equal": {"id": "lamp.1"}}[self.ids]
        properties = {"number": thing.number, "kind": thing.kind, **self.attributes}
        return {"type": "Feature", **identity, "geometry": geometry, "properties": properties}


def _checksum(query: Mapping[str, str]) -> str:
    """Of all parameters but the cursor and the format, as in PDOK's server."""
    kept = sorted(value for name, value in query.items() if name not in {"cursor", "f"})
    return f"{crc32(''.join(kept).encode()):08x}"


def _yaml(most: int) -> bytes:
    return f"""openapi: 3.0.2
paths:
  /collections/{{collectionId}}/items:
    get:
      parameters:
        - $ref: '#/components/parameters/limit'
components:
  parameters:
    limit:
      name: limit
      in: query
      schema: {{type: integer, minimum: 1, maximum: {most}}}
""".encode()
