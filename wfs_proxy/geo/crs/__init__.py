"""Coordinate reference systems and axis order."""
