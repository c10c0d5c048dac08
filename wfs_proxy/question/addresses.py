"""The addresses in a question: of the layer, of its WFS and of the pictures, below the public address of the proxy.

A question is used by the browsers of citizens, or by another server. So a relative address and one that means "this
machine" are refused: they would work on the administrator's own machine only.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, urlsplit

from wfs_proxy.config import Text
from wfs_proxy.question.texts import ADDRESSES

__all__ = [
    "address_problem",
    "host_of",
    "icon_address",
    "is_internal",
    "is_this_machine",
    "layer_path",
    "map_endpoint",
    "wfs_address",
]

_BOX = "bbox={west},{south},{east},{north}&srsName={srsName}"
"""Each placeholder occurs once, because the newer form replaces only its first occurrence."""

_INTERNAL_DOMAINS = (
    ".corp",
    ".home",
    ".home.arpa",
    ".internal",
    ".intern",
    ".intranet",
    ".invalid",
    ".lan",
    ".local",
    ".private",
    ".test",
)
"""Domains that no public name has (RFC 6761, RFC 6762 with its appendix G, RFC 8375), and the Dutch `.intern`."""


@lru_cache(maxsize=1024)
def layer_path(layer_id: str) -> str:
    """Return the path of a layer's URL."""
    return f"/layers/{quote(layer_id, safe='')}"


def map_endpoint(public_url: str, layer_id: str) -> str:
    """Return the `endpoint` of a question in Signalen; the map replaces what is in braces."""
    return f"{public_url}{layer_path(layer_id)}/features?{_BOX}"


def wfs_address(public_url: str, layer_id: str) -> str:
    """Return the address of a layer's WFS, which works without a query."""
    return f"{public_url}{layer_path(layer_id)}/wfs"


def icon_address(public_url: str, name: str) -> str:
    """Return the address of a picture."""
    return f"{public_url}/icons/{name}.svg"


def address_problem(public_url: str) -> Text | None:
    """Return why an address cannot be the public address of the proxy, and what to do; None if it can."""
    if not public_url:
        return ADDRESSES["missing"]
    try:
        parts = urlsplit(public_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ADDRESSES["malformed"]
    unsuitable = set("{}?# \\") & set(public_url) or not public_url.isprintable()
    if parts.scheme not in ("http", "https") or not host or unsuitable:
        return ADDRESSES["malformed"]
    if parts.username is not None:
        return ADDRESSES["credentials"]
    return ADDRESSES["this_machine"] if is_this_machine(host) else None


def host_of(address: str) -> str:
    """Return the host of a complete web address; "" for anything else."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ""
    return (host or "") if parts.scheme in ("http", "https") else ""


def is_this_machine(host: str) -> bool:
    """Whether a host means the machine that uses it: a loopback or unspecified address, or a name for one.

    A browser also accepts 127.1 and 2130706433 for 127.0.0.1 (WHATWG URL Standard, section 3.5).
    """
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".localdomain")):
        return True
    address = _ip_address(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and any(each.is_loopback or each.is_unspecified for each in (address, mapped) if each)


def is_internal(host: str) -> bool:
    """Whether a host exists in one network only: a private address, or a name that the public DNS does not have."""
    name = host.lower().rstrip(".")
    address = _ip_address(name)
    if address is not None:
        return not address.is_global
    return "." not in name or name.endswith(_INTERNAL_DOMAINS)


def _ip_address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        *parts, last = [int(part, 0) for part in name.split(".")]
        number = sum(part << 8 * (3 - position) for position, part in enumerate(parts)) + last
        return IPv4Address(number)
    except ValueError:
        return None
