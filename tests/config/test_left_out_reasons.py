"""Every reason to leave out an object is Dutch in a Dutch sentence."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

import needs
import pytest

from wfs_proxy.config.left_out_reasons import reason_in_dutch
from wfs_proxy.decode.esri_json.geometry import CURVES
from wfs_proxy.decode.gml.positions import TOO_LONG
from wfs_proxy.features import NO_FEATURE, NOT_NUMBERS, UNREADABLE_GEOMETRY
from wfs_proxy.geo.points.to_points import BEYOND_REPAIR
from wfs_proxy.pipeline.transform import NO_PLACE
from wfs_proxy.sources.file.csv_rows import TOO_MANY_VALUES
from wfs_proxy.sources.file.gdal_batch import UNSUPPORTED_GEOMETRY


def raised() -> Iterator[str]:
    """Yield the texts with which the readers of GML raise UnsupportedGeometry; names of elements are Xyz."""
    for path in sorted((needs.ROOT / "wfs_proxy" / "decode" / "gml").glob("*.py")):
        module = importlib.import_module(f"wfs_proxy.decode.gml.{path.stem}".removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UnsupportedGeometry"):
                continue
            (text,) = node.args
            if isinstance(text, ast.Constant):
                yield text.value
            elif isinstance(text, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "Xyz" for part in text.values)
            elif isinstance(text, ast.Name):
                yield getattr(module, text.id)


REASONS = sorted(
    {
        *raised(),
        BEYOND_REPAIR,
        CURVES,
        NO_FEATURE,
        NO_PLACE,
        NOT_NUMBERS,
        TOO_LONG,
        TOO_MANY_VALUES,
        UNREADABLE_GEOMETRY,
        UNSUPPORTED_GEOMETRY,
    }
)


def test_the_reasons_are_found():
    assert len(REASONS) > 20
    assert "Xyz is not supported" in REASONS


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_dutch_text(reason: str):
    dutch = reason_in_dutch(reason)

    assert not dutch.startswith("technische melding")
    assert dutch != reason
    assert dutch.count("Xyz") == reason.count("Xyz")


def test_another_reason_is_marked_as_technical():
    assert reason_in_dutch("too few positions") == "technische melding: too few positions"
