"""What becomes of units that are not there: they wait, or they are refused, or it is not decided yet."""

import pytest

from domain.event_values import Shortage
from domain.stock.events import (
    EntryClosed,
    StockAllocated,
    StockBackordered,
    StockFreed,
    StockKept,
    StockPended,
    StockRefused,
    StockReserved,
)
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
    stage,
    told,
    units,
    waiting_list,
    want,
    write_off,
)

WHOLE, MISSING = Shortage.REFUSE_WHOLE, Shortage.REFUSE_MISSING


def test_an_all_or_nothing_order_that_cannot_be_served_whole_is_refused_and_takes_nothing() -> None:
    outcome = after(receive(6)).when(want(ADA, 4, 3, shortage=WHOLE))
    state = outcome.then_kinds(StockRefused)
    assert (state.reserved, state.available, waiting_list(state)) == (0, 6, [])
    assert told(outcome.events) == {ADA: ((1, 0, 0), (2, 0, 0))}


def test_of_two_all_or_nothing_orders_the_one_that_fits_is_served() -> None:
    state = (
        after(receive(6), want(ADA, 10, shortage=WHOLE)).when(want(BOB, 6, shortage=WHOLE)).then_kinds(StockReserved)
    )
    assert units(state, BOB) == ((6, 0, 0, 0),)


def test_an_order_without_backorder_gets_what_is_there_and_a_final_no_for_the_rest() -> None:
    outcome = after(receive(6)).when(want(ADA, 4, 3, shortage=MISSING))
    state = outcome.then_kinds(StockRefused)
    assert (units(state, ADA), state.waiting) == (((4, 0, 0, 0), (2, 0, 0, 0)), 0)
    assert told(outcome.events) == {ADA: ((1, 4, 0), (2, 2, 0))}


@pytest.mark.parametrize("shortage", [WHOLE, MISSING])
def test_what_is_there_is_reserved_whatever_is_to_become_of_a_shortage(shortage: Shortage) -> None:
    state = after(receive(7)).when(want(ADA, 4, 3, shortage=shortage)).then_kinds(StockReserved)
    assert units(state, ADA) == ((4, 0, 0, 0), (3, 0, 0, 0))


@pytest.mark.parametrize("shortage", [WHOLE, MISSING])
def test_a_want_is_undecided_while_reserved_units_may_come_back(shortage: Shortage) -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True))
    outcome = history.when(want(BOB, 3, shortage=shortage))
    state = outcome.then_kinds(StockPended)
    assert (units(state, BOB), told(outcome.events)) == (((0, 3, 0, 0),), {})


def test_an_order_that_others_may_wait_for_is_refused_at_once_though_units_may_come_back() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True))
    outcome = history.when(want(BOB, 3, shortage=Shortage.REFUSE_WHOLE_NOW, provisional=True))
    state = outcome.then_kinds(StockRefused)
    assert (state.waiting, told(outcome.events)) == (0, {BOB: ((1, 0, 0),)})


def test_what_is_there_is_kept_for_an_undecided_order_that_takes_a_part() -> None:
    history = after(receive(5), want(ADA, 3, shortage=WHOLE, provisional=True), want(BOB, 4, shortage=MISSING))
    assert (units(history.state, BOB), type(history.events[-1])) == (((2, 2, 0, 0),), StockPended)
    outcome = history.when(want(ADA, 3, version=2))
    assert (units(outcome.state, BOB), told(outcome.events)[BOB]) == (((2, 0, 0, 0),), ((1, 2, 0),))


def test_units_that_come_back_serve_who_was_undecided() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True), want(BOB, 3, shortage=WHOLE))
    outcome = history.when(want(ADA, 0, version=2))
    state = outcome.then_kinds(StockFreed, StockAllocated)
    assert (units(state, BOB), told(outcome.events)[BOB]) == (((3, 0, 0, 0),), ((1, 3, 0),))


def test_units_that_stay_refuse_who_was_undecided() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True), want(BOB, 3, shortage=WHOLE))
    outcome = history.when(want(ADA, 5, version=2, shortage=WHOLE))
    state = outcome.then_kinds(StockKept, StockAllocated)
    assert (units(state, BOB), told(outcome.events)[BOB], state.waiting) == (((0, 0, 0, 0),), ((1, 0, 0),), 0)


def test_undecided_orders_are_decided_in_their_turn() -> None:
    history = after(
        receive(6),
        want(ADA, 6, shortage=WHOLE, provisional=True),
        want(BOB, 4, shortage=WHOLE),
        want(CYD, 4, shortage=WHOLE, priority=0),
    )
    state = history.when(want(ADA, 0, version=2)).state
    assert (units(state, CYD), units(state, BOB)) == (((4, 0, 0, 0),), ((0, 0, 0, 0),))


def test_a_refused_order_that_may_give_units_back_keeps_the_next_one_undecided() -> None:
    """ADA asks again for what was taken back. Refused, it still has three units; they are BOB's once ADA gives up."""
    commands = (
        receive(5),
        want(ADA, 5, shortage=WHOLE, provisional=True),
        count(3),
        want(BOB, 2, shortage=WHOLE),
        want(ADA, 5, version=2, shortage=WHOLE, provisional=True),
    )
    history = after(*commands)
    assert type(history.events[-1]) is StockRefused
    assert history.state.entries[BOB].undecided
    assert told(history.when(close(ADA)).events) == {BOB: ((1, 2, 0),)}


def test_nobody_is_served_past_an_undecided_all_or_nothing_order() -> None:
    """ADA may give two units back: with them BOB, who asked before CYD, can have all three."""
    history = after(
        receive(3),
        want(ADA, 2, shortage=WHOLE, provisional=True),
        want(BOB, 3, shortage=WHOLE),
        want(CYD, 1),
    )
    assert units(history.state, CYD) == ((0, 1, 0, 0),)
    assert told(history.when(close(ADA)).events) == {BOB: ((1, 3, 0),)}
    stays = history.when(want(ADA, 2, version=2, shortage=WHOLE))
    assert {order: lines for order, lines in told(stays.events).items() if order != ADA} == {
        BOB: ((1, 0, 0),),
        CYD: ((1, 1, 0),),
    }


def test_two_undecided_orders_that_have_a_part_do_not_wait_for_each_other() -> None:
    commands = (
        receive(10),
        want(ADA, 5, shortage=WHOLE, provisional=True),
        want(BOB, 5, shortage=WHOLE, provisional=True),
        want(CYD, 1, priority=0),
        write_off(ADA, 1),
        write_off(BOB, 1),
        want(ADA, 5, version=2, shortage=WHOLE, provisional=True),
    )
    history = after(*commands)
    assert history.state.entries[ADA].undecided
    outcome = history.when(want(BOB, 5, version=2, shortage=WHOLE, provisional=True))
    assert told(outcome.events) == {ADA: ((1, 4, 0),)}


def test_an_all_or_nothing_order_that_waits_is_passed_over_until_it_can_be_served_whole() -> None:
    history = after(receive(4), want(ADA, 4, shortage=WHOLE), count(0), want(BOB, 3))
    state = history.when(receive(3)).state
    assert (units(state, ADA), units(state, BOB)) == (((0, 4, 0, 0),), ((3, 0, 0, 0),))
    assert units(history.when(receive(4)).state, ADA) == ((4, 0, 0, 0),)


def test_once_decided_an_order_waits_for_what_is_taken_back_like_any_other() -> None:
    outcome = after(receive(4), want(ADA, 4, shortage=MISSING)).when(count(1))
    assert told(outcome.events) == {ADA: ((1, 1, 3),)}
    assert units(outcome.state, ADA) == ((1, 3, 0, 0),)


def test_units_that_wait_are_decided_anew_when_the_order_asks_again() -> None:
    history = after(receive(4), want(ADA, 4, shortage=MISSING), count(1))
    outcome = history.when(want(ADA, 4, version=2, shortage=MISSING))
    outcome.then_kinds(StockRefused)
    assert told(outcome.events) == {ADA: ((1, 1, 0),)}


def test_a_deferred_order_has_its_place_and_is_not_served() -> None:
    history = after(want(ADA, 2, deferred=True), want(BOB, 2))
    state = history.when(receive(3)).state
    assert (units(state, ADA), units(state, BOB), state.available) == (((0, 2, 0, 0),), ((2, 0, 0, 0),), 1)
    assert (state.waiting, state.waiting_orders) == (2, 1)


def test_a_deferred_order_is_served_from_its_old_place_once_it_is_its_turn() -> None:
    history = after(want(ADA, 2, deferred=True), want(BOB, 2), want(ADA, 2, version=2))
    assert waiting_list(history.state) == [ADA, BOB]
    assert units(history.when(receive(2)).state, ADA) == ((2, 0, 0, 0),)


def test_a_deferred_order_takes_free_units_when_it_is_its_turn() -> None:
    state = after(receive(5), want(ADA, 2, deferred=True)).when(want(ADA, 2, version=2)).then_kinds(StockReserved)
    assert units(state, ADA) == ((2, 0, 0, 0),)


def test_a_deferred_order_that_will_not_wait_is_undecided() -> None:
    outcome = given().when(want(ADA, 2, shortage=WHOLE, deferred=True))
    outcome.then_kinds(StockPended)
    assert told(outcome.events) == {}
    assert told(
        after(want(ADA, 2, shortage=WHOLE, deferred=True)).when(want(ADA, 2, version=2, shortage=WHOLE)).events
    ) == {ADA: ((1, 0, 0),)}


def test_a_deferred_order_that_waits_is_told_so() -> None:
    outcome = after(receive(9)).when(want(ADA, 2, deferred=True))
    outcome.then_kinds(StockBackordered)
    assert told(outcome.events) == {ADA: ((1, 0, 2),)}


def test_units_picked_for_an_undecided_order_decide_it() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True), want(BOB, 2, shortage=WHOLE))
    outcome = history.when(stage(BOB, 2, version=3))
    assert told(outcome.events)[BOB] == ((1, 2, 0),)
    assert not outcome.state.entries[BOB].undecided


def test_units_not_found_are_served_first_up_to_their_number_only() -> None:
    """One unit that was not found does not put all that an order waits for before orders of higher priority."""
    history = after(
        receive(2), want(ADA, 901, priority=9), write_off(ADA, 1), want(BOB, 1, priority=0), want(CYD, 1, priority=0)
    )
    state = history.when(receive(2)).state
    assert [units(state, order)[0][:2] for order in (ADA, BOB, CYD)] == [(2, 899), (1, 0), (0, 1)]


def test_an_all_or_nothing_order_is_first_only_with_all_that_it_waits_for() -> None:
    history = after(receive(4), want(ADA, 4, shortage=WHOLE, priority=9), write_off(ADA, 1), want(BOB, 1, priority=0))
    assert units(history.when(receive(1)).state, ADA) == ((4, 0, 0, 0),)
    short = after(receive(4), want(ADA, 4, shortage=WHOLE, priority=9), write_off(ADA, 1), count(2), want(BOB, 1))
    assert [units(short.when(receive(1)).state, order)[0][1] for order in (ADA, BOB)] == [2, 0]


def test_a_closed_order_gives_way_to_who_was_undecided() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True), want(BOB, 5, shortage=WHOLE))
    outcome = history.when(close(ADA))
    outcome.then_kinds(EntryClosed, StockAllocated)
    assert told(outcome.events) == {BOB: ((1, 5, 0),)}


def test_who_is_served_and_may_give_back_keeps_the_next_one_undecided() -> None:
    history = after(
        receive(5),
        want(ADA, 5, shortage=WHOLE, provisional=True),
        want(BOB, 3, shortage=WHOLE, provisional=True),
        want(CYD, 3, shortage=WHOLE),
    )
    outcome = history.when(close(ADA))
    assert told(outcome.events) == {BOB: ((1, 3, 0),)}
    assert outcome.state.entries[CYD].undecided


def test_an_undecided_order_that_gets_a_part_is_not_told_yet() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True), want(BOB, 4, shortage=MISSING))
    outcome = history.when(receive(1))
    assert (units(outcome.state, BOB), told(outcome.events)) == (((1, 3, 0, 0),), {})


def test_units_that_may_come_back_and_are_taken_back_leave_nothing_to_wait_for() -> None:
    history = after(receive(5), want(ADA, 5, shortage=WHOLE, provisional=True), want(BOB, 4, shortage=WHOLE))
    state, events = allocated_to_the_end(history.when(count(0)).state)
    assert told(events) == {BOB: ((1, 0, 0),)}
    assert not state.allocating
