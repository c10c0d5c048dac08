"""Why an object has no usable place, in Dutch: the reasons that reading and placing count are in English.

They are names in `skipped` and labels of metrics, so they stay as they are there.
"""

from __future__ import annotations

import re

__all__ = ["reason_in_dutch"]

_REASONS = {
    "not a feature": "geen object",
    "unreadable geometry": "de geometrie is niet te lezen",
    "unsupported geometry": "een soort geometrie die niet wordt ondersteund",
    "a row with more values than columns": "een regel met meer waarden dan kolommen",
    "geometry with curves": "een geometrie met bogen",
    "coordinates are not numbers": "de coördinaten zijn geen getallen",
    "more coordinates than can be read": "meer coördinaten dan te lezen zijn",
    "the number of coordinates does not fit their dimension": "het aantal coördinaten past niet bij de dimensie",
    "geometry beyond repair": "de vorm is niet te herstellen",
    "no longitude and latitude": "de plaats is niet om te rekenen naar lengte en breedte",
    "the chosen geometry property is absent": "het gekozen kenmerk met de geometrie ontbreekt",
    "a part of the geometry is in an element that is not supported": "een deel staat in een element dat niet wordt "
    "ondersteund",
    "a part is only referred to (xlink:href)": "een deel staat ergens anders (xlink:href)",
    "several srsNames in one geometry": "meer dan één srsName in één geometrie",
    "an area without exactly one outer ring": "een vlak zonder precies één buitenrand",
    "a surface of something else than areas": "een vlak dat niet uit vlakken bestaat",
    "an arc needs three positions": "een boog zonder drie punten",
    "a circle needs three positions that are not on one line": "een cirkel zonder drie punten die niet op één lijn "
    "liggen",
    "an arc by bulge needs a bulge and a normal for each chord": "een boog zonder `bulge` en `normal` bij elke koorde",
    "an arc by its center needs one center and a radius": "een boog zonder één middelpunt en een straal",
    "the unit of a radius or an angle is not known": "de eenheid van een straal of hoek is onbekend",
    "a radius in an arc in degrees has no unit": "de straal van een boog in graden heeft geen eenheid",
}

_PATTERNS = (
    (re.compile(r"(\S+) is not supported as a ring"), r"\1 wordt niet ondersteund als rand"),
    (re.compile(r"(\S+) is not supported"), r"\1 wordt niet ondersteund"),
    (re.compile(r"(\S+) inside (\S+)"), r"\1 in \2"),
    (re.compile(r"(\S+) is not a number"), r"\1 is geen getal"),
)
"""Reasons that name an element of the document."""


def reason_in_dutch(reason: str) -> str:
    """Return a reason in Dutch; one that is not known here is marked as a technical message."""
    known = _REASONS.get(reason)
    if known is not None:
        return known
    for pattern, dutch in _PATTERNS:
        if pattern.fullmatch(reason):
            return pattern.sub(dutch, reason)
    return f"technische melding: {reason}"
