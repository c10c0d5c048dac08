from dataclasses import replace

import numpy as np
import pytest
import shapely
from arrays import column

from wfs_proxy.features import Claims, Encoding, FeatureBatch, FieldSummary, PipelineReport, concatenate


def page(ids, *, srs_name="EPSG:28992", geometry_errors=None, left_out=None, claims=None, **columns):
    return FeatureBatch(
        ids=column(ids),
        type_names=column(["mast"] * len(ids)),
        geometry=column([shapely.Point(1, 2)] * len(ids)),
        geometry_errors=column(geometry_errors or [None] * len(ids)),
        srs_index=np.full(len(ids), 0 if srs_name else -1, dtype=np.int32),
        srs_names=(srs_name,) if srs_name else (),
        columns={name: column(values) for name, values in columns.items()},
        encoding=Encoding.GML32,
        claims=claims or Claims(),
        left_out=left_out or {},
    )


def test_concatenate_keeps_rows_in_order():
    """Pages follow each other; a column that a page lacks is null there."""
    whole = concatenate([page(["a", "b"], hoogte=["4", "5"]), page(["c"], kleur=["grijs"])])

    assert whole.ids.tolist() == ["a", "b", "c"]
    assert whole.columns["hoogte"].tolist() == ["4", "5", None]
    assert whole.columns["kleur"].tolist() == [None, None, "grijs"]


def test_concatenate_renumbers_srs_names():
    """Each row keeps its own srsName, and a row without one stays without."""
    whole = concatenate([page(["a"]), page(["b"], srs_name="EPSG:4326"), page(["c"], srs_name=None), page(["d"])])

    names = [whole.srs_names[i] if i >= 0 else None for i in whole.srs_index]
    assert names == ["EPSG:28992", "EPSG:4326", None, "EPSG:28992"]


def test_concatenate_adds_up_what_was_skipped():
    whole = concatenate(
        [
            page(["a"], geometry_errors=["Arc"]),
            page(["b", "c"], geometry_errors=["Arc", None], left_out={"no feature": 1}),
        ]
    )

    assert whole.skipped == {"Arc": 2, "no feature": 1}


def test_concatenate_believes_the_first_page():
    whole = concatenate([page(["a"], claims=Claims(matched=2)), page(["b"], claims=Claims(matched=9))])

    assert whole.claims == Claims(matched=2)


def test_concatenate_keeps_the_requested_types_only_where_all_are_known():
    first, second = (replace(page(["a"]), type_index=np.array([index], dtype=np.int32)) for index in (0, 1))

    assert concatenate([first, second]).type_index.tolist() == [0, 1]
    assert concatenate([first, page(["b"])]).type_index is None
    assert second.take(np.array([0, 0])).type_index.tolist() == [1, 1]


def test_concatenate_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing to concatenate"):
        concatenate([])


@pytest.mark.parametrize("rows", [np.array([True, False, True]), np.array([0, 2])], ids=["mask", "positions"])
def test_take_selects_every_column(rows):
    taken = page(["a", "b", "c"], hoogte=["4", "5", "6"]).take(rows)

    assert taken.ids.tolist() == ["a", "c"]
    assert taken.columns["hoogte"].tolist() == ["4", "6"]
    assert len(taken) == len(taken.geometry) == len(taken.srs_index) == 2


def test_a_report_on_parts_has_the_totals_and_only_what_no_part_has():
    lamp = FieldSummary(filled=2, examples=("a", "b"))
    parts = [
        PipelineReport(
            received=3, skipped={"no geometry": 1}, absent_fields=("nr", "soort"), fields={"naam": lamp},
            nearest_attributes={"nr": "nummer"},
        ),
        PipelineReport(
            received=2, skipped={"no geometry": 1, "unknown CRS": 1}, absent_fields=("nr",),
            fields={"naam": FieldSummary(filled=1, examples=("b", "c"))},
        ),
        PipelineReport(),
    ]  # fmt: skip
    whole = PipelineReport.of_all(parts)

    assert (whole.received, whole.skipped) == (5, {"no geometry": 2, "unknown CRS": 1})
    assert (whole.absent_fields, whole.nearest_attributes) == (("nr",), {"nr": "nummer"})
    assert whole.fields == {"naam": FieldSummary(filled=3, examples=("a", "b"))}
    assert PipelineReport.of_all([PipelineReport()]) == PipelineReport()
