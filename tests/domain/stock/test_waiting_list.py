"""Who is served first, when goods come in and when fewer are there than was thought."""

from datetime import date

from domain.access import Party
from domain.stock.events import (
    ReservationsTakenBack,
    StockAllocated,
    StockCounted,
    StockReceived,
    StockShortfallDetected,
)
from tests.domain.stock.example import ADA, BOB, CYD, after, count, given, receive, stage, units, waiting_list, want
from tests.spec import NOW


def test_a_receipt_serves_in_order_of_arrival() -> None:
    waiting = after(want(ADA, 4), want(BOB, 4), want(CYD, 4))
    state = waiting.when(receive(10)).then_kinds(StockReceived, StockAllocated)
    assert [units(state, order)[0][:2] for order in (ADA, BOB, CYD)] == [(4, 0), (4, 0), (2, 2)]


def test_priority_goes_before_promise_and_promise_before_arrival() -> None:
    late, soon = date(2026, 4, 1), date(2026, 3, 9)
    assert waiting_list(after(want(ADA, 1), want(BOB, 1, promise=late), want(CYD, 1, promise=soon)).state) == [
        CYD,
        BOB,
        ADA,
    ]
    assert waiting_list(
        after(want(ADA, 1, promise=soon), want(BOB, 1, priority=4), want(CYD, 1, priority=9)).state
    ) == [BOB, ADA, CYD]


def test_an_order_served_from_the_list_is_answered_with_its_own_last_version() -> None:
    outcome = after(want(ADA, 2, version=41)).when(receive(2))
    served = outcome.events[1]
    assert isinstance(served, StockAllocated)
    assert [(answer.order_id, answer.want_version) for answer in served.answers] == [(ADA, 41)]
    assert waiting_list(outcome.state) == []


def test_a_count_of_what_was_expected_is_recorded_all_the_same() -> None:
    after(receive(3)).when(count(3)).then(StockCounted(occurred_at=NOW, counted=3, expected=3, difference=0))


def test_found_units_serve_the_waiting_list() -> None:
    state = after(want(ADA, 2)).when(count(5)).then_kinds(StockCounted, StockAllocated)
    assert state.available == 3


def test_staged_units_are_not_on_the_shelf_that_is_counted() -> None:
    state = (
        after(receive(5), want(ADA, 2), stage(ADA, 2))
        .when(count(3))
        .then(StockCounted(occurred_at=NOW, counted=3, expected=3, difference=0))
    )
    assert (state.on_hand, state.staged, state.available) == (5, 2, 3)


def test_a_count_below_what_was_promised_has_an_owner() -> None:
    outcome = after(receive(5), want(ADA, 5)).when(count(3))
    assert outcome.events[1] == StockShortfallDetected(occurred_at=NOW, shortfall=2, owner=Party.PURCHASING)


def test_a_shortfall_takes_from_low_priority_then_late_promise_then_last_arrival() -> None:
    soon = date(2026, 3, 9)
    shelf = receive(6)
    by_priority = after(shelf, want(ADA, 3, priority=9), want(BOB, 3, priority=0)).when(count(4))
    by_promise = after(shelf, want(ADA, 3), want(BOB, 3, promise=soon)).when(count(4))
    by_arrival = after(shelf, want(ADA, 3), want(BOB, 3)).when(count(4))
    assert [units(state, ADA)[0][1] for state in (by_priority.state, by_promise.state, by_arrival.state)] == [2, 2, 0]
    assert [units(state, BOB)[0][1] for state in (by_priority.state, by_promise.state, by_arrival.state)] == [0, 0, 2]


def test_a_large_shortfall_takes_from_several_orders_and_leaves_nothing_negative() -> None:
    outcome = after(receive(6), want(ADA, 3), want(BOB, 3)).when(count(1))
    outcome.then_kinds(StockCounted, StockShortfallDetected, ReservationsTakenBack)
    assert (outcome.state.reserved, outcome.state.available, waiting_list(outcome.state)) == (1, 0, [ADA, BOB])


def test_picked_units_are_never_taken_back() -> None:
    state = after(receive(5), want(ADA, 5), stage(ADA, 4)).when(count(0)).state
    assert units(state, ADA) == ((0, 1, 4, 0),)


def test_units_taken_back_take_the_last_line_first() -> None:
    state = after(receive(6), want(ADA, 3, 3)).when(count(2)).state
    assert units(state, ADA) == ((2, 1, 0, 0), (0, 3, 0, 0))


def test_goods_that_nobody_waits_for_are_free() -> None:
    assert given().when(receive(7)).then_kinds(StockReceived).available == 7
