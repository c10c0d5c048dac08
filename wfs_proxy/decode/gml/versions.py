"""Which GML and which WFS a document is written in, from its own elements.

Namespaces are no proof for GML 2 against 3.1: both have one, and servers write either into an answer of any WFS
version (MapServer sends GML 2 in a WFS 2.0 answer when asked). The names of the elements are.
"""

from __future__ import annotations

from lxml import etree

from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.features import Encoding

__all__ = ["dialect_of", "version_of"]

_GML32 = ("http://www.opengis.net/gml/3.2", "http://www.opengis.net/gml/3.3")
_ONLY_GML3 = frozenset({"pos", "posList", "exterior", "Envelope", "Curve", "Surface", "MultiCurve", "MultiSurface"})
_WFS = "{http://www.opengis.net/wfs"


def dialect_of(element: etree._Element) -> Encoding:
    """The GML that an element, a geometry or a whole document, is written in; GML 2 where nothing tells."""
    namespaces = [*element.nsmap.values(), element.tag.rpartition("}")[0].lstrip("{")]
    if any(str(namespace).startswith(_GML32) for namespace in namespaces):
        return Encoding.GML32
    names = {name_of(each.tag) for each in element.iter()}
    return Encoding.GML31 if names & _ONLY_GML3 else Encoding.GML2


def version_of(root: etree._Element, encoding: Encoding) -> str | None:
    """The WFS version of a root element; None outside WFS.

    1.0 and 1.1 have one namespace: 1.1 counts its features, and sends GML 3.1.
    """
    if not root.tag.startswith(_WFS):
        return None
    if root.tag.startswith(f"{_WFS}/2"):
        return "2.0.0"
    counted = root.get("numberOfFeatures") is not None
    return "1.1.0" if counted or encoding is Encoding.GML31 else "1.0.0"
