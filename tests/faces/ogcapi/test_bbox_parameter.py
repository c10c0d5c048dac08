from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.ogcapi.bbox_parameter import read_bbox
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, RD, SYSTEMS

ETRS89 = next(system for system in SYSTEMS if system.name == "EPSG:4258")
MERCATOR = next(system for system in SYSTEMS if system.name == "EPSG:3857")


@pytest.mark.parametrize(
    ("text", "system", "boxes"),
    [
        ("4.3,52,4.4,52.1", CRS84, [(4.3, 52.0, 4.4, 52.1)]),
        (" 4.3 , 52 ,4.4,5.21e1", CRS84, [(4.3, 52.0, 4.4, 52.1)]),
        ("4.3,52,-10,4.4,52.1,100", CRS84, [(4.3, 52.0, 4.4, 52.1)]),
        ("52,4.3,52.1,4.4", ETRS89, [(4.3, 52.0, 4.4, 52.1)]),
        ("170,-10,-170,10", CRS84, [(170.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -170.0, 10.0)]),
        ("-10,170,10,-170", ETRS89, [(170.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -170.0, 10.0)]),
    ],
)
def test_degrees_are_exact_boxes(text, system, boxes):
    area = read_bbox(text, system)
    assert area.boxes == tuple(BBox(*box) for box in boxes)
    assert area.ring is None


def test_web_mercator_is_an_exact_box():
    low, high = MERCATOR.from_lonlat(np.array([[4.3, 52.0], [4.4, 52.1]])).tolist()
    area = read_bbox(",".join(map(str, (*low, *high))), MERCATOR)
    assert area.boxes[0] == pytest.approx((4.3, 52.0, 4.4, 52.1), abs=1e-8)
    assert area.ring is None


def test_a_box_in_rd_has_its_exact_shape():
    area = read_bbox("100000,400000,130000,480000", RD)
    vertices = RD.from_lonlat(np.array(area.ring))
    on_an_edge = np.isclose(vertices[:, 0], [[100_000], [130_000]], atol=0.001).any(axis=0) | np.isclose(
        vertices[:, 1], [[400_000], [480_000]], atol=0.001
    ).any(axis=0)

    assert area.ring[0] == area.ring[-1]
    assert on_an_edge.all()
    assert area.boxes == (BBox.of_points(np.array(area.ring)),)
    middles = RD.from_lonlat((np.array(area.ring)[1:] + np.array(area.ring)[:-1]) / 2)
    off = np.minimum(
        np.abs(middles[:, [0]] - [100_000, 130_000]).min(axis=1),
        np.abs(middles[:, [1]] - [400_000, 480_000]).min(axis=1),
    )
    assert off.max() < 0.003


@pytest.mark.parametrize("text", ["-1e12,-1e12,1e12,1e12", "0,300000,280000,1e9", "-5000000,-5000000,5000000,5000000"])
def test_a_box_beyond_the_area_of_rd_is_cut_off(text):
    area = read_bbox(text, RD)
    assert area.boxes[0].contains(5.387, 52.155)
    assert np.isfinite(np.array(area.ring)).all()
    assert len(area.ring) <= 1601


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
