from __future__ import annotations

from dataclasses import replace

import points
from caches import LAYER

from wfs_proxy.cache.entry import Entry
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.cache.memory import SlotMemory
from wfs_proxy.geo import Cell

LARGE = Entry(
    fetched=points.fetched(points.grid(2000)),
    fetched_at=0.0,
    modified_at=0.0,
    fresh_for=1.0,
    stale_for=1.0,
    refresh_at=1.0,
)
LIMIT = LARGE.snapshot.memory // 2
"""Bytes; the large cell takes twice as much."""

EMPTY_SLOT = 2_000


def key(number: int) -> CacheKey:
    return CacheKey("masten", Cell(15, number, 1))


def put(memory: SlotMemory, number: int) -> None:
    slot = memory.slot(key(number))
    slot.entry = replace(LARGE)
    memory.weigh(key(number), slot)


def held(memory: SlotMemory) -> list[int]:
    return sorted(cell.x for cell in memory.cells("masten"))


def test_a_cell_larger_than_the_limit_counts_for_half_of_it():
    memory = SlotMemory(LIMIT)
    put(memory, 0)
    empty = LIMIT // 2 // EMPTY_SLOT
    for number in range(1, empty + 1):
        memory.slot(key(number))
    assert held(memory) == list(range(empty + 1))
    memory.slot(key(empty + 1))
    assert held(memory) == list(range(1, empty + 2))


def test_two_large_cells_are_cached_and_a_third_evicts_the_least_recently_used():
    memory = SlotMemory(LIMIT)
    put(memory, 0)
    put(memory, 1)
    assert held(memory) == [0, 1]
    memory.slot(key(0))
    put(memory, 2)
    assert held(memory) == [0, 2]


def test_looking_at_a_cell_is_not_using_it():
    memory = SlotMemory(LIMIT)
    put(memory, 0)
    put(memory, 1)
    assert memory.peek(key(0)) is not None
    memory.cells("masten")
    put(memory, 2)
    assert held(memory) == [1, 2]


def test_whole_layers_stay_whatever_the_limit():
    memory = SlotMemory(0)
    slot = memory.slot(LAYER)
    slot.entry = LARGE
    memory.weigh(LAYER, slot)
    put(memory, 0)
    put(memory, 1)
    assert memory.slot(LAYER) is slot
    assert held(memory) == [1]


def test_dropping_a_layer_returns_its_slots_and_no_others():
    memory = SlotMemory(1 << 20)
    slots = [memory.slot(LAYER), memory.slot(key(0))]
    other = memory.slot(CacheKey("masten-2", Cell(15, 0, 1)))
    assert memory.drop("masten") == slots
    assert (memory.peek(LAYER), memory.cells("masten")) == (None, {})
    assert memory.peek(CacheKey("masten-2", Cell(15, 0, 1))) is other
