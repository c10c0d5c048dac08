"""Requests for one feature type: the count, and the geometry property for a box in a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from in_memory_wfs import client_of
from scripted_wfs import ScriptedWfs, things
from vendor import Answer, Seen, exception_report

pytestmark = pytest.mark.anyio


def answering(body: str):
    return lambda _: Answer(body=body.encode())


def collection(head: str, members: str = "") -> str:
    return f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" {head}>{members}</wfs:FeatureCollection>'


MEMBER = "<wfs:member><mast/></wfs:member>"


@pytest.mark.parametrize(
    ("version", "body", "count"),
    [
        ("2.0.0", collection('numberMatched="257" numberReturned="0"'), 257),
        ("2.0.0", collection('numberMatched="0" numberReturned="0"'), 0),
        ("1.1.0", collection('numberOfFeatures="257"'), 257),
        ("1.1.0", collection('numberMatched="257" numberReturned="0"'), 257),
        ("2.0.0", '{"type": "FeatureCollection", "totalFeatures": 257, "features": []}', 257),
        ("2.0.0", collection('numberMatched="unknown" numberReturned="0"'), None),
        ("2.0.0", collection('numberMatched="unknown" numberReturned="137"'), None),
        ("2.0.0", collection('numberMatched="1" numberReturned="1"', MEMBER), None),
        ("2.0.0", collection('numberMatched="137" numberReturned="1"', MEMBER), None),
        ("1.1.0", collection('numberOfFeatures="1"', MEMBER), None),
        (
            "2.0.0",
            '{"type": "FeatureCollection", "totalFeatures": 1, "features": [{"type": "Feature", "geometry": null}]}',
            None,
        ),
        ("2.0.0", '{"type": "FeatureCollection", "features": []}', None),
        ("2.0.0", exception_report("hits is not supported").body.decode(), None),
        ("2.0.0", "<html>Sorry</html>", None),
        ("1.0.0", collection('numberOfFeatures="257"'), None),
    ],
)
async def test_answer_to_hits_is_a_count_only_without_objects(version, body, count):
    assert await client_of(answering(body), version=version).count() == count


class Schemas:
    """A server that describes a type for one spelling of the parameter, and refuses or ignores the others."""

    def __init__(self, spelling: str, *, ignores: bool) -> None:
        self.spelling = spelling
        self.ignores = ignores
        self.asked: list[str] = []

    def __call__(self, seen: Seen) -> Answer:
        self.asked.append(next(name for name in ("typenames", "typename") if name in seen.query))
        known = self.asked[-1] == self.spelling
        if not known and not self.ignores:
            return exception_report("MissingParameterValue")
        return Answer(body=_schema({"lamp": "geom"} if known else {"tree": "kroon", "lamp": "geom"}).encode())


def _schema(types: Mapping[str, str]) -> str:
    described = "".join(
        f'<complexType name="{name}Type"><sequence><element name="{geometry}" type="gml:PointPropertyType"/></sequence>'
        f'</complexType><element name="{name}" type="app:{name}Type"/>'
        for name, geometry in types.items()
    )
    return (
        '<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml/3.2" '
        f'xmlns:app="http://example.org/app">{described}</schema>'
    )


@pytest.mark.parametrize(
    ("version", "spelling", "ignores", "asked"),
    [
        ("1.0.0", "typename", False, ["typename"]),
        ("1.1.0", "typename", True, ["typename"]),
        ("2.0.0", "typename", False, ["typename"]),
        ("2.0.0", "typenames", True, ["typename"]),
        ("2.0.0", "typenames", False, ["typename", "typenames"]),
    ],
)
async def test_geometry_property_is_read_whatever_the_parameter_is_called(version, spelling, ignores, asked):
    server = Schemas(spelling, ignores=ignores)
    client = replace(client_of(server, version=version), where={"kind": ("mast",)})

    client = await client.with_geometry_property()

    assert client.filtered_geometry == "geom"
    assert server.asked == asked


async def test_schema_is_not_requested_when_no_box_goes_into_a_filter():
    server = ScriptedWfs(things(3))

    await client_of(server).with_geometry_property()
    await replace(client_of(server), where={"kind": ("mast",)}, geometry="plaats").with_geometry_property()

    assert server.requests == 0


async def test_geometry_property_has_a_default_where_there_is_no_schema():
    client = replace(client_of(lambda _: exception_report("not today")), where={"kind": ("mast",)})

    assert (await client.with_geometry_property()).filtered_geometry == "geometry"
