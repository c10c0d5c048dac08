"""The block `wfs`: the addresses and names under which the WFS of the proxy offers a layer besides its own.

A question that asks a vendor's WFS then keeps working when only the host in it changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import Name, OldTypeNames, UrlPaths

__all__ = ["WfsNames"]


class WfsNames(Block):
    """Under which addresses and names the layer is also asked for in WFS.

    A question then keeps working when only the host in it changes. Without this block every layer is at `/wfs` and
    `/layers/{id}/wfs`, under its id.
    """

    paths: UrlPaths = ()
    """Further paths of the WFS that offers this layer, such as `/geoserver/luminizer_317/ows`: the path of the old
    address. Only requests with exactly this path match, with or without a slash at the end. Layers may share a path."""
    type_names: OldTypeNames = ()
    """Further names of the feature type, such as `luminizer_317:mast`. No other layer may have the same name."""
    properties: Mapping[Name, Name] = {}
    """Further names of properties: old name -> the output field or mark that it means. Attributes of the vendor
    (`from`) are known without this, unless several fields have the same `from`. In a filter, a value of the attribute
    is converted by the `map` of the field, so `soort_put = K` finds what is served as `kolk`."""
