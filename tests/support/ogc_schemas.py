"""Validates documents with the schemas of OGC, from the package that `requirements-schemas.lock` names.

It has GML 3.1.1 (without the styles, which need SMIL), GML 3.2.1, OWS and filters, but neither GML 2 nor WFS. So of a
collection the members are validated, and of a capabilities document the sections that are not those of WFS.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import needs
from lxml import etree

_GML = {
    "1.1.0": ("http://schemas.opengis.net/gml/3.1.1/base/gml.xsd", "gml/3.1.1/base/feature.xsd"),
    "2.0.0": ("http://schemas.opengis.net/gml/3.2.1/gml.xsd", "gml/3.2.1/gml.xsd"),
}
_OWS = {
    "1.1.0": ("http://www.opengis.net/ows", "ows/1.0.0/owsAll.xsd"),
    "2.0.0": ("http://www.opengis.net/ows/1.1", "ows/1.1.0/owsAll.xsd"),
}
_FILTERS = {
    "1.1.0": ("http://www.opengis.net/ogc", "filter/1.1.0/filterCapabilities.xsd"),
    "2.0.0": ("http://www.opengis.net/fes/2.0", "filter/2.0/filterAll.xsd"),
}


def application_schema(described: bytes, version: str) -> etree.XMLSchema:
    """The schema of an answer to DescribeFeatureType, with its GML from this machine."""
    address, path = _GML[version]
    return etree.XMLSchema(etree.fromstring(described.replace(address.encode(), _uri(path).encode())))


@cache
def ows_schema(version: str) -> etree.XMLSchema:
    """The schema of exception reports and of the sections of capabilities that all services have."""
    return _importing(*_OWS[version])


@cache
def filter_schema(version: str) -> etree.XMLSchema:
    """The schema of Filter_Capabilities."""
    return _importing(*_FILTERS[version])


def problems(schema: etree.XMLSchema, element: etree._Element) -> list[str]:
    """What is wrong with an element and all in it."""
    # a copy has the namespaces of its ancestors, and is a document of its own
    schema.validate(etree.fromstring(etree.tostring(element, with_tail=False)))
    return [error.message for error in schema.error_log]


def _importing(namespace: str, path: str) -> etree.XMLSchema:
    xsd = "http://www.w3.org/2001/XMLSchema"
    return etree.XMLSchema(
        etree.fromstring(
            f'<schema xmlns="{xsd}"><import namespace="{namespace}" schemaLocation="{_uri(path)}"/></schema>'
        )
    )


def _uri(path: str) -> str:
    return (_folder() / path).as_uri()


def _folder() -> Path:
    return needs.ogc_schemas()
