"""States of stock streams are kept now and then, at a cost in proportion, and while others go on."""

import asyncio
import weakref
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import ORDER, STOCK
from domain.stock.entries import filled
from domain.stock.state import Entry, StockItem
from streams.snapshots import MemorySnapshots
from streams.state_codec import load
from streams.writing.snapshot_keeper import LINES_AT_ONCE, SnapshotKeeper, is_due
from streams.writing.staging import Stream
from tests.domain.stock.example import STREAM
from tests.streams.test_stored_stock import order_id

LEAST: Final = 4
"""Events between two snapshots where few orders are live."""


def item(live: int) -> StockItem:
    return filled(STOCK.initial(STREAM), (Entry(order_id(number), arrival=number) for number in range(live)))


def due(live: int, versions: int) -> list[int]:
    """The versions after which an item with so many live orders is kept."""
    stream = Stream(item(live), versions)
    return [version for version in range(1, versions + 1) if is_due(stream, version, LEAST)]


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_version_that_is_due_for_more_live_orders_is_due_for_fewer(one: int, other: int) -> None:
    assert set(due(max(one, other), 300)) <= set(due(min(one, other), 300))


@given(st.integers(0, 2_000))
def test_as_many_events_lie_between_two_as_are_folded_while_the_orders_are_loaded_or_twice_as_many(live: int) -> None:
    between = due(live, 1_000)[0]
    assert between >= LEAST
    assert live / 10 < between <= max(LEAST, 2 * live / 10)
    assert due(live, 1_000) == list(range(between, 1_001, between))


def test_orders_are_never_kept_for_they_end() -> None:
    assert not is_due(Stream(ORDER.initial("order-1"), LEAST), LEAST, LEAST)


class Watched(Stream):
    """A stream that can be asked whether anybody still holds it."""

    __slots__ = ("__weakref__",)


async def test_a_state_that_is_saved_is_held_no_longer() -> None:
    snapshots = MemorySnapshots()
    keeper = SnapshotKeeper(snapshots, 0)
    keeping = asyncio.create_task(keeper.keep_saving())
    held = weakref.ref(due := Watched(item(1), 7, "a" * 64, 9))
    keeper.keep({STREAM: due})
    del due
    while not await snapshots.load([STREAM]):  # noqa: ASYNC110 - the loop's next turn is the event
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert held() is None
    keeping.cancel()


async def test_others_go_on_while_a_large_state_is_made() -> None:
    snapshots = MemorySnapshots()
    keeper = SnapshotKeeper(snapshots, 0)
    keeping = asyncio.create_task(keeper.keep_saving())
    large = item(20 * LINES_AT_ONCE)
    keeper.keep({STREAM: Stream(large, 7, "a" * 64, 9)})
    turns = 0
    while not await snapshots.load([STREAM]):
        turns += 1
        await asyncio.sleep(0)
    keeping.cancel()
    assert turns >= 20
    (kept,) = (await snapshots.load([STREAM])).values()
    assert (kept.version, kept.sequence, load("stock", kept.state)) == (7, 9, large)
