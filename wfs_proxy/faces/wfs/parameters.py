"""The parameters of a request in a query string or a form: names in any case, and each under one name.

Clients and questions deviate harmlessly in many ways: two names for one parameter in one request, empty parameters,
unknown ones, and braces that a form has left around a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

from wfs_proxy.errors import RequestTooLarge, WfsRequestError

__all__ = ["LONGEST_QUERY", "Parameters", "read_parameters"]

LONGEST_QUERY = 256 * 1024
"""Bytes of parameters in a body. A query string is shorter: HTTP servers read addresses up to 64 kB, ours too."""

_ALIASES = {
    "typename": "typenames",
    "typenames": "typenames",
    "featureid": "resourceid",
    "featureids": "resourceid",
    "resourceids": "resourceid",
    "maxfeatures": "count",
    "storedqueryid": "storedquery_id",
    # of ArcGIS, which questions in Signalen have asked too
    "f": "outputformat",
    "geometry": "bbox",
}
"""Parameter in lower case -> the name that it has here."""

_PLACEHOLDER = re.compile(r"\{+(?:bbox(?:LatLng|LngLat)?|west|south|east|north|srsName)\}+", re.IGNORECASE)
"""What a form leaves of a placeholder that it does not know; Signalen's manual had {{bboxLatLng}} until 2021."""


Parameters = Mapping[str, str]
"""Name in lower case -> value, without white space around it and never empty."""


def read_parameters(*query_strings: str) -> Parameters:
    """Read the parameters of query strings or forms; all of them together are one request.

    Args:
        query_strings: percent-encoded, without the question mark. Only "&" separates parameters, because media types
            contain ";".

    Raises:
        RequestTooLarge: they are too long.
        WfsRequestError: a parameter is given twice with different values.
    """
    if sum(map(len, query_strings)) > LONGEST_QUERY:
        raise RequestTooLarge(f"The query is longer than {LONGEST_QUERY} bytes. Ask for less, or simplify the filter.")
    found: dict[str, str] = {}
    for part in "&".join(query_strings).split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name).strip().lower()
        name, value = _ALIASES.get(name, name), unquote_plus(value).strip()
        if not name or not value or _PLACEHOLDER.fullmatch(value.partition(",")[0]):
            continue
        if found.setdefault(name, value) != value:
            raise WfsRequestError(
                f"{name}= is given twice, with different values; give it once.",
                code="InvalidParameterValue",
                locator=name,
            )
    return found
