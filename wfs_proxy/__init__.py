"""A vendor's WFS in, the points that Signalen's map can show out."""

__version__ = "0.1.0"
