"""Which GML and which WFS version a document is written in, and by which program, as its own elements show.

Namespaces do not distinguish GML 2 from 3.1: both have the same one, and servers write either into an answer of any WFS
version (MapServer sends GML 2 in a WFS 2.0 answer when asked to). The names of the elements do.
"""

from __future__ import annotations

from lxml import etree

from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.features import Encoding

__all__ = ["gml_version_of", "is_written_by_fme", "wfs_version_of"]

_GML32 = ("http://www.opengis.net/gml/3.2", "http://www.opengis.net/gml/3.3")
_ONLY_GML3 = frozenset({"pos", "posList", "exterior", "Envelope", "Curve", "Surface", "MultiCurve", "MultiSurface"})
_FME = "http://www.safe.com/gml/fme"
_WFS = "{http://www.opengis.net/wfs"


def gml_version_of(element: etree._Element) -> Encoding:
    """Return the GML version of a geometry or of a whole document; GML 2 where no element shows a later one."""
    namespaces = [*element.nsmap.values(), element.tag.rpartition("}")[0].lstrip("{")]
    if any(str(namespace).startswith(_GML32) for namespace in namespaces):
        return Encoding.GML32
    names = {name_of(each.tag) for each in element.iter()}
    return Encoding.GML31 if names & _ONLY_GML3 else Encoding.GML2


def wfs_version_of(root: etree._Element, encoding: Encoding) -> str | None:
    """Return the WFS version of a root element; None where it is not an answer of a WFS.

    WFS 1.0 and 1.1 have the same namespace, but only 1.1 counts its features, and only 1.1 sends GML 3.1.
    """
    if not root.tag.startswith(_WFS):
        return None
    if root.tag.startswith(f"{_WFS}/2"):
        return "2.0.0"
    counted = root.get("numberOfFeatures") is not None
    return "1.1.0" if counted or encoding is Encoding.GML31 else "1.0.0"


def is_written_by_fme(root: etree._Element) -> bool:
    """Whether a document was written by FME, which has latitude first under `EPSG:4326` too.

    GDAL recognises its documents by the same namespace (`GML_CONSIDER_EPSG_AS_URN=AUTO`).
    """
    return _FME in root.nsmap.values()
