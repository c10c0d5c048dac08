"""A test double of Signalen: the API that the proxy polls, in memory, with the pitfalls of the real one.

For the demo and for tests. Answers have the status and shape that were recorded from backend 2.50.12. `backend` has the
signals and what can happen to them; the other modules are the API on top of it. Known differences: the public geography
is sorted by coordinates instead of PostGIS's curve, and there are no areas, attachments and mails.
"""

from __future__ import annotations

from wfs_proxy.demo.signalen.app import Signalen
from wfs_proxy.demo.signalen.auth import Client, IdentityProvider
from wfs_proxy.demo.signalen.backend import Backend

__all__ = ["Backend", "Client", "IdentityProvider", "Signalen"]
