"""Reads layers of a WFS with QGIS. Runs with Debian's Python, which has PyQGIS: it reads and writes JSON.

python3 pyqgis.py < REQUESTS

Each request is an object: the parameters of QGIS's WFS provider, and `rectangle` for the features in it.
"""

from __future__ import annotations

import json
import sys
import time

from qgis.core import QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

PATIENCE = 20
"""Seconds."""


def value(given):
    return given.toString("yyyy-MM-dd") if hasattr(given, "toString") else given


def read(parameters):
    rectangle = parameters.pop("rectangle", None)
    uri = QgsDataSourceUri()
    for key, text in parameters.items():
        uri.setParam(key, text)
    layer = QgsVectorLayer(uri.uri(False), parameters["typename"], "WFS")
    if not layer.isValid():
        return {"error": layer.error().message()}
    request = QgsFeatureRequest()
    if rectangle is not None:
        request.setFilterRect(QgsRectangle(*rectangle))
    names = [field.name() for field in layer.fields()]
    features = [
        {
            "place": [feature.geometry().asPoint().x(), feature.geometry().asPoint().y()],
            "properties": dict(zip(names, map(value, feature.attributes()), strict=True)),
        }
        for feature in layer.getFeatures(request)
    ]
    count = count_of(layer, len(features)) if rectangle is None else layer.featureCount()
    return {"count": count, "features": features}


def count_of(layer, received):
    """Return the count that QGIS shows. Without one of the service (1.0.0), QGIS sets it after the last object."""
    deadline = time.monotonic() + PATIENCE
    while layer.featureCount() != received and time.monotonic() < deadline:
        QgsApplication.processEvents()
        time.sleep(0.02)
    return layer.featureCount()


def main():
    application = QgsApplication([], False)
    application.initQgis()
    # a null of Qt is no type of JSON
    json.dump([read(parameters) for parameters in json.load(sys.stdin)], sys.stdout, default=lambda _: None)
    application.exitQgis()


main()
