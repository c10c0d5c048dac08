"""The HTTP client of the proxy: one policy for every outgoing request, to vendors and to Signalen."""

from wfs_proxy.http.auth_secrets import secrets_of
from wfs_proxy.http.bodies import BodyLimits, BoundedBody
from wfs_proxy.http.breaker import CircuitBreaker
from wfs_proxy.http.client import Endpoint, HttpClients, ReadError, VendorClient
from wfs_proxy.http.conditions import validators_of
from wfs_proxy.http.connection_failures import UNKNOWN_HOST, ConnectionFailure, connection_failure, redirected_to
from wfs_proxy.http.login_answer import tokens_in_login
from wfs_proxy.http.status_errors import ESRI_TOKEN_ERRORS, Wording
from wfs_proxy.http.urls import (
    looks_secret,
    origin_of,
    redacted,
    redacted_text,
    same_origin,
    secrets_in,
    sounds_secret,
    with_parameters,
    without_secrets,
)
from wfs_proxy.http.vendor_requests import VendorClients, VendorRequests

__all__ = [
    "ESRI_TOKEN_ERRORS",
    "UNKNOWN_HOST",
    "BodyLimits",
    "BoundedBody",
    "CircuitBreaker",
    "ConnectionFailure",
    "Endpoint",
    "HttpClients",
    "ReadError",
    "VendorClient",
    "VendorClients",
    "VendorRequests",
    "Wording",
    "connection_failure",
    "looks_secret",
    "origin_of",
    "redacted",
    "redacted_text",
    "redirected_to",
    "same_origin",
    "secrets_in",
    "secrets_of",
    "sounds_secret",
    "tokens_in_login",
    "validators_of",
    "with_parameters",
    "without_secrets",
]
