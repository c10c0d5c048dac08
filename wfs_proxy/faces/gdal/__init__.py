"""The process that writes files with GDAL.

It is a package of its own and imports little, because it starts anew for each file: with the rest of the program it
would take four times as long to start.
"""

from wfs_proxy.faces.gdal.order import ColumnBatch, FileOrder

__all__ = ["ColumnBatch", "FileOrder"]
