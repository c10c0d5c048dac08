"""What is published of the open signals: no id that is no object's name."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from marked_layers import HERE, asset, reported, signal

from wfs_proxy.config.report_rules import Reports
from wfs_proxy.marks.reported_objects import ReportedObjects
from wfs_proxy.reports.published_signals import LayerNames, PublishedSignals
from wfs_proxy.reports.report_codec import decode_reports, encode_reports
from wfs_proxy.snapshot.names import NameIndex, hash_of_name


def layer(*names: str, categories: tuple[str, ...] = ()) -> LayerNames:
    return LayerNames(reports=Reports(categories=categories), index=NameIndex.build([names]))


def in_cells(*categories: str, question_keys: tuple[str, ...] = ()) -> LayerNames:
    return LayerNames(reports=Reports(categories=categories, question_keys=question_keys), index=None)


def ids(found: ReportedObjects) -> list[list[int | None]]:
    return [[one.id_hash for one in each.assets] for each in found.signals.values()]


LAMP, PLATE = hash_of_name("LM-9"), hash_of_name("12-ABC-3")
BOTH = signal(asset("LM-9"), asset("12-ABC-3", HERE), place=HERE)


def test_only_ids_that_are_names_of_objects_are_published():
    found = PublishedSignals().of(reported(BOTH), [layer("LM-1"), layer("LM-9")])

    assert ids(found) == [[LAMP, None]]
    assert found.signals[BOTH.id] == replace(BOTH, assets=(BOTH.assets[0], replace(BOTH.assets[1], id_hash=None)))


def test_before_objects_are_known_no_id_is_published():
    assert ids(PublishedSignals().of(reported(BOTH), [])) == [[None, None]]
    assert ids(PublishedSignals().of(reported(BOTH), [layer()])) == [[None, None]]


def test_any_id_is_published_that_may_name_an_object_of_a_cell_which_nobody_fetched():
    other = signal(asset("12-ABC-3"), category="put")
    found = PublishedSignals().of(reported(BOTH, other), [layer("LM-9"), in_cells("lamp")])

    assert ids(found) == [[LAMP, PLATE], [None]]
    assert ids(PublishedSignals().of(reported(BOTH, other), [in_cells()])) == [[LAMP, PLATE], [PLATE]]


def test_of_a_layer_in_cells_only_the_answers_to_its_own_questions_are_published():
    """Another layer of the same category, without `question_keys`, kept the answers to other questions too."""
    given_ = signal(asset("LM-8"), asset("12-ABC-3", question_key=""), asset("LM-8", question_key=""))
    found = PublishedSignals().of(reported(given_), [layer("LM-9"), in_cells("lamp", question_keys=("extra_lamp",))])

    assert ids(found) == [[hash_of_name("LM-8"), None, None]]


def test_the_version_tells_which_ids_are_published():
    published = PublishedSignals()
    nothing, one, both, again = (
        published.of(replace(reported(BOTH), as_of=as_of), layers)
        for as_of, layers in enumerate(
            [[], [layer("LM-9")], [layer("LM-9"), layer("12-ABC-3")], [layer("LM-9", "12-ABC-3")]]
        )
    )

    assert len({nothing.version, one.version, both.version}) == 3
    assert both.version == again.version
    assert both.signals is again.signals
    assert [each.as_of for each in (nothing, one, both, again)] == [0, 1, 2, 3]
    assert PublishedSignals().of(reported(BOTH), [layer("LM-9")]).version == one.version, "in every process"


def test_changes_since_the_last_poll_are_not_those_of_what_is_published():
    given_ = reported(BOTH, since="0", changed=frozenset({BOTH.id}))

    for layers in ([], [layer("LM-9", "12-ABC-3")]):
        found = PublishedSignals().of(given_, layers)
        assert (found.since, found.changed) == ("", None)


_names = st.sampled_from(["", "1", "2", "3"])
_signals = st.lists(
    st.builds(
        lambda *assets, category: signal(*assets, category=category),
        st.builds(asset, _names, st.none() | st.just(HERE)),
        st.builds(asset, _names),
        category=st.sampled_from(["lamp", "put"]),
    ),
    max_size=4,
)
_layers = st.lists(
    st.builds(layer, _names) | st.builds(in_cells, st.sampled_from(["lamp", "put"])),
    max_size=3,
)


@given(signals=_signals, layers=_layers)
def test_what_is_read_back_has_the_same_signals_and_places(signals, layers):
    known = {text for text in "123" for each in layers if each.index and each.index.holds([hash_of_name(text)])[0]}
    whole = {category for each in layers if each.index is None for category in each.reports.categories}
    read = decode_reports(encode_reports(PublishedSignals().of(reported(*signals), layers)))

    assert list(read.signals) == [one.id for one in signals]
    for one in signals:
        expected = tuple(
            reference
            if one.category in whole or reference.id_hash in map(hash_of_name, known)
            else replace(reference, id_hash=None)
            for reference in one.assets
        )
        assert read.signals[one.id] == replace(one, assets=expected)
