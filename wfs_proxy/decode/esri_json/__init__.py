"""Esri JSON: the answers of ArcGIS servers."""
