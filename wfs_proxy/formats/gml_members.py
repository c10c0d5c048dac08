"""Which elements of a document are its features, and taking them out as they arrive.

wfs:FeatureCollection      wfs:member | gml:featureMember | gml:featureMembers | core:cityObjectMember | ...Member
└── member                 a feature, a nested FeatureCollection (several type names), or a wfs:Tuple (a join)
    └── feature
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from wfs_proxy.formats.exceptions import raise_report
from wfs_proxy.formats.xml import name_of

__all__ = ["is_collection", "take_features"]

_NESTED = frozenset({"FeatureCollection", "SimpleFeatureCollection", "Tuple"})
"""Collections that a member may hold instead of a feature (OGC 09-025r2, section 11.3)."""

_NO_FEATURES = frozenset({"appearanceMember", "additionalObjects"})
"""CityGML's colours; objects that were only added because something refers to them."""


def is_collection(root: str) -> bool:
    """Tell by its local name whether a root element without members is an empty collection."""
    return root.endswith(("Collection", "CityModel", "DataSet", "Dataset"))


def take_features(collection: etree._Element, *, whole: bool, source: str) -> Iterator[etree._Element]:
    """Yield the finished features of a growing collection and remove them once they have been looked at.

    Args:
        collection: as far as it was parsed.
        whole: False: the last child of each open element may still grow, so it stays.
        source: for messages.

    Raises:
        UpstreamException: the server says in the middle of its answer that it cannot finish it.
    """
    spent = []
    for position, child in enumerate(collection, 1):
        finished = whole or position < len(collection)
        name = name_of(child.tag)
        if _holds_features(name):
            yield from _of_member(child, whole=finished, source=source)
            if finished:
                spent.append(child)
        elif name == "truncatedResponse" and finished:
            raise_report(child, source)
    for child in spent:
        collection.remove(child)


def _of_member(member: etree._Element, *, whole: bool, source: str) -> Iterator[etree._Element]:
    spent = []
    for position, child in enumerate(member, 1):
        finished = whole or position < len(member)
        if name_of(child.tag) in _NESTED:
            yield from take_features(child, whole=finished, source=source)
        elif finished:
            yield child
        if finished:
            spent.append(child)
    for child in spent:
        member.remove(child)


def _holds_features(name: str) -> bool:
    return (name.endswith(("Member", "Members")) or name == "member") and name not in _NO_FEATURES
