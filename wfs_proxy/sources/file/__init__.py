"""Files as a source: CSV, which our own code reads, and what GDAL reads in a process of its own.

    FileFeatureSource -> what the file is (`file_kind`), out of its archive (`archive`)
      -> CSV: `csv_rows` -> `csv_places` -> batch
      -> GDAL: `gdal_process` (starts `wfs_proxy.gdal.reader`) -> `gdal_batch` -> batch

Nothing of a file is kept between two fetches, and of its columns only those are read that the layer uses.
"""

from wfs_proxy.sources.file.source import FileFeatureSource
from wfs_proxy.sources.file.unchosen_layer import UnchosenLayer

__all__ = ["FileFeatureSource", "UnchosenLayer"]
