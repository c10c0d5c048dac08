from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.ogcapi.bbox_parameter import read_bbox
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, RD, SYSTEMS
from wfs_proxy.filters.expression import Area, Intersects, Or

ETRS89 = next(system for system in SYSTEMS if system.name == "EPSG:4258")
MERCATOR = next(system for system in SYSTEMS if system.name == "EPSG:3857")


@pytest.mark.parametrize(
    ("text", "system", "box"),
    [
        ("4.3,52,4.4,52.1", CRS84, (4.3, 52.0, 4.4, 52.1)),
        (" 4.3 , 52 ,4.4,5.21e1", CRS84, (4.3, 52.0, 4.4, 52.1)),
        ("4.3,52,-10,4.4,52.1,100", CRS84, (4.3, 52.0, 4.4, 52.1)),
        ("52,4.3,52.1,4.4", ETRS89, (4.3, 52.0, 4.4, 52.1)),
        ("4.3,52,4.3,52", CRS84, (4.3, 52.0, 4.3, 52.0)),
    ],
)
def test_degrees_are_an_exact_box(text, system, box):
    assert read_bbox(text, system) == Intersects(BBox(*box))


@pytest.mark.parametrize(("text", "system"), [("170,-10,-170,10", CRS84), ("-10,170,10,-170", ETRS89)])
def test_a_box_across_the_antimeridian_is_two(text, system):
    assert read_bbox(text, system) == Or(
        (Intersects(BBox(170.0, -10.0, 180.0, 10.0)), Intersects(BBox(-180.0, -10.0, -170.0, 10.0)))
    )


def test_web_mercator_is_an_exact_box():
    low, high = MERCATOR.from_lonlat(np.array([[4.3, 52.0], [4.4, 52.1]])).tolist()
    area = read_bbox(",".join(map(str, (*low, *high))), MERCATOR)
    assert area.area == pytest.approx((4.3, 52.0, 4.4, 52.1), abs=1e-8)


def test_a_box_in_rd_has_its_exact_shape():
    area = read_bbox("100000,400000,130000,480000", RD).area
    assert isinstance(area, Area)
    ((ring,),) = area.polygons
    x, y = RD.from_lonlat(np.array(ring)).T
    off = np.minimum(np.abs(x - [[100_000], [130_000]]).min(axis=0), np.abs(y - [[400_000], [480_000]]).min(axis=0))
    assert off.max() < 0.02


@pytest.mark.parametrize("text", ["-1e12,-1e12,1e12,1e12", "0,300000,280000,1e9", "-5000000,-5000000,5000000,5000000"])
def test_a_box_beyond_the_area_of_rd_is_cut_off(text):
    assert read_bbox(text, RD).box.contains(5.387, 52.155)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("", CRS84),
        ("1,2,3", CRS84),
        ("1,2,3,4,5", CRS84),
        ("1,2,3,4,5,6,7", CRS84),
        ("1;2;3;4", CRS84),
        ("1,2,3,x", CRS84),
        ("1,2,3,inf", CRS84),
        ("1,2,3,nan", CRS84),
        ("1,2,3,1e400", CRS84),
        ("1,5,3,4", CRS84),
        ("181,5,182,6", CRS84),
        ("5,91,6,92", CRS84),
        ("150000,450000,140000,460000", RD),
        ("140000,460000,150000,450000", RD),
        ("4,52,5,53", RD),
        ("5000000,5000000,6000000,6000000", RD),
    ],
)
def test_what_is_no_box_in_the_system_is_refused(text, system):
    with pytest.raises(BadRequest, match=r"^bbox="):
        read_bbox(text, system)
