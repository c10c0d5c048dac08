"""Choose the WFS version, the names of the feature types and the output format to use with a vendor.

A vendor whose capabilities are missing or broken may still return features. Then the layer file and the defaults of the
standard apply, and a note says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamRefused, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import VendorClient, redacted
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.unknown_type import UnknownFeatureType, most_similar
from wfs_proxy.sources.wfs.capabilities import Capabilities, FeatureType, read_capabilities
from wfs_proxy.sources.wfs.kvp import VERSIONS, Version, capabilities_url

__all__ = ["ServiceProfile", "geojson_format", "negotiate", "profile_for", "types_named"]


@dataclass(frozen=True, kw_only=True)
class ServiceProfile:
    """What the layer asks for and the service offers."""

    version: Version

    types: tuple[FeatureType, ...]
    """The types of the layer, in its order, with the names that the service uses."""

    output_format: str | None = None
    """None: the version's default GML."""

    output_formats: tuple[str, ...] = ()
    """All that the service offers, for messages."""

    stated_cap: int | None = None
    """Most objects in one answer, as the service states."""

    from_capabilities: bool = True
    """False if the capabilities could not be read, and the profile is from the layer file and defaults."""

    notes: tuple[str, ...] = ()


async def negotiate(source: WfsSource, client: VendorClient, offload: Offload, budget: RequestBudget) -> ServiceProfile:
    """Request the capabilities, and return the profile that suits them and the layer.

    Raises:
        UpstreamUnreachable: the service does not answer.
        UpstreamRefused: the login is refused, or the service lacks the version or a type of the layer.
    """
    versions: list[Version | None] = [None, *VERSIONS] if source.version == "auto" else [source.version]
    first_error: WfsProxyError | None = None
    for version in versions:
        budget.spent += 1
        try:
            payload: Payload = await client.get(capabilities_url(source.url, version))
            return profile_for(source, await offload(read_capabilities, payload))
        except UpstreamException as report:
            # it is a WFS that does not know this version, or ACCEPTVERSIONS
            first_error = first_error or report
        except (DecodeError, UpstreamRefused) as error:
            if _is_final(error):
                raise
            first_error = first_error or error
            break
    return _without_capabilities(source, f"the capabilities cannot be read, so defaults apply: {first_error}")


def _is_final(error: WfsProxyError) -> bool:
    """Whether GetFeature would fail too: a refused login, or a refusal of `profile_for` (which has no status)."""
    return isinstance(error, UpstreamRefused) and error.upstream_status in {None, 401, 403, 407}


def profile_for(source: WfsSource, offer: Capabilities) -> ServiceProfile:
    """Return the profile that suits a layer and the capabilities of its service. Pure.

    Raises:
        UpstreamRefused: there is none; the message names what the service offers.
    """
    service = redacted(source.url)
    version: Version = offer.version if source.version == "auto" else source.version
    if version not in offer.versions:
        raise UpstreamRefused(
            f"{service} does not offer WFS {version}, only {', '.join(offer.versions)}; "
            "use one of those, or `version: auto`"
        )
    return ServiceProfile(
        version=version,
        types=tuple(_feature_type(name, offer, service) for name in source.type_names),
        output_format=_output_format(source, offer.output_formats),
        output_formats=offer.output_formats,
        stated_cap=offer.count_default,
    )


def types_named(name: str, offered: Collection[str]) -> list[str]:
    """Return the type of this name or, if none has it, those that have the same part after the prefix.

    Prefixes are local to a document (XML namespaces), and the URLs of frontends often leave them out.
    """
    if name in offered:
        return [name]
    same = [each for each in offered if _written(each) == _written(name)]
    return same if len(same) == 1 else [each for each in offered if _local(each) == _local(name)]


def _feature_type(name: str, offer: Capabilities, service: str) -> FeatureType:
    """Return the only type that a name can mean.

    Raises:
        UnknownFeatureType: there is none, or there are several.
    """
    named = types_named(name, offer.types)
    if len(named) == 1:
        return offer.types[named[0]]
    nearest = named or most_similar(name, offer.types)
    hint = f"; the nearest: {', '.join(nearest)}" if nearest else "; it offers no types at all"
    raise UnknownFeatureType(f"{service} has no feature type {name!r}{hint}", name=name, nearest=tuple(nearest))


def _written(name: str) -> str:
    """Return a name in one spelling: composed accents (Unicode, annex 15), and single blanks."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _local(name: str) -> str:
    return _written(name).rpartition(":")[2]


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
"""Names of GeoJSON, the clearest first (GeoServer, MapServer, QGIS Server, ArcGIS, deegree). JSONP (text/javascript),
ESRIGEOJSON and the zipped formats of ArcGIS are other formats."""


def geojson_format(offered: tuple[str, ...]) -> str | None:
    """Return GeoJSON as the service spells it; None if the service does not offer it."""
    spelt = {each.lower().replace(" ", "").replace('"', ""): each for each in reversed(offered)}
    return next((spelt[name] for name in _GEOJSON if name in spelt), None)


def _without_capabilities(source: WfsSource, note: str) -> ServiceProfile:
    return ServiceProfile(
        version=VERSIONS[0] if source.version == "auto" else source.version,
        types=tuple(FeatureType(name=name, crs=None) for name in source.type_names),
        output_format=_output_format(source, ()),
        from_capabilities=False,
        notes=(note,),
    )
