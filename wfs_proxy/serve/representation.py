"""An answer to a request for features: its bytes with their ETag and freshness.

Terms are those of RFC 9110 (representation, validator, precondition), RFC 9111 (freshness) and RFC 9211 (Cache-Status);
`web/representations.py` writes them as header fields. The values made for each request are named tuples, because
creating one takes 1 microsecond, and a frozen dataclass of ten fields 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from wfs_proxy.serve.content_coding import Codings, ContentCoding

__all__ = ["GEOJSON", "EncodedBody", "Preconditions", "Representation", "validators"]

GEOJSON = "application/geo+json"
"""RFC 7946, section 12."""


class Preconditions(NamedTuple):
    """The validators of the copy that the client has."""

    if_none_match: str | None = None
    """The header field as sent."""

    if_modified_since: float | None = None
    """Seconds since 1970; ignored if `if_none_match` is given (RFC 9110, section 13.2.2)."""

    def current(self, etags: Sequence[str], modified_at: float | None) -> str | None:
        """Return the ETag of the client's copy if it is still current, so that 304 is the answer; else None.

        Args:
            etags: of the representations that the client can decode, with their quotes, the preferred first. They are
                compared weakly (RFC 9110, section 13.1.2).
            modified_at: seconds since 1970; only whole seconds count, as in the header field. None: a date proves
                nothing, because the layer has marks, which change without a date of their own.
        """
        if self.if_none_match is not None:
            known = {tag.strip().removeprefix("W/") for tag in self.if_none_match.split(",")}
            return next((etag for etag in etags if etag in known or "*" in known), None)
        if modified_at is None or self.if_modified_since is None:
            return None
        return etags[0] if int(modified_at) <= self.if_modified_since else None


def validators(content: bytes, codings: Codings) -> list[str]:
    """Return the ETags of a representation in each coding, with their quotes, in the order of `codings`.

    Args:
        content: is different for every other representation, but the same for every coding of this one.
        codings: those that the client can decode.
    """
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    return [coding.etag(etag) for coding in codings]


class EncodedBody(NamedTuple):
    """The part of a representation that does not change with time, so that it can be cached."""

    etag: str
    """With its quotes; each coding has its own."""

    body: bytes

    coding: ContentCoding
    """Of the body."""

    matched: int | None = None
    """Objects that the query selects; None for a single feature."""

    returned: int | None = None
    """Objects in the body; fewer than `matched` when the default limit or a page left some out."""


class Representation(NamedTuple):
    """An answer to a request for features."""

    body: bytes
    """Empty when `not_modified`."""

    etag: str
    """A strong validator, with its quotes; each coding has its own."""

    modified_at: float
    """When this content was first seen, in seconds since 1970."""

    ttl: float
    """Seconds until the objects are stale; negative when they are."""

    marks_ttl: float | None = None
    """Seconds until the marks may change, negative when that is overdue; None where only the vendor marks objects."""

    waited: bool = False
    """Whether the request waited for the vendor."""

    coding: ContentCoding = ContentCoding.IDENTITY
    """Of the body."""

    not_modified: bool = False
    """Whether the client's copy is still current."""

    matched: int | None = None
    """Objects that the query selects; None for a single feature."""

    returned: int | None = None
    """Objects in the body; fewer than `matched` when the default limit or a page left some out."""

    truncated: bool = False
    """Whether objects were left out although the client set no limit."""

    swapped: bool = False
    """Whether the box of the request was read with latitude first, because as written it misses the layer."""

    version: str = ""
    """Of the objects and the marks together, of which it is made."""
