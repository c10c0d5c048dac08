"""`wfs-proxy check --live` from the files to the report."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from wfs_proxy.cli.live.findings import of_problem
from wfs_proxy.cli.live.live_check import check_live
from wfs_proxy.cli.live.progress import layer_progress
from wfs_proxy.cli.live.question_check import SIGNALEN_FORMS, Municipality
from wfs_proxy.cli.live.report import LiveReport
from wfs_proxy.config import Catalogue, CatalogueError, Language, load_catalogue, load_layer_file
from wfs_proxy.http import HttpClients
from wfs_proxy.question import Form

__all__ = ["live_report"]


def live_report(
    path: Path, environment: Mapping[str, str], *, form: Form | None, public_url: str, language: Language
) -> LiveReport:
    """Compare a layer file, or a folder with layer files, with vendors and Signalen. Faulty files are findings.

    Args:
        path: the file or folder.
        environment: the values of `${VAR}`.
        form: the form that the municipality uses; None: not known.
        public_url: the public address of the proxy; "" if it is not known.
        language: of the progress line.
    """
    try:
        catalogue = (load_catalogue if path.is_dir() else load_layer_file)(path, environment)
    except CatalogueError as error:
        return LiveReport(files=tuple(replace(of_problem(each, "file"), severity="error") for each in error.problems))
    forms = SIGNALEN_FORMS if form is None else (form,)
    municipality = Municipality(forms=forms, public_url=public_url, layer_ids=tuple(catalogue))
    return asyncio.run(_report(catalogue, municipality, language))


async def _report(catalogue: Catalogue, municipality: Municipality, language: Language) -> LiveReport:
    with layer_progress(Console(stderr=True), language) as progress:
        async with HttpClients() as http:
            return await check_live(catalogue, http, asyncio.to_thread, municipality, progress)
