"""One event tells of at most 100 order lines; the item goes on by itself, and until it is through newcomers join."""

from uuid import UUID

import pytest

from domain.event_values import Shortage
from domain.stock import allocation
from domain.stock.commands import Allocate, StockCommand
from domain.stock.events import (
    EntryClosed,
    ReservationsTakenBack,
    StockAllocated,
    StockApportioned,
    StockBackordered,
    StockCounted,
    StockEvent,
    StockFreed,
    StockPended,
    StockReceived,
    StockReserved,
    StockShortfallDetected,
    StockWrittenOff,
)
from domain.stock.state import StockItem
from tests.domain.stock.example import (
    ADA,
    BOB,
    CYD,
    after,
    allocated_to_the_end,
    close,
    count,
    given,
    receive,
    told,
    units,
    want,
    write_off,
)

PORTION = 3
MANY = [UUID(int=number) for number in range(10, 18)]


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "PORTION", PORTION)


def waiting() -> list[StockCommand]:
    return [want(order, 1) for order in MANY]


def sizes(events: list[StockEvent]) -> list[int]:
    return [len(event.answers) for event in events if isinstance(event, StockApportioned)]


def all_told(state: StockItem) -> list[UUID]:
    """Orders told until the item is through, in that order."""
    _, events = allocated_to_the_end(state)
    return [order for event in events for order in told([event])]


def test_a_receipt_for_many_orders_works_in_portions_and_tells_each_order_once() -> None:
    outcome = after(*waiting()).when(receive(8))
    state = outcome.then_kinds(StockReceived, StockAllocated)
    assert state.allocating
    through, events = allocated_to_the_end(state)
    assert sizes([*outcome.events, *events]) == [3, 3, 2]
    assert [*told(outcome.events), *all_told(state)] == MANY
    assert (through.reserved, through.waiting) == (8, 0)


def test_a_count_that_takes_back_from_many_orders_works_in_portions() -> None:
    outcome = after(receive(8), *waiting()).when(count(1))
    state = outcome.then_kinds(StockCounted, StockShortfallDetected, ReservationsTakenBack)
    assert (state.allocating, state.available) == (True, -4)
    through, events = allocated_to_the_end(state)
    assert [type(event) for event in events] == [ReservationsTakenBack] * 2
    assert [*told(outcome.events), *all_told(state)] == MANY[:0:-1]
    assert (through.available, through.waiting) == (0, 7)


def test_units_that_one_order_frees_go_to_many_in_portions() -> None:
    outcome = after(receive(8), want(ADA, 8), *waiting()).when(want(ADA, 0, version=2))
    state = outcome.then_kinds(StockFreed, StockAllocated)
    assert allocated_to_the_end(state)[0].reserved == 8


def test_undecided_orders_are_refused_in_portions() -> None:
    pended = [want(order, 1, shortage=Shortage.REFUSE_WHOLE) for order in MANY]
    history = after(receive(1), want(ADA, 1, shortage=Shortage.REFUSE_WHOLE, provisional=True), *pended)
    outcome = history.when(want(ADA, 1, version=2, shortage=Shortage.REFUSE_WHOLE))
    assert list(told(outcome.events)) == [ADA, *MANY[:3]]
    assert all_told(outcome.state) == MANY[3:]


def test_an_order_is_never_split_over_portions() -> None:
    history = after(want(ADA, 1, 1), want(BOB, 1, 1), want(CYD, 1, 1, 1, 1))
    outcome = history.when(receive(8))
    assert list(told(outcome.events)) == [ADA]
    assert all_told(outcome.state) == [BOB, CYD]


def test_who_fits_exactly_leaves_nothing_more_to_do() -> None:
    assert not after(*waiting()[:3]).when(receive(8)).state.allocating


def test_newcomers_join_the_list_while_the_item_is_allocating() -> None:
    history = after(*waiting(), receive(8), want(ADA, 1, priority=0))
    assert type(history.events[-1]) is StockBackordered
    through, events = allocated_to_the_end(history.state)
    assert (through.entries[ADA].reserved, through.entries[MANY[-1]].waiting) == (1, 1)
    assert next(iter(told(events))) == ADA


def test_a_newcomer_that_will_not_wait_is_undecided_until_the_item_is_through() -> None:
    history = after(*waiting(), receive(8), want(ADA, 1, shortage=Shortage.REFUSE_WHOLE))
    assert type(history.events[-1]) is StockPended
    through, events = allocated_to_the_end(history.state)
    assert told([events[-1]])[ADA] == ((1, 0, 0),)
    assert not through.allocating


def test_who_is_to_be_decided_at_once_is_so_when_the_item_is_through_though_others_stay_undecided() -> None:
    history = after(
        receive(1),
        want(ADA, 1, shortage=Shortage.REFUSE_WHOLE, provisional=True),
        *waiting(),
        receive(8),
        want(BOB, 9, priority=0, shortage=Shortage.REFUSE_WHOLE, provisional=True),
        want(CYD, 9, shortage=Shortage.REFUSE_WHOLE_NOW, provisional=True),
    )
    assert [type(event) for event in history.events[-1:]] == [StockPended]
    through, events = allocated_to_the_end(history.state)
    assert told(events)[CYD] == ((1, 0, 0),)
    assert through.entries[BOB].undecided


def test_a_newcomer_that_will_not_wait_is_served_in_its_turn_if_there_is_enough() -> None:
    of_two_lines = [want(order, 1, 1) for order in MANY[:4]]
    history = after(*of_two_lines, receive(9), want(ADA, 1, shortage=Shortage.REFUSE_WHOLE))
    _, events = allocated_to_the_end(history.state)
    assert told([events[-1]])[ADA] == ((1, 1, 0),)


def test_facts_are_recorded_while_the_item_is_allocating_and_served_in_their_turn() -> None:
    history = after(want(ADA, 5), *waiting(), receive(5))
    outcome = history.when(receive(4))
    assert outcome.state.allocating
    assert allocated_to_the_end(after(*waiting(), receive(5), receive(3)).state)[0].waiting == 0


def test_an_order_whose_units_were_not_found_is_told_though_the_item_is_allocating() -> None:
    history = after(receive(2), want(ADA, 2), *waiting(), receive(8))
    outcome = history.when(write_off(ADA, 1))
    assert isinstance(outcome.events[0], StockWrittenOff)
    assert told(outcome.events) == {ADA: ((1, 1, 1),)}
    assert outcome.state.allocating
    assert units(allocated_to_the_end(outcome.state)[0], ADA) == ((2, 0, 0, 0),)


def test_an_order_may_end_while_the_item_is_allocating() -> None:
    outcome = after(*waiting(), receive(8)).when(close(MANY[0]))
    state = outcome.then_kinds(EntryClosed)
    assert allocated_to_the_end(state)[0].available == 1


def test_an_item_with_nothing_left_to_do_is_through() -> None:
    history = after(*waiting()[:4], receive(4), count(3))
    state, events = allocated_to_the_end(history.state)
    assert [(event.answers, event.more) for event in events if isinstance(event, StockAllocated)] == [((), False)]
    assert not state.allocating


def test_going_on_with_nothing_left_to_do_is_nothing() -> None:
    given().when(Allocate()).then_nothing()
    after(receive(5), want(ADA, 3), want(BOB, 3)).when(Allocate()).then_nothing()


def test_a_shortfall_found_while_the_item_is_allocating_says_only_what_is_newly_missing() -> None:
    outcome = after(receive(8), *waiting(), count(2)).when(count(1))
    assert [event.shortfall for event in outcome.events if isinstance(event, StockShortfallDetected)] == [1]
    assert outcome.state.shortfall == 7


def test_an_order_larger_than_a_portion_gets_its_first_units_and_the_others_at_once() -> None:
    history = after(receive(1), want(ADA, 1, 1, 1, 1), write_off(ADA, 1))
    outcome = history.when(receive(4))
    assert units(outcome.state, ADA) == ((1, 0, 0, 0),) * 4
    assert not outcome.state.allocating


def test_an_order_larger_than_a_portion_leaves_nothing_to_be_done() -> None:
    asked = want(ADA, 1, 1, 1, 1, shortage=Shortage.REFUSE_MISSING)
    assert not after(receive(4)).when(asked).then_kinds(StockReserved).allocating
