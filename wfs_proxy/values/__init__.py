"""Values of attributes: what a vendor's document holds to what a field promises."""

from wfs_proxy.values.casts import CASTS, FieldType, JsonValue, comparable_text, is_absent, key_text, to_text

__all__ = [
    "CASTS",
    "FieldType",
    "JsonValue",
    "comparable_text",
    "is_absent",
    "key_text",
    "to_text",
]
