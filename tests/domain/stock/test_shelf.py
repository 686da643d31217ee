"""What was done with the goods themselves: picked, not found, gone. Never refused, whatever was planned."""

from datetime import timedelta

from domain.event_values import LineTotal
from domain.stock.events import (
    CountAsked,
    ReservationsTakenBack,
    StockAllocated,
    StockFreed,
    StockIssued,
    StockReserved,
    StockShortfallDetected,
    StockStaged,
    StockWrittenOff,
)
from tests.domain.stock.example import (
    ADA,
    BOB,
    after,
    count,
    given,
    issue,
    receive,
    served_first,
    stage,
    units,
    waiting_list,
    want,
    write_off,
)
from tests.spec import NOW


def test_picked_units_are_staged_and_still_on_hand() -> None:
    state = after(receive(5), want(ADA, 3)).when(stage(ADA, 2)).then_kinds(StockStaged)
    assert (units(state, ADA), state.on_hand, state.staged, state.available) == (((1, 0, 2, 0),), 5, 2, 2)


def test_units_that_leave_are_no_longer_on_hand() -> None:
    outcome = after(receive(5), want(ADA, 3), stage(ADA, 3)).when(issue(ADA, 3))
    state = outcome.then_kinds(StockIssued)
    assert (units(state, ADA), state.on_hand, state.staged, state.available) == (((0, 0, 0, 3),), 2, 0, 2)
    assert state.last_issue_at == NOW


def test_a_hand_over_that_is_entered_late_is_not_the_last_one() -> None:
    earlier, later = NOW - timedelta(days=2), NOW + timedelta(days=1)
    history = after(receive(5), want(ADA, 3), issue(ADA, 1, at=NOW))
    assert history.when(issue(ADA, 2, version=4, at=earlier)).state.last_issue_at == NOW
    assert history.when(issue(ADA, 2, version=4, at=later)).state.last_issue_at == later


def test_the_same_fact_twice_changes_nothing() -> None:
    history = after(receive(5), want(ADA, 3), write_off(ADA, 1), stage(ADA, 2), issue(ADA, 2))
    history.when(write_off(ADA, 1)).then_nothing()
    history.when(stage(ADA, 2)).then_nothing()
    history.when(issue(ADA, 2)).then_nothing()


def test_units_that_leave_before_anybody_said_they_were_picked_are_issued_once() -> None:
    state = (
        after(receive(5), want(ADA, 3), issue(ADA, 2, version=4)).when(stage(ADA, 3, version=3)).then_kinds(StockStaged)
    )
    assert (units(state, ADA), state.on_hand) == (((0, 0, 1, 2),), 3)


def test_units_put_back_are_reserved_again() -> None:
    state = after(receive(5), want(ADA, 3), stage(ADA, 3)).when(stage(ADA, 1, version=4)).then_kinds(StockStaged)
    assert (units(state, ADA), state.on_hand, state.available) == (((2, 0, 1, 0),), 5, 2)


def test_units_not_found_leave_on_hand_and_the_order_waits_first() -> None:
    history = after(receive(5), want(ADA, 5), want(BOB, 1, priority=0))
    state = history.when(write_off(ADA, 2)).then_kinds(StockWrittenOff, CountAsked, StockAllocated)
    assert (state.on_hand, units(state, ADA), served_first(state, ADA)) == (3, ((3, 2, 0, 0),), 2)


def test_units_not_found_are_reserved_again_where_others_are_free() -> None:
    state = (
        after(receive(9), want(ADA, 5)).when(write_off(ADA, 2)).then_kinds(StockWrittenOff, CountAsked, StockAllocated)
    )
    assert (state.on_hand, units(state, ADA), state.available) == (7, ((5, 0, 0, 0),), 2)


def test_an_order_served_again_is_no_longer_first() -> None:
    history = after(receive(5), want(ADA, 5), write_off(ADA, 2), receive(2), want(BOB, 1, priority=0))
    state = history.when(count(4)).state
    assert (waiting_list(state), served_first(state, ADA)) == ([BOB, ADA], 0)


def test_only_newly_missing_units_are_written_off() -> None:
    outcome = after(receive(5), want(ADA, 5), write_off(ADA, 2)).when(write_off(ADA, 3, version=4))
    event = outcome.events[0]
    assert isinstance(event, StockWrittenOff)
    assert (event.quantity, event.written_off) == (1, (LineTotal(line=1, quantity=3),))


def test_on_hand_never_falls_below_what_is_staged() -> None:
    outcome = after(receive(3), want(ADA, 3), stage(ADA, 2)).when(write_off(ADA, 5, version=3))
    assert (outcome.state.on_hand, outcome.state.staged) == (2, 2)


def test_picking_more_than_is_reserved_takes_what_the_order_waits_for() -> None:
    state = after(receive(2), want(ADA, 5)).when(stage(ADA, 4)).then_kinds(StockStaged, CountAsked, StockAllocated)
    assert (units(state, ADA), state.on_hand) == (((0, 1, 4, 0),), 4)


def test_units_picked_that_the_books_did_not_know_were_there() -> None:
    outcome = given().when(stage(ADA, 4))
    event = outcome.events[0]
    assert isinstance(event, StockStaged)
    assert (event.found, outcome.state.on_hand, outcome.state.available) == (4, 4, 0)


def test_picking_what_is_reserved_for_others_takes_it_back_from_them() -> None:
    outcome = after(receive(5), want(ADA, 2), want(BOB, 3)).when(stage(ADA, 4))
    outcome.then_kinds(StockStaged, StockShortfallDetected, CountAsked, ReservationsTakenBack)
    assert (units(outcome.state, BOB), outcome.state.available) == (((1, 2, 0, 0),), 0)


def test_who_picks_too_much_gives_up_its_own_other_line_first() -> None:
    outcome = after(receive(4), want(ADA, 1, 2), want(BOB, 1, priority=9)).when(stage(ADA, 2, 0))
    assert (units(outcome.state, ADA), units(outcome.state, BOB)) == (((0, 0, 2, 0), (1, 1, 0, 0)), ((1, 0, 0, 0),))


def test_facts_that_overtake_the_want_are_kept_and_the_want_sets_the_rest() -> None:
    history = after(receive(9), stage(ADA, 2, version=3), write_off(ADA, 1, version=4), issue(ADA, 2, version=5))
    state = history.when(want(ADA, 6, version=1)).then_kinds(StockReserved)
    assert (units(state, ADA), state.on_hand) == (((4, 0, 0, 2),), 6)


def test_units_not_found_for_an_order_nobody_heard_of_wait_for_it() -> None:
    state = given().when(write_off(ADA, 2)).then_kinds(StockWrittenOff, CountAsked, StockAllocated)
    assert (units(state, ADA), waiting_list(state), state.on_hand) == (((0, 2, 0, 0),), [ADA], 0)


def test_a_want_never_falls_below_what_was_picked() -> None:
    state = after(receive(5), want(ADA, 5), stage(ADA, 3)).when(want(ADA, 0, version=4)).then_kinds(StockFreed)
    assert (units(state, ADA), state.available) == (((0, 0, 3, 0),), 2)


def test_totals_of_both_lines_travel_together() -> None:
    state = after(receive(9), want(ADA, 3, 4)).when(stage(ADA, 3, 1)).then_kinds(StockStaged)
    assert units(state, ADA) == ((0, 0, 3, 0), (3, 0, 1, 0))
