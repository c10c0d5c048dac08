"""Draws tiles: as vector tiles, and as GeoJSON for scripts that do not read those."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import orjson

from wfs_proxy.faces.tiles.mvt import MEDIA_TYPE, vector_tile
from wfs_proxy.faces.tiles.object_tags import CLUSTER, COUNT, REPORTED, clusters_tagged, joined, objects_tagged
from wfs_proxy.faces.tiles.places import box_around, lonlat_of
from wfs_proxy.faces.tiles.tile_content import LayerIndexes, PlacedClusters, TileContent, cells_content, layer_content
from wfs_proxy.geo import Cell
from wfs_proxy.serve import GEOJSON, LayerData
from wfs_proxy.snapshot import SEPARATOR

__all__ = ["GeoJsonTile", "TileDrawing", "VectorTile"]


_COST = 20
"""Objects that can be looked at in the time in which one is written into a tile: about a microsecond."""


class TileDrawing(ABC):
    """A tile of a layer in one format."""

    media_type: str

    def __init__(self, layer_id: str, tile: Cell, indexes: LayerIndexes) -> None:
        self.box = box_around(tile)
        self.key = f"{self.media_type} {layer_id} {tile.key}"
        self._layer_id = layer_id
        self._tile = tile
        self._indexes = indexes

    def work(self, data: LayerData) -> float:
        """Return about how many objects are looked at: all for the first tile of a layer, or what those in it cost."""
        if data.layer.fetch.mode == "snapshot":
            snapshot = data.parts[0].snapshot
            unknown = self._indexes.work(snapshot)
            return unknown or (_COST * snapshot.expected_in(self.box) if self._has_objects(data) else 0)
        return _COST * sum(part.snapshot.expected_in(self.box) for part in data.parts)

    def draw(self, data: LayerData) -> bytes:
        """Return the tile."""
        if data.layer.fetch.mode == "snapshot":
            return self._write(layer_content(data.parts[0], self._tile, self._indexes))
        return self._write(cells_content(data.parts, self._tile))

    def _has_objects(self, data: LayerData) -> bool:
        return self._tile.zoom >= self._indexes.objects_from(data.parts[0].snapshot)

    @abstractmethod
    def _write(self, content: TileContent) -> bytes: ...


class VectorTile(TileDrawing):
    """A Mapbox Vector Tile with one layer, which has the name of the layer; empty without objects."""

    media_type = MEDIA_TYPE

    def _write(self, content: TileContent) -> bytes:
        tagged = [objects_tagged(objects.part, objects.rows) for objects in content.objects]
        places = [objects.places for objects in content.objects]
        clusters = content.clusters
        if clusters is not None:
            tagged.append(clusters_tagged(clusters.ids, clusters.counts, clusters.reported))
            places.append(clusters.places)
        if not tagged:
            return b""
        features = joined(tagged)
        return vector_tile(self._layer_id, features.ids, np.concatenate(places), list(features.tags.values()))


class GeoJsonTile(TileDrawing):
    """The same objects, without those around the tile, and clusters as a FeatureCollection."""

    media_type = GEOJSON

    def _write(self, content: TileContent) -> bytes:
        inside = [objects.within(0) for objects in content.objects]
        pieces = [piece for objects in inside for piece in objects.part.features(objects.rows)]
        if content.clusters is not None:
            pieces += [orjson.dumps(feature) + SEPARATOR for feature in _cluster_features(content.clusters)]
        if pieces:
            pieces[-1] = pieces[-1].removesuffix(SEPARATOR)
        return b"".join([b'{"type":"FeatureCollection","features":[', *pieces, b"]}"])


def _cluster_features(clusters: PlacedClusters) -> list[dict[str, object]]:
    reported = [None] * len(clusters.ids) if clusters.reported is None else clusters.reported.tolist()
    features = zip(
        clusters.ids.tolist(), lonlat_of(clusters.world).tolist(), clusters.counts.tolist(), reported, strict=True
    )
    return [
        {
            "type": "Feature",
            "id": number,
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {CLUSTER: True, COUNT: count, REPORTED: marked},
        }
        for number, place, count, marked in features
    ]
