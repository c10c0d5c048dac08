"""The content security policy of the pages (W3C, Content Security Policy Level 3)."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["content_policy"]


def content_policy(tiles: str | None = None) -> str:
    """Return the policy: a page loads files of this proxy only, has no inline script or style, and is in no frame.

    Args:
        tiles: the URL template of background tiles that the page may load; None without them. Then `data:` is allowed
            too, because the library gives a tile that it discards an empty picture.
    """
    pictures = ["'self'"]
    if tiles is not None:
        parts = urlsplit(tiles)
        pictures += [f"{parts.scheme}://{parts.netloc}", "data:"]
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src {' '.join(pictures)}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
