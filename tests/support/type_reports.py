"""Reports of a service and a type, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from wfs_proxy.bbox import BBox
from wfs_proxy.inspect.report import CrsReport, FieldReport, IdCandidate, ServiceReport, TypeReport

SERVICE = ServiceReport(url="https://x.nl/wfs", shown_url="https://x.nl/wfs", kind="wfs", provider="Vendor B.V.")
PLACES = BBox(4.2, 52.0, 4.4, 52.1)


def field(name: str, **changes: Any) -> FieldReport:
    settings = {"declared": None, "type": "string", "filled": 1.0, "distinct": 3, "examples": ("a",), **changes}
    return FieldReport(name=name, **settings)


def type_report(**changes: Any) -> TypeReport:
    settings: dict[str, Any] = {
        "name": "app:Lichtmasten",
        "title": "Lichtmasten",
        "count": 100,
        "sample": 100,
        "complete": True,
        "at_least": 100,
        "version": "2.0.0",
        "crs": CrsReport(reading="", bbox=PLACES, placed=100),
        "fields": (field("nummer"), field("soort"), field("email", role="personal")),
        "ids": (IdCandidate(name="nummer", objects=100, distinct=100, stable=True),),
        **changes,
    }
    return TypeReport(**settings)
