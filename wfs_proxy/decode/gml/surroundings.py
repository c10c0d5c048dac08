"""What the elements around a geometry say about its positions: the nearest srsName and srsDimension.

Both may be attributes of the property, of the feature or of a collection, or of the extent (boundedBy) of one of them.
"""

from __future__ import annotations

from functools import cached_property

from lxml import etree

from wfs_proxy.geo import axes_of

__all__ = ["Surroundings", "dimension_of", "nearest"]

_BOUNDS = "{*}boundedBy"
_THREE_AXES = 3


class Surroundings:
    """The elements around a geometry. They are searched once, and only if something is missing in the geometry."""

    def __init__(self, element: etree._Element, *, outermost: etree._Element | None = None) -> None:
        """Describe the ancestors of an element, up to and including `outermost`; by default all of them."""
        self._element = element
        self._outermost = outermost

    @cached_property
    def srs(self) -> str | None:
        """The nearest srsName; None without any."""
        return self._nearest("srsName")

    @cached_property
    def dimension(self) -> int:
        """The nearest srsDimension; 0 without any."""
        return dimension_of(self._nearest("srsDimension"))

    def expected_dimension(self, srs: str | None) -> int:
        """Return the number of ordinates that positions without srsDimension have: 3 in a CRS with three axes.

        A CRS with two axes says nothing: servers add heights to it, and then only say so around the geometry.

        Args:
            srs: the innermost srsName of the geometry; None: it has none.
        """
        srs = srs or self.srs
        return _THREE_AXES if srs and axes_of(srs) == _THREE_AXES else self.dimension

    def _nearest(self, attribute: str) -> str | None:
        around = list(self._element.iterancestors())
        if self._outermost in around:
            del around[around.index(self._outermost) + 1 :]
        return nearest(around, attribute)


def nearest(ancestors: list[etree._Element], attribute: str) -> str | None:
    """Return the first value of an attribute that an element has, itself or in its extent; None without any."""
    for ancestor in ancestors:
        own = ancestor.get(attribute)
        if own:
            return own
        for bounds in ancestor.iterchildren(_BOUNDS):
            of_extent = next((element.get(attribute) for element in bounds.iter() if element.get(attribute)), None)
            if of_extent:
                return of_extent
    return None


def dimension_of(written: str | None) -> int:
    """Return the number in an srsDimension attribute, which has one digit; 0 where there is none."""
    text = written.strip() if written else ""
    return int(text) if len(text) == 1 and text.isdecimal() else 0
