"""The inspections behind the page: they run beside it, and the page asks for their progress."""

from __future__ import annotations

import asyncio

from wfs_proxy.errors import WfsProxyError
from wfs_proxy.http import HttpClients
from wfs_proxy.inspect import USELESS, Diagnosis, Finding, InspectionStep, Inspector, missing_part, propose
from wfs_proxy.setup.setup_state import SetupState

__all__ = ["cancel_inspection", "inspect_chosen_type", "inspect_service"]


def inspect_service(state: SetupState) -> None:
    """Start to inspect the service at the address, and its type if it has only one."""
    state.forget_service()
    _start(state, type_name=None)


def inspect_chosen_type(state: SetupState, type_name: str) -> None:
    """Start to inspect a type of the service."""
    state.forget_type()
    state.diagnosis = None
    _start(state, type_name=type_name)


def cancel_inspection(state: SetupState) -> None:
    """End an inspection that is in progress."""
    if state.inspection is not None:
        state.inspection.cancel()
    state.inspection = state.progress = None


def _start(state: SetupState, type_name: str | None) -> None:
    cancel_inspection(state)
    state.inspection = asyncio.create_task(_inspect(state, type_name))


async def _inspect(state: SetupState, type_name: str | None) -> None:
    def on_step(step: InspectionStep) -> None:
        state.progress = step

    auth = None if state.login is None else state.login.auth
    async with HttpClients() as http:
        inspector = Inspector(state.address, http, asyncio.to_thread, auth=auth, progress=on_step)
        try:
            if state.service is None:
                found = await inspector.service()
                if isinstance(found, Diagnosis):
                    state.diagnosis = found
                    return
                state.service = found
                type_name = found.types[0].name if len(found.types) == 1 else None
            if type_name is not None:
                await _inspect_type(state, inspector, type_name)
        except WfsProxyError as error:
            # a GeoJSON document that was there a moment ago
            state.diagnosis = Finding(
                code="missing_sample", severity="error", details=missing_part("sample", error).details
            )


async def _inspect_type(state: SetupState, inspector: Inspector, type_name: str) -> None:
    assert state.service is not None
    report = await inspector.feature_type(state.service, type_name)
    useless = [finding for finding in report.findings if finding.code in USELESS]
    if useless:
        state.diagnosis = useless[0]
        return
    state.report, state.sample = report, inspector.sample
    state.draft = propose(state.service, report)
