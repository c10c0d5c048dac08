"""The XML namespaces of each version, and that of our own elements."""

from __future__ import annotations

from typing import NamedTuple

from wfs_proxy.faces.wfs.versions import WfsVersion

__all__ = ["OUR_PREFIX", "VOCABULARIES", "XLINK", "XSD", "XSI", "GmlVersion", "Vocabulary", "our_namespace"]

XLINK = "http://www.w3.org/1999/xlink"
XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

OUR_PREFIX = "app"
"""The prefix of our elements where the request names none."""

GmlVersion = WfsVersion
"""The version of WFS that introduced a version of GML: 1.0.0 has GML 2.1.2, 1.1.0 has 3.1.1 and 2.0.0 has 3.2.1."""


class Vocabulary(NamedTuple):
    """The namespaces and schemas of one version of WFS."""

    wfs: str
    gml: str
    ows: str
    filter: str
    """Of filters: `ogc` or `fes`."""

    wfs_schema: str
    gml_schema: str


_SCHEMAS = "http://schemas.opengis.net"

_VOCABULARY_100 = Vocabulary(
    wfs="http://www.opengis.net/wfs",
    gml="http://www.opengis.net/gml",
    ows="http://www.opengis.net/ows",
    filter="http://www.opengis.net/ogc",
    wfs_schema=f"{_SCHEMAS}/wfs/1.0.0/WFS-basic.xsd",
    gml_schema=f"{_SCHEMAS}/gml/2.1.2/feature.xsd",
)

VOCABULARIES: dict[WfsVersion, Vocabulary] = {
    "1.0.0": _VOCABULARY_100,
    "1.1.0": _VOCABULARY_100._replace(
        wfs_schema=f"{_SCHEMAS}/wfs/1.1.0/wfs.xsd",
        gml_schema=f"{_SCHEMAS}/gml/3.1.1/base/gml.xsd",
    ),
    "2.0.0": Vocabulary(
        wfs="http://www.opengis.net/wfs/2.0",
        gml="http://www.opengis.net/gml/3.2",
        ows="http://www.opengis.net/ows/1.1",
        filter="http://www.opengis.net/fes/2.0",
        wfs_schema=f"{_SCHEMAS}/wfs/2.0/wfs.xsd",
        gml_schema=f"{_SCHEMAS}/gml/3.2.1/gml.xsd",
    ),
}


def our_namespace(public_url: str) -> str:
    """Return the namespace of the elements that a deployment defines.

    Args:
        public_url: the public address without a slash at its end, or "": then it is the same for every deployment.
    """
    return f"{public_url}/wfs/features" if public_url else "urn:wfs-proxy:features"
