"""What a report quotes of the vendor, without credentials: vendors repeat what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from wfs_proxy.http import redacted_text, without_secrets

__all__ = ["without_credentials"]

_QUOTING = frozenset({"problem", "reason", "said", "text"})
"""Fields and details whose text may be the vendor's."""

_VALUES = frozenset({"examples"})
"""Fields with values of objects. Only known secrets are removed from them: the key of an object may look like one."""

_T = TypeVar("_T")


def without_credentials(report: _T, secrets: Sequence[str]) -> _T:
    """Return a report, or a diagnosis, whose quotations of the vendor contain none of these secrets or of any form.

    Args:
        report: a dataclass of `report.py`.
        secrets: those of the login and of the address.
    """
    shown: _T = _shown("", report, secrets)
    return shown


def _shown(name: str, value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, str):
        if name in _VALUES:
            return without_secrets(value, secrets)
        return redacted_text(value, secrets) if name in _QUOTING else value
    if isinstance(value, tuple):
        items = [_shown(name, each, secrets) for each in value]
        # a named tuple, such as BBox, stays one
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, Mapping):
        return {key: _shown(key, each, secrets) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        own = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        return replace(value, **{key: _shown(key, each, secrets) for key, each in own.items()})
    return value
