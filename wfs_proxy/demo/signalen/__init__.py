"""A Signalen that is real enough: the API that the proxy polls, in memory, with the traps of the real one.

For the demo and for tests. Every answer has the status and the shape that were recorded from backend 2.50.12; what
happens to signals is in `backend`, what the API makes of it in the other rooms. Known differences: the public geography
is sorted by coordinates instead of PostGIS's curve, and there are no areas, attachments and mails.
"""

from __future__ import annotations

from wfs_proxy.demo.signalen.app import Signalen
from wfs_proxy.demo.signalen.auth import Client, IdentityProvider
from wfs_proxy.demo.signalen.backend import Backend

__all__ = ["Backend", "Client", "IdentityProvider", "Signalen"]
