from __future__ import annotations

from type_reports import PLACES, type_report

from wfs_proxy.bbox import BBox
from wfs_proxy.inspect.report import MissingPart
from wfs_proxy.inspect.vendor_words import without_credentials


def test_only_quotations_change_and_boxes_stay_boxes():
    report = type_report(declared_extent=PLACES, missing=(MissingPart(part="counts", reason="wrong key geheim"),))

    shown = without_credentials(report, ["geheim"])

    assert "geheim" not in shown.missing[0].reason
    assert (type(shown.crs.bbox), shown.crs.bbox, type(shown.declared_extent)) == (BBox, PLACES, BBox)
    assert (shown.fields, shown.ids) == (report.fields, report.ids)
