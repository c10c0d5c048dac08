"""The demo's material in the package is a copy of the repository's own layers and recordings."""

from __future__ import annotations

import needs
import pytest

from fixtures import pack
from wfs_proxy.demo import recorded
from wfs_proxy.recordings.replay import read_recordings

FIXTURES = needs.ROOT / "fixtures"
NAMES = [name.removesuffix(".yaml") for name in pack.LAYER_FILES if name != "signalen.yaml"]
AGAIN = "run `python -m fixtures.pack`"


@pytest.mark.parametrize("name", NAMES)
def test_packed_recording_is_current(name: str):
    folder = recorded.shipped_recordings().joinpath(name)
    originals = dict(pack.packed_files(FIXTURES / name))

    assert {path: folder.joinpath(path).read_bytes() == body for path, body in originals.items()} == dict.fromkeys(
        originals, True
    ), AGAIN
    assert len(list(folder.joinpath("exchanges").iterdir())) == sum(path.startswith("exchanges/") for path in originals)


def test_packed_recordings_are_those_of_the_shipped_layers_and_small():
    archives = list(recorded.PACKED.iterdir())

    assert sorted(path.name for path in archives) == [f"{name}.tar.xz" for name in NAMES]
    assert sum(path.stat().st_size for path in archives) < 900_000


def test_packed_layers_are_current():
    packed = {path.name: path.read_text() for path in recorded.LAYERS.iterdir()}

    assert packed == {name: (needs.ROOT / "layers" / name).read_text() for name in pack.LAYER_FILES}, AGAIN


def test_packed_variants_are_current():
    packed = {path.name: path.read_text() for path in recorded.VARIANTS.iterdir()}

    assert packed == {path.name: path.read_text() for path in pack.VARIANTS}, AGAIN


def test_packing_again_gives_the_same_bytes(tmp_path):
    (tmp_path / "exchanges").mkdir()
    for name in ("recording.json", "exchanges/2.xml", "exchanges/1.json", "SOURCE.md"):
        (tmp_path / name).write_text(name)
    first = pack.pack(tmp_path)
    (tmp_path / "exchanges" / "2.xml").touch()

    assert pack.pack(tmp_path) == first
    assert list(dict(pack.packed_files(tmp_path))) == ["exchanges/1.json", "exchanges/2.xml", "recording.json"]


def test_recordings_in_memory_are_read_like_a_folder():
    assert read_recordings(recorded.shipped_recordings()) == read_recordings(FIXTURES)
