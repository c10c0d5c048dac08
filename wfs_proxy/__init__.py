"""Serves objects of a municipality's vendors as points that Signalen's map can show."""

__version__ = "0.1.0"
