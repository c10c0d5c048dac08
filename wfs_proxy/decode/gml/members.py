"""Which elements of a document are features, and how they are taken out of it as they arrive.

wfs:FeatureCollection      wfs:member | gml:featureMember | gml:featureMembers | core:cityObjectMember | ...Member
└── member                 a feature, a nested FeatureCollection (several type names), or a wfs:Tuple (a join)
    └── feature
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml import etree

from wfs_proxy.decode.exception_reports import raise_report
from wfs_proxy.decode.safe_xml import name_of

__all__ = ["is_collection", "take_features"]

_NESTED = frozenset({"FeatureCollection", "SimpleFeatureCollection", "Tuple"})
"""Collections that a member may hold instead of a feature (OGC 09-025r2, section 11.3)."""

_WITHOUT_FEATURES = frozenset({"appearanceMember", "additionalObjects"})
"""CityGML's colours; objects that were only added because a feature refers to them."""

_ABORTED = frozenset({"truncatedResponse", "ExceptionReport", "ServiceExceptionReport"})
"""Follows the last feature when the server could not send the rest (OGC 09-025r2, section 11.3)."""


def is_collection(root: str) -> bool:
    """Whether a root element without members is an empty collection, by its local name."""
    return root.endswith(("Collection", "CityModel", "DataSet", "Dataset"))


def take_features(collection: etree._Element, *, whole: bool, source: str) -> Iterator[etree._Element]:
    """Yield the finished features of a growing collection. Each is removed after the caller has read it.

    Only the last child of each open element may still grow, so everything before it is finished. Each feature is
    yielded exactly once, wherever one piece of the document ends and the next begins.

    Args:
        collection: the element, as far as it was parsed.
        whole: False: the document continues, so the last child stays.
        source: for messages.

    Raises:
        UpstreamException: the server says in the middle of its answer that it cannot finish it.
    """
    finished = len(collection) if whole else len(collection) - 1
    first = finished
    for position, child in enumerate(islice(collection, max(finished, 0))):
        role = _role(child.tag)
        if role == _MEMBER:
            first = min(first, position)
            if len(child) == 1 and _role(child[0].tag) != _COLLECTION:
                yield child[0]
            else:
                yield from _take_from_member(child, whole=True, source=source)
        elif role == _ABORT:
            raise_report(child, source)
        del child
    # deleting a slice frees it at once; if any variable has an element of it, lxml first repairs the namespaces inside,
    # which takes minutes for a feature of a hundred thousand points. The caller must not keep a feature either
    del collection[first:finished]
    if not whole and len(collection) and _role(collection[-1].tag) == _MEMBER:
        yield from _take_from_member(collection[-1], whole=False, source=source)


def _take_from_member(member: etree._Element, *, whole: bool, source: str) -> Iterator[etree._Element]:
    finished = len(member) if whole else len(member) - 1
    for child in islice(member, max(finished, 0)):
        if _role(child.tag) == _COLLECTION:
            yield from take_features(child, whole=True, source=source)
        else:
            yield child
    if not whole and len(member):
        del member[:finished]
        if _role(member[-1].tag) == _COLLECTION:
            yield from take_features(member[-1], whole=False, source=source)


_MEMBER, _COLLECTION, _ABORT, _OTHER = "member", "collection", "abort", "other"
"""The roles of elements: holds features, holds members, says that the rest is missing, none of these."""


@lru_cache(maxsize=1024)
def _role(tag: str) -> str:
    name = name_of(tag)
    if name in _NESTED:
        return _COLLECTION
    if (name.endswith(("Member", "Members")) or name == "member") and name not in _WITHOUT_FEATURES:
        return _MEMBER
    return _ABORT if name in _ABORTED else _OTHER
