"""Logs what an administrator should know about the layer files, at the start and at each reload."""

from __future__ import annotations

import logging
import shlex
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from wfs_proxy.config import Catalogue, Unconfigured, render

__all__ = ["log_catalogue", "reason_without_layers"]

LOG = logging.getLogger(__name__)

_WHAT_TO_DO = (
    "There is no layer to serve in the folder %(folder)s. %(waiting)sMake a layer file with `wfs-proxy setup --layers "
    "%(folder)s` or `wfs-proxy init URL --output %(folder)s/NAME.yaml`, or start with an example: `wfs-proxy example` "
    "lists them, and `wfs-proxy example VENDOR --layers %(folder)s` copies one. Then restart the proxy or, if no "
    "variable changed, send it SIGHUP"
)


def log_catalogue(catalogue: Catalogue, folder: Path) -> None:
    """Log the warnings about the files, what is not configured in one line, and what to do if there is no layer."""
    for warning in catalogue.warnings:
        LOG.warning("%s", render(warning, "en"))
    waiting = {what: [each for each in catalogue.unconfigured if each.what == what] for what in ("layer", "signalen")}
    sentences = [
        f"Not configured, so not served: {_listed(waiting['layer'])}" if waiting["layer"] else "",
        f"Not configured, so no reports are read: {_listed(waiting['signalen'])}" if waiting["signalen"] else "",
    ]
    if any(sentences):
        LOG.info("%s", ". ".join(filter(None, sentences)))
    if not catalogue:
        first = "Set the variables of one that is not configured. " if waiting["layer"] else ""
        LOG.warning(_WHAT_TO_DO, {"folder": shlex.quote(str(folder)), "waiting": first})


def reason_without_layers(catalogue: Catalogue) -> str:
    """Return why there is no layer to serve."""
    waiting = [each for each in catalogue.unconfigured if each.what == "layer"]
    return f"not configured: {_listed(waiting)}" if waiting else "there are no layer files"


def _listed(waiting: Sequence[Unconfigured]) -> str:
    missing: dict[str, dict[str, None]] = defaultdict(dict)
    for each in waiting:
        missing[Path(each.file).name].update(dict.fromkeys(each.missing))
    return ", ".join(f"{name} (set {', '.join(names)})" for name, names in missing.items())
