"""The objects of a CSV file: their columns and their places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
from data_files import fetched, served

from wfs_proxy.errors import ConfigurationError, PlaceError

PLACES = ((5.3872110, 52.1551751), (5.3873499, 52.1553526), (5.3874962, 52.1554425))


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "masten.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "nummer;x;y\n1;155000,5;463000,25\n2;155010;463020\n3;155020;463030\n",
        "nummer,x,y\n1,155000.5,463000.25\n2,155010,463020\n3,155020,463030\n",
        "nummer;x;y\n1;155000,5;463000.25\n2;155.010,0;463.020,0\n3;155.020;463.030\n",
        "nummer;x;y\n1;463000,25;155000,5\n2;463020;155010\n3;463030;155020\n",
        "nummer;RD_X;RD_Y\n1;463000,25;155000,5\n2;463020;155010\n3;463030;155020\n",
        "nummer;lon;lat\n1;155000,5;463000,25\n2;155010;463020\n3;155020;463030\n",
        "nummer;lon;lat\n1;463000,25;155000,5\n2;463020;155010\n3;463030;155020\n",
        "nummer;lat;lon\n1;52,1551751;5,3872110\n2;52,1553526;5,3873499\n3;52,1554425;5,3874962\n",
        "nummer;lon;lat\n1;52.1551751;5.3872110\n2;52.1553526;5.3873499\n3;52.1554425;5.3874962\n",
        "nummer;rdx;rdy;lon;lat\n1;;;5.3872110;52.1551751\n2;;;5.3873499;52.1553526\n3;;;5.3874962;52.1554425\n",
    ],
    ids=["RD with comma", "RD with point", "mixed signs", "x and y swapped", "RD swapped", "RD labelled degrees",
         "RD labelled degrees, swapped", "degrees", "degrees swapped", "the columns that are filled"],
)  # fmt: skip
def test_places_are_found(tmp_path, text):
    path = write(tmp_path, text)
    extra = {"extent": [5.3, 52.1, 5.5, 52.3]} if "nummer;x;y\n1;463000" in text else {}
    points = served(path, **extra)

    order = np.argsort(points.columns["nummer"])
    np.testing.assert_allclose(points.lonlat[order], PLACES, atol=2e-6)


def test_x_and_y_swapped_without_a_label_is_an_error_that_says_what_to_do(tmp_path):
    """The numbers of other national grids look like RD with y first."""
    path = write(tmp_path, "nummer;x;y\n1;463000,25;155000,5\n2;463020;155010\n")

    with pytest.raises(PlaceError, match="set `axis_order: yx`"):
        served(path)
    assert len(served(path, axis_order="yx")) == 2


def test_columns_and_decimal_sign_of_the_layer_file_count(tmp_path):
    path = write(tmp_path, "nummer;oost;noord;x;y\n1;155.100;463.100;1;2\n")

    assert served(path, x="oost", y="noord", decimal=",").lonlat[0] == pytest.approx((5.3886715, 52.1560699), abs=1e-4)
    with pytest.raises(ConfigurationError, match=r"has no column 'oosten', which is `x`: did you mean 'oost'\?"):
        served(path, x="oosten", y="noord")


def test_rows_without_a_place_are_counted_with_their_reason(tmp_path):
    points = served(write(tmp_path, "nummer;x;y\n1;155000;463000\n2;;\n3;abc;463000\n4; ; \n5;155000;\n6;0;0\n"))

    assert len(points) == 1
    assert points.report.skipped == {
        "coordinates are not numbers": 2,
        "no geometry": 2,
        "placeholder coordinates": 1,
    }


def test_all_values_are_text(tmp_path):
    path = write(tmp_path, "nummer;jaar;x;y\n034575;1999;155000;463000\n 2 ;;155010;463010\n")

    assert fetched(path, fields=("nummer", "jaar")).batch.columns["nummer"].tolist() == ["034575", " 2 "]
    assert served(path, fields=("nummer", "jaar")).columns["nummer"].tolist() == ["034575", "2"]


def test_wrong_encoding_is_counted_and_costs_no_object(tmp_path):
    path = write(tmp_path, "nummer;naam;x;y\n1;Café;155000;463000\n", "cp1252")
    points = served(path, encoding="utf-8", fields=("naam",), key=None)

    assert (points.columns["naam"].tolist(), points.report.unreadable_texts) == (["Caf\ufffd"], 1)


def test_values_are_those_that_gdal_reads(tmp_path):
    text = (
        'nummer;naam;x;y\n034575;"Café; ""Zoë""";155000.5;463000.25\n2;"twee\nregels";155010;463020\n3;;155020;463030\n'
    )
    path = write(tmp_path, text)

    meta, _, _, values = pyogrio.raw.read(path, SEPARATOR="SEMICOLON", read_geometry=False)
    columns = fetched(path, fields=("nummer", "naam")).batch.columns
    for name, expected in zip(meta["fields"].tolist()[:2], values[:2], strict=True):
        assert columns[name].tolist() == [value or "" for value in expected.tolist()]


def test_columns_that_the_layer_does_not_use_are_not_kept(tmp_path):
    columns = fetched(write(tmp_path, "nummer;bewoner;x;y\n1;Jansen;155000;463000\n")).batch.columns

    assert columns["bewoner"].tolist() == columns["x"].tolist() == [None]
