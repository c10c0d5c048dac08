"""Capabilities documents: what the service can do and which feature types there are, in each version.

A type is listed whatever the state of its layer: a layer whose vendor is down neither breaks the document nor
disappears from the lists of clients that start at that moment. It has a bounding box if it is known where its objects
are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from wfs_proxy.bbox import BBox
from wfs_proxy.decode import without_forbidden
from wfs_proxy.faces.wfs.namespaces import VOCABULARIES, XLINK, XSI
from wfs_proxy.faces.wfs.offered_types import OfferedType, prefix_declarations
from wfs_proxy.faces.wfs.output_crs import LISTED_DEFAULT, OTHER_SRS_NAMES
from wfs_proxy.faces.wfs.output_formats import DECLARED_FORMATS, JSON_MEDIA_TYPE
from wfs_proxy.faces.wfs.versions import VERSIONS, WfsVersion
from wfs_proxy.serve import MAXIMUM_LIMIT

__all__ = ["CAPABILITIES_MEDIA_TYPES", "ServiceDescription", "capabilities"]

CAPABILITIES_MEDIA_TYPES: dict[WfsVersion, str] = {
    "1.0.0": "text/xml",
    "1.1.0": "text/xml",
    "2.0.0": "application/xml",
}

_WORLD = BBox(-180.0, -90.0, 180.0, 90.0)
"""The box of a layer of which none is known, for WFS 1.0.0 and 1.1.0, whose schemas require one."""


class ServiceDescription(NamedTuple):
    """What the capabilities of a path say."""

    url: str
    """Of the path, absolute; "" if the public address is not known."""

    namespace: str
    types: Sequence[OfferedType]
    boxes: Mapping[str, BBox]
    """Layer -> where its objects are, if that is known."""

    @property
    def title(self) -> str:
        """The organisation that owns all objects, if it is one."""
        organisations = {each.layer.organisation for each in self.types if each.layer.organisation}
        return organisations.pop() if len(organisations) == 1 else "wfs_proxy"

    @property
    def prefixes(self) -> str:
        """The declarations of the prefixes of all types."""
        return prefix_declarations(self.types, self.namespace)


def capabilities(service: ServiceDescription, version: WfsVersion) -> bytes:
    """Return the document of a version."""
    return _WRITERS[version](service).encode()


def _text(text: str) -> str:
    return escape(without_forbidden(text))


# -- WFS 1.0.0 (OGC 02-058, annex A.2)


def _capabilities_100(service: ServiceDescription) -> str:
    formats = "".join(f"<{name}/>" for name in DECLARED_FORMATS["1.0.0"])
    # the schema requires an address of each operation; clients that get none use the one they have
    http = "".join(
        f"<DCPType><HTTP><{method} onlineResource={quoteattr(service.url)}/></HTTP></DCPType>"
        for method in (("Get", "Post") if service.url else ("Post",))
    )
    operators = "".join(f"<ogc:{name}/>" for name in ("Simple_Comparisons", "Like", "Between", "NullCheck"))
    vocabulary = VOCABULARIES["1.0.0"]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<WFS_Capabilities version="1.0.0" xmlns="{vocabulary.wfs}" xmlns:ogc="{vocabulary.filter}"'
        f'{service.prefixes} xmlns:xsi="{XSI}" xsi:schemaLocation="{vocabulary.wfs}'
        ' http://schemas.opengis.net/wfs/1.0.0/WFS-capabilities.xsd">\n'
        f"<Service><Name>WFS</Name><Title>{_text(service.title)}</Title>"
        f"<OnlineResource>{_text(service.url)}</OnlineResource></Service>\n"
        "<Capability><Request>\n"
        f"<GetCapabilities>{http}</GetCapabilities>\n"
        f"<DescribeFeatureType><SchemaDescriptionLanguage><XMLSCHEMA/></SchemaDescriptionLanguage>{http}"
        "</DescribeFeatureType>\n"
        f"<GetFeature><ResultFormat>{formats}</ResultFormat>{http}</GetFeature>\n"
        "</Request></Capability>\n"
        "<FeatureTypeList><Operations><Query/></Operations>\n"
        + "".join(_feature_type_100(each, service) for each in service.types)
        + "</FeatureTypeList>\n"
        "<ogc:Filter_Capabilities><ogc:Spatial_Capabilities><ogc:Spatial_Operators><ogc:BBOX/><ogc:Intersect/>"
        "</ogc:Spatial_Operators></ogc:Spatial_Capabilities><ogc:Scalar_Capabilities><ogc:Logical_Operators/>"
        f"<ogc:Comparison_Operators>{operators}</ogc:Comparison_Operators></ogc:Scalar_Capabilities>"
        "</ogc:Filter_Capabilities>\n"
        "</WFS_Capabilities>\n"
    )


def _feature_type_100(offered: OfferedType, service: ServiceDescription) -> str:
    box = service.boxes.get(offered.layer.id, _WORLD)
    return (
        f"<FeatureType><Name>{offered.name}</Name><Title>{_text(offered.title)}</Title>"
        f"{_abstract(offered, 'Abstract')}<SRS>{LISTED_DEFAULT}</SRS>"
        f'<LatLongBoundingBox minx="{box.west!r}" miny="{box.south!r}" maxx="{box.east!r}" maxy="{box.north!r}"/>'
        "</FeatureType>\n"
    )


def _abstract(offered: OfferedType, element: str) -> str:
    attribution = offered.layer.attribution or offered.layer.organisation
    return f"<{element}>{_text(attribution)}</{element}>" if attribution else ""


# -- WFS 1.1.0 (OGC 04-094, annex A)


def _capabilities_110(service: ServiceDescription) -> str:
    vocabulary = VOCABULARIES["1.1.0"]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wfs:WFS_Capabilities version="1.1.0" xmlns:wfs="{vocabulary.wfs}" xmlns:ows="{vocabulary.ows}"'
        f' xmlns:ogc="{vocabulary.filter}" xmlns:gml="{vocabulary.gml}" xmlns:xlink="{XLINK}"{service.prefixes}'
        f' xmlns:xsi="{XSI}" xsi:schemaLocation="{vocabulary.wfs} {vocabulary.wfs_schema}">\n'
        f"{_identification(service)}{_operations(service, '1.1.0')}"
        "<wfs:FeatureTypeList><wfs:Operations><wfs:Operation>Query</wfs:Operation></wfs:Operations>\n"
        + "".join(_feature_type(each, service, "1.1.0") for each in service.types)
        + "</wfs:FeatureTypeList>\n"
        "<ogc:Filter_Capabilities><ogc:Spatial_Capabilities><ogc:GeometryOperands>"
        + "".join(f"<ogc:GeometryOperand>gml:{name}</ogc:GeometryOperand>" for name in ("Envelope", "Polygon", "Point"))
        + "</ogc:GeometryOperands><ogc:SpatialOperators>"
        + "".join(f'<ogc:SpatialOperator name="{name}"/>' for name in _SPATIAL_OPERATORS)
        + "</ogc:SpatialOperators></ogc:Spatial_Capabilities>"
        "<ogc:Scalar_Capabilities><ogc:LogicalOperators/><ogc:ComparisonOperators>"
        + "".join(
            f"<ogc:ComparisonOperator>{_OLD_NAMES.get(name, name.removeprefix('PropertyIs'))}</ogc:ComparisonOperator>"
            for name in _COMPARISONS
            if name != "PropertyIsNil"
        )
        + "</ogc:ComparisonOperators></ogc:Scalar_Capabilities>"
        "<ogc:Id_Capabilities><ogc:EID/><ogc:FID/></ogc:Id_Capabilities></ogc:Filter_Capabilities>\n"
        "</wfs:WFS_Capabilities>\n"
    )


# -- WFS 2.0.0 (OGC 09-025r2, section 8.3)


def _capabilities_200(service: ServiceDescription) -> str:
    vocabulary = VOCABULARIES["2.0.0"]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="{vocabulary.wfs}" xmlns:ows="{vocabulary.ows}"'
        f' xmlns:fes="{vocabulary.filter}" xmlns:gml="{vocabulary.gml}" xmlns:xlink="{XLINK}"{service.prefixes}'
        f' xmlns:xsi="{XSI}" xsi:schemaLocation="{vocabulary.wfs} {vocabulary.wfs_schema}">\n'
        f"{_identification(service)}{_operations(service, '2.0.0')}"
        "<wfs:FeatureTypeList>\n"
        + "".join(_feature_type(each, service, "2.0.0") for each in service.types)
        + "</wfs:FeatureTypeList>\n"
        f"<fes:Filter_Capabilities><fes:Conformance>{_filter_conformance()}</fes:Conformance>"
        '<fes:Id_Capabilities><fes:ResourceIdentifier name="fes:ResourceId"/></fes:Id_Capabilities>'
        "<fes:Scalar_Capabilities><fes:LogicalOperators/><fes:ComparisonOperators>"
        + "".join(f'<fes:ComparisonOperator name="{name}"/>' for name in _COMPARISONS)
        + "</fes:ComparisonOperators></fes:Scalar_Capabilities>"
        "<fes:Spatial_Capabilities><fes:GeometryOperands>"
        + "".join(f'<fes:GeometryOperand name="gml:{name}"/>' for name in ("Envelope", "Polygon", "Point"))
        + "</fes:GeometryOperands><fes:SpatialOperators>"
        + "".join(f'<fes:SpatialOperator name="{name}"/>' for name in _SPATIAL_OPERATORS)
        + "</fes:SpatialOperators></fes:Spatial_Capabilities></fes:Filter_Capabilities>\n"
        "</wfs:WFS_Capabilities>\n"
    )


_SPATIAL_OPERATORS = ("BBOX", "Intersects", "Within", "Disjoint")

_COMPARISONS = (
    "PropertyIsEqualTo",
    "PropertyIsNotEqualTo",
    "PropertyIsLessThan",
    "PropertyIsGreaterThan",
    "PropertyIsLessThanOrEqualTo",
    "PropertyIsGreaterThanOrEqualTo",
    "PropertyIsLike",
    "PropertyIsBetween",
    "PropertyIsNull",
    "PropertyIsNil",
)

_OLD_NAMES = {
    "PropertyIsLessThanOrEqualTo": "LessThanEqualTo",
    "PropertyIsGreaterThanOrEqualTo": "GreaterThanEqualTo",
    "PropertyIsNull": "NullCheck",
}
"""The names of operators in WFS 1.1.0 that are not those of 2.0.0 without "PropertyIs"."""

_CONFORMANCE = {
    "ImplementsBasicWFS": False,
    "ImplementsTransactionalWFS": False,
    "ImplementsLockingWFS": False,
    "KVPEncoding": True,
    "XMLEncoding": True,
    "SOAPEncoding": False,
    "ImplementsInheritance": False,
    "ImplementsRemoteResolve": False,
    "ImplementsResultPaging": True,
    "ImplementsStandardJoins": False,
    "ImplementsSpatialJoins": False,
    "ImplementsTemporalJoins": False,
    "ImplementsFeatureVersioning": False,
    "ManageStoredQueries": False,
    "PagingIsTransactionSafe": False,
}
"""OGC 09-025r2, table 14. The class Basic WFS also has GetPropertyValue, which is not supported."""

_FILTER_CONFORMANCE = {
    "ImplementsQuery": True,
    "ImplementsAdHocQuery": True,
    "ImplementsFunctions": False,
    "ImplementsResourceId": True,
    "ImplementsMinStandardFilter": True,
    "ImplementsStandardFilter": True,
    "ImplementsMinSpatialFilter": True,
    "ImplementsSpatialFilter": False,
    "ImplementsMinTemporalFilter": False,
    "ImplementsTemporalFilter": False,
    "ImplementsVersionNav": False,
    "ImplementsSorting": True,
    "ImplementsExtendedOperators": False,
    "ImplementsMinimumXPath": False,
    "ImplementsSchemaElementFunc": False,
}
"""OGC 09-026r2, section 7.14.2."""


def _constraint(name: str, value: object, prefix: str = "ows", element: str = "Constraint") -> str:
    text = str(value).upper() if isinstance(value, bool) else value
    return (
        f'<{prefix}:{element} name="{name}"><ows:NoValues/><ows:DefaultValue>{text}</ows:DefaultValue>'
        f"</{prefix}:{element}>"
    )


_DEFAULT_COUNTS = {
    "1.1.0": f'<ows:Constraint name="DefaultMaxFeatures"><ows:Value>{MAXIMUM_LIMIT}</ows:Value></ows:Constraint>',
    "2.0.0": _constraint("CountDefault", MAXIMUM_LIMIT),
}
"""The constraint of GetFeature that says how many features an answer has if the client sets no limit."""


def _filter_conformance() -> str:
    return "".join(_constraint(name, value, "fes") for name, value in _FILTER_CONFORMANCE.items())


# -- what WFS 1.1.0 and 2.0.0 have in common (OGC 05-008 and 06-121r3)


def _identification(service: ServiceDescription) -> str:
    versions = "".join(f"<ows:ServiceTypeVersion>{version}</ows:ServiceTypeVersion>" for version in VERSIONS)
    return (
        f"<ows:ServiceIdentification><ows:Title>{_text(service.title)}</ows:Title>"
        f"<ows:ServiceType>WFS</ows:ServiceType>{versions}</ows:ServiceIdentification>\n"
    )


def _operations(service: ServiceDescription, version: WfsVersion) -> str:
    formats = DECLARED_FORMATS[version]
    operations = {
        "GetCapabilities": {"AcceptVersions": VERSIONS, "AcceptFormats": ("text/xml", "application/xml")},
        "DescribeFeatureType": {"outputFormat": (*formats[:-1], JSON_MEDIA_TYPE)},
        "GetFeature": {"resultType": ("results", "hits"), "outputFormat": formats},
    }
    if version == "2.0.0":
        operations |= {"ListStoredQueries": {}, "DescribeStoredQueries": {}}
    body = "".join(_operation(name, values, service.url, version) for name, values in operations.items())
    classes = _CONFORMANCE.items() if version == "2.0.0" else ()
    conformance = "".join(_constraint(name, value) for name, value in classes)
    return f"<ows:OperationsMetadata>\n{body}{conformance}\n</ows:OperationsMetadata>\n"


def _operation(name: str, parameters: Mapping[str, Iterable[str]], url: str, version: WfsVersion) -> str:
    href = f" xlink:href={quoteattr(url)}" if url else ""
    values = "".join(_parameter(parameter, allowed, version) for parameter, allowed in parameters.items())
    return (
        f'<ows:Operation name="{name}"><ows:DCP><ows:HTTP><ows:Get{href}/><ows:Post{href}/></ows:HTTP></ows:DCP>'
        f"{values}{_DEFAULT_COUNTS[version] if name == 'GetFeature' else ''}</ows:Operation>\n"
    )


def _parameter(name: str, allowed: Iterable[str], version: WfsVersion) -> str:
    values = "".join(f"<ows:Value>{value}</ows:Value>" for value in allowed)
    inner = values if version == "1.1.0" else f"<ows:AllowedValues>{values}</ows:AllowedValues>"
    return f'<ows:Parameter name="{name}">{inner}</ows:Parameter>'


def _feature_type(offered: OfferedType, service: ServiceDescription, version: WfsVersion) -> str:
    known = service.boxes.get(offered.layer.id)
    box = known or (_WORLD if version == "1.1.0" else None)
    word = "CRS" if version == "2.0.0" else "SRS"
    others = "".join(f"<wfs:Other{word}>{name}</wfs:Other{word}>" for name in OTHER_SRS_NAMES[version])
    bounds = (
        f"<ows:WGS84BoundingBox><ows:LowerCorner>{box.west!r} {box.south!r}</ows:LowerCorner>"
        f"<ows:UpperCorner>{box.east!r} {box.north!r}</ows:UpperCorner></ows:WGS84BoundingBox>"
        if box
        else ""
    )
    return (
        f"<wfs:FeatureType><wfs:Name>{offered.name}</wfs:Name><wfs:Title>{_text(offered.title)}</wfs:Title>"
        f"{_abstract(offered, 'wfs:Abstract')}<wfs:Default{word}>{LISTED_DEFAULT}</wfs:Default{word}>"
        f"{others}{bounds}</wfs:FeatureType>\n"
    )


_WRITERS = {"1.0.0": _capabilities_100, "1.1.0": _capabilities_110, "2.0.0": _capabilities_200}
