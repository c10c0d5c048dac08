"""Values of attributes: from a vendor's document to the type of a field."""

from wfs_proxy.values.casts import CASTS, FieldType, JsonValue, comparable_text, is_absent, key_text, to_text
from wfs_proxy.values.nested import PATH_SEPARATOR, value_at_path

__all__ = [
    "CASTS",
    "PATH_SEPARATOR",
    "FieldType",
    "JsonValue",
    "comparable_text",
    "is_absent",
    "key_text",
    "to_text",
    "value_at_path",
]
