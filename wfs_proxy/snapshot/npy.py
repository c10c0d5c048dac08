"""One array as the content of a .npy file (NumPy Enhancement Proposal 1), with its checksum. Nothing is unpickled."""

from __future__ import annotations

import io
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from wfs_proxy.errors import StorageError

__all__ = ["ArrayType", "StoredArray", "content_of", "description", "header_of"]

ArrayType = tuple[str, int]
"""The type of an array as a .npy header spells it, and its number of dimensions."""


def header_of(array: NDArray[Any]) -> bytes:
    """Return what comes before the content of an array."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    return header.getvalue()


def content_of(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return (B,) the bytes of an array, copied only where they do not follow each other."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def description(header: bytes, array: NDArray[Any]) -> dict[str, object]:
    """Return what a manifest has about an array, against which `StoredArray.checked` verifies it."""
    content = content_of(array)
    return {
        "bytes": len(header) + len(content),
        "type": array.dtype.str,
        "shape": array.shape,
        "crc32": isal_zlib.crc32(content, isal_zlib.crc32(header)),
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredArray:
    """An array in the content of a file that agrees with the manifest."""

    data: bytes | mmap.mmap
    """The whole file."""

    start: int
    """Where the array begins in it."""

    array: NDArray[Any]
    """The array, not copied."""

    @classmethod
    def checked(cls, data: bytes | mmap.mmap, expected: ArrayType, facts: Mapping[str, Any], where: str) -> StoredArray:
        """Verify the content of a file. `where` names the file in messages, `facts` are its `description`.

        Raises:
            StorageError: it is damaged or of another type; the message says which.
        """
        if len(data) != facts["bytes"]:
            raise StorageError(f"{where} has {len(data)} bytes and should have {facts['bytes']}")
        if isal_zlib.crc32(data) != facts.get("crc32"):
            raise StorageError(f"{where} does not have its checksum")
        head = io.BytesIO(data[:256])
        try:
            np.lib.format.read_magic(head)
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(head)
            array = np.frombuffer(data, dtype=dtype, count=int(np.prod(shape)), offset=head.tell()).reshape(shape)
        except (ValueError, TypeError) as error:
            raise StorageError(f"{where} is not an array") from error
        if fortran or (dtype.str, len(shape)) != expected:
            raise StorageError(f"{where} holds {dtype.str} in {len(shape)} dimensions")
        return cls(data=data, start=head.tell(), array=array)
