"""The name under which a browser stores a download (RFC 6266)."""

from __future__ import annotations

import datetime as dt

__all__ = ["content_disposition"]


def content_disposition(layer_id: str, modified_at: float, ending: str, *, is_part: bool) -> str:
    """Return the header field: `attachment; filename="putten_2026-11-30.csv"`.

    An id has only letters, digits, ".", "_" and "-" (`config.scalars`), so the name needs no escapes on any system.

    Args:
        layer_id: of the layer.
        modified_at: of the data, in seconds since 1970; its day in UTC is in the name.
        ending: of the format, without a dot.
        is_part: whether the file has only the objects of a box or filter, which its name then says.
    """
    day = dt.datetime.fromtimestamp(modified_at, dt.UTC).date().isoformat()
    part = "_part" if is_part else ""
    return f'attachment; filename="{layer_id}_{day}{part}.{ending}"'
