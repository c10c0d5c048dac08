"""Names in XML for layers, properties and ids, which may have characters that a name in XML must not have.

Such a character is written as `_xHHHH_` with its code in hexadecimal, as SQL/XML does (ISO 9075-14, section 9.1):
"mast nr" is `mast_x0020_nr`. A text that looks like such a code has its underscore written so, so no two names meet.
"""

from __future__ import annotations

import re
from functools import lru_cache

from wfs_proxy.decode import NAME_START

__all__ = ["ncname", "ncname_rest", "original_name"]

_FORBIDDEN = re.compile(rf"[^{NAME_START}\-.0-9\xb7\u0300-\u036f\u203f-\u2040]|_(?=x[0-9A-F]{{4,6}}_)")
_FORBIDDEN_FIRST = re.compile(rf"^[^{NAME_START}]|{_FORBIDDEN.pattern}")
_CODE = re.compile(r"_x([0-9A-F]{4,6})_")
_LAST_CODE = 0x10FFFF


@lru_cache(maxsize=4096)
def ncname(text: str) -> str:
    """Return an NCName (Namespaces in XML 1.0, production 4) that `original_name` turns back into `text`."""
    return _FORBIDDEN_FIRST.sub(_coded, text)


def ncname_rest(text: str) -> str:
    """Return what may follow the first character of an NCName."""
    return _FORBIDDEN.sub(_coded, text)


def original_name(name: str) -> str:
    """Return the text that a name of `ncname` stands for."""
    return _CODE.sub(_decoded, name)


def _coded(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _decoded(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= _LAST_CODE else match[0]
