"""Reads all collections of an OGC API Features with QGIS, and prints them as JSON: run by the Python that has QGIS.

`/usr/bin/python3 qgis_reader.py URL COLLECTION...`
"""

import json
import sys

from qgis.core import QgsApplication, QgsVectorLayer
from qgis.PyQt.QtCore import QDate, Qt


def read(url: str, name: str) -> dict[str, object]:
    """Return a collection: whether QGIS can use it, and its objects."""
    layer = QgsVectorLayer(f"url='{url}' typename='{name}'", name, "OAPIF")
    fields = [field.name() for field in layer.fields()]
    return {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "count": layer.featureCount(),
        "features": [
            {
                "place": [feature.geometry().asPoint().x(), feature.geometry().asPoint().y()],
                "properties": dict(zip(fields, map(_text, feature.attributes()))),  # noqa: B905 - equally long
            }
            for feature in layer.getFeatures()
        ],
    }


def _text(value: object) -> str:
    return value.toString(Qt.ISODate) if isinstance(value, QDate) else str(value)


if __name__ == "__main__":
    address, *names = sys.argv[1:]
    application = QgsApplication([], False)
    application.initQgis()
    print(json.dumps({name: read(address, name) for name in names}))  # noqa: T201 - its result
    application.exitQgis()
