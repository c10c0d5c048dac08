"""Reads layers of a WFS with QGIS. Runs with Debian's Python, which has PyQGIS: it writes JSON.

python3 pyqgis.py ADDRESS VERSION LAYER...
"""

from __future__ import annotations

import json
import sys

from qgis.core import QgsApplication, QgsDataSourceUri, QgsVectorLayer


def value(given):
    return given.toString("yyyy-MM-dd") if hasattr(given, "toString") else given


def read(address, version, name):
    uri = QgsDataSourceUri()
    for key, text in {"url": address, "typename": name, "version": version, "srsname": "EPSG:4326"}.items():
        uri.setParam(key, text)
    layer = QgsVectorLayer(uri.uri(False), name, "WFS")
    if not layer.isValid():
        return {"error": layer.error().message()}
    names = [field.name() for field in layer.fields()]
    features = [
        {
            "place": [feature.geometry().asPoint().x(), feature.geometry().asPoint().y()],
            "properties": dict(zip(names, map(value, feature.attributes()), strict=True)),
        }
        for feature in layer.getFeatures()
    ]
    return {"count": layer.featureCount(), "features": features}


def main():
    application = QgsApplication([], False)
    application.initQgis()
    address, version, *names = sys.argv[1:]
    # a null of Qt is no type of JSON
    json.dump({name: read(address, version, name) for name in names}, sys.stdout, default=lambda _: None)
    application.exitQgis()


main()
