"""Which feature types a path of the WFS offers, and which layer a type name means.

A layer is offered under its id, and at the paths of its block `wfs` under the old names that it lists there. A request
may use any of these names at every path, and the type names of the layer's vendor unless another layer has them too. At
`/layers/{id}/wfs` every name that means no other layer means this one, because the path says which it is. The elements
of an answer have the name that the request uses, so that a client which knows the layer by an old name recognises them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from wfs_proxy.config import Catalogue, Layer, nearest
from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.namespaces import OUR_PREFIX
from wfs_proxy.faces.wfs.served_properties import ServedProperty, geometry_name, served_properties
from wfs_proxy.faces.wfs.xml_names import ncname, original_name

__all__ = ["Offer", "OfferedType", "Offers", "prefix_declarations"]

WFS_PATH = "/wfs"

LayersByName = Mapping[str, tuple[str, ...]]
"""Name of a type, with and without its prefix -> the ids of the layers that it may mean."""


class OfferedType(NamedTuple):
    """A layer as a feature type."""

    layer: Layer
    properties: tuple[ServedProperty, ...]
    geometry: str
    """The name of the property that is the point."""

    prefix: str
    local_name: str
    """An NCName, the name of the elements."""

    title: str
    """For lists of types: that of the layer, with an addition if other layers have the same."""

    @classmethod
    def of(cls, layer: Layer) -> OfferedType:
        """Return a layer under its id."""
        properties = served_properties(layer)
        return cls(layer, properties, geometry_name(properties), OUR_PREFIX, ncname(layer.id), layer.title)

    def under(self, type_name: str) -> OfferedType:
        """Return the same under another name."""
        prefix, _, local = type_name.rpartition(":")
        known = prefix and prefix not in _TAKEN_PREFIXES
        # the name may be one of XML already
        return self._replace(
            prefix=ncname(original_name(prefix)) if known else OUR_PREFIX, local_name=ncname(original_name(local))
        )

    @property
    def name(self) -> str:
        """The name of the type."""
        return f"{self.prefix}:{self.local_name}"


def prefix_declarations(types: Iterable[OfferedType], namespace: str) -> str:
    """Return the attributes that declare the prefixes of types, which all stand for the namespace of our elements."""
    prefixes = dict.fromkeys(each.prefix for each in types)
    return "".join(f" xmlns:{prefix}={quoteattr(namespace)}" for prefix in prefixes)


class Offer:
    """The types at one path."""

    def __init__(self, path: str, types: Iterable[OfferedType], *, everywhere: LayersByName | None = None) -> None:
        """Offer types.

        Args:
            path: of the WFS.
            types: as the capabilities list them; a layer may have several.
            everywhere: the names of all layers, if the path says which layer is meant; then other names mean it too.
        """
        self.path = path
        self.types = tuple(types)
        self._everywhere = everywhere
        # a layer with several names has its first one where the request names none
        self._by_layer = {each.layer.id: each for each in reversed(self.types)}
        self._by_name = _by_name(each.layer for each in self._by_layer.values())
        self._find = lru_cache(maxsize=256)(self._found)

    def find(self, type_name: str | None, *, alone: bool = True) -> OfferedType:
        """Return the type that a request names.

        Args:
            type_name: with or without a prefix; None: the only one.
            alone: the request names no other type, so that an unknown name may mean the layer of the path.

        Raises:
            WfsRequestError: there is no such type, or several.
        """
        return self._only() if type_name is None else self._find(type_name, alone=alone)

    def _found(self, type_name: str, *, alone: bool) -> OfferedType:
        # names in answers are remembered, so they have a limit
        known = self._by_name if len(type_name) <= _LONGEST_NAME else {}
        found = _meant(type_name, known)
        if not found and alone and len(type_name) <= _LONGEST_NAME and self._everywhere is not None:
            found = () if _meant(type_name, self._everywhere) else tuple(self._by_layer)
        if len(found) == 1:
            return self._by_layer[found[0]].under(type_name)
        names = [each.name for each in self.types]
        if found:
            text = f"typeName={type_name[:100]} means several types; use one of {', '.join(names)}."
        else:
            # a prefix that both have makes names no more alike
            local_names = [name for name in self._by_name if ":" not in name]
            meant = nearest(type_name.rpartition(":")[2][:_LONGEST_NAME], local_names)
            hint = f" Did you mean {meant}?" if meant else ""
            text = f"There is no type {type_name[:100]!r} here.{hint} There are {', '.join(names)}."
        raise WfsRequestError(text, code="InvalidParameterValue", locator="typeName")

    def of_id(self, feature_id: str) -> OfferedType | None:
        """Return the type of the feature with an id, "<layer>.<id>"; None if there is none."""
        ids = [name for name in self._by_layer if feature_id.startswith((f"{name}.", f"{ncname(name)}."))]
        longest = max(ids, key=len, default=None)
        return None if longest is None else self._by_layer[longest]

    def _only(self) -> OfferedType:
        if len(self._by_layer) == 1:
            return self.types[0]
        names = ", ".join(each.name for each in self.types)
        raise WfsRequestError(
            f"The request names no type, and there are several: {names}.",
            code="MissingParameterValue",
            locator="typeName",
        )


class Offers:
    """The types at every path, for one version of the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        titles = _titles(catalogue.values())
        every = [OfferedType.of(layer)._replace(title=titles[layer.id]) for layer in catalogue.values()]
        names = _by_name(catalogue.values())
        offers = [Offer(WFS_PATH, every)]
        offers += [Offer(f"/layers/{each.layer.id}/wfs", [each], everywhere=names) for each in every]
        old: dict[str, list[OfferedType]] = defaultdict(list)
        for each in every:
            for path in each.layer.wfs.paths:
                old[path] += [each.under(name) for name in each.layer.wfs.type_names] or [each]
        offers += [Offer(path, types) for path, types in old.items()]
        self._by_path = {offer.path: offer for offer in offers}

    def at(self, path: str) -> Offer | None:
        """Return what a path offers, with or without a slash at its end; None if it is not a path of the WFS."""
        return self._by_path.get(path) or self._by_path.get(path.rstrip("/"))


_LONGEST_NAME = 1_000
"""Characters, as in a layer file."""

_TAKEN_PREFIXES = frozenset(("wfs", "gml", "ows", "ogc", "fes", "xlink", "xml", "xmlns", "xsd", "xsi"))
"""Prefixes that our documents use for other namespaces."""


def _titles(layers: Collection[Layer]) -> Mapping[str, str]:
    """Return the id of each layer -> its title; where several have the same, with the organisation, or else the id."""
    alike = Counter(layer.title.casefold() for layer in layers)
    owned = Counter((layer.title.casefold(), layer.organisation) for layer in layers)
    found = {}
    for layer in layers:
        title = layer.title.casefold()
        by_owner = layer.organisation and owned[title, layer.organisation] == 1
        addition = f" ({layer.organisation if by_owner else layer.id})" if alike[title] > 1 else ""
        found[layer.id] = f"{layer.title}{addition}"
    return found


def _meant(type_name: str, known: LayersByName) -> tuple[str, ...]:
    return known.get(type_name) or known.get(type_name.rpartition(":")[2], ())


def _by_name(layers: Iterable[Layer]) -> LayersByName:
    """Return every name. Ids and names in layer files come before names of vendors."""
    ours: dict[str, dict[str, None]] = defaultdict(dict)
    vendors: dict[str, dict[str, None]] = defaultdict(dict)
    for layer in layers:
        for name in (layer.id, ncname(layer.id), *_spellings(layer.wfs.type_names)):
            ours[name][layer.id] = None
        if layer.source.type == "wfs":
            for name in _spellings(layer.source.type_names):
                vendors[name][layer.id] = None
    return {name: tuple(ids) for name, ids in (vendors | ours).items()}


def _spellings(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        local = name.rpartition(":")[2]
        yield from (name, local, ncname(local))
