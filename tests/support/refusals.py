"""The message with which a document is refused.

message = refusal(b"<html>", NotFeatures)
"""

from __future__ import annotations

import pytest

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload


def refusal(body: bytes | str, error: type[Exception]) -> str:
    """Return the message of the error that a document raises, which is exactly of this class."""
    body = body if isinstance(body, bytes) else body.encode()
    with pytest.raises(error) as refused:
        decode(Payload(body=body, source="vendor.xml"))
    assert type(refused.value) is error
    return str(refused.value)
