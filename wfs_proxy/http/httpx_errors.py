"""One table from httpx's exceptions to ours.

Messages name the host and a remedy, never the query; for TLS they say whose certificate is the problem.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from wfs_proxy.errors import ConfigurationError, MalformedDocument, UpstreamRefused, UpstreamUnreachable, WfsProxyError

__all__ = ["TRANSLATIONS", "translated"]

_Translation = Callable[[str, Exception], WfsProxyError]
"""(host, exception) -> our error."""


def _unreachable(text: str) -> _Translation:
    return lambda host, _: UpstreamUnreachable(f"{host} {text}")


def _no_connection(host: str, error: Exception) -> WfsProxyError:
    tls = _tls_error(error)
    if tls is not None:
        return _tls_failure(host, tls)
    reason = str(error).strip() or type(error).__name__
    return UpstreamUnreachable(f"no connection to {host}: {reason}")


def _broken(host: str, error: Exception) -> WfsProxyError:
    tls = _tls_error(error)
    if tls is not None:
        return _tls_failure(host, tls)
    hint = "; a server that requires another client certificate may do that" if _is_https(error) else ""
    return UpstreamUnreachable(f"the connection to {host} was lost before the answer was complete{hint}")


def _is_https(error: Exception) -> bool:
    """Whether the request was https, where the alert with the reason is often lost (RFC 8446, section 6)."""
    return isinstance(error, httpx.RequestError) and _scheme(error) == "https"


def _scheme(error: httpx.RequestError) -> str:
    try:
        return error.request.url.scheme
    except RuntimeError:  # httpx: no request was attached yet
        return ""


TRANSLATIONS: dict[type[Exception], _Translation] = {
    httpx.ConnectTimeout: _unreachable("did not accept a connection in time"),
    httpx.PoolTimeout: _unreachable("is busy: no connection became available in time"),
    httpx.TimeoutException: _unreachable("did not answer in time"),
    httpx.ConnectError: _no_connection,
    httpx.ProxyError: lambda host, error: UpstreamUnreachable(
        f"the forward proxy refused to connect to {host}: {error}"
    ),
    httpx.NetworkError: _broken,
    httpx.RemoteProtocolError: _broken,
    httpx.LocalProtocolError: lambda host, error: ConfigurationError(
        f"the request to {host} cannot be sent; check `url` and `auth` for line breaks ({error})"
    ),
    httpx.UnsupportedProtocol: lambda host, error: ConfigurationError(f"{host}: {error}"),
    httpx.DecodingError: lambda host, _: MalformedDocument(f"{host} sent a body that cannot be decompressed"),
    httpx.TooManyRedirects: lambda host, _: UpstreamRefused(f"{host}: too many redirects"),
    httpx.InvalidURL: lambda host, error: ConfigurationError(f"{host}: not a valid URL: {error}"),
    httpx.HTTPError: _broken,
    httpx.StreamError: _broken,
    TimeoutError: _unreachable("did not answer in time"),
    ssl.SSLError: _broken,
    OSError: _broken,
}
"""Exception class -> translation. The entry of the nearest class in an exception's method resolution order applies."""


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Translate every exception of httpx, ssl or the socket; `host` is named in the message.

    Raises:
        UpstreamError: the server or the network failed; `retryable` says whether another attempt may succeed.
        ConfigurationError: the URL or a header is invalid.
    """
    try:
        yield
    except WfsProxyError:
        raise
    except tuple(TRANSLATIONS) as error:
        raise _translation(type(error))(host, error) from error


def _translation(kind: type[Exception]) -> _Translation:
    return next(TRANSLATIONS[base] for base in kind.__mro__ if base in TRANSLATIONS)


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """Return the TLS error in the chain of causes, or None."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _tls_failure(host: str, error: ssl.SSLError) -> UpstreamUnreachable:
    """Return the error for a TLS problem; not retryable, since another attempt would end in the same way."""
    failure = UpstreamUnreachable(f"{host}: {_tls_reason(error)}")
    failure.retryable = False
    return failure


_VERIFY_REASONS = {
    10: "its certificate has expired",
    18: "its certificate is self-signed; if that is intended, name it in `tls: {ca: ...}`",
    19: "its certificate authority is unknown; if it is a private one, name it in `tls: {ca: ...}`",
    20: "its certificate authority is unknown; if it is a private one, name it in `tls: {ca: ...}`",
    62: "its certificate is for another host name",
    64: "its certificate is for another IP address",
}
"""OpenSSL's X509_V_ERR_* (openssl/x509_vfy.h) -> what is wrong, and the remedy."""


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY_REASONS.get(error.verify_code, f"its certificate is not trusted: {error.verify_message}")
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if "certificate required" in reason or "handshake failure" in reason or "bad certificate" in reason:
        return f"it requires a client certificate; configure `auth: {{type: mtls, ...}}` ({reason})"
    if "unknown ca" in reason:
        return f"it does not trust the client certificate of `auth` ({reason})"
    return f"no TLS connection: {reason}"
