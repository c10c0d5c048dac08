"""The point that represents a geometry, and the simplified area for the `footprint` property."""
