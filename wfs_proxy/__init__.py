"""Serves objects of vendors' WFS services as points that Signalen's map can show."""

__version__ = "0.1.0"
