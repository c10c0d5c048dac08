"""A layer file of lamps in a GeoJSON file: the whole pipeline without a vendor."""

LAYER = """\
id: {name}
title: Lampen
source:
  type: geojson
  url: ${{LAMPS}}
properties:
  id: nummer
  fields: {{nummer: string}}
"""
