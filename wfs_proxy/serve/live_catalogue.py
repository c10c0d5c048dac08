"""The catalogue that is served now; a reload replaces it while requests are answered."""

from __future__ import annotations

from wfs_proxy.config import Catalogue, Layer
from wfs_proxy.errors import NotFound

__all__ = ["LiveCatalogue"]


class LiveCatalogue:
    """Holds the current catalogue. Only `Runtime` replaces it."""

    def __init__(self, current: Catalogue) -> None:
        self.current = current
        self.reload_error: str | None = None
        """Why the last reload was refused; None when `current` is what the layer files say."""

    def layer(self, layer_id: str) -> Layer:
        """Return a layer.

        Raises:
            NotFound: there is no such layer; the message names the nearest.
        """
        layer = self.current.get(layer_id)
        if layer is None:
            nearest = self.current.nearest(layer_id)
            hint = f"did you mean {nearest!r}?" if nearest else "/layers lists all layers."
            raise NotFound(f"There is no layer {layer_id!r}; {hint}")
        return layer
