"""What an administrator should change about a layer that is served all the same."""

from __future__ import annotations

from dataclasses import asdict

import points
import pytest

from wfs_proxy.cache.entry import CacheSlot, Entry
from wfs_proxy.cache.metadata import Failure
from wfs_proxy.features import PipelineReport
from wfs_proxy.reports import PollStatus
from wfs_proxy.serve.layer_problems import layer_problems

KEYED = {"id": "nr", "fields": {"nummer": {"from": "nr"}}}


def slot(renamed: int = 0, **report: object) -> CacheSlot:
    """A slot with objects, of which some share a key."""
    fetched = points.fetched(points.grid(3, report=PipelineReport(renamed=renamed, **report)))
    entry = Entry(fetched=fetched, fetched_at=0, modified_at=0, fresh_for=60, stale_for=60, refresh_at=60)
    return CacheSlot(entry=entry)


def test_a_layer_with_a_unique_id_field_has_no_problems():
    layer = points.layer(properties=KEYED)
    assert layer_problems(layer, [CacheSlot(), slot(0)], None) == ()


@pytest.mark.parametrize("slots", [[CacheSlot()], [slot(0)]], ids=["before it is fetched", "with objects"])
def test_a_file_that_was_not_verified_says_so_until_the_line_is_removed(slots):
    layer = points.layer(properties=KEYED, verified=False)
    (problem,) = layer_problems(layer, slots, None)

    assert (problem.code, problem.key, problem.severity) == ("not_verified", "verified", "notice")
    assert "niet is vergeleken met de dienst van de leverancier" in problem.message.nl
    assert "was not verified against the vendor's service" in problem.message.en
    assert all("check --live" in text for text in (problem.message.nl, problem.message.en))


@pytest.mark.parametrize(
    ("properties", "code", "key"),
    [
        ({}, "no_key", "properties"),
        ({"id": "nr", "fields": {"a": "string"}}, "no_id_field", "properties.fields"),
    ],
)
def test_a_layer_without_an_id_field_has_the_problem_before_it_is_fetched(properties, code, key):
    (problem,) = layer_problems(points.layer(properties=properties), [CacheSlot()], None)
    assert (problem.code, problem.key) == (code, key)
    assert set(asdict(problem.message)) == {"nl", "en"}
    assert problem.message.nl != problem.message.en


def test_an_id_that_no_object_has_is_corrected_before_a_property_shows_it():
    """The line for the property would name the absent attribute."""
    layer = points.layer(properties={"id": "nummer", "fields": {"a": "string"}})
    (problem,) = layer_problems(layer, [slot(absent_fields=("nummer",), nearest_attributes={"nummer": "number"})], None)

    assert problem.code == "id_absent"
    assert 'bedoelt u "number"?' in problem.message.nl


def test_objects_that_share_a_key_are_counted_over_all_cells():
    (problem,) = layer_problems(points.layer(properties=KEYED), [slot(2), slot(3)], None)
    assert (problem.code, problem.key) == ("shared_key", "properties.id")
    assert problem.message.en.startswith("5 objects have a key that another object has too")


def test_a_number_cannot_have_a_suffix():
    number = {"id": "nr", "fields": {"nummer": {"from": "nr", "type": "integer"}}}
    (problem,) = layer_problems(points.layer(properties=number), [slot(2)], None)
    assert (problem.code, problem.key) == ("shared_key_of_number", "properties.fields.nummer")
    assert 'give "nummer" the type string' in problem.message.en


def test_the_names_of_the_file_and_those_of_signalen_are_compared():
    layer = points.layer(properties=KEYED, reports={"signalen": "default", "categories": ["lantarenpaal", "put"]})
    poll = PollStatus(
        instance="default", public_only=False, as_of=0.0, signals=0, good=1, failed=0, error=None,
        unknown=("lantarenpaal", "h"), categories=("lantaarnpaal", "put"), malformed=0, reading=False,
    )  # fmt: skip
    (problem,) = layer_problems(layer, [slot(0)], poll)

    assert (problem.code, problem.key, problem.severity) == ("category_unknown", "reports.categories[0]", "warning")
    assert problem.message.nl.endswith('bedoelt u "lantaarnpaal"?')


def test_a_value_that_no_object_has_is_a_notice():
    layer = points.layer(properties={**KEYED, "fields": {"nummer": {"from": "nr", "map": {"a": "b"}}, "nr": "string"}})
    report = PipelineReport(received=3, unused_values={"properties.fields.nummer.map": ("a",)})
    fetched = points.fetched(points.grid(3, report=report))
    entry = Entry(fetched=fetched, fetched_at=0, modified_at=0, fresh_for=60, stale_for=60, refresh_at=60)
    (problem,) = layer_problems(layer, [CacheSlot(entry=entry)], None)

    assert (problem.code, problem.severity) == ("map_unused", "notice")


@pytest.mark.parametrize(
    ("offered", "says"),
    [
        (("ms:lamp",), ('bedoelt u "ms:lamp"?', 'did you mean "ms:lamp"?')),
        (("ms:lamp", "ms:put"), ('bedoelt u "ms:lamp"?; mogelijk: ms:lamp, ms:put', "possible: ms:lamp, ms:put")),
        (("wegen", "water"), ("mogelijk: wegen, water", "possible: wegen, water")),
        ((), ("verbeter de naam", "correct the name")),
    ],
)
def test_a_type_that_the_service_does_not_have_is_a_problem_with_those_that_it_has(offered, says):
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["ms:put", "ms:lampen"]}
    layer = points.layer(properties=KEYED, source=source)
    failure = Failure(title="t", detail="d", failed_at=0.0, in_a_row=1, unknown_type="ms:lampen", nearest_types=offered)
    found = layer_problems(layer, [CacheSlot(failure=failure), CacheSlot(failure=failure)], None)

    (problem,) = found
    assert (problem.code, problem.key, problem.severity) == ("type_unknown", "source.type_names[1]", "warning")
    assert problem.message.nl.endswith(says[0])
    assert problem.message.en.endswith(says[1])


def test_another_failure_is_no_problem_of_the_layer_file():
    failure = Failure(title="t", detail="d", failed_at=0.0, in_a_row=1)

    assert layer_problems(points.layer(properties=KEYED), [CacheSlot(failure=failure)], None) == ()
