"""The model of `signalen.yaml`: the Signalen instances whose reports are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from wfs_proxy.config.auth import SignalenAuth, Tls
from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import Count, HttpAddress, LayerId, PositiveSeconds, Seconds, filled

__all__ = ["SignalenFile", "SignalenInstance"]


class SignalenInstance(Block):
    """One Signalen instance whose reports are read."""

    url: HttpAddress
    """The URL of its API, without `/signals/v1`."""
    auth: SignalenAuth | None = None
    """How the proxy authenticates, as a user that may read all reports but not contact details. Without it only the
    public map of reports is read: place and category, half an hour late, and public categories only."""
    tls: Tls | None = None
    """How the server certificate is verified, if it was not issued by a public certificate authority."""
    timeout: PositiveSeconds = 20.0
    """The time limit of one request, from connecting to the last byte."""
    page_size: Count = 100
    """The most reports per request. Signalen needs about 12 ms and 2.4 kB for each report; if it takes long or cuts a
    request off, the proxy asks for fewer."""
    poll: PositiveSeconds = 60.0
    """How often new and changed reports are requested."""
    full_sync: Seconds = 3600.0
    """How often all open reports are requested, to detect reports that have disappeared. In between, one small request
    every five minutes detects most of them."""
    marks_stale_for: Seconds = 86400.0
    """How long marks are served while Signalen is unavailable."""

    @property
    def requests_at_once(self) -> int:
        """The default of a source; a poll sends one request at a time."""
        return 2


class SignalenFile(Block):
    """The file `signalen.yaml`: the Signalen instances by name."""

    instances: Annotated[Mapping[LayerId, SignalenInstance], BeforeValidator(filled)]
    """Name -> instance; `reports.signalen` of a layer refers to one of these names."""
