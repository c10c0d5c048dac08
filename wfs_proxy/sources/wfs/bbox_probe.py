"""Find out how a vendor understands a bounding box, by asking for objects whose position is known.

A dialect is probed with a box of a few metres around one known object. It is right when the answer has that object and
most of the answer touches the box: a server that swaps the ordinates finds nothing there, and one that ignores boxes
returns objects from everywhere. The objects are compared in the coordinates of the answers, so no transformation of our
own can make a wrong dialect look right.

`is_exact` is stricter, for callers that rely on single boxes: a box that touches only an outermost vertex of an object
must return that object, in all four directions. (When the boxes for a layer in RD are in degrees, MapServer searches a
hundred metres or so off the box, and still finds a large object around its middle.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamRefused
from wfs_proxy.geo import AxisOrder
from wfs_proxy.sources.boxes import grown, smallest_object
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.bbox_dialects import BoxDialect, candidate_dialects
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.type_extent import TypeExtent

__all__ = ["ProbedDialect", "is_exact", "mostly_inside", "probe_dialect"]

_MOSTLY = 0.5
"""Share of an answer above which it counts as the content of a box."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ProbedDialect:
    """A dialect in which a box around a known object returned that object."""

    dialect: BoxDialect
    answer: FeaturePage
    """To that box."""


def mostly_inside(page: FeaturePage, box: NativeBox) -> bool:
    """Whether there are objects, and most of them touch the box."""
    return len(page) > 0 and bool(page.touching(box).mean() > _MOSTLY)


async def probe_dialect(
    client: FeatureTypeClient, sample: FeaturePage, extent: TypeExtent, source: WfsSource
) -> tuple[FeatureTypeClient, ProbedDialect | None]:
    """Find the dialect in which the vendor understands a box.

    Args:
        client: for the type.
        sample: an answer with the object of `extent.known_object`.
        extent: of the type.
        source: the layer's; its `bbox_order` limits what is tried.

    Returns:
        The client to use for boxes, and the dialect; None when no dialect works. If no dialect works together with the
        layer's `where`, the client that is returned has no `where`.
    """
    client = await client.with_geometry_property()
    configured = None if source.bbox_order == "auto" else AxisOrder[source.bbox_order.upper()]
    names = [name for name in (source.srs_name or client.feature_type.crs, *sample.batch.srs_names) if name]
    probed = await _first_that_works(client, names, extent, configured)
    if probed is None and client.where:
        client = replace(client, where={})
        probed = await _first_that_works(client, names, extent, configured)
    return client, probed


async def _first_that_works(
    client: FeatureTypeClient, names: list[str], extent: TypeExtent, configured: AxisOrder | None
) -> ProbedDialect | None:
    native = client.feature_type.crs
    for dialect in candidate_dialects(client.version, names, extent=extent, native=native, configured=configured):
        try:
            page = await client.get_box(dialect.converted(extent.known_object), dialect)
        except (UpstreamException, UpstreamRefused, DecodeError):
            continue
        if mostly_inside(page, extent.known_object):
            return ProbedDialect(dialect=dialect, answer=page)
    return None


async def is_exact(client: FeatureTypeClient, sample: FeaturePage, extent: TypeExtent, dialect: BoxDialect) -> bool:
    """Whether a box that touches only an outermost vertex of an object returns it, in all four directions.

    Then boxes are where they should be, and an object is found by any box that it touches.
    """
    bounds = sample.bounds
    row = smallest_object(bounds)
    assert row is not None
    for first, second in sample.outermost(row).tolist():
        box = grown(NativeBox(first, second, first, second), geographic=extent.geographic)
        page = await client.get_box(dialect.converted(box), dialect)
        if not (page.bounds == bounds[row]).all(axis=1).any():
            return False
    return True
