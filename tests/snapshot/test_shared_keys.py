import dataclasses

import points
from arrays import column

from wfs_proxy.snapshot.file_format import MANIFEST, Manifest, parts_of, snapshot_of
from wfs_proxy.snapshot.shared_keys import SharedKeys
from wfs_proxy.snapshot.snapshot import Snapshot


def test_rows_with_one_key_have_one_hash():
    shared = SharedKeys.build(["7", None, "8", "7", "8"])
    assert shared.of(0) == shared.of(3) != shared.of(2) == shared.of(4)
    assert (shared.of(1), shared.of(5)) == (None, None)


def test_there_are_none_where_each_key_is_of_one_row():
    assert SharedKeys.build([None, None]) is None
    assert SharedKeys.build([]) is None


def test_they_are_stored_with_the_snapshot_and_are_part_of_its_version():
    batch = points.batch({"7.b": (4.31, 52.0), "8": (4.32, 52.0), "7.a": (4.3, 52.0)})
    with_keys = dataclasses.replace(batch, shared_keys=column(["7", None, "7"]))
    snapshot = Snapshot.build(with_keys, "masten")
    parts = {name: b"".join(map(bytes, content)) for name, content in parts_of(snapshot)}
    manifest = Manifest.decoded(parts[MANIFEST], "here")
    again = snapshot_of(manifest, parts, "here")
    rows = {name: again.find(name) for name in batch.ids}
    assert again.shared_keys.of(rows["7.a"]) == again.shared_keys.of(rows["7.b"]) is not None
    assert again.shared_keys.of(rows["8"]) is None
    assert snapshot.version != Snapshot.build(batch, "masten").version
