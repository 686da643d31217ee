"""What is in doubt or missing has an owner and an end; facts and counts that overtake each other agree on the shelf."""

from datetime import timedelta

from domain.roles import Party
from domain.stock.events import (
    CountAsked,
    ExcessTaken,
    ReservationsTakenBack,
    StockAllocated,
    StockCounted,
    StockReceived,
    StockShortfallDetected,
    StockStaged,
    StockWrittenOff,
)
from tests.domain.stock.example import (
    ADA,
    BOB,
    CYD,
    after,
    close,
    count,
    given,
    issue,
    receive,
    stage,
    take_excess,
    told,
    units,
    want,
    write_off,
)
from tests.spec import NOW

BEFORE, LATER = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)


def test_units_not_found_are_to_be_counted_by_the_warehouse() -> None:
    outcome = after(receive(5), want(ADA, 5)).when(write_off(ADA, 2))
    assert outcome.events[1] == CountAsked(occurred_at=NOW, owner=Party.WAREHOUSE)
    assert outcome.state.count_asked_at == NOW


def test_a_count_ends_the_count_task() -> None:
    history = after(receive(5), want(ADA, 5), write_off(ADA, 2))
    assert history.when(count(3)).state.count_asked_at is None


def test_a_count_from_before_leaves_the_count_task() -> None:
    history = after(receive(5), want(ADA, 5), write_off(ADA, 2))
    assert history.when(count(3, at=BEFORE)).state.count_asked_at == NOW


def test_the_warehouse_is_asked_once_until_it_has_counted() -> None:
    history = after(receive(5), want(ADA, 5), write_off(ADA, 1))
    history.when(write_off(ADA, 2, version=3)).then_kinds(StockWrittenOff, StockAllocated)
    counted = after(receive(5), want(ADA, 5), write_off(ADA, 1), count(4))
    counted.when(write_off(ADA, 2, version=3)).then_kinds(StockWrittenOff, CountAsked, StockAllocated)


def test_picking_others_units_is_to_be_counted() -> None:
    outcome = after(receive(5), want(ADA, 2), want(BOB, 3)).when(stage(ADA, 4))
    outcome.then_kinds(StockStaged, StockShortfallDetected, CountAsked, ReservationsTakenBack)


def test_picking_what_the_books_did_not_know_of_is_to_be_counted() -> None:
    assert given().when(stage(ADA, 4)).state.count_asked_at == NOW


def test_a_count_that_finds_less_asks_for_no_other_count() -> None:
    outcome = after(receive(5), want(ADA, 5)).when(count(3))
    outcome.then_kinds(StockCounted, StockShortfallDetected, ReservationsTakenBack)


def test_excess_leaves_on_hand_and_is_to_be_counted() -> None:
    state = after(receive(5), want(ADA, 2)).when(take_excess(ADA, 2)).then_kinds(ExcessTaken, CountAsked)
    assert (state.on_hand, state.available, units(state, ADA)) == (3, 1, ((2, 0, 0, 0),))


def test_excess_takes_back_what_was_promised_to_others() -> None:
    outcome = after(receive(5), want(ADA, 5)).when(take_excess(BOB, 2))
    outcome.then_kinds(ExcessTaken, StockShortfallDetected, CountAsked, ReservationsTakenBack)
    assert told(outcome.events) == {ADA: ((1, 3, 2),)}


def test_excess_that_the_books_did_not_know_of_takes_nothing_below_what_is_staged() -> None:
    state = after(receive(3), want(ADA, 3), stage(ADA, 2)).when(take_excess(ADA, 9)).state
    assert (state.on_hand, state.staged) == (2, 2)


def test_excess_from_before_the_count_was_counted() -> None:
    state = after(receive(5), count(3)).when(take_excess(ADA, 2, at=BEFORE)).then_kinds(ExcessTaken)
    assert state.on_hand == 3


def test_missing_units_are_purchasings_until_as_many_came_in() -> None:
    history = after(receive(5), want(ADA, 5), count(2))
    assert history.state.shortfall == 3
    assert history.when(receive(1)).state.shortfall == 2
    assert history.when(receive(3)).state.shortfall == 0


def test_goods_that_come_in_are_the_missing_ones_first_though_others_wait_too() -> None:
    assert after(receive(5), want(ADA, 5), count(2), want(BOB, 9)).when(receive(3)).state.shortfall == 0


def test_units_that_are_found_again_are_missing_no_more() -> None:
    assert after(receive(5), want(ADA, 5), count(2)).when(count(4)).state.shortfall == 1


def test_missing_units_stay_missing_while_what_comes_in_goes_to_a_more_urgent_order() -> None:
    history = after(receive(5), want(ADA, 5), count(0), want(BOB, 5, priority=0))
    served = history.when(receive(5)).state
    assert (served.shortfall, units(served, BOB)) == (5, ((5, 0, 0, 0),))


def test_missing_units_that_another_order_gives_up_are_missing_no_more_however_many_others_wait() -> None:
    history = after(receive(10), want(ADA, 5), want(BOB, 5), want(CYD, 20), count(5))
    assert history.state.shortfall == 5
    assert history.when(close(ADA)).state.shortfall == 0


def test_promised_units_that_a_picker_does_not_find_are_missing() -> None:
    history = after(receive(5), want(ADA, 5))
    assert history.when(write_off(ADA, 5)).state.shortfall == 5
    assert after(receive(9), want(ADA, 5)).when(write_off(ADA, 2)).state.shortfall == 0


def test_units_that_nobody_wants_any_more_are_missing_no_more() -> None:
    assert after(receive(5), want(ADA, 5), count(2)).when(want(ADA, 3, version=2)).state.shortfall == 1


def test_a_shortfall_says_only_what_is_newly_missing() -> None:
    outcome = after(receive(5), want(ADA, 5), count(3)).when(count(2))
    assert outcome.events[1] == StockShortfallDetected(occurred_at=NOW, shortfall=1, owner=Party.PURCHASING)


def test_a_short_pick_from_before_the_count_takes_nothing_off_on_hand() -> None:
    """Short pick at 09:25, count at 09:30 that found 8: in either order 8 lie there."""
    wanted = (receive(10), want(ADA, 6), want(BOB, 4))
    late = after(*wanted, count(8)).when(write_off(BOB, 2, at=BEFORE))
    late.then_kinds(StockWrittenOff, StockAllocated)
    in_turn = after(*wanted, write_off(BOB, 2, at=BEFORE), count(8))
    assert (late.state.on_hand, units(late.state, BOB)) == (8, ((2, 2, 0, 0),))
    assert (in_turn.state.on_hand, units(in_turn.state, BOB)) == (8, ((2, 2, 0, 0),))


def test_units_picked_before_the_count_are_in_the_house_besides_what_was_counted() -> None:
    """Four in the cart, six on the shelf: ten are in the house, whichever is told first."""
    late = after(receive(10), want(ADA, 4), count(6)).when(stage(ADA, 4, at=BEFORE)).state
    in_turn = after(receive(10), want(ADA, 4), stage(ADA, 4, at=BEFORE), count(6)).state
    assert (late.on_hand, late.staged, late.available) == (in_turn.on_hand, in_turn.staged, in_turn.available)
    assert (late.on_hand, late.available, late.count_asked_at) == (10, 6, None)


def test_units_put_back_before_the_count_were_counted() -> None:
    state = after(receive(10), want(ADA, 4), stage(ADA, 4), count(10)).when(stage(ADA, 0, version=3, at=BEFORE)).state
    assert (state.on_hand, state.staged, state.reserved) == (10, 0, 4)


def test_units_that_left_unseen_before_the_count_leave_what_was_counted() -> None:
    state = after(receive(10), want(ADA, 4), count(6)).when(issue(ADA, 4, at=BEFORE)).state
    assert (state.on_hand, state.available, units(state, ADA)) == (6, 6, ((0, 0, 0, 4),))


def test_goods_that_came_in_before_the_count_were_counted_and_the_shelf_is_looked_at_again() -> None:
    """Ten came at 09:25, a count at 09:30 found them, their receipt was entered after it: ten lie there, not twenty."""
    late = after(count(10)).when(receive(10, at=BEFORE))
    late.then_kinds(StockReceived, CountAsked)
    in_turn = after(receive(10, at=BEFORE), count(10)).state
    assert (late.state.on_hand, in_turn.on_hand) == (10, 10)
    assert late.state.count_asked_at is not None


def test_an_older_count_is_recorded_and_changes_nothing() -> None:
    history = after(receive(5), count(4))
    history.when(count(9, at=BEFORE)).then(
        StockCounted(occurred_at=BEFORE, counted=9, expected=4, difference=0, too_late=True)
    )
    assert history.when(count(9, at=LATER)).state.on_hand == 9


def test_the_order_of_facts_and_counts_at_one_moment_is_the_order_of_their_arrival() -> None:
    assert after(receive(5), want(ADA, 5), count(4)).when(write_off(ADA, 1)).state.on_hand == 3


def test_an_order_hears_once_of_units_that_were_not_found_and_reserved_again() -> None:
    outcome = after(receive(9), want(ADA, 5)).when(write_off(ADA, 2))
    assert told(outcome.events) == {ADA: ((1, 5, 0),)}


def test_an_order_hears_of_units_that_were_not_found_though_none_were_reserved() -> None:
    outcome = after(want(ADA, 5)).when(write_off(ADA, 2))
    assert told(outcome.events) == {ADA: ((1, 0, 5),)}


def test_an_order_hears_once_when_its_own_pick_takes_back_from_itself() -> None:
    outcome = after(receive(4), want(ADA, 1, 2), want(BOB, 1, priority=9)).when(stage(ADA, 2, 0))
    assert told(outcome.events) == {ADA: ((1, 2, 0), (2, 1, 1))}


def test_a_pick_that_changes_nothing_for_the_order_is_not_told() -> None:
    after(receive(5), want(ADA, 5)).when(stage(ADA, 5)).then_kinds(StockStaged)
