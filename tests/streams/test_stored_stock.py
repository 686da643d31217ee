"""A stock item stays small and quick however many orders it has seen: what is over leaves nothing behind."""

from datetime import timedelta
from statistics import median
from time import process_time
from uuid import UUID

import pytest

from domain.catalogue import STOCK
from domain.event_values import LineTotal, Shortage
from domain.recorded import Metadata
from domain.roles import Role
from domain.stock.commands import Allocate, Close, Issue, ReceiveStock, Stage, StockCommand, Want
from domain.stock.events import StockAllocated, StockReceived
from domain.stock.movements import MOST
from domain.stock.state import StockItem
from streams.log import MAX_APPEND_BYTES, Record, append_bytes
from streams.record import NO_HASH, Draft, encode
from streams.state_codec import dump, load
from tests.domain.stock.example import CONTEXT, STREAM
from tests.spec import NOW
from tests.timing import allowed

METADATA = Metadata(UUID(int=1), "0" * 64, "workflow", Role.WORKFLOW, NOW, UUID(int=2))


def run(state: StockItem, *commands: StockCommand) -> StockItem:
    for command in commands:
        for event in STOCK.decide(state, command, CONTEXT):
            state = STOCK.evolve(state, event)
    return state


def order_id(number: int) -> UUID:
    """Like a UUIDv7: 36 characters, not small numbers."""
    return UUID(int=(0x0198F0AA << 96) + number * 7919)


def want(number: int, quantity: int = 2) -> Want:
    return Want(
        order_id=order_id(number),
        order_version=2,
        lines=(LineTotal(line=1, quantity=quantity),),
        priority=5,
        promise=None,
        shortage=Shortage.WAIT,
    )


def finished(number: int) -> tuple[StockCommand, ...]:
    """All commands of an order that ran through."""
    order, lines = order_id(number), (LineTotal(line=1, quantity=2),)
    return (
        want(number),
        Stage(order_id=order, order_version=7, lines=lines),
        Issue(order_id=order, order_version=9, lines=lines),
        Close(order_id=order, order_version=12),
    )


@pytest.mark.slow
def test_orders_that_are_over_take_no_room() -> None:
    state = run(STOCK.initial(STREAM), ReceiveStock(quantity=40_100))
    fresh = len(dump(state))
    for number in range(300):
        state = run(state, *finished(number))
    assert len(dump(state)) <= fresh + 100


@pytest.mark.slow
@pytest.mark.parametrize("over", [1_000, pytest.param(20_000, marks=pytest.mark.soak)])
def test_a_live_order_takes_at_most_200_bytes(over: int) -> None:
    state = run(STOCK.initial(STREAM), ReceiveStock(quantity=10**6))
    for number in range(over):
        state = run(state, *finished(number))
    for number in range(over, over + 1_000):
        state = run(state, want(number), Stage(order_id=order_id(number), order_version=7, lines=want(number).lines))
    assert len(state.entries) == 1_000
    assert len(dump(state)) <= 64_000 + 200 * 1_000


def test_what_moved_on_the_shelf_takes_at_most_6_kilobytes_and_comes_back() -> None:
    state = STOCK.initial(STREAM)
    for number in range(MOST + 50):
        received = StockReceived(occurred_at=NOW + timedelta(seconds=number, microseconds=number), quantity=100)
        state = STOCK.evolve(state, received)
    assert len(dump(state)) <= 6_000
    assert load("stock", dump(state)) == state


def test_lists_and_sums_are_made_again_when_a_state_is_loaded() -> None:
    state = run(STOCK.initial(STREAM), ReceiveStock(quantity=5), *(want(number) for number in range(9)))
    loaded = load("stock", dump(state))
    assert isinstance(loaded, StockItem)
    assert (loaded, loaded.lists) == (state, state.lists)


@pytest.mark.slow
def test_what_one_decision_says_fits_an_append_many_times_over() -> None:
    """A receipt for more waiting orders than one decision serves, of two lines each: not a sixteenth of what an append holds."""
    state = STOCK.initial(STREAM)
    for number in range(1_000):
        state = run(
            state, want(number).model_copy(update={"lines": (*want(number).lines, LineTotal(line=2, quantity=9))})
        )
    events = STOCK.decide(state, ReceiveStock(quantity=50_000), CONTEXT)
    assert isinstance(events[-1], StockAllocated)
    assert events[-1].more
    drafts = [
        Draft(STREAM, version, order_id(version), event, METADATA, NO_HASH) for version, event in enumerate(events)
    ]
    records = [Record(draft.version, STREAM, draft.version, order_id(0), encode(draft, "test")) for draft in drafts]
    assert append_bytes(records) <= MAX_APPEND_BYTES / 16


@pytest.mark.slow
@pytest.mark.parametrize("busy", [10_000, pytest.param(50_000, marks=pytest.mark.soak)])
def test_wanting_and_receiving_stay_cheap_while_many_thousands_wait(busy: int) -> None:
    """In processor time; the limit is some ten times what it takes."""
    state = STOCK.initial(STREAM)
    for number in range(busy):
        state = run(state, want(number, 1))
    wanting = [_seconds(state, want(busy + number)) for number in range(200)]
    assert median(wanting) <= allowed(0.001)

    state, portions = run(state, ReceiveStock(quantity=busy)), list[float]()
    while state.allocating:
        portions.append(_seconds(state, Allocate()))
        state = run(state, Allocate())
    assert state.reserved == busy
    assert median(portions) <= allowed(0.15)
    assert median([_seconds(state, ReceiveStock(quantity=1)) for _ in range(200)]) <= allowed(0.001)


def _seconds(state: StockItem, command: StockCommand) -> float:
    """Processor time of one decision and what it makes of the state."""
    started = process_time()
    run(state, command)
    return process_time() - started
