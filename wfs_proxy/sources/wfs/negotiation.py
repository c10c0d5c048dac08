"""What to speak with a vendor: the version, the names of the types, the output format.

A vendor whose capabilities are absent or broken may still give features: then the layer file and the standard's
defaults have to do, and a note says so.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import VendorClient, redacted
from wfs_proxy.sources.protocol import Offload
from wfs_proxy.sources.wfs.capabilities import Capabilities, FeatureType, read_capabilities
from wfs_proxy.sources.wfs.completeness import Budget
from wfs_proxy.sources.wfs.kvp import VERSIONS, Version, capabilities_url

__all__ = ["ServiceProfile", "agree", "geojson_format", "negotiate"]

_NEAREST = 3
"""Names to suggest."""


@dataclass(frozen=True, kw_only=True)
class ServiceProfile:
    """What both sides can."""

    version: Version

    types: tuple[FeatureType, ...]
    """Those of the layer, in its order, named as the service names them."""

    output_format: str | None = None
    """None: the version's own GML."""

    output_formats: tuple[str, ...] = ()
    """On offer, for messages."""

    count_default: int | None = None
    """Most objects in one answer, as stated."""

    known: bool = True
    """Whether this is out of capabilities; else it is out of the layer file and hope."""

    notes: tuple[str, ...] = ()


async def negotiate(source: WfsSource, client: VendorClient, offload: Offload, budget: Budget) -> ServiceProfile:
    """Ask for the capabilities, and agree with them.

    Raises:
        UpstreamUnreachable: there is nobody to negotiate with.
        UpstreamRefused: the login is refused; the service has neither the version nor the types of the layer.
    """
    asked: list[Version | None] = [None, *VERSIONS] if source.version == "auto" else [source.version]
    fault: WfsProxyError | None = None
    for version in asked:
        budget.spent += 1
        try:
            payload: Payload = await client.get(capabilities_url(source.url, version))
            return agree(source, await offload(read_capabilities, payload))
        except UpstreamException as report:
            # it understood us and does not know this version, or this way to ask
            fault = fault or report
        except (DecodeError, UpstreamRefused) as broken:
            if _is_final(broken):
                raise
            fault = fault or broken
            break
    return _without_capabilities(source, f"the capabilities cannot be read, so the defaults have to do: {fault}")


def _is_final(fault: WfsProxyError) -> bool:
    """Whether asking for features would end alike: a refused login, or our own words about the agreement."""
    return isinstance(fault, UpstreamRefused) and fault.upstream_status in {None, 401, 403, 407}


def agree(source: WfsSource, offer: Capabilities) -> ServiceProfile:
    """The terms that suit the layer and the service. Pure.

    Raises:
        UpstreamRefused: there are none; the message names what is on offer.
    """
    where = redacted(source.url)
    version: Version = offer.version if source.version == "auto" else source.version
    if version not in offer.versions:
        raise UpstreamRefused(
            f"{where} does not offer WFS {version}, but {', '.join(offer.versions)}; "
            "write one of those, or `version: auto`"
        )
    return ServiceProfile(
        version=version,
        types=tuple(_find(name, offer, where) for name in source.type_names),
        output_format=_output_format(source, offer.output_formats),
        output_formats=offer.output_formats,
        count_default=offer.count_default,
    )


def _find(name: str, offer: Capabilities, where: str) -> FeatureType:
    """A type by its name, or by the part after the prefix where only one has it.

    Prefixes are local to a document (XML namespaces), and frontends' addresses often leave them out.
    """
    if name in offer.types:
        return offer.types[name]
    local = [each for each in offer.types.values() if _local(each.name) == _local(name)]
    if len(local) == 1:
        return local[0]
    folded = {known.casefold(): known for known in offer.types}
    close = difflib.get_close_matches(name.casefold(), folded, n=_NEAREST, cutoff=0.5)
    nearest = [each.name for each in local] or [folded[each] for each in close] or list(offer.types)[:_NEAREST]
    hint = f"; the nearest: {', '.join(nearest)}" if nearest else "; it offers none at all"
    raise UpstreamRefused(f"{where} has no feature type {name!r}{hint}")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _output_format(source: WfsSource, offered: tuple[str, ...]) -> str | None:
    return geojson_format(offered) if source.output_format == "auto" else source.output_format


_GEOJSON = (
    "application/geo+json",
    "application/json",
    "application/json;subtype=geojson",
    "application/vnd.geo+json",
    "geojson",
    "json",
)
"""Names of GeoJSON, the clearest first (GeoServer, MapServer, QGIS Server, ArcGIS, deegree). Not among them: JSONP's
text/javascript, ArcGIS's zipped ones, ESRIGEOJSON."""


def geojson_format(offered: tuple[str, ...]) -> str | None:
    """The service's own spelling of GeoJSON; None when it does not have it."""
    spelt = {each.lower().replace(" ", "").replace('"', ""): each for each in reversed(offered)}
    return next((spelt[name] for name in _GEOJSON if name in spelt), None)


def _without_capabilities(source: WfsSource, note: str) -> ServiceProfile:
    return ServiceProfile(
        version=VERSIONS[0] if source.version == "auto" else source.version,
        types=tuple(FeatureType(name=name, crs=None) for name in source.type_names),
        output_format=_output_format(source, ()),
        known=False,
        notes=(note,),
    )
