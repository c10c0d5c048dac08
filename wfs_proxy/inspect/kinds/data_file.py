"""A file with objects on this machine: GeoPackage, FlatGeobuf, Shapefile, CSV, or a ZIP archive with one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wfs_proxy.config import FileSource, Layer
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import FeatureBatch, Payload
from wfs_proxy.inspect.addresses import PastedAddress
from wfs_proxy.inspect.diagnosis import missing_part
from wfs_proxy.inspect.findings import findings_of
from wfs_proxy.inspect.kinds.kind import Inquiry, InspectedType
from wfs_proxy.inspect.report import Diagnosis, PagingReport, ServiceReport, TypeReport, TypeSummary
from wfs_proxy.inspect.sample import SAMPLE, crs_report, describe_sample
from wfs_proxy.sources.file import FileFeatureSource, UnchosenLayer

__all__ = ["DataFileKind", "path_of_file"]


def path_of_file(text: str) -> PastedAddress | None:
    """Return the path of a file in place of an address; None where there is no such file."""
    path = Path(text.strip().strip("'\"")).expanduser()
    try:
        if not path.is_file():
            return None
    except (OSError, ValueError):
        return None
    url = str(path.resolve())
    return PastedAddress(url=url, base=url, guessed_scheme=False, type_name=None, dropped_filter=False)


class DataFileKind:
    """A file is known by its path, so nothing else suggests it."""

    def suits(self, pasted: PastedAddress) -> bool:
        """Whether an address is the path of a file."""
        return pasted.url.startswith("/") or Path(pasted.url).is_absolute()

    def recognises(self, payload: Payload) -> bool:
        """Whether a document comes from such a service: never, because it was requested."""
        del payload
        return False

    async def find(self, inquiry: Inquiry, pasted: PastedAddress) -> ServiceReport | Diagnosis:
        """Return the layers of a file; else why it cannot be read."""
        path = Path(pasted.url)
        service = ServiceReport(url=pasted.url, shown_url=path.name, kind="file", title=path.name)
        try:
            await _source(inquiry, pasted.url, "").sample(1)
        except UnchosenLayer as unchosen:
            return replace(service, types=tuple(TypeSummary(name=each, title=each) for each in unchosen.names))
        except WfsProxyError as error:
            return Diagnosis(code="file", details={"text": path.name, "reason": str(error)})
        return replace(service, types=(TypeSummary(name="", title=path.stem),))

    async def inspect(self, inquiry: Inquiry, service: ServiceReport, summary: TypeSummary) -> InspectedType:
        """Inspect a layer of a file: a sample of its objects, and the places of all of them."""
        inquiry.report("sample")
        source = _source(inquiry, service.url, summary.name)
        found = TypeReport(name=summary.name, title=summary.title, count=None, sample=0, complete=False)
        try:
            sampled = await source.sample(SAMPLE)
            whole = await source.fetch()
        except WfsProxyError as error:
            found = replace(found, missing=(missing_part("sample", error),))
            return InspectedType(report=replace(found, findings=findings_of(found)), sample=None)
        report: TypeReport = await inquiry.offload(_described, found, sampled.batch, whole.batch)
        return InspectedType(report=report, sample=sampled.batch)


def _source(inquiry: Inquiry, path: str, layer: str) -> FileFeatureSource:
    settings = FileSource(type="file", path=path, layer=layer or None)
    return FileFeatureSource(Layer(id="sample", title="sample", source=settings), settings, inquiry.offload)


def _described(found: TypeReport, sample: FeatureBatch, whole: FeatureBatch) -> TypeReport:
    """Return the report of a layer; `whole` has all objects, but only their places."""
    places = crs_report(whole)
    counted = replace(
        found,
        count=len(whole),
        at_least=len(whole),
        complete=len(sample) == len(whole),
        declared_extent=None if places is None else places.bbox,
        paging=PagingReport(behaviour="not_needed"),
    )
    described = describe_sample(counted, sample)
    return replace(described, findings=findings_of(described))
