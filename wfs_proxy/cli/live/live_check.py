"""Check layers one after another: each with its vendor, then all with their Signalen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from wfs_proxy.cli.live.findings import finding, of_problem
from wfs_proxy.cli.live.question_check import Municipality, check_questions
from wfs_proxy.cli.live.report import LayerCheck, LiveReport
from wfs_proxy.cli.live.signalen_check import SignalenCheck, check_signalen
from wfs_proxy.cli.live.vendor_check import VendorCheck, check_vendor
from wfs_proxy.config import Catalogue, FileProblem, Layer
from wfs_proxy.http import HttpClients
from wfs_proxy.offload import Offload

__all__ = ["LayerStep", "check_live"]

LOG = logging.getLogger("wfs_proxy.cli")


@dataclass(frozen=True, kw_only=True)
class LayerStep:
    """Progress: which layer is being compared."""

    layer: str
    number: int
    """Counted from 1."""

    total: int


async def check_live(
    catalogue: Catalogue,
    http: HttpClients,
    offload: Offload,
    municipality: Municipality,
    progress: Callable[[LayerStep], None] = lambda _: None,
) -> LiveReport:
    """Compare all layers with their vendors and with Signalen. What fails is a finding and does not stop the others.

    Args:
        catalogue: the layers, and the instances of Signalen.
        http: the connections.
        offload: runs long computations outside the event loop.
        municipality: what the questions of Signalen are compared with.
        progress: called before each layer.
    """
    vendors: dict[str, VendorCheck] = {}
    for number, layer in enumerate(catalogue.values(), start=1):
        progress(LayerStep(layer=layer.id, number=number, total=len(catalogue)))
        vendors[layer.id] = await _vendor(layer, http, offload)
    named = {name: catalogue.layers_of(name) for name in catalogue.instances}
    signalens = {
        name: await check_signalen(name, catalogue.instances[name], layers, http, offload)
        for name, layers in named.items()
        if layers
    }
    waiting = (replace(of_problem(each.problem, "file"), severity="notice") for each in catalogue.unconfigured)
    return LiveReport(
        files=(*(of_problem(problem, "file") for problem in _warnings(catalogue, vendors)), *waiting),
        layers=tuple(_checked(layer, vendors[layer.id], signalens, municipality) for layer in catalogue.values()),
        signalens=tuple(signalens.values()),
        signalen_waits=any(each.what == "signalen" for each in catalogue.unconfigured),
    )


def _warnings(catalogue: Catalogue, vendors: Mapping[str, VendorCheck]) -> Iterator[FileProblem]:
    """Yield the warnings about the files, without the line for a property that would show an id that no object has."""
    absent = {name for name, check in vendors.items() if any(each.code == "id_absent" for each in check.findings)}
    keys = {layer.properties.id for layer in catalogue.values() if layer.id in absent}
    keys -= {layer.properties.id for layer in catalogue.values() if layer.id not in absent}
    for problem in catalogue.warnings:
        if problem.code != "no_id_field" or problem.details["key"] not in keys:
            yield problem


async def _vendor(layer: Layer, http: HttpClients, offload: Offload) -> VendorCheck:
    try:
        return await check_vendor(layer, http, offload)
    except Exception as error:
        # the other layers are still worth checking; the message is not shown, because it may contain a vendor's values
        LOG.debug("Unexpected error while checking %s", layer.id, exc_info=True)
        name = type(error).__name__
        return VendorCheck(findings=(finding("error", "unexpected", "vendor", "source", reason=name),))


def _checked(
    layer: Layer, vendor: VendorCheck, signalens: Mapping[str, SignalenCheck], municipality: Municipality
) -> LayerCheck:
    reports = layer.reports
    signalen = signalens.get(reports.signalen or "") if reports is not None else None
    if reports is None or signalen is None:
        return LayerCheck(layer=layer, vendor=vendor, findings=vendor.findings)
    asked = {slug: signalen.questions[slug] for slug in reports.categories if slug in signalen.questions}
    of_questions = check_questions(layer, asked, vendor.features, municipality)
    of_categories = signalen.of_layers.get(layer.id, ())
    return LayerCheck(layer=layer, vendor=vendor, findings=(*vendor.findings, *of_categories, *of_questions))
