"""The one door through which httpx's exceptions become ours.

Messages name the host and what to do about it, never the query; a fault of TLS says which certificate is at fault.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from wfs_proxy.errors import ConfigurationError, MalformedDocument, UpstreamRefused, UpstreamUnreachable, WfsProxyError

__all__ = ["FAULTS", "translated"]

_Make = Callable[[str, Exception], WfsProxyError]


def _unreachable(text: str) -> _Make:
    return lambda host, _: UpstreamUnreachable(f"{host} {text}")


def _no_connection(host: str, fault: Exception) -> WfsProxyError:
    tls = _tls_fault(fault)
    if tls is not None:
        return _distrusted(host, tls)
    reason = str(fault).strip() or type(fault).__name__
    return UpstreamUnreachable(f"no connection to {host}: {reason}")


def _broken(host: str, fault: Exception) -> WfsProxyError:
    tls = _tls_fault(fault)
    if tls is not None:
        return _distrusted(host, tls)
    hint = "; a server that wants another client certificate does that too" if _is_secure(fault) else ""
    return UpstreamUnreachable(f"the connection to {host} broke before the answer was complete{hint}")


def _is_secure(fault: Exception) -> bool:
    """Whether it was https, where the alert that tells why is often lost with the connection (RFC 8446, section 6)."""
    return isinstance(fault, httpx.RequestError) and _scheme(fault) == "https"


def _scheme(fault: httpx.RequestError) -> str:
    try:
        return fault.request.url.scheme
    except RuntimeError:  # httpx: no request was attached yet
        return ""


FAULTS: dict[type[Exception], _Make] = {
    httpx.ConnectTimeout: _unreachable("did not accept a connection in time"),
    httpx.PoolTimeout: _unreachable("is busy: no connection came free in time"),
    httpx.TimeoutException: _unreachable("did not answer in time"),
    httpx.ConnectError: _no_connection,
    httpx.ProxyError: lambda host, fault: UpstreamUnreachable(f"the proxy on the way to {host} refused: {fault}"),
    httpx.NetworkError: _broken,
    httpx.RemoteProtocolError: _broken,
    httpx.LocalProtocolError: lambda host, fault: ConfigurationError(
        f"the request to {host} cannot be sent, is there a line break in a header or an address? ({fault})"
    ),
    httpx.UnsupportedProtocol: lambda host, fault: ConfigurationError(f"{host}: {fault}"),
    httpx.DecodingError: lambda host, _: MalformedDocument(f"{host} sent a body that cannot be decompressed"),
    httpx.TooManyRedirects: lambda host, _: UpstreamRefused(f"{host} redirects in circles"),
    httpx.InvalidURL: lambda host, fault: ConfigurationError(f"the address of {host} is not one: {fault}"),
    httpx.HTTPError: _broken,
    httpx.StreamError: _broken,
    TimeoutError: _unreachable("did not answer in time"),
    ssl.SSLError: _broken,
    OSError: _broken,
}
"""Exception class -> ours; the most particular class of an exception's own line of descent decides."""


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Let no exception of httpx, ssl or the socket out; `host` is named in the message.

    Raises:
        UpstreamError: the vendor's fault or the network's; `retryable` tells whether to try again.
        ConfigurationError: the address or a header is wrong.
    """
    try:
        yield
    except WfsProxyError:
        raise
    except tuple(FAULTS) as fault:
        raise _maker(type(fault))(host, fault) from fault


def _maker(kind: type[Exception]) -> _Make:
    return next(FAULTS[base] for base in kind.__mro__ if base in FAULTS)


def _tls_fault(fault: BaseException | None) -> ssl.SSLError | None:
    seen: set[int] = set()
    while fault is not None and id(fault) not in seen:
        if isinstance(fault, ssl.SSLError):
            return fault
        seen.add(id(fault))
        fault = fault.__cause__ or fault.__context__
    return None


def _distrusted(host: str, fault: ssl.SSLError) -> UpstreamUnreachable:
    """A fault of TLS does not go away by trying again, so it is not retryable."""
    made = UpstreamUnreachable(f"{host}: {_tls_reason(fault)}")
    made.retryable = False
    return made


_VERIFY_REASONS = {
    10: "its certificate has expired",
    18: "its certificate is self-signed; name it in `tls: {ca: ...}` if that is meant",
    19: "its certificate authority is unknown; name that in `tls: {ca: ...}` if it is a private one",
    20: "its certificate authority is unknown; name that in `tls: {ca: ...}` if it is a private one",
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}
"""OpenSSL's X509_V_ERR_* (openssl/x509_vfy.h)."""


def _tls_reason(fault: ssl.SSLError) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _VERIFY_REASONS.get(fault.verify_code, f"its certificate is not trusted: {fault.verify_message}")
    reason = (fault.reason or str(fault)).replace("_", " ").lower()
    if "certificate required" in reason or "handshake failure" in reason or "bad certificate" in reason:
        return f"it wants a client certificate; give one in `auth: {{type: mtls, ...}}` ({reason})"
    if "unknown ca" in reason:
        return f"it does not trust the client certificate of `auth` ({reason})"
    return f"no secure connection: {reason}"
