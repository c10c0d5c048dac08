"""A WFS whose arguments say how it caps, counts, pages, orders and refuses. A scenario for `vendor.serving`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from vendor import Answer, Seen, exception_report

from wfs_proxy.geo.crs.srs_name import RD_NEW
from wfs_proxy.geo.crs.transform import to_crs84

GML = {
    "1.0.0": ("http://www.opengis.net/gml", "fid"),
    "1.1.0": ("http://www.opengis.net/gml", "gml:id"),
    "2.0.0": ("http://www.opengis.net/gml/3.2", "gml:id"),
}


@dataclass(frozen=True)
class Thing:
    """One object; None as its place means that it has no geometry."""

    number: int
    place: tuple[float, float] | None
    kind: str = "mast"


def things(count: int, seed: int = 3) -> list[Thing]:
    """Return objects at random places around Den Haag, in RD New to the centimetre."""
    places = (np.random.default_rng(seed).random((count, 2)) * 10_000 + (80_000, 450_000)).round(2).tolist()
    return [Thing(number, (x, y), "mast" if number % 2 else "kast") for number, (x, y) in enumerate(places)]


@dataclass
class ScriptedWfs:
    """Called with a request, returns the answer of such a server."""

    things: Sequence[Thing] = field(default_factory=lambda: things(100))
    types: tuple[str, ...] = ("app:lamp",)
    versions: tuple[str, ...] = ("2.0.0", "1.1.0", "1.0.0")
    cap: int | None = None
    stated_cap: int | None = None
    formats: tuple[str, ...] = ()
    counts: Literal["honest", "capped", "page", "unknown", "zero"] = "honest"
    """"page": an answer counts its own objects, and only `hits` counts all."""
    count_stops_at: int | None = None
    pages: Literal["honest", "from one", "ignored", "refused", "shuffled"] = "honest"
    boxes: Literal["xy", "yx", "ignored", "refused"] = "xy"
    filters: Literal["honest", "refused", "nothing"] = "honest"
    ids: Literal["honest", "absent", "volatile", "equal"] = "honest"
    capabilities: Answer | None = None
    srs_name: str = "EPSG:28992"
    degrees: bool = False
    """Answer in longitude and latitude, regardless of the type's own CRS, as QGIS Server does in GeoJSON."""
    labelled: bool = True
    """Whether geometries have an srsName."""
    extent: str = "4.29 52.03 4.44 52.13"
    requests: int = 0

    def __call__(self, seen: Seen) -> Answer:
        self.requests += 1
        request = seen.query.get("request", "").lower()
        if request == "getcapabilities":
            return self.capabilities or self._capabilities(seen)
        if request == "describefeaturetype":
            return Answer(body=SCHEMA)
        if request == "getfeature":
            return self._features(seen.query)
        return exception_report(f"unknown request {request}", locator="request")

    def _capabilities(self, seen: Seen) -> Answer:
        wanted = seen.query.get("version") or self.versions[0]
        version = wanted if wanted in self.versions else self.versions[0]
        low, high = self.extent.split()[:2], self.extent.split()[2:]
        offered = "".join(
            f"<FeatureType><Name>{name}</Name><DefaultCRS>{self.srs_name}</DefaultCRS><WGS84BoundingBox>"
            f"<LowerCorner>{' '.join(low)}</LowerCorner><UpperCorner>{' '.join(high)}</UpperCorner>"
            "</WGS84BoundingBox></FeatureType>"
            for name in self.types
        )
        versions = "".join(f"<ServiceTypeVersion>{each}</ServiceTypeVersion>" for each in self.versions)
        formats = "".join(f"<Value>{each}</Value>" for each in self.formats)
        cap = f'<Constraint name="CountDefault"><DefaultValue>{self.stated_cap}</DefaultValue></Constraint>'
        body = (
            f'<WFS_Capabilities version="{version}">{versions}<OperationsMetadata><Operation name="GetFeature">'
            f'<Parameter name="outputFormat">{formats}</Parameter></Operation>{cap if self.stated_cap else ""}'
            f"</OperationsMetadata><FeatureTypeList>{offered}</FeatureTypeList></WFS_Capabilities>"
        )
        return Answer(body=body.encode())

    def _features(self, query: dict[str, str]) -> Answer:
        version = query["version"]
        name = query.get("typenames") or query.get("typename")
        if version not in self.versions:
            return exception_report(f"version {version} is not supported", locator="version")
        if name not in self.types:
            return exception_report(f"no such type: {name}", locator="typename")
        if "filter" in query and self.filters == "refused":
            return exception_report("filters are not supported", locator="filter")
        if "bbox" in query and self.boxes == "refused":
            return exception_report("bbox is not supported", locator="bbox")
        if "startindex" in query and self.pages == "refused":
            return exception_report("Cannot do natural order without a primary key")
        found = self._filtered(self._in_box(list(self.things), query), query)
        return self._document(version, name, found, query)

    def _in_box(self, found: list[Thing], query: dict[str, str]) -> list[Thing]:
        if "bbox" not in query or self.boxes == "ignored":
            return found
        numbers = [float(each) for each in query["bbox"].split(",")[:4]]
        low_1, low_2, high_1, high_2 = numbers if self.boxes == "xy" else [numbers[i] for i in (1, 0, 3, 2)]
        return [
            each
            for each in found
            if each.place and low_1 <= each.place[0] <= high_1 and low_2 <= each.place[1] <= high_2
        ]

    def _filtered(self, found: list[Thing], query: dict[str, str]) -> list[Thing]:
        if "filter" not in query:
            return found
        if self.filters == "nothing":
            return []
        return [each for each in found if f"Literal>{each.kind}</" in query["filter"]]

    def _document(self, version: str, name: str, found: list[Thing], query: dict[str, str]) -> Answer:
        hits = query.get("resulttype") == "hits" and version != "1.0.0"
        start = int(query.get("startindex", 0)) if self.pages in {"honest", "from one", "shuffled"} else 0
        limit = min(int(query.get("count") or query.get("maxfeatures") or 10**9), self.cap or 10**9)
        matched = min(len(found), self.count_stops_at or len(found))
        if self.pages == "from one":
            start = max(start, 1) - 1
        if self.pages == "shuffled" and start:
            start -= 1  # the order changed: the last object of the page before comes again
        page = [] if hits else found[start : start + limit]
        claims = {
            "honest": str(matched),
            "capped": str(min(matched, self.cap or matched)),
            "page": str(matched if hits else len(page)),
            "unknown": "unknown",
            "zero": "0",
        }[self.counts]
        head = {
            "1.0.0": "",
            "1.1.0": f'numberOfFeatures="{claims if hits else len(page)}"' if self.counts != "unknown" else "",
            "2.0.0": f'numberMatched="{claims}" numberReturned="{len(page)}"',
        }[version]
        return Answer(body=self._collection(version, name, head, page))

    def _collection(self, version: str, name: str, head: str, page: list[Thing]) -> bytes:
        gml, id_name = GML[version]
        wfs = "http://www.opengis.net/wfs/2.0" if version == "2.0.0" else "http://www.opengis.net/wfs"
        member = (
            ("<wfs:member>", "</wfs:member>") if version == "2.0.0" else ("<gml:featureMember>", "</gml:featureMember>")
        )
        local = name.rpartition(":")[2]
        features = "".join(
            f"{member[0]}<app:{local}{self._id(each, local, id_name)}>{self._place(each, version)}"
            f"<app:number>{each.number}</app:number><app:kind>{each.kind}</app:kind></app:{local}>{member[1]}"
            for each in page
        )
        return (
            f'<wfs:FeatureCollection xmlns:wfs="{wfs}" xmlns:gml="{gml}" xmlns:app="http://example.org/app" {head}>'
            f"{features}</wfs:FeatureCollection>"
        ).encode()

    def _id(self, thing: Thing, local: str, id_name: str) -> str:
        if self.ids == "absent":
            return ""
        value = {
            "honest": f"{local}.{thing.number}",
            "volatile": f"{local}.fid-{self.requests:x}_{thing.number:x}",
            "equal": f"{local}.1",
        }[self.ids]
        return f' {id_name}="{value}"'

    def _place(self, thing: Thing, version: str) -> str:
        if thing.place is None:
            return ""
        x, y = thing.place
        name = self.srs_name
        if self.degrees:
            (x, y), name = to_crs84(np.array([thing.place]), RD_NEW)[0].tolist(), "urn:ogc:def:crs:OGC:1.3:CRS84"
        label = f' srsName="{name}"' if self.labelled else ""
        inner = f"<gml:coordinates>{x},{y}</gml:coordinates>" if version == "1.0.0" else f"<gml:pos>{x} {y}</gml:pos>"
        return f"<app:geom><gml:Point{label}>{inner}</gml:Point></app:geom>"


SCHEMA = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml/3.2">
<element name="geom" type="gml:PointPropertyType"/></schema>"""
