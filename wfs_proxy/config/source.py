"""The block `source`: the service that the objects of a layer come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from wfs_proxy.config.auth import Auth, Tls
from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import (
    CharacterSet,
    ComparableTexts,
    Count,
    Delimiter,
    Extent,
    FewRequests,
    HttpAddress,
    LayerNumbers,
    Name,
    PositiveSeconds,
    TemplateOrPath,
    TypeNames,
    VendorPath,
)
from wfs_proxy.config.url_template import is_address, placeholders_in
from wfs_proxy.config.yaml12 import Keys

__all__ = [
    "ArcgisSource",
    "FileSource",
    "GeoJsonSource",
    "HttpSource",
    "OgcApiSource",
    "Source",
    "SourceBlock",
    "WfsSource",
]


class SourceBlock(Block):
    """The keys that all types of source have."""

    axis_order: Literal["auto", "xy", "yx"] = "auto"
    """The axis order of the coordinates; `auto` determines it from the data."""
    extent: Extent | None = None
    """The area that contains the objects: west, south, east, north in degrees. It makes every `auto` more reliable."""
    where: Mapping[Name, ComparableTexts] = {}
    """Attribute -> list of values: an object is kept if each attribute has one of its values. Values are compared as
    trimmed text: 1, "1" and 1.0 are equal."""

    @property
    def requested_types(self) -> tuple[str, ...]:
        """The names of the feature types of the layer, in its order; empty where a source has no such names."""
        return ()

    @property
    def types_key(self) -> str:
        """The key of this block that has those names."""
        return "url"


def _is_part(text: str, url: str) -> bool:
    """Whether a text that a variable gave is a part of the path or of the query of a URL."""
    return is_address(url) and "://" not in text and text not in urlsplit(url).netloc


class HttpSource(SourceBlock):
    """The keys that all sources behind an address have."""

    url: HttpAddress = Field(repr=False)
    """The http(s) URL of the service, without credentials (put those in `auth`)."""
    auth: Auth | None = None
    """How the proxy authenticates."""
    tls: Tls | None = None
    """How the server certificate is verified, if it was not issued by a public certificate authority."""
    timeout: PositiveSeconds = 20.0
    """The time limit of one request, from connecting to the last byte."""
    requests_at_once: FewRequests = 2
    """The maximum number of simultaneous requests to a host, shared by all layers that use it."""

    _inserted: tuple[str, ...] = PrivateAttr(())

    @property
    def secrets(self) -> tuple[str, ...]:
        """The parts of URLs that variables and files gave: secrets, such as a token in a path.

        A part that is a whole address, or in the name of the host, is no secret; neither is any of the path of a file.
        """
        return self._inserted

    @model_validator(mode="after")
    def _keep_inserted(self, info: ValidationInfo) -> Self:
        inserted: Mapping[Keys, tuple[str, ...]] = (info.context or {}).get("inserted", {})
        urls = {keys: getattr(owner, keys[-1], "") for keys, owner in self._owners_of_urls()}
        self._inserted = tuple(
            text for keys, url in urls.items() for text in inserted.get(keys, ()) if _is_part(text, url)
        )
        return self

    def _owners_of_urls(self) -> tuple[tuple[tuple[str, ...], object], ...]:
        """Return the keys of a layer file that have URLs, with the blocks that they are in."""
        of_auth = [(("source", "auth", name), self.auth) for name in ("url", "token_url")]
        return ((("source", "url"), self), *of_auth)


class WfsSource(HttpSource):
    """A Web Feature Service (OGC 02-058, 04-094, 09-025r2)."""

    type: Literal["wfs"]
    """The type of source."""
    type_names: TypeNames
    """The feature types; several are combined to one layer."""
    version: Literal["auto", "1.0.0", "1.1.0", "2.0.0"] = "auto"
    """The WFS version; `auto`: the highest that the server supports."""
    srs_name: Name | None = None
    """The CRS to request; default: the default CRS of the feature type."""
    bbox_order: Literal["auto", "xy", "yx"] = "auto"
    """The axis order of `bbox` in requests; `auto` tests it once with a box around a known object."""
    output_format: Name = "auto"
    """`auto`: GeoJSON if the server supports it, else GML; or the exact name of a format of the server."""
    geometry: Name | None = None
    """The geometry property, for feature types with more than one."""
    page_size: Count | None = None
    """The number of objects per request; default: the maximum that the server declares."""
    sort_by: Name | None = None
    """A unique attribute to sort by, so that no object is missing from or repeated on pages."""

    @property
    def requested_types(self) -> tuple[str, ...]:
        """The feature types."""
        return self.type_names

    @property
    def types_key(self) -> str:
        """The key with the feature types."""
        return "type_names"


class OgcApiSource(HttpSource):
    """OGC API Features (OGC 17-069r4, 18-058r1 and 19-079r2).

    Objects are requested in RD where the service offers it, and otherwise in longitude and latitude. If `extent` is
    set, only the objects in it are requested.
    """

    type: Literal["ogcapi"]
    """The type of source."""
    url: HttpAddress
    """The http(s) URL of the landing page, without credentials (put those in `auth`). All requests go to its host."""
    collections: TypeNames
    """The collections; several are combined to one layer."""
    page_size: Count | None = None
    """The number of objects per request; default: the maximum that the service states, at most 2000."""
    deadline: PositiveSeconds = 600.0
    """The time limit of a fetch, with all its pages. A fetch that takes longer has failed."""

    @property
    def requested_types(self) -> tuple[str, ...]:
        """The collections."""
        return self.collections

    @property
    def types_key(self) -> str:
        """The key with the collections."""
        return "collections"


class ArcgisSource(HttpSource):
    """Layers of an ArcGIS feature service or map service. Coded values become the texts that they mean."""

    type: Literal["arcgis"]
    """The type of source."""
    layers: LayerNumbers | None = None
    """The numbers of the layers, where `url` is that of the service (`.../FeatureServer`); several are combined to one
    layer. Without it, `url` is that of one layer (`.../FeatureServer/0`)."""
    srs_name: Name | None = None
    """The CRS to request; default: that of the layer itself, or RD if the service has no code for that."""
    output_format: Literal["auto", "json", "geojson"] = "auto"
    """`auto`: Esri's JSON, or GeoJSON if that does not work."""
    page_size: Count | None = None
    """The number of objects per request; default: the maximum of the layer, at most 2,000."""

    @property
    def requested_types(self) -> tuple[str, ...]:
        """The numbers of the layers, where the file has them."""
        return tuple(map(str, self.layers or ()))

    @property
    def types_key(self) -> str:
        """The key with the layers, else the address of the one layer."""
        return "layers" if self.layers else "url"


class GeoJsonSource(HttpSource):
    """A GeoJSON document (RFC 7946)."""

    type: Literal["geojson"]
    """The type of source."""
    url: TemplateOrPath = Field(repr=False)
    """An http(s) URL, or the path of a file, relative to the layer file. A URL may have placeholders: {west}, {south},
    {east} and {north}, which are degrees, with `mode: cells`; {offset} and {limit} for a vendor that pages. A part that
    comes from a variable or a file, such as a token in the path, is a secret: it is in no message."""
    srs_name: Name | None = None
    """The CRS of the coordinates, if it is not WGS84."""
    page_size: Count = 500
    """The number of objects per request: the value of {limit}."""

    @property
    def placeholders(self) -> frozenset[str]:
        """The placeholders in `url`; none in the path of a file."""
        return frozenset(placeholders_in(self.url)) if is_address(self.url) else frozenset()


class FileSource(SourceBlock):
    """A file: CSV, or with the extra `files` also GeoPackage, FlatGeobuf or Shapefile.

    It may be in a ZIP archive. It is read again within seconds when it changes, and not when `fresh_for` is over.
    """

    type: Literal["file"]
    """The type of source."""
    path: VendorPath
    """The path of the file, relative to the layer file. Of a Shapefile that of the `.shp`."""
    layer: Name | None = None
    """The layer in the file, or the file in the archive, if there are several."""
    encoding: CharacterSet | None = None
    """The character set of the texts, such as `windows-1252`; default: the one that the file declares, unless its bytes
    show another one."""
    srs_name: Name | None = None
    """The CRS of the coordinates; default: the one that the file declares."""
    x: Name | None = None
    """CSV: the column with the easting or longitude; default: found by its name."""
    y: Name | None = None
    """CSV: the column with the northing or latitude; default: found by its name."""
    delimiter: Delimiter | None = None
    """CSV: the character between two values, or `tab`; default: the one that divides the first lines into equal numbers
    of values."""
    decimal: Literal[",", "."] | None = None
    """CSV: the decimal sign of the coordinates; default: determined from the data."""

    @property
    def types_key(self) -> str:
        """The key with the layer in the file."""
        return "layer"


Source = Annotated[WfsSource | OgcApiSource | ArcgisSource | GeoJsonSource | FileSource, Field(discriminator="type")]
