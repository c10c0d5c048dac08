"""The processes that run GDAL: one writes files (`writer.py`), one reads them (`reader.py`).

GDAL is in the extra `files`. It holds Python's global lock while it works, and a damaged file may crash it, so it runs
in a process of its own, which starts anew for each file. This package imports little: with the rest of the program a
process would take four times as long to start.
"""

from wfs_proxy.gdal.installed import has_gdal
from wfs_proxy.gdal.order import ColumnBatch, FileOrder
from wfs_proxy.gdal.read_order import FileDescription, ReadFailure, ReadOrder, RowBatch

__all__ = ["ColumnBatch", "FileDescription", "FileOrder", "ReadFailure", "ReadOrder", "RowBatch", "has_gdal"]
